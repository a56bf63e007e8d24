//! Comment banks, several reviews at once, and what is known of learners' sounds.

use std::time::Duration;

use jiayin_domain::consent::Decision as Consent;
use jiayin_domain::homework::{Decision, ExerciseResult, SubmissionState};
use jiayin_domain::id::RecordingId;
use jiayin_domain::progress::Standing;
use jiayin_domain::role::Role;
use jiayin_store::bank::BANK_MAX;
use jiayin_store::jobs::{EVALUATE, Leased, Outcome};
use jiayin_store::queue::Within;
use jiayin_store::uploads::Target;
use jiayin_store::{Store, StoreError, Viewer};
use serde_json::{Value, json};

use crate::databases::{TestSchool, both, person, shown, teaching};
use crate::uploads::{announced, send};

/// An evaluation of "We call it bear.", of which the R is flagged or is not.
pub fn evaluation(flagged: bool) -> Value {
    let phone = |symbol: &str, flagged: bool| json!({"arpabet": symbol, "accuracy": if flagged { 30.0 } else { 92.0 }, "flagged": flagged, "heard": null});
    let word =
        |text: &str, phones: Vec<Value>| json!({"text": text, "total": 90.0, "miscue": "none", "phones": phones});
    let bear = vec![phone("B", false), phone("EH1", false), phone("R", flagged)];
    json!({"verdict": "scored", "words": [word("We", vec![phone("W", false), phone("IY1", false)]), word("bear.", bear)]})
}

/// The job that hears a recording; what else waits is left to others.
async fn hearing(store: &Store) -> Leased {
    loop {
        let leased = store.take_job().await.unwrap().expect("a recording waits to be heard");
        if leased.kind == EVALUATE {
            return leased;
        }
    }
}

async fn arrive(store: &Store, school: &TestSchool, viewer: &Viewer, number: u128, detail: &Value) -> RecordingId {
    let bytes = format!("recording {number}");
    let mut new = announced(school, number, bytes.as_bytes());
    new.target = Target::Recording { assignment: school.assignment, exercise: school.exercises[0] };
    send(store, viewer, &new, bytes.as_bytes()).await;
    let leased = hearing(store).await;
    let outcome = Outcome::Heard { model: "test", total: Some(80), detail };
    assert!(store.finish_evaluation(&leased, outcome).await.unwrap());
    new.id.0.into()
}

