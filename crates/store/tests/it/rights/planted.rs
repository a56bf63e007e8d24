//! A person with a row in every mapped table and a file of every mapped kind, each of them marked.

use std::collections::BTreeMap;

use jiayin_domain::consent::Decision as Consent;
use jiayin_domain::homework::Decision;
use jiayin_domain::role::Role;
use jiayin_domain::sound::{Gain, Heard};
use jiayin_domain::support::Topic;
use jiayin_domain::survey::{self, Answer, Answers, Change, Question, Spoken, Typed};
use jiayin_privacy::map::{self, COLUMNS, Erase};
use jiayin_privacy::plan::About;
use jiayin_privacy::{Identifier, SubjectKey, column};
use jiayin_store::accounts::NewPerson;
use jiayin_store::course_pictures::NewPicture;
use jiayin_store::jobs::{ERASE, EVALUATE, EXPORT, Outcome};
use jiayin_store::messages::Audience;
use jiayin_store::rights::{Controller, Kind};
use jiayin_store::support::Said;
use jiayin_store::surveys::{NewVoice, Reach};
use jiayin_store::uploads::{Announced, Target};
use jiayin_store::{Store, Viewer};
use jiff::tz::Offset;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::raw::{Raw, key_of};
use crate::databases::{PASSWORD, TestEntropy, TestSchool, TestStore, shown, teaching};
use crate::uploads::{announced, send};

/// What stands in every marked value.
pub const MARK: &str = "canary-";

/// Columns of text and bytes that carry no mark, and why.
const UNMARKED: [(&str, &str, &str); 1] =
    [("media", "kind", "the word by which the program finds the file, one of those in the map")];

/// The person, and what was planted.
pub struct Planted {
    pub viewer: Viewer,
    /// `table.column` and the mark in it.
    pub marks: BTreeMap<String, String>,
    /// Kinds of files and what they hold.
    pub files: BTreeMap<&'static str, Vec<u8>>,
    pub copy: Uuid,
}

fn whole(number: u128, target: Target, bytes: &[u8]) -> Announced {
    Announced {
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).into(),
        target,
        mime: "audio/webm".to_owned(),
        size: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}

/// Does the jobs that wait.
pub async fn work(store: &Store) {
    while let Some(leased) = store.take_job().await.unwrap() {
        match leased.kind.as_str() {
            EVALUATE => {
                let outcome = Outcome::Heard { model: "test", total: Some(80), detail: &"all well" };
                store.finish_evaluation(&leased, outcome).await.unwrap();
            }
            EXPORT => store.make_copy(&leased, &Controller::default()).await.unwrap(),
            ERASE => store.erase_for(&leased).await.unwrap(),
            _ => store.tell(&leased, Offset::UTC).await.unwrap(),
        }
    }
}

impl Planted {
    /// The person in all roles that the map knows, so that every table has a row about them.
    pub async fn new(test: &TestStore, school: &TestSchool) -> Self {
        let store = &test.store;
        let new = NewPerson {
            school: school.school,
            campus: Some(school.campus),
            role: Role::Learner,
            name: "to be marked",
            identifiers: vec![Identifier::parse("canary@school.example").unwrap()],
            password: Some(PASSWORD),
        };
        let person = store.create_person(new).await.unwrap().unwrap();
        let token = store.start_session(person).await.unwrap().unwrap();
        let viewer = store.viewer(&token).await.unwrap().unwrap();
        store.join_class(school.school, school.class, person, Role::Learner).await.unwrap();
        store.tie_guardian(school.school, school.guardian.person, person).await.unwrap();
        store.tie_guardian(school.school, person, school.classmate.person).await.unwrap();
        let consent = [teaching(person, Consent::Given)];
        assert!(store.decide(&school.guardian, &consent, &shown(1)).await.unwrap());
        store.prefer(&viewer, Some("en"), Some("dark")).await.unwrap();
        store.prefer_look(&viewer, "large.quiet").await.unwrap();
        let identifier = Identifier::parse("canary@school.example").unwrap();
        store.sign_in(&identifier, "wrong".to_owned(), false).await.unwrap();
        let files = Self::work_with(store, school, &viewer).await;
        let copy = Self::ask(store, &viewer).await;
        let mut planted = Self { viewer, marks: BTreeMap::new(), files, copy };
        planted.mark(test).await;
        // Again, with the marks in it.
        planted.copy = Self::ask(store, &viewer).await;
        planted
    }

