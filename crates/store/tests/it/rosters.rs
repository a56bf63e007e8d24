//! Terms, moving to another class, importing lists, undoing it; and what a list leaves of children without an account.

use std::time::Duration;

use jiayin_domain::homework::{Decision, SubmissionState};
use jiayin_domain::id::ClassId;
use jiayin_domain::role::Role;
use jiayin_domain::roster::{Count, Elsewhere, Entry, Outcome, Part, Reason};
use jiayin_store::Store;
use jiayin_store::join::{Decisions, Holder, Joined, NewChild};
use jiayin_store::queue::Within;
use jiayin_store::roster_import::{Imported, Prepared, Preview, Roster};
use jiff::Timestamp;
use jiff::civil::date;

use crate::databases::{TestSchool, TestStore, both, person, shown};
use crate::homework::record;

const TABLES: [&str; 12] = [
    "person",
    "identifier",
    "membership",
    "guardianship",
    "learner_number",
    "consent",
    "consent_state",
    "invitation",
    "class",
    "term",
    "roster_import",
    "session",
];

fn row(line: u32, name: &str, class: &str, number: &str) -> Entry {
    let text = str::to_owned;
    Entry { line, name: text(name), class: text(class), number: text(number), ..Entry::default() }
}

fn roster(entries: &[Entry]) -> Roster<'_> {
    Roster { entries, elsewhere: Elsewhere::Move, today: date(2026, 3, 2) }
}

async fn preview(store: &Store, school: &TestSchool, entries: &[Entry]) -> Preview {
    store.preview_roster(&school.manager, &roster(entries)).await.unwrap().unwrap()
}

fn outcomes(preview: &Preview) -> Vec<Outcome> {
    preview.plan.rows.iter().map(|row| row.outcome).collect()
}

/// Imports a list as it was shown.
async fn import(store: &Store, school: &TestSchool, entries: &[Entry]) -> Vec<Prepared> {
    let plan = preview(store, school, entries).await.plan;
    match store.import_roster(&school.manager, &roster(entries), &plan).await.unwrap().unwrap() {
        Imported::Done { prepared, .. } => prepared,
        Imported::Changed => panic!("nothing has changed"),
    }
}

async fn undo(store: &Store, school: &TestSchool) -> jiayin_store::roster_import::Undone {
    let last = store.last_import(&school.manager).await.unwrap().unwrap();
    store.undo_import(&school.manager, last.id).await.unwrap().unwrap()
}

async fn counts(test: &TestStore) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(test.count(table).await);
    }
    counts
}

async fn learners(store: &Store, school: &TestSchool, class: ClassId) -> Vec<String> {
    let page = store.class_places(&school.manager, class).await.unwrap().unwrap();
    let mut names: Vec<String> =
        page.learners.iter().map(|placed| placed.name.read(&page.grant).unwrap().clone()).collect();
    // Those of one moment stand in no order.
    names.sort();
    names
}

