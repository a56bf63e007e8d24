//! The demo school: invented people, real recordings (`demo/ATTRIBUTION.md`), and results that the ear really gave.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiayin_domain::consent::{self, Surface};
use jiayin_domain::homework::Decision;
use jiayin_domain::id::{AssignmentId, CampusId, ClassId, ExerciseId, LessonId, PersonId, SchoolId, UploadId};
use jiayin_domain::role::Role;
use jiayin_privacy::map::PurposeEntry;
use jiayin_privacy::{AskedOf, Identifier, Purpose, purpose};
use jiayin_store::accounts::NewPerson;
use jiayin_store::consent::{Choice, Shown, asked_of};
use jiayin_store::queue::Within;
use jiayin_store::uploads::{Announced, Target};
use jiayin_store::{Store, StoreError, Viewer};
use jiff::Timestamp;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::providers::{Clock, Entropy};
use crate::uploads::listening::{Listened, listen};

mod people;

use people::{CLASSES, Guardian, LEARNERS};

#[derive(RustEmbed)]
#[folder = "demo"]
#[include = "*.opus"]
#[include = "*.tsv"]
struct Files;

/// Password of every demo account.
pub const PASSWORD: &str = "jiayin-demo";

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The school's past is written down under a clock that can be set.
struct DemoClock {
    now_ms: AtomicI64,
    ticking: Arc<dyn Clock>,
}

impl DemoClock {
    fn set(&self, ms: i64) {
        self.now_ms.store(ms, Ordering::Relaxed);
    }
}

impl Clock for DemoClock {
    fn monotonic(&self) -> Duration {
        self.ticking.monotonic()
    }