    async fn ask(store: &Store, viewer: &Viewer) -> Uuid {
        let claim = store.own_claim(viewer).await.unwrap();
        let copy = store.ask_for_copy(&claim).await.unwrap();
        work(store).await;
        copy
    }

    /// As learner and as teacher: recordings, reviews, courses, an upload that never ends.
    async fn work_with(store: &Store, school: &TestSchool, viewer: &Viewer) -> BTreeMap<&'static str, Vec<u8>> {
        let mut files = BTreeMap::new();
        let contents = |kind: &'static str| format!("{MARK}file-{kind} ").repeat(8000).into_bytes();
        let recording = contents("recording");
        let target = Target::Recording { assignment: school.assignment, exercise: school.exercises[0] };
        let new = whole(1, target, &recording);
        send(store, viewer, &new, &recording).await;
        let others = announced(school, 2, b"another's recording");
        send(store, &school.classmate, &others, b"another's recording").await;
        work(store).await;
        let comment = Some("to be marked");
        store.save_review(&school.teacher, new.id.0.into(), Some(70), comment, Decision::Accepted).await.unwrap();
        let voice = contents("voice_comment");
        let said = whole(5, Target::VoiceComment { recording: new.id.0.into() }, &voice);
        send(store, &school.teacher, &said, &voice).await;
        let heard = Heard { gain: Gain(0), faults: Vec::new() };
        store.keep_heard(&school.teacher, said.id, &heard).await.unwrap().unwrap();
        let teacher = Viewer { role: Role::Teacher, ..*viewer };
        store
            .join_class(
                school.school,
                store.create_class(school.school, school.campus, "4C").await.unwrap(),
                teacher.person,
                Role::Teacher,
            )
            .await
            .unwrap();
        let course = store.create_course(&teacher, "Course").await.unwrap();
        let lesson = store.create_lesson(&teacher, course, "Lesson").await.unwrap().unwrap();
        let sentences = store.add_sentences(&teacher, lesson, &["A sentence.".to_owned()]).await.unwrap().unwrap();
        assert!(store.publish_lesson(&teacher, lesson).await.unwrap());
        let cards = store.my_classes(&teacher).await.unwrap();
        let due = jiff::Timestamp::from_millisecond(1_772_524_800_000).unwrap();
        store.assign(&teacher, cards[0].class, lesson, due).await.unwrap().unwrap();
        let audio = contents("course_audio");
        let new = whole(3, Target::CourseAudio { exercise: sentences[0] }, &audio);
        send(store, &teacher, &new, &audio).await;
        store.keep_heard(&teacher, new.id, &heard).await.unwrap().unwrap();
        let picture = contents("course_picture");
        let new = NewPicture { mime: "image/png", bytes: &picture, alt: "A bear." };
        store.set_picture(&teacher, sentences[0], &new).await.unwrap().unwrap();
        let attached = contents("ticket_picture");
        let said = Said { text: "Help.", picture: Some(("image/png", &attached)), due_at: due };
        store.begin_ticket(viewer, Topic::Other, &said).await.unwrap();
        let spoken = Self::speak(store, school, &teacher, contents("survey_voice")).await;
        let portrait = contents("portrait");
        store.set_portrait(viewer, "image/jpeg", &portrait).await.unwrap();
        let part = contents("upload_part");
        let unfinished = Announced { size: part.len() as u64 + 1, ..whole(4, target, &part) };
        store.announce(viewer, &unfinished).await.unwrap().unwrap();
        store.append(viewer, unfinished.id, 0, &part).await.unwrap().unwrap();
        files.extend([
            ("recording", recording),
            ("voice_comment", voice),
            ("course_audio", audio),
            ("course_picture", picture),
            ("ticket_picture", attached),
            ("survey_voice", spoken),
            ("portrait", portrait),
            ("upload_part", part),
        ]);
        files
    }

    /// Says something aloud to a survey of the campus.
    async fn speak(store: &Store, school: &TestSchool, viewer: &Viewer, bytes: Vec<u8>) -> Vec<u8> {
        let id = store.create_survey(&school.manager, "Survey").await.unwrap();
        let typed = Typed { text: "Say it.", ..Typed::default() };
        let question = Question::read(survey::Kind::Voice, &typed).unwrap();
        store.edit_survey(&school.manager, id, Change::Add(question)).await.unwrap();
        let reach = Reach { place: Audience::Campus(school.campus), role: Some(Role::Teacher) };
        store.publish_survey(&school.manager, id, reach, false, None).await.unwrap();
        let media = store.voice_id();
        let answers = Answers::from([(1, Answer::Voice(Spoken { media, gain: Gain(0), duration_ms: 1000 }))]);
        let voice = NewVoice { media, mime: "audio/webm", bytes: &bytes, duration_ms: 1000 };
        let kept = store.answer_named(viewer, id, &answers, &[voice], &shown(1)).await.unwrap();
        assert_eq!(kept, Some(true));
        bytes
    }

    /// Marks every column of text or bytes: a new column of the map is marked too, or named above, or the test fails.
    async fn mark(&mut self, test: &TestStore) {
        let person = self.viewer.person;
        let mut raw = Raw::open(&test.url).await;
        let key = key_of(&test.key_ring_url, &test.root_key(), person).await;
        for entry in COLUMNS {
            let name = format!("{}.{}", entry.table, entry.column);
            let about = About { table: entry.table, column: entry.subject, via: entry.via };
            let is_about = raw.about(&about, person);
            let rows = raw.count(format!("SELECT count(*) FROM {} WHERE {is_about}", entry.table)).await;
            if rows == 0 {
                assert!(entry.via.is_none(), "no row of {name} is about the person");
                raw.plant_row(entry.table, entry.subject, person).await;
            }
            let mark = format!("{MARK}{}", name.replace('.', "-"));
            let shape = raw.shape(entry.table, entry.column).await;
            let unmarked = UNMARKED.iter().any(|(table, column, _)| (*table, *column) == (entry.table, entry.column));
            if matches!(shape, "number" | "id") || unmarked || entry.erase == Erase::Kept {
                continue;
            }
            // What other rows are found by is marked last, in both places.
            if entry.index {
                self.marks.insert(name, mark);
                continue;
            }
            if entry.sealed {
                let ids = raw
                    .bytes(format!("SELECT {} FROM {} WHERE {is_about}", id_as_bytes(&raw, entry.row), entry.table))
                    .await;
                for id in ids {
                    let id = Uuid::from_slice(&id).unwrap();
                    let sealed = raw.blob(&sealed(&key, entry, id, &mark));
                    let is_it = format!("{} = {}", entry.row, raw.id(id));
                    raw.run(format!("UPDATE {} SET {} = {sealed} WHERE {is_it}", entry.table, entry.column)).await;
                }
            } else {
                let value = match (shape, name.as_str()) {
                    // One row for each purpose, and they stay apart.
                    ("text", "consent_state.purpose") => format!("'{mark}' || purpose"),
                    ("text", _) => format!("'{mark}'"),
                    _ => raw.blob(mark.as_bytes()),
                };
                raw.run(format!("UPDATE {} SET {} = {value} WHERE {is_about}", entry.table, entry.column)).await;
            }
            self.marks.insert(name, mark);
        }
        let (mark, id) = (raw.blob(format!("{MARK}lookup").as_bytes()), raw.id(person.0));
        let old = raw.bytes(format!("SELECT lookup FROM identifier WHERE person_id = {id}")).await.remove(0);
        let old = raw.blob(&old);
        raw.run(format!("UPDATE sign_in_attempt SET lookup = {mark} WHERE lookup = {old}")).await;
        raw.run(format!("UPDATE identifier SET lookup = {mark} WHERE lookup = {old}")).await;
        raw.run(format!("UPDATE passkey SET lookup = {mark} WHERE person_id = {id}")).await;
        raw.run(format!("UPDATE push_address SET lookup = {mark} WHERE person_id = {id}")).await;
        raw.run(format!("UPDATE learner_number SET lookup = {mark} WHERE learner_id = {id}")).await;
    }
}

