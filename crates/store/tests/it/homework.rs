//! The story: assignment, recording, result, review, the guardian's page; and who may not see what.

use jiayin_domain::homework::{Decision, SubmissionState};
use jiayin_domain::id::RecordingId;
use jiayin_domain::role::Role;
use jiayin_store::jobs::{EVALUATE, Outcome};
use jiayin_store::queue::Within;
use jiayin_store::{Store, Viewer};

use crate::databases::{TestSchool, both, person};
use crate::uploads::{announced, send};

pub async fn record(store: &Store, school: &TestSchool, number: u128, exercise: usize, total: u8) -> RecordingId {
    let bytes = format!("recording {number}");
    let mut new = announced(school, number, bytes.as_bytes());
    new.target = jiayin_store::uploads::Target::Recording {
        assignment: school.assignment,
        exercise: school.exercises[exercise],
    };
    send(store, &school.learner, &new, bytes.as_bytes()).await;
    // What else waits to be done is left to others.
    let leased = loop {
        let leased = store.take_job().await.unwrap().expect("a recording waits to be heard");
        if leased.kind == EVALUATE {
            break leased;
        }
    };
    let outcome = Outcome::Heard { model: "test", total: Some(total), detail: &"all of it".to_owned() };
    assert!(store.finish_evaluation(&leased, outcome).await.unwrap());
    new.id.0.into()
}

async fn first_to_hear(store: &Store, teacher: &Viewer) -> Option<RecordingId> {
    store.queue(teacher, Within::Everything).await.unwrap().first().map(|queued| queued.recording)
}

async fn state(store: &Store, learner: &Viewer) -> SubmissionState {
    store.tasks(learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap().tasks[0].state
}

#[tokio::test]
async fn from_assignment_to_the_guardians_page() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let tasks = store.tasks(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(tasks.in_class && tasks.tasks.len() == 1 && tasks.tasks[0].sentences.len() == 2);
        assert_eq!(tasks.tasks[0].state, SubmissionState::Open);
        let first = record(store, &school, 1, 0, 40).await;
        assert_eq!(state(store, &school.learner).await, SubmissionState::Open);
        let second = record(store, &school, 2, 1, 85).await;
        assert_eq!(state(store, &school.learner).await, SubmissionState::Done);
        let cards = store.my_classes(&school.teacher).await.unwrap();
        assert_eq!(
            (cards[0].learners.len(), cards[0].assignments[0].done.as_slice()),
            (2, &[school.learner.person][..])
        );
        let name = cards[0].learners.iter().find(|(learner, _)| *learner == school.classmate.person);
        assert_eq!(name.unwrap().1.read(&cards[0].grant).unwrap(), "Li Lei");
        assert_eq!(first_to_hear(store, &school.teacher).await, Some(first));
        for within in [Within::Everything, Within::Class(school.class), Within::Assignment(school.assignment)] {
            let queue = store.queue(&school.teacher, within).await.unwrap();
            assert_eq!(queue.iter().map(|queued| queued.recording).collect::<Vec<_>>(), [first, second]);
            assert_eq!(store.queue(&school.manager, within).await.unwrap(), []);
        }
        let context = store.review_context(&school.teacher, first, Within::Everything).await.unwrap().unwrap();
        assert_eq!(context.learner.name.read(&context.grant).unwrap(), "Wang Fang");
        assert_eq!(context.queue.iter().map(|queued| queued.recording).collect::<Vec<_>>(), [first, second]);
        let said = Some("Again, more slowly.");
        assert!(store.save_review(&school.teacher, first, None, said, Decision::Returned).await.unwrap());
        assert_eq!(state(store, &school.learner).await, SubmissionState::Returned);
        assert!(store.save_review(&school.teacher, second, Some(95), None, Decision::Accepted).await.unwrap());
        let page = store.exercise_page(&school.learner, school.assignment, school.exercises[0]).await.unwrap().unwrap();
        let review = page.attempts[0].review.as_ref().unwrap();
        assert_eq!(review.comment.as_ref().unwrap().read(&page.grant).unwrap(), "Again, more slowly.");
        let third = record(store, &school, 3, 0, 75).await;
        assert_eq!(state(store, &school.learner).await, SubmissionState::Done);
        assert!(store.save_review(&school.teacher, third, None, None, Decision::Accepted).await.unwrap());
        assert_eq!(state(store, &school.learner).await, SubmissionState::Reviewed);
        assert_eq!(first_to_hear(store, &school.teacher).await, None);
        let context = store.review_context(&school.teacher, first, Within::Everything).await.unwrap().unwrap();
        assert_eq!(context.attempts.iter().map(|card| card.recording).collect::<Vec<_>>(), [first, third]);
        assert!(context.queue.iter().all(|queued| !queued.waits) && context.queue.len() == 3);
        let family = store.family(&school.guardian, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        let child = &family.children[0];
        assert_eq!(child.name.read(&family.grant).unwrap(), "Wang Fang");
        let results = child.tasks[0].results.as_ref().unwrap().read(&family.grant).unwrap();
        let totals: Vec<_> = results.iter().map(|result| (result.recording, result.best)).collect();
        assert_eq!(
            totals,
            [(Some(third), Some(75)), (Some(second), Some(95))],
            "the teacher's word stands above the machine's"
        );
        let detail = store
            .child_page::<String>(&school.guardian, school.learner.person, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(detail.reviews.len(), 2);
        // Two days later the homework has been due.
        test.clock.advance(std::time::Duration::from_secs(2 * 24 * 3600));
        let since = jiff::Timestamp::UNIX_EPOCH;
        let campus = store.campus_page(&school.manager, since, since).await.unwrap().unwrap();
        assert_eq!((campus.classes[0].learners, campus.classes[0].active, campus.classes[0].done), (2, 1, 1));
        assert_eq!(campus.classes[0].teachers[0].read(&campus.grant).unwrap(), "Ms Lin");
    })
    .await;
}

#[tokio::test]
async fn clause_7_5_what_is_not_ones_own_does_not_exist() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let recording = record(store, &school, 1, 0, 60).await;
        let other_class = store.create_class(school.school, school.campus, "4A").await.unwrap();
        let other_teacher = person(store, school.school, Role::Teacher, "Mr Sun", "sun@school.example", None).await;
        store.join_class(school.school, other_class, other_teacher.person, Role::Teacher).await.unwrap();
        let other_learner = person(store, school.school, Role::Learner, "Han", "13800000011", None).await;
        store.join_class(school.school, other_class, other_learner.person, Role::Learner).await.unwrap();
        let other_guardian = person(store, school.school, Role::Guardian, "Han Sr", "13800000012", None).await;
        store.tie_guardian(school.school, other_guardian.person, other_learner.person).await.unwrap();
        for allowed in [&school.learner, &school.teacher, &school.guardian] {
            assert!(store.recorded::<String>(allowed, recording).await.unwrap().is_some());
            assert!(store.recording_audio(allowed, recording, None).await.unwrap().is_some());
        }
        let strangers = [&school.classmate, &school.manager, &other_teacher, &other_learner, &other_guardian];
        for stranger in strangers {
            assert!(store.recorded::<String>(stranger, recording).await.unwrap().is_none());
            assert!(store.recording_audio(stranger, recording, None).await.unwrap().is_none());
            assert!(store.review_context(stranger, recording, Within::Everything).await.unwrap().is_none());
            assert!(!store.save_review(stranger, recording, None, None, Decision::Returned).await.unwrap());
            assert!(
                store
                    .child_page::<String>(stranger, school.learner.person, jiff::Timestamp::UNIX_EPOCH)
                    .await
                    .unwrap()
                    .is_none()
            );
            assert!(store.class_page(stranger, school.class, None).await.unwrap().is_none());
            assert!(store.assignment_page(stranger, school.assignment).await.unwrap().is_none());
            assert!(!store.withdraw(stranger, school.assignment).await.unwrap());
        }
        for stranger in [&other_learner, &school.teacher, &school.guardian, &school.manager] {
            let page = store.exercise_page(stranger, school.assignment, school.exercises[0]).await.unwrap();
            assert!(page.is_none());
        }
        let mine = store.exercise_page(&school.classmate, school.assignment, school.exercises[0]).await.unwrap();
        assert!(mine.unwrap().attempts.is_empty(), "a classmate sees the exercise, and only their own attempts");
    })
    .await;
}