#[tokio::test]
async fn a_bank_is_ones_own_and_has_an_end() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let other = person(store, school.school, Role::Teacher, "Mr Sun", "sun@school.example", None).await;
        let first = store.add_phrase(teacher, "Nice R!").await.unwrap().unwrap();
        test.clock.advance(Duration::from_millis(5));
        let second = store.add_phrase(teacher, "Louder.").await.unwrap().unwrap();
        let words = async |viewer: &Viewer| {
            let bank = store.bank(viewer).await.unwrap();
            bank.phrases.iter().map(|(_, text)| text.read(&bank.grant).unwrap().clone()).collect::<Vec<String>>()
        };
        assert_eq!(words(teacher).await, ["Nice R!", "Louder."]);
        assert!(store.bank(&other).await.unwrap().phrases.is_empty());
        assert!(!store.change_phrase(&other, first, "Mine now").await.unwrap());
        assert!(!store.remove_phrase(&other, first).await.unwrap());
        assert!(store.change_phrase(teacher, first, "Nice Rs!").await.unwrap());
        assert!(store.remove_phrase(teacher, second).await.unwrap());
        assert_eq!(words(teacher).await, ["Nice Rs!"]);
        assert_eq!(store.add_phrase(&school.learner, "I teach").await.unwrap(), None);
        for number in 1..BANK_MAX {
            assert!(store.add_phrase(teacher, &format!("Phrase {number}")).await.unwrap().is_some());
        }
        assert_eq!(store.add_phrase(teacher, "One too many").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn several_are_reviewed_at_once_and_it_is_taken_back() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let mut all = Vec::new();
        for (number, viewer) in [(1, &school.learner), (2, &school.classmate)] {
            all.push(arrive(store, &school, viewer, number, &evaluation(false)).await);
        }
        let list = store.queue_list(teacher, Within::Everything).await.unwrap();
        assert_eq!(list.len(), 1);
        let mut names: Vec<String> = list[0]
            .cards
            .iter()
            .map(|card| list[0].learners[&card.queued.learner].name.read(&list[0].grant).unwrap().clone())
            .collect();
        names.sort();
        assert_eq!(names, ["Li Lei", "Wang Fang"]);
        assert_eq!(*list[0].cards[0].total.as_ref().unwrap().read(&list[0].grant).unwrap(), Some(80));
        let other = person(store, school.school, Role::Teacher, "Mr Sun", "sun@school.example", None).await;
        assert!(store.queue_list(&other, Within::Everything).await.unwrap().is_empty());
        let done = store.review_together(&other, &all, None, Decision::Returned).await.unwrap();
        assert_eq!(done, None, "of another's class nothing waits for them");

        test.clock.advance(Duration::from_secs(1));
        let done = store.review_together(teacher, &all, Some("Once more."), Decision::Returned).await.unwrap().unwrap();
        assert_eq!(done.count, 2);
        assert_eq!(store.review_together(teacher, &all, None, Decision::Accepted).await.unwrap(), None, "none waits");
        let page = store.exercise_page(&school.learner, school.assignment, school.exercises[0]).await.unwrap().unwrap();
        let review = page.attempts[0].review.as_ref().unwrap();
        assert_eq!(review.comment.as_ref().unwrap().read(&page.grant).unwrap(), "Once more.");
        assert_eq!(page.task.state, SubmissionState::Returned);

        assert_eq!(store.undo_together(&other, done.at).await.unwrap(), 0, "another cannot take it back");
        assert_eq!(store.said_together(teacher, done.at).await.unwrap().count, 2);
        assert_eq!(store.undo_together(teacher, done.at).await.unwrap(), 2);
        assert_eq!(store.undo_together(teacher, done.at).await.unwrap(), 0);
        let page = store.exercise_page(&school.learner, school.assignment, school.exercises[0]).await.unwrap().unwrap();
        assert!(page.attempts[0].review.is_none() && page.task.state == SubmissionState::Open);
        assert_eq!(store.queue(teacher, Within::Everything).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_known_of_sounds_grows_with_each_recording() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        for number in 1..=4 {
            arrive(store, &school, &school.learner, number, &evaluation(number > 1)).await;
            test.clock.advance(Duration::from_secs(24 * 3600));
        }
        let practice = store.practice(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        let skills = practice.practised.skills.as_ref().unwrap().read(&practice.grant).unwrap();
        assert_eq!(skills.sounds["R"].skill.heard, 4);
        assert_eq!(skills.sounds["R"].skill.standing(), Standing::Weak);
        assert_eq!(skills.words["bear"].exercise, school.exercises[0]);
        assert_eq!(test.count("progress").await, 1, "one row for each learner");
        let grown = skills.clone();

        // What was evaluated before there was such a thing is made up for, and comes to the same.
        test.execute("DELETE FROM progress").await;
        let again = store.practice(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(*again.practised.skills.as_ref().unwrap().read(&again.grant).unwrap(), grown);
        assert_eq!(test.count("progress").await, 1);
        test.execute("DELETE FROM progress").await;
        arrive(store, &school, &school.learner, 5, &evaluation(true)).await;
        let after = store.practice(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        let after = after.practised.skills.as_ref().unwrap().read(&after.grant).unwrap().sounds["R"].skill;
        assert_eq!(after.heard, 5, "what is missing is made from all, the new one once among them");

        // A deleted recording has left nothing behind.
        let claim = store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        assert!(store.delete_recording(&claim, announced(&school, 5, b"").id.0).await.unwrap());
        let after = store.practice(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(*after.practised.skills.as_ref().unwrap().read(&after.grant).unwrap(), grown);
    })
    .await;
}

#[tokio::test]
async fn practice_is_heard_and_changes_no_homework() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        arrive(store, &school, &school.learner, 1, &evaluation(false)).await;
        let before = results(store, &school.learner).await;
        let mut new = announced(&school, 2, b"for practice");
        new.target = Target::Practice { assignment: school.assignment, exercise: school.exercises[0] };
        send(store, &school.learner, &new, b"for practice").await;
        assert_eq!(results(store, &school.learner).await, before, "nothing waits");
        let leased = hearing(store).await;
        let outcome = Outcome::Heard { model: "test", total: Some(99), detail: &evaluation(true) };
        assert!(store.finish_evaluation(&leased, outcome).await.unwrap());
        assert_eq!(results(store, &school.learner).await, before);
        let page = store.exercise_page(&school.learner, school.assignment, school.exercises[0]).await.unwrap().unwrap();
        assert_eq!(page.attempts.len(), 1);
        assert_eq!(store.queue(&school.teacher, Within::Everything).await.unwrap().len(), 1);
        let practice = store.practice(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(practice.practised.done, [school.exercises[0]].into());
        let skills = practice.practised.skills.as_ref().unwrap().read(&practice.grant).unwrap();
        assert_eq!(skills.sounds["R"].skill.heard, 2);
        let heard = store.recorded::<Value>(&school.learner, new.id.0.into()).await.unwrap().unwrap();
        assert!(heard.practice);
        assert!(store.recorded::<Value>(&school.classmate, new.id.0.into()).await.unwrap().is_none());
    })
    .await;
}

async fn results(store: &Store, learner: &Viewer) -> Vec<ExerciseResult> {
    let tasks = store.tasks(learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    tasks.tasks[0].results.as_ref().unwrap().read(&tasks.grant).unwrap().clone()
}

#[tokio::test]
async fn clause_8_2_without_consent_nobody_learns_what_a_child_finds_hard() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        for number in 1..=4 {
            arrive(store, &school, &school.learner, number, &evaluation(true)).await;
        }
        let other = person(store, school.school, Role::Teacher, "Mr Sun", "sun@school.example", None).await;
        assert!(store.class_progress(&other, school.class).await.unwrap().is_none(), "not their class");
        let page = store.class_progress(&school.teacher, school.class).await.unwrap().unwrap();
        assert_eq!((page.learners.len(), page.left_out), (2, 0));
        let own = page.learners.iter().find(|row| row.learner == school.learner.person).unwrap();
        let skills = own.skills.as_ref().unwrap().read(&page.grant).unwrap();
        assert_eq!(skills.weak_sounds().len(), 1);
        let withdrawn = teaching(school.learner.person, Consent::Withdrawn);
        assert!(store.decide(&school.guardian, &[withdrawn], &shown(1)).await.unwrap());
        let page = store.class_progress(&school.teacher, school.class).await.unwrap().unwrap();
        assert_eq!((page.learners.len(), page.left_out), (1, 1));
        assert!(page.learners.iter().all(|row| row.learner != school.learner.person));
        let refused = store.practice(&school.learner, jiff::Timestamp::UNIX_EPOCH).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))));
    })
    .await;
}
