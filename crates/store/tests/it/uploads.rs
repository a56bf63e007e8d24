//! No recording is lost: uploads are begun, continued and finished in any order of mishaps.

use std::time::Duration;

use jiayin_domain::homework::Decision;
use jiayin_domain::id::{RecordingId, UploadId};
use jiayin_domain::provide::Clock;
use jiayin_store::jobs::Outcome;
use jiayin_store::uploads::{Announced, Progress, Target};
use jiayin_store::{Store, StoreError, Viewer};
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor};
use uuid::Uuid;

use crate::databases::{TestSchool, TestStore, both};

pub fn announced(school: &TestSchool, number: u128, bytes: &[u8]) -> Announced {
    let target = Target::Recording { assignment: school.assignment, exercise: school.exercises[0] };
    Announced {
        id: UploadId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)),
        target,
        mime: "audio/webm".to_owned(),
        size: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}

/// Sends a whole recording.
pub async fn send(store: &Store, viewer: &Viewer, new: &Announced, bytes: &[u8]) -> Progress {
    store.announce(viewer, new).await.unwrap().unwrap();
    store.append(viewer, new.id, 0, bytes).await.unwrap().unwrap()
}

fn is_acknowledged(progress: &Progress, bytes: &[u8]) -> bool {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    matches!(progress, Progress::Acknowledged { sha256, .. } if *sha256 == digest)
}

#[tokio::test]
async fn parts_arrive_are_repeated_and_end_as_what_was_sent() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, learner) = (&test.store, &school.learner);
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        let new = announced(&school, 1, &bytes);
        assert_eq!(store.announce(learner, &new).await.unwrap(), Some(Progress::At(0)));
        let append = async |store: &Store, from: usize, to: usize| {
            store.append(learner, new.id, from as u64, &bytes[from..to]).await.unwrap().unwrap()
        };
        assert_eq!(append(store, 0, 70_000).await, Progress::At(70_000));
        assert_eq!(append(store, 0, 70_000).await, Progress::At(70_000), "a part that comes twice");
        assert_eq!(append(store, 150_000, 200_000).await, Progress::At(70_000), "a part that comes too early");
        let again = test.again(1).await;
        assert_eq!(again.announce(learner, &new).await.unwrap(), Some(Progress::At(70_000)), "after a restart");
        let done = append(&again, 70_000, 200_000).await;
        assert!(is_acknowledged(&done, &bytes));
        assert_eq!(again.announce(learner, &new).await.unwrap(), Some(done.clone()), "asked again");
        assert_eq!(append(&again, 70_000, 200_000).await, done, "sent again");
        let audio = again.recording_audio(learner, new.id.0.into(), None).await.unwrap().unwrap();
        assert_eq!(audio.bytes, bytes);
        let range =
            again.recording_audio(learner, new.id.0.into(), Some((65_000, Some(66_999)))).await.unwrap().unwrap();
        assert_eq!(range.bytes, bytes[65_000..67_000]);
        assert_eq!(again.job_counts().await.unwrap(), (1, 0), "one recording, one job");
    })
    .await;
}

#[tokio::test]
async fn what_differs_from_its_digest_is_thrown_away_and_may_come_again() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, learner) = (&test.store, &school.learner);
        let new = announced(&school, 2, b"what was announced");
        assert_eq!(send(store, learner, &new, b"what arrived......").await, Progress::Mismatch);
        assert_eq!(store.job_counts().await.unwrap(), (0, 0), "nothing half-written");
        assert_eq!(store.upload_progress(learner, new.id).await.unwrap(), Some(Progress::At(0)));
        let done = send(store, learner, &new, b"what was announced").await;
        assert!(is_acknowledged(&done, b"what was announced"));
        let longer = store.append(learner, new.id, 18, b"more").await.unwrap().unwrap();
        assert!(is_acknowledged(&longer, b"what was announced"), "nothing is added to what is whole");
    })
    .await;
}

#[tokio::test]
async fn others_cannot_touch_it_and_an_id_means_one_thing() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let new = announced(&school, 3, b"mine");
        send(store, &school.learner, &new, b"mine").await;
        for other in [&school.classmate, &school.teacher, &school.guardian, &school.manager] {
            assert_eq!(store.announce(other, &new).await.unwrap(), None);
            assert_eq!(store.upload_progress(other, new.id).await.unwrap(), None);
            assert_eq!(store.append(other, new.id, 0, b"evil").await.unwrap(), None);
        }
        let changed = Announced { sha256: [0; 32], ..announced(&school, 3, b"mine") };
        assert_eq!(store.announce(&school.learner, &changed).await.unwrap(), Some(Progress::Conflict));
        for not_theirs in [&school.teacher, &school.guardian, &school.manager] {
            let new = announced(&school, 4, b"not homework of theirs");
            let answer = store.announce(not_theirs, &new).await.unwrap();
            assert!(answer.is_none() || not_theirs.person == school.teacher.person, "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_assignment_that_is_taken_back_takes_no_new_recordings_but_finishes_those_begun() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, learner) = (&test.store, &school.learner);
        let begun = announced(&school, 5, b"begun before");
        store.announce(learner, &begun).await.unwrap();
        assert!(store.withdraw(&school.teacher, school.assignment).await.unwrap());
        let late = announced(&school, 6, b"begun after");
        assert_eq!(store.announce(learner, &late).await.unwrap(), Some(Progress::Gone));
        let done = store.append(learner, begun.id, 0, b"begun before").await.unwrap().unwrap();
        assert!(is_acknowledged(&done, b"begun before"), "the recording is kept all the same");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_with_the_same_exercise_make_two_attempts() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let learner = school.learner;
        let tabs = (10..14).map(|number| {
            let store = test.store.clone();
            let bytes = format!("tab {number}");
            let new = announced(&school, number, bytes.as_bytes());
            tokio::spawn(async move { (send(&store, &learner, &new, bytes.as_bytes()).await, bytes) })
        });
        for tab in tabs.collect::<Vec<_>>() {
            let (done, bytes) = tab.await.unwrap();
            assert!(is_acknowledged(&done, bytes.as_bytes()), "{done:?}");
        }
        let page = test.store.exercise_page(&learner, school.assignment, school.exercises[0]).await.unwrap().unwrap();
        assert_eq!(page.attempts.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_lost_is_told_and_the_job_waits() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let new = announced(&school, 20, b"soon lost");
        send(&test.store, &school.learner, &new, b"soon lost").await;
        std::fs::remove_dir_all(test.folder.path().join("files/recording")).unwrap();
        let lost = test.store.recording_audio(&school.learner, new.id.0.into(), None).await.err().unwrap();
        assert!(matches!(lost, StoreError::Lost), "{lost}");
        let leased = test.store.take_job().await.unwrap().unwrap();
        assert!(matches!(test.store.waiting_recording(&leased).await, Err(StoreError::Lost)));
        assert!(test.store.fail_job(&leased, "the file is missing").await.unwrap(), "it may be put back");
    })
    .await;
}

