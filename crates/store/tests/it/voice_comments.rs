//! What a teacher says aloud of a recording: kept with it, heard by those who may, and gone with it.

use jiayin_domain::homework::Decision;
use jiayin_domain::id::RecordingId;
use jiayin_domain::role::Role;
use jiayin_domain::sound::{Fault, Gain, Heard};
use jiayin_store::uploads::{Announced, Progress, Target};
use jiayin_store::{Store, Viewer};
use serde_json::Value;

use crate::databases::{TestSchool, both, person};
use crate::uploads::{announced, send};

fn comment(school: &TestSchool, recording: RecordingId, number: u128, bytes: &[u8]) -> Announced {
    Announced { target: Target::VoiceComment { recording }, ..announced(school, number, bytes) }
}

/// The learner's recording.
async fn recorded(store: &Store, school: &TestSchool, number: u128) -> RecordingId {
    let new = announced(school, number, b"a reading");
    send(store, &school.learner, &new, b"a reading").await;
    new.id.0.into()
}

async fn say(store: &Store, school: &TestSchool, recording: RecordingId, number: u128, words: &[u8]) {
    let new = comment(school, recording, number, words);
    assert_eq!(send(store, &school.teacher, &new, words).await, Progress::Whole);
    let heard = Heard { gain: Gain(250), faults: vec![Fault::Noisy] };
    let kept = store.keep_heard(&school.teacher, new.id, &heard).await.unwrap().unwrap();
    assert!(matches!(kept, Progress::Acknowledged { .. }));
}

async fn heard(store: &Store, viewer: &Viewer, recording: RecordingId) -> Option<Vec<u8>> {
    store.voice_comment(viewer, recording, None).await.unwrap().map(|audio| audio.bytes)
}

#[tokio::test]
async fn it_is_heard_by_the_family_once_there_is_a_review_and_by_nobody_else() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let recording = recorded(store, &school, 1).await;
        let stranger = person(store, school.school, Role::Teacher, "Mr Sun", "sun@school.example", None).await;
        let new = comment(&school, recording, 9, b"words");
        for other in [&school.learner, &school.guardian, &stranger] {
            assert_eq!(store.announce(other, &new).await.unwrap(), None, "only the teacher says something");
        }
        say(store, &school, recording, 2, b"Well read!").await;
        assert_eq!(heard(store, &school.teacher, recording).await.unwrap(), b"Well read!");
        for family in [&school.learner, &school.guardian] {
            assert_eq!(heard(store, family, recording).await, None, "not before the teacher has decided");
        }
        assert!(store.save_review(&school.teacher, recording, None, None, Decision::Accepted).await.unwrap());
        for family in [&school.learner, &school.guardian] {
            assert_eq!(heard(store, family, recording).await.unwrap(), b"Well read!");
        }
        for other in [&school.classmate, &school.other_guardian, &school.manager, &stranger] {
            assert_eq!(heard(store, other, recording).await, None);
        }
        let seen = store.recorded::<Value>(&school.learner, recording).await.unwrap().unwrap();
        assert_eq!(seen.review.unwrap().voice, Some(Gain(250)));
        let tasks = store.tasks(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        let said = tasks.said.unwrap();
        assert_eq!((said.recording, said.review.voice), (recording, Some(Gain(250))), "words are not needed");
    })
    .await;
}

#[tokio::test]
async fn another_takes_its_place_and_what_is_removed_is_gone() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let recording = recorded(store, &school, 1).await;
        let files = || count_files(&test.folder.path().join("files/voice_comment"));
        say(store, &school, recording, 2, b"First.").await;
        say(store, &school, recording, 3, b"Better.").await;
        assert_eq!(heard(store, teacher, recording).await.unwrap(), b"Better.");
        assert_eq!(files(), 1, "the first is not kept");
        assert!(!store.remove_voice(&school.learner, recording).await.unwrap());
        assert!(store.remove_voice(teacher, recording).await.unwrap());
        assert!(!store.remove_voice(teacher, recording).await.unwrap(), "there is none any more");
        assert_eq!((heard(store, teacher, recording).await, files()), (None, 0));
    })
    .await;
}

#[tokio::test]
async fn a_review_that_is_taken_back_leaves_nothing_for_the_family_to_hear() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, teacher) = (&test.store, &school.teacher);
        let recording = recorded(store, &school, 1).await;
        store
            .finish_evaluation(
                &store.take_job().await.unwrap().unwrap(),
                jiayin_store::jobs::Outcome::Heard { model: "test", total: Some(80), detail: &serde_json::json!({}) },
            )
            .await
            .unwrap();
        say(store, &school, recording, 2, b"Well read!").await;
        let together = store.review_together(teacher, &[recording], None, Decision::Accepted).await.unwrap().unwrap();
        assert!(heard(store, &school.learner, recording).await.is_some());
        assert_eq!(store.undo_together(teacher, together.at).await.unwrap(), 1);
        for family in [&school.learner, &school.guardian] {
            assert_eq!(heard(store, family, recording).await, None);
        }
        let tasks = store.tasks(&school.learner, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(tasks.said.is_none());
        assert_eq!(
            heard(store, teacher, recording).await.unwrap(),
            b"Well read!",
            "it is at hand for the next decision"
        );
        assert!(store.save_review(teacher, recording, None, None, Decision::Returned).await.unwrap());
        assert!(heard(store, &school.guardian, recording).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn clause_6_3_it_goes_with_the_recording_that_it_is_about() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let recording = recorded(store, &school, 1).await;
        say(store, &school, recording, 2, b"Well read!").await;
        let claim = store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        assert!(store.delete_recording(&claim, recording.0).await.unwrap());
        assert_eq!(heard(store, &school.teacher, recording).await, None);
        assert_eq!(count_files(&test.folder.path().join("files/voice_comment")), 0);
    })
    .await;
}

fn count_files(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}