    fn now(&self) -> Timestamp {
        // One millisecond further at each look, so that ids keep their order.
        Timestamp::from_millisecond(self.now_ms.fetch_add(1, Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The demo school of this store; made now if the store is empty. `None` if the store holds a real school.
///
/// # Errors
/// If it cannot be stored.
pub async fn school(
    store: &Store,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Option<SchoolId>, StoreError> {
    if let Some((id, name)) = store.first_school().await? {
        return Ok((name == people::SCHOOL).then_some(id));
    }
    let demo = Arc::new(DemoClock { now_ms: AtomicI64::new(0), ticking: Arc::clone(clock) });
    let today = clock.now().as_millisecond();
    demo.set(today - 20 * DAY_MS);
    let builder = Builder {
        store: store.with_clock(Arc::clone(&demo) as Arc<dyn Clock>),
        clock: demo,
        entropy: Arc::clone(entropy),
        today,
    };
    builder.build().await.map(Some)
}

/// Whether the demo school of this store was made before its guardians were asked, or under a policy that says less than
/// this program does: its children would be hidden from everybody.
///
/// # Errors
/// If it cannot be read.
pub async fn is_outdated(store: &Store) -> Result<bool, StoreError> {
    let asked = !matches!(store.check_ledger().await?, Ok(0));
    let teaching = <purpose::Teaching as Purpose>::ID;
    Ok(!asked || store.consent_floor(teaching).await? > store.current_policy().await?.number)
}

struct Builder {
    store: Store,
    clock: Arc<DemoClock>,
    entropy: Arc<dyn Entropy>,
    today: i64,
}

/// A lesson with the recordings that belong to it, in order.
struct Readings {
    key: String,
    title: String,
    sentences: Vec<(String, String)>,
}

/// Lessons of a list: key, title, file and text a line.
fn readings(list: &str) -> Vec<Readings> {
    let file = Files::get(list).map(|file| file.data).unwrap_or_default();
    let text = String::from_utf8_lossy(&file).into_owned();
    let mut lessons: Vec<Readings> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t').map(str::to_owned);
        let (Some(key), Some(title), Some(file), Some(text)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        match lessons.last_mut() {
            Some(last) if last.key == key => last.sentences.push((file, text)),
            _ => lessons.push(Readings { key, title, sentences: vec![(file, text)] }),
        }
    }
    lessons
}

fn sound(file: &str) -> Cow<'static, [u8]> {
    Files::get(file).map(|file| file.data).unwrap_or_default()
}

/// A lesson in the school, and its sentences with their recordings.
struct Lesson {
    id: LessonId,
    sentences: Vec<(ExerciseId, String)>,
}

impl Builder {
    async fn build(&self) -> Result<SchoolId, StoreError> {
        let store = &self.store;
        let school = store.create_school(people::SCHOOL).await?;
        let campus = store.create_campus(school, people::CAMPUS).await?;
        let teacher = self.person(school, Role::Teacher, people::TEACHER, "teacher", None).await?;
        self.person(school, Role::CampusManager, people::MANAGER, "manager", Some(campus)).await?;
        self.person(school, Role::PrivacyOfficer, people::OFFICER, "officer", None).await?;
        let mut classes: Vec<(ClassId, Vec<Viewer>)> = Vec::new();
        for (class, name) in CLASSES.iter().enumerate() {
            let id = store.create_class(school, campus, name).await?;
            store.join_class(school, id, teacher.person, Role::Teacher).await?;
            let mut learners = Vec::new();
            for (place, name) in LEARNERS[class].iter().enumerate() {
                let login = format!("learner{}{}", class + 1, place + 1);
                let learner = self.person(school, Role::Learner, name, &login, None).await?;
                store.join_class(school, id, learner.person, Role::Learner).await?;
                learners.push(learner);
            }
            classes.push((id, learners));
        }
        for (number, Guardian { name, children }) in people::GUARDIANS.iter().enumerate() {
            let login = format!("guardian{}", number + 1);
            let guardian = self.person(school, Role::Guardian, name, &login, None).await?;
            for (class, place) in *children {
                let learner = classes[*class].1[*place].person;
                store.tie_guardian(school, guardian.person, learner).await?;
                self.consents(&guardian, learner).await?;
            }
        }
        self.past(&teacher, &classes).await?;
        self.present(&teacher, &classes).await?;
        Ok(school)
    }

    /// What the guardians of the demo have decided: what the lessons need, and nothing else.
    async fn consents(&self, guardian: &Viewer, learner: PersonId) -> Result<(), StoreError> {
        let policy = self.store.current_policy().await?;
        let shown =
            Shown { version: policy.number.into(), digest: policy.digest, language: "zh-CN", surface: Surface::Demo };
        let choice = |purpose: &'static PurposeEntry| Choice {
            subject: learner,
            purpose: purpose.id,
            decision: match purpose.asked_of_child {
                AskedOf::Required => consent::Decision::Given,
                AskedOf::Optional | AskedOf::No => consent::Decision::Refused,
            },
        };
        let choices: Vec<Choice> = asked_of(true).into_iter().map(choice).collect();
        self.store.decide(guardian, &choices, &shown).await?;
        Ok(())
    }

    async fn person(
        &self,
        school: SchoolId,
        role: Role,
        name: &str,
        login: &str,
        campus: Option<CampusId>,
    ) -> Result<Viewer, StoreError> {
        let identifiers = Identifier::parse(&format!("{login}@demo.example")).into_iter().collect();
        let new = NewPerson { school, campus, role, name, identifiers, password: Some(PASSWORD) };
        let person: PersonId = self.store.create_person(new).await?.ok_or(StoreError::Lost)?;
        // A viewer without a session: who builds the school acts for its people.
        let session = jiayin_domain::id::SessionId(person.0);
        Ok(Viewer { session, person, school, campus, role })
    }

    async fn lesson(
        &self,
        teacher: &Viewer,
        course: jiayin_domain::id::CourseId,
        readings: &Readings,
    ) -> Result<Lesson, StoreError> {
        let lesson = self.store.create_lesson(teacher, course, &readings.title).await?.ok_or(StoreError::Lost)?;
        let texts: Vec<String> = readings.sentences.iter().map(|(_, text)| text.clone()).collect();
        let ids = self.store.add_sentences(teacher, lesson, &texts).await?.ok_or(StoreError::Lost)?;
        self.store.publish_lesson(teacher, lesson).await?;
        let files = readings.sentences.iter().map(|(file, _)| file.clone());
        Ok(Lesson { id: lesson, sentences: ids.into_iter().zip(files).collect() })
    }

    /// A fortnight of homework: three lessons for each class, most of it done, most of that looked at.
    async fn past(&self, teacher: &Viewer, classes: &[(ClassId, Vec<Viewer>)]) -> Result<(), StoreError> {
        let course = self.store.create_course(teacher, people::COURSES[0]).await?;
        let lessons = readings("readings.tsv");
        for (number, readings) in lessons.iter().enumerate() {
            let week = number / classes.len();
            let (class, learners) = &classes[number % classes.len()];
            let due = self.evening(11 - 5 * i64::try_from(week).unwrap_or(0));
            self.clock.set(due - 3 * DAY_MS);
            let lesson = self.lesson(teacher, course, readings).await?;
            let due_at = Timestamp::from_millisecond(due).unwrap_or(Timestamp::UNIX_EPOCH);
            let given = self.store.assign(teacher, *class, lesson.id, due_at).await?.ok_or(StoreError::Lost)?;
            for (place, learner) in learners.iter().enumerate() {
                // Everyone reads most sentences, nobody all weeks; the last lesson is still being done.
                let at = due - DAY_MS - HOUR_MS + i64::try_from(place).unwrap_or(0) * 13 * 60_000;
                self.clock.set(at);
                for (index, (exercise, file)) in lesson.sentences.iter().enumerate() {
                    let missing = (place * 5 + index + number) % 7;
                    let skip = if week == 2 { missing < 3 } else { place == 5 && missing < 4 };
                    if !skip {
                        self.record(learner, given, *exercise, file).await?;
                    }
                }
            }
            if week < 2 {
                self.clock.set(due + 2 * HOUR_MS);
                self.reviews(teacher, given, number).await?;
            }
        }
        Ok(())
    }

    async fn record(
        &self,
        learner: &Viewer,
        assignment: AssignmentId,
        exercise: ExerciseId,
        file: &str,
    ) -> Result<(), StoreError> {
        self.send(learner, Target::Recording { assignment, exercise }, file).await
    }

    async fn send(&self, from: &Viewer, target: Target, file: &str) -> Result<(), StoreError> {
        let bytes = sound(file);
        let id = UploadId::new(&*self.clock, &*self.entropy);
        let sha256 = Sha256::digest(&bytes).into();
        let new = Announced { id, target, mime: "audio/ogg".to_owned(), size: bytes.len() as u64, sha256 };
        self.store.announce(from, &new).await?;
        self.store.append(from, id, 0, &bytes).await?;
        if matches!(target, Target::CourseAudio { .. })
            && let Ok(Ok(Listened { heard, .. })) = listen(&bytes, Some(""))
        {
            self.store.keep_heard(from, id, &heard).await?;
        }
        Ok(())
    }

    /// The teacher has heard all but a few, and said something of some.
    async fn reviews(&self, teacher: &Viewer, given: AssignmentId, number: usize) -> Result<(), StoreError> {
        let queue = self.store.queue(teacher, Within::Assignment(given)).await?;
        let heard = if number >= 2 { 20 } else { queue.len() };
        for (place, queued) in queue.iter().take(heard).enumerate() {
            let comment = people::COMMENTS.get((place + number) % 9).copied();
            self.store.save_review(teacher, queued.recording, None, comment, Decision::Accepted).await?;
        }
        Ok(())
    }

    /// What is to be done now: lessons with the teacher's own audio.
    async fn present(&self, teacher: &Viewer, classes: &[(ClassId, Vec<Viewer>)]) -> Result<(), StoreError> {
        self.clock.set(self.today - 5 * HOUR_MS);
        let course = self.store.create_course(teacher, people::COURSES[1]).await?;
        for (number, readings) in readings("course.tsv").iter().enumerate() {
            let lesson = self.lesson(teacher, course, readings).await?;
            for (exercise, file) in &lesson.sentences {
                self.send(teacher, Target::CourseAudio { exercise: *exercise }, file).await?;
            }
            let due = self.evening(-1 - 2 * i64::try_from(number).unwrap_or(0));
            let due_at = Timestamp::from_millisecond(due).unwrap_or(Timestamp::UNIX_EPOCH);
            for (class, _) in classes {
                self.store.assign(teacher, *class, lesson.id, due_at).await?;
            }
        }
        Ok(())
    }

    /// Eight in the evening at the school, so many days ago.
    fn evening(&self, days_ago: i64) -> i64 {
        let shanghai = 8 * HOUR_MS;
        let midnight = (self.today + shanghai).div_euclid(DAY_MS) * DAY_MS - shanghai;
        midnight - days_ago * DAY_MS + 20 * HOUR_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reading_has_its_sound() {
        let lessons: Vec<Readings> = ["readings.tsv", "course.tsv"].into_iter().flat_map(readings).collect();
        assert_eq!(lessons.len(), 8);
        for (file, text) in lessons.iter().flat_map(|lesson| &lesson.sentences) {
            assert!(sound(file).starts_with(b"OggS"), "{file}");
            assert!(text.ends_with(['.', '?']), "{text}");
        }
    }
}
