//! What breaks off goes on; what has no room says so and leaves nothing.

use std::time::Duration;

use jiayin_domain::consent::Decision;
use jiayin_domain::role::Role;
use jiayin_privacy::plan;
use jiayin_store::rights::{Closing, Controller, Sink};
use jiayin_store::{StoreError, Viewer};

use super::planted::work;
use super::raw::{Raw, count_files};
use crate::databases::{TestSchool, both, person, shown, teaching};
use crate::uploads::{announced, send};

#[tokio::test]
async fn clause_6_3_an_erasure_that_breaks_off_after_any_step_is_finished() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let steps = plan::erasure();
        assert!(steps.len() > 10);
        for broken_at in 0..=steps.len() {
            let number = format!("1390000{broken_at:04}");
            let learner = person(&test.store, school.school, Role::Learner, "Marked", &number, None).await;
            test.store.join_class(school.school, school.class, learner.person, Role::Learner).await.unwrap();
            test.store.tie_guardian(school.school, school.guardian.person, learner.person).await.unwrap();
            let consent = [teaching(learner.person, Decision::Given)];
            assert!(test.store.decide(&school.guardian, &consent, &shown(1)).await.unwrap());
            send(&test.store, &learner, &announced(&school, 100 + broken_at as u128, b"sound"), b"sound").await;
            work(&test.store).await;
            let claim = test.store.claim_for_child(&school.guardian, learner.person).await.unwrap().unwrap();
            test.store.cancel(&claim, Closing::Now).await.unwrap().unwrap();
            let dies = test.store.take_job().await.unwrap().unwrap();
            for step in &steps[..broken_at] {
                test.store.erase_step(learner.person, step).await.unwrap();
            }
            test.clock.advance(Duration::from_secs(21));
            let again = test.again(10 + broken_at as u64).await;
            let leased = again.take_job().await.unwrap().unwrap();
            assert_eq!(leased.job, dies.job, "the job is taken over");
            again.erase_for(&leased).await.unwrap();
            assert!(again.take_job().await.unwrap().is_none(), "and done");
            is_gone(&test.url, &learner).await;
        }
        assert_eq!(count_files(&test.folder.path().join("files")), 0);
    })
    .await;
}

async fn is_gone(url: &str, learner: &Viewer) {
    let mut raw = Raw::open(url).await;
    let id = raw.id(learner.person.0);
    for (table, column) in [("recording", "learner_id"), ("media", "subject_id"), ("identifier", "person_id")] {
        assert_eq!(raw.count(format!("SELECT count(*) FROM {table} WHERE {column} = {id}")).await, 0, "{table}");
    }
    let closed = raw.count(format!("SELECT count(*) FROM person WHERE id = {id} AND closed_at IS NOT NULL")).await;
    assert_eq!(closed, 1);
}

#[tokio::test]
async fn an_account_that_is_kept_after_all_is_not_erased() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let claim = test.store.own_claim(&school.teacher).await.unwrap();
        test.store.cancel(&claim, Closing::InAWeek).await.unwrap().unwrap();
        test.clock.advance(Duration::from_secs(6 * 24 * 3600));
        work(&test.store).await;
        assert!(test.store.keep_account(&claim).await.unwrap());
        assert!(!test.store.keep_account(&claim).await.unwrap(), "once");
        test.clock.advance(Duration::from_secs(30 * 24 * 3600));
        work(&test.store).await;
        let profile = test.store.profile(school.teacher.person).await.unwrap().unwrap();
        assert_eq!(profile.name.read(&profile.grant).unwrap(), "Ms Lin");
        test.store.cancel(&claim, Closing::InAWeek).await.unwrap().unwrap();
        test.clock.advance(Duration::from_secs(7 * 24 * 3600));
        assert!(!test.store.keep_account(&claim).await.unwrap(), "too late");
        work(&test.store).await;
        assert!(test.store.claim_by_operator(school.teacher.person).await.unwrap().is_none());
    })
    .await;
}

/// A disk with room for so many bytes.
struct Small(usize);

impl Sink for Small {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(StoreError::Full)?;
        Ok(())
    }
}

#[tokio::test]
async fn a_copy_for_which_there_is_no_room_says_so() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let sound: Vec<u8> = (0..500_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        send(&test.store, &school.learner, &announced(&school, 1, &sound), &sound).await;
        let claim = test.store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        for room in [0, 1000, 200_000] {
            let written = test.store.write_copy(&claim, &Controller::default(), &mut Small(room)).await;
            assert!(matches!(written, Err(StoreError::Full)), "{room}");
        }
        test.store.write_copy(&claim, &Controller::default(), &mut Small(10_000_000)).await.unwrap();
    })
    .await;
}

/// Figures for the note: `cargo nextest run --release -p jiayin-store --run-ignored all -E 'test(measure)' --no-capture`.
#[tokio::test]
#[ignore = "a measurement, not a test"]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
async fn measure_a_copy_and_an_erasure_of_two_hundred_recordings() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let sound: Vec<u8> = (0..150_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for number in 0..200 {
            send(&test.store, &school.learner, &announced(&school, number + 1, &sound), &sound).await;
        }
        work(&test.store).await;
        let claim = test.store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
        test.store.ask_for_copy(&claim).await.unwrap();
        let began = std::time::Instant::now();
        work(&test.store).await;
        eprintln!("{}: a copy of 200 recordings of 150 kB: {:?}", test.kind, began.elapsed());
        let began = std::time::Instant::now();
        test.store.erase(school.learner.person).await.unwrap();
        eprintln!("{}: erasing them: {:?}", test.kind, began.elapsed());
    })
    .await;
}