#[tokio::test]
async fn who_goes_to_another_class_keeps_everything() {
    both(async |test| {
        let (store, school) = (&test.store, TestSchool::new(&test.store).await);
        let other = store.create_class(school.school, school.campus, "4A").await.unwrap();
        let new_teacher = person(store, school.school, Role::Teacher, "Mr Sun", "sun@school.example", None).await;
        store.join_class(school.school, other, new_teacher.person, Role::Teacher).await.unwrap();
        let first = record(store, &school, 1, 0, 40).await;
        record(store, &school, 2, 1, 85).await;
        test.clock.advance(Duration::from_secs(60));

        let who = [school.learner.person, school.teacher.person];
        let moved = store.move_learners(&school.manager, (school.class, other), &who).await.unwrap();
        assert_eq!(moved, Some(1), "a teacher is not moved");
        assert_eq!(learners(store, &school, school.class).await, ["Li Lei"]);
        assert_eq!(learners(store, &school, other).await, ["Wang Fang"]);
        // The class left behind no longer lists the learner, and nothing of theirs waits there.
        assert_eq!(store.my_classes(&school.teacher).await.unwrap()[0].learners.len(), 1);
        assert_eq!(store.queue(&school.teacher, Within::Everything).await.unwrap(), []);
        // The old work belongs to the old homework: its teacher can still answer for it, the new one sees none of it.
        let old = store.review_context(&school.teacher, first, Within::Everything).await.unwrap();
        assert!(old.is_some());
        assert!(store.save_review(&school.teacher, first, Some(50), None, Decision::Accepted).await.unwrap());
        assert!(store.recorded::<String>(&new_teacher, first).await.unwrap().is_none());
        // The learner and the guardian see what was done; what is given from now on is the new class's.
        let tasks = store.tasks(&school.learner, Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(tasks.in_class && tasks.tasks.len() == 1 && tasks.tasks[0].state.is_done());
        let family = store.family(&school.guardian, Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!((family.children[0].class.as_str(), family.children[0].tasks.len()), ("4A", 1));
        let page = store.exercise_page(&school.learner, school.assignment, school.exercises[0]).await.unwrap();
        assert_eq!(page.unwrap().attempts.len(), 1);
        test.clock.advance(Duration::from_secs(60));
        let due = Timestamp::from_millisecond(1_772_524_800_000).unwrap();
        let later = store.assign(&school.teacher, school.class, school.lesson, due).await.unwrap().unwrap();
        assert!(store.exercise_page(&school.learner, later, school.exercises[0]).await.unwrap().is_none());
        store.assign(&new_teacher, other, school.lesson, due).await.unwrap().unwrap();
        let tasks = store.tasks(&school.learner, Timestamp::UNIX_EPOCH).await.unwrap().tasks;
        assert_eq!(tasks.iter().filter(|task| task.state == SubmissionState::Open).count(), 1);

        // Going back is being in again, in the same row.
        let before = test.count("membership").await;
        store.move_learners(&school.manager, (other, school.class), &who).await.unwrap().unwrap();
        assert_eq!(test.count("membership").await, before);
        assert_eq!(store.my_classes(&school.teacher).await.unwrap()[0].learners.len(), 2);
        // Nobody but the manager of both classes moves anybody.
        assert_eq!(store.move_learners(&school.teacher, (school.class, other), &who).await.unwrap(), None);
        let elsewhere = store.create_campus(school.school, "South").await.unwrap();
        let theirs = store.create_class(school.school, elsewhere, "4A").await.unwrap();
        assert_eq!(store.move_learners(&school.manager, (school.class, theirs), &who).await.unwrap(), None);
        assert!(store.class_places(&school.manager, theirs).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn terms_belong_to_a_campus_and_classes_to_terms() {
    both(async |test| {
        let (store, school) = (&test.store, TestSchool::new(&test.store).await);
        let days = (date(2026, 2, 16), date(2026, 7, 3));
        let term = store.add_term(&school.manager, "Spring", days).await.unwrap().unwrap();
        assert_eq!(store.add_term(&school.teacher, "Spring", days).await.unwrap(), None);
        assert!(store.put_into_term(&school.manager, school.class, Some(term)).await.unwrap());
        let later = (days.0, date(2026, 7, 10));
        assert!(store.change_term(&school.manager, term, "Spring 2026", later).await.unwrap());
        let page = store.campus_page(&school.manager, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH).await.unwrap();
        let page = page.unwrap();
        assert_eq!((page.classes[0].term, page.terms[0].name.as_str()), (Some(term), "Spring 2026"));
        assert!(!page.terms[0].is_over(date(2026, 7, 10)) && page.terms[0].is_over(date(2026, 7, 11)));
        let campus = store.create_campus(school.school, "South").await.unwrap();
        let identifier = "south@school.example";
        let stranger = person(store, school.school, Role::CampusManager, "Qian", identifier, Some(campus)).await;
        assert_eq!(store.terms(&stranger).await.unwrap(), Some(Vec::new()));
        assert!(!store.change_term(&stranger, term, "Mine", days).await.unwrap());
        assert!(!store.put_into_term(&stranger, school.class, None).await.unwrap());
        let theirs = store.add_term(&stranger, "Spring", days).await.unwrap();
        assert!(!store.put_into_term(&school.manager, school.class, theirs).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_list_is_imported_once_and_then_left_alone() {
    both(async |test| {
        let (store, school) = (&test.store, TestSchool::new(&test.store).await);
        let term = |entry: Entry| Entry {
            term: "Autumn".to_owned(),
            first: "2026-09-01".to_owned(),
            last: "2027-01-20".to_owned(),
            ..entry
        };
        let teacher = |line, name: &str, class: &str, contact: &str| Entry {
            part: Part::Teacher,
            contact: contact.to_owned(),
            ..row(line, name, class, "")
        };
        let list = [
            row(2, "wang fang", "3B", "S-1"),
            term(row(3, "Li Lei", "4A", "")),
            term(row(4, "Xu Nan", "4A", "S-3")),
            term(teacher(5, "Ms Lin", "4A", "teacher@school.example")),
            term(teacher(6, "Mr New", "4A", "new@school.example")),
            row(7, "Xu Bei", "3B", "S-5"),
            row(8, "", "3B", ""),
        ];
        let first = preview(store, &school, &list).await;
        assert_eq!(first.plan.count(), Count { create: 5, change: 1, alone: 0, wrong: 1 });
        assert_eq!(first.plan.rows[6].outcome, Outcome::Wrong(Reason::Name));
        let prepared = import(store, &school, &list).await;
        // Li Lei has no number and is in another class: nobody can know that it is the same child.
        assert_eq!(prepared.iter().map(|made| made.row).collect::<Vec<_>>(), [1, 2, 4, 5]);
        let again = preview(store, &school, &list).await;
        assert_eq!(again.plan.count(), Count { create: 0, change: 0, alone: 6, wrong: 1 }, "{:?}", outcomes(&again));
        assert!(!again.plan.does_something());
        // The list that the school has got back names its invitations: each row is known by them.
        let ids = prepared.iter().map(|made| (made.row, made.id.to_string()));
        let mut named = list.to_vec();
        ids.for_each(|(at, id)| named[at].invitation = id);
        named.push(term(row(9, "Xu Dong", "4A", "")));
        let more = outcomes(&preview(store, &school, &named).await);
        assert_eq!(more[..7], outcomes(&again)[..]);
        assert!(matches!(more[7], Outcome::Invite(Part::Learner, _)));
        // What was noted is found: by number, the learner is moved under any spelling of the name.
        let moved = [row(2, "Wang F.", "4A", "s-1")];
        assert!(matches!(outcomes(&preview(store, &school, &moved).await)[..], [Outcome::Move(_, from, _, false)] if from == school.class));
    })
    .await;
}

#[tokio::test]
async fn an_import_moves_and_undoing_brings_back() {
    both(async |test| {
        let (store, school) = (&test.store, TestSchool::new(&test.store).await);
        let before = counts(test).await;
        let entered = [row(2, "Wang Fang", "3B", "S-1"), row(3, "Li Lei", "3B", "S-2")];
        import(store, &school, &entered).await;
        test.clock.advance(Duration::from_secs(1));
        let list = [row(2, "Wang Fang", "4A", "S-1"), row(3, "Xu Nan", "4A", "S-3")];
        assert_eq!(import(store, &school, &list).await.len(), 1);
        assert_eq!(learners(store, &school, school.class).await, ["Li Lei"]);
        let undone = undo(store, &school).await;
        assert_eq!((undone.invitations, undone.places, undone.frames), (1, 1, 1));
        assert_eq!((undone.used, undone.begun, undone.kept), (0, 0, 0));
        assert_eq!(learners(store, &school, school.class).await, ["Li Lei", "Wang Fang"]);
        let mut expected = before;
        expected[4] += 2;
        expected[10] += 2;
        assert_eq!(counts(test).await, expected, "the numbers of the first import, and that there were two");
        let last = store.last_import(&school.manager).await.unwrap().unwrap();
        assert!(last.undone.is_some());
        assert!(store.undo_import(&school.manager, last.id).await.unwrap().is_none(), "once");
        assert_eq!(import(store, &school, &list).await.len(), 1, "and again");
    })
    .await;
}

#[tokio::test]
async fn what_was_used_since_stays_when_an_import_is_undone() {
    both(async |test| {
        let (store, school) = (&test.store, TestSchool::new(&test.store).await);
        let list = [row(2, "Xu Nan", "4A", "S-3"), row(3, "Xu Bei", "4A", ""), row(4, "Xu Dong", "5C", "")];
        let prepared = import(store, &school, &list).await;
        let invitation = store.invitation(&prepared[0].token).await.unwrap().unwrap();
        let identifier = jiayin_privacy::Identifier::parse("13800000077").unwrap();
        let holder = Holder::New { identifier, name: "Xu Li", password: "a long enough password" };
        let child = NewChild { name: "Nan", born: jiayin_domain::consent::BirthMonth::parse("2018-03").unwrap() };
        let yes = vec![("teaching", jiayin_domain::consent::Decision::Given)];
        let decisions = Decisions { child: yes, own: Vec::new() };
        let joined = store.join(&invitation, holder, Some(child), &decisions, &shown(1)).await.unwrap();
        assert!(matches!(joined, Joined::Welcome { .. }));
        // The guardian calls the child otherwise than the list; the invitation's number says who it is.
        let mut named = list.to_vec();
        named[0].invitation = prepared[0].id.to_string();
        let found = preview(store, &school, &named).await;
        assert!(matches!(found.plan.rows[0].outcome, Outcome::Number(_)), "{:?}", outcomes(&found));
        let undone = undo(store, &school).await;
        assert_eq!((undone.invitations, undone.used, undone.frames, undone.kept), (2, 1, 1, 1));
        let classes = store.campus_page(&school.manager, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH).await.unwrap();
        let mut names: Vec<String> = classes.unwrap().classes.into_iter().map(|class| class.name).collect();
        names.sort();
        assert_eq!(names, ["3B", "4A"], "the class with the child stays");
    })
    .await;
}

#[tokio::test]
async fn clause_i_4_a_list_makes_no_row_about_a_child() {
    both(async |test| {
        let (store, school) = (&test.store, TestSchool::new(&test.store).await);
        let before = counts(test).await;
        let list: Vec<Entry> =
            (0..40).map(|n| row(n + 2, &format!("Planted Name {n}"), "6F", &format!("PLANTED-{n}"))).collect();
        preview(store, &school, &list).await;
        assert_eq!(counts(test).await, before, "looking leaves nothing");
        import(store, &school, &list).await;
        let after = counts(test).await;
        for ((table, before), after) in TABLES.iter().zip(before).zip(after) {
            let more = match *table {
                "invitation" => 40,
                "class" | "roster_import" => 1,
                _ => 0,
            };
            assert_eq!(after - before, more, "{table}");
        }
        assert_eq!(test.count("invitation WHERE learner_id IS NOT NULL OR used_by IS NOT NULL").await, 0);
        if test.kind == "sqlite" {
            for entry in std::fs::read_dir(test.folder.path()).unwrap() {
                let Ok(bytes) = std::fs::read(entry.unwrap().path()) else { continue };
                for planted in ["Planted Name", "PLANTED-"] {
                    assert!(!bytes.windows(planted.len()).any(|window| window == planted.as_bytes()));
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_else_imports_and_what_has_changed_is_shown_again() {
    both(async |test| {
        let (store, school) = (&test.store, TestSchool::new(&test.store).await);
        let list = [row(2, "Wang Fang", "4A", "S-1")];
        for viewer in [&school.teacher, &school.guardian, &school.learner] {
            assert!(store.preview_roster(viewer, &roster(&list)).await.unwrap().is_none());
            assert!(store.roster_list(viewer).await.unwrap().is_none());
        }
        let plan = preview(store, &school, &list).await.plan;
        store.create_class(school.school, school.campus, "4A").await.unwrap();
        let late = store.import_roster(&school.manager, &roster(&list), &plan).await.unwrap().unwrap();
        assert!(matches!(late, Imported::Changed));
        assert_eq!(test.count("roster_import").await, 0);
        // Learners of another campus are not known here, whatever their number.
        let campus = store.create_campus(school.school, "South").await.unwrap();
        let identifier = "south@school.example";
        let stranger = person(store, school.school, Role::CampusManager, "Qian", identifier, Some(campus)).await;
        import(store, &school, &[row(2, "Wang Fang", "3B", "S-1")]).await;
        let there = store.preview_roster(&stranger, &roster(&list)).await.unwrap().unwrap();
        assert!(matches!(outcomes(&there)[..], [Outcome::Invite(..)]));
        let wrong = Entry { campus: "North".to_owned(), ..list[0].clone() };
        let there = store.preview_roster(&stranger, &roster(&[wrong])).await.unwrap().unwrap();
        assert_eq!(outcomes(&there), [Outcome::Wrong(Reason::Campus)]);
        let last = store.last_import(&school.manager).await.unwrap().unwrap();
        assert!(store.undo_import(&stranger, last.id).await.unwrap().is_none());
    })
    .await;
}