#[tokio::test]
async fn a_sentence_added_or_taken_out_changes_where_everyone_stands() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let done = async || store.my_classes(teacher).await.unwrap()[0].assignments[0].done.clone();
        let first = record(store, &school, 1, 0, 80).await;
        let second = record(store, &school, 2, 1, 85).await;
        assert_eq!(done().await, [school.learner.person]);
        let more = ["A third.".to_owned(), "A fourth.".to_owned()];
        let new = store.add_sentences(teacher, school.lesson, &more).await.unwrap().unwrap();
        assert_eq!(state(store, &school.learner).await, SubmissionState::Open);
        assert_eq!(done().await, []);
        assert!(store.remove_sentence(teacher, new[0]).await.unwrap());
        assert_eq!(state(store, &school.learner).await, SubmissionState::Open, "the fourth is still to be read");
        assert!(store.remove_sentence(teacher, new[1]).await.unwrap());
        assert_eq!(state(store, &school.learner).await, SubmissionState::Done);
        assert_eq!(done().await, [school.learner.person]);
        assert_eq!(state(store, &school.classmate).await, SubmissionState::Open, "who has not begun stays so");
        assert!(store.save_review(teacher, first, None, None, Decision::Accepted).await.unwrap());
        assert!(store.save_review(teacher, second, None, None, Decision::Returned).await.unwrap());
        assert_eq!(state(store, &school.learner).await, SubmissionState::Returned);
        assert!(store.remove_sentence(teacher, school.exercises[1]).await.unwrap());
        assert_eq!(
            state(store, &school.learner).await,
            SubmissionState::Reviewed,
            "what is not asked for is not returned"
        );
        assert!(store.remove_sentence(teacher, school.exercises[0]).await.unwrap());
        assert_eq!(state(store, &school.learner).await, SubmissionState::Open, "nothing is asked for, nothing is done");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_that_changes_while_a_child_records_is_counted_as_it_is_in_the_end() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        record(store, &school, 1, 0, 80).await;
        for round in 0..5u128 {
            let more = ["One more.".to_owned()];
            let (last, added) = tokio::join!(
                record(store, &school, 10 + round, 1, 85),
                store.add_sentences(teacher, school.lesson, &more)
            );
            assert_eq!(state(store, &school.learner).await, SubmissionState::Open, "round {round}");
            let added = added.unwrap().unwrap()[0];
            let (_, removed) = tokio::join!(
                store.save_review(teacher, last, None, None, Decision::Accepted),
                store.remove_sentence(teacher, added)
            );
            assert!(removed.unwrap());
            assert_eq!(state(store, &school.learner).await, SubmissionState::Done, "round {round}");
        }
    })
    .await;
}