#[tokio::test]
async fn a_locked_database_is_told_as_busy_and_nothing_is_half_written() {
    let test = TestStore::sqlite().await;
    let school = TestSchool::new(&test.store).await;
    let mut other = sqlx::SqliteConnection::connect(&test.url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = test.store.rename(&school.learner, "New").await.err().unwrap();
    assert!(matches!(refused, StoreError::Busy), "{refused}");
    other.execute("ROLLBACK").await.unwrap();
    let profile = test.store.profile(school.learner.person).await.unwrap().unwrap();
    assert_eq!(profile.name.read(&profile.grant).unwrap(), "Wang Fang");
    test.store.rename(&school.learner, "New").await.unwrap();
}

#[tokio::test]
async fn a_lost_part_is_asked_for_again() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, learner) = (&test.store, &school.learner);
        let bytes = b"first part, last part";
        let new = announced(&school, 30, bytes);
        store.announce(learner, &new).await.unwrap();
        assert_eq!(store.append(learner, new.id, 0, &bytes[..10]).await.unwrap(), Some(Progress::At(10)));
        std::fs::remove_dir_all(test.folder.path().join("files/upload_part")).unwrap();
        let last = store.append(learner, new.id, 10, &bytes[10..]).await.unwrap();
        assert_eq!(last, Some(Progress::Mismatch));
        assert_eq!(store.upload_progress(learner, new.id).await.unwrap(), Some(Progress::At(0)));
        assert_eq!(store.job_counts().await.unwrap(), (0, 0), "nothing half-written");
        assert!(is_acknowledged(&send(store, learner, &new, bytes).await, bytes));
    })
    .await;
}

#[tokio::test]
async fn a_browsers_clock_a_day_off_changes_no_order_and_no_time() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let (store, learner) = (&test.store, &school.learner);
        let since = test.clock.now();
        let mut arrived = Vec::new();
        for (second, days) in [(1, 1i64), (2, -1), (3, 0)] {
            test.clock.advance(Duration::from_secs(1));
            let bytes = format!("said in second {second}");
            let by_browser = test.clock.now().as_millisecond() + days * 86_400_000;
            let mut new = announced(&school, 0, bytes.as_bytes());
            new.id = UploadId(uuid_v7(by_browser));
            assert!(is_acknowledged(&send(store, learner, &new, bytes.as_bytes()).await, bytes.as_bytes()));
            let leased = store.take_job().await.unwrap().unwrap();
            assert_eq!(leased.target, new.id.0, "the one that came first is heard first");
            let outcome = Outcome::Heard { model: "test", total: Some(50 + second), detail: &String::new() };
            assert!(store.finish_evaluation(&leased, outcome).await.unwrap());
            arrived.push((RecordingId(new.id.0), test.clock.now()));
        }
        let page = store.exercise_page(learner, school.assignment, school.exercises[0]).await.unwrap().unwrap();
        let listed: Vec<_> = page.attempts.iter().map(|card| (card.recording, card.at)).collect();
        assert_eq!(listed, arrived, "in the order in which they arrived, at the server's time");
        let tasks = store.tasks(learner, since).await.unwrap();
        let heard: Vec<_> = tasks.heard.iter().map(|heard| (heard.recording, heard.at)).collect();
        assert_eq!(heard, arrived, "and in the week");
        let teachers = store.assignment_page(&school.teacher, school.assignment).await.unwrap().unwrap();
        assert_eq!(teachers.last[&learner.person], arrived[2].1, "what was last is last for the teacher");
        // A return asks for another try: what came later by the server's clock is one, whatever its id says.
        let third = arrived[2].0;
        assert!(store.save_review(&school.teacher, third, None, None, Decision::Returned).await.unwrap());
        let mut fourth = announced(&school, 0, b"again");
        fourth.id = UploadId(uuid_v7(since.as_millisecond() - 86_400_000));
        send(store, learner, &fourth, b"again").await;
        let tasks = store.tasks(learner, since).await.unwrap();
        let results = tasks.tasks[0].results.as_ref().unwrap().read(&tasks.grant).unwrap();
        assert!(
            results[0].waiting && results[0].recording.map(|recording| recording.0) == Some(fourth.id.0),
            "{:?}",
            results[0]
        );
    })
    .await;
}

/// An id as a browser makes it at this moment of its own clock.
fn uuid_v7(milliseconds: i64) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(milliseconds).unwrap(), &[7; 10]).into_uuid()
}