fn id_as_bytes(raw: &Raw, column: &str) -> String {
    match raw {
        Raw::Sqlite(_) => column.to_owned(),
        Raw::Postgres(_) => format!("uuid_send({column})"),
    }
}

/// Seals a mark for a column of the map.
fn sealed(key: &SubjectKey, entry: &map::ColumnEntry, row: Uuid, mark: &str) -> Vec<u8> {
    let entropy = TestEntropy::new(9 << 50);
    macro_rules! seal {
        ($column:expr) => {
            key.seal($column, row, mark, &entropy).unwrap().into_bytes()
        };
    }
    match (entry.table, entry.column) {
        ("person", "name") => seal!(column::person::NAME),
        ("identifier", "value") => seal!(column::identifier::VALUE),
        ("submission", "results") => seal!(column::submission::RESULTS),
        ("answer", "chosen") => seal!(column::answer::CHOSEN),
        ("evaluation", "total") => seal!(column::evaluation::TOTAL),
        ("evaluation", "detail") => seal!(column::evaluation::DETAIL),
        ("review", "score") => seal!(column::review::SCORE),
        ("review", "comment") => seal!(column::review::COMMENT),
        ("learner_number", "value") => seal!(column::learner_number::VALUE),
        ("phrase", "text") => seal!(column::phrase::TEXT),
        ("progress", "skills") => seal!(column::progress::SKILLS),
        ("person", "birth_month") => seal!(column::person::BIRTH_MONTH),
        ("device", "browser") => seal!(column::device::BROWSER),
        ("device", "system") => seal!(column::device::SYSTEM),
        ("device", "model") => seal!(column::device::MODEL),
        ("second_step", "secret") => seal!(column::second_step::SECRET),
        ("passkey", "credential") => seal!(column::passkey::CREDENTIAL),
        ("passkey", "public_key") => seal!(column::passkey::PUBLIC_KEY),
        ("passkey", "name") => seal!(column::passkey::NAME),
        ("legal_hold", "reason") => seal!(column::legal_hold::REASON),
        ("policy_question", "text") => seal!(column::policy_question::TEXT),
        ("policy_question", "answer") => seal!(column::policy_question::ANSWER),
        ("survey_reply", "answers") => seal!(column::survey_reply::ANSWERS),
        ("api_token", "name") => seal!(column::api_token::NAME),
        ("push_address", "endpoint") => seal!(column::push_address::ENDPOINT),
        ("push_address", "keys") => seal!(column::push_address::KEYS),
        ("rights_request", "text") => seal!(column::rights_request::TEXT),
        ("rights_request", "extension") => seal!(column::rights_request::EXTENSION),
        ("rights_request", "outcome") => seal!(column::rights_request::OUTCOME),
        ("ticket", "remark") => seal!(column::ticket::REMARK),
        ("ticket_entry", "text") => seal!(column::ticket_entry::TEXT),
        (table, column) => panic!("{table}.{column} is sealed, and no mark is planted in it"),
    }
}

/// The file of a kind, to be opened.
pub fn kind(id: &str) -> Kind {
    Kind::from_id(id).unwrap()
}
