//! Each recording is evaluated exactly once, whoever dies on the way.

use std::time::Duration;

use jiayin_domain::role::Role;
use jiayin_store::jobs::{EVALUATE, EXPORT, Leased, Outcome};
use jiayin_store::rights::CopyState;

use crate::databases::{TestSchool, TestStore, both, person};
use crate::rights::planted::work;
use crate::uploads::{announced, send};

fn heard(total: u8) -> Outcome<'static, String> {
    static DETAIL: String = String::new();
    Outcome::Heard { model: "test", total: Some(total), detail: &DETAIL }
}

#[tokio::test]
async fn a_lease_that_ends_is_taken_over_and_the_late_worker_changes_nothing() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let new = announced(&school, 1, b"a recording");
        send(store, &school.learner, &new, b"a recording").await;
        let first = store.take_job().await.unwrap().unwrap();
        assert_eq!((first.kind.as_str(), first.target), (EVALUATE, new.id.0));
        assert!(store.take_job().await.unwrap().is_none(), "one worker at a time");
        let waiting = store.waiting_recording(&first).await.unwrap().unwrap();
        assert_eq!((waiting.audio.as_slice(), waiting.text.as_str()), (&b"a recording"[..], "We call it bear."));
        test.clock.advance(Duration::from_secs(21));
        let second = store.take_job().await.unwrap().unwrap();
        assert_eq!(second.job, first.job);
        assert!(!store.finish_evaluation(&first, heard(10)).await.unwrap(), "its lease has ended");
        assert!(store.finish_evaluation(&second, heard(80)).await.unwrap());
        assert!(!store.finish_evaluation(&second, heard(20)).await.unwrap(), "only once");
        assert_eq!(store.job_counts().await.unwrap(), (0, 0));
        let seen = store.recorded::<String>(&school.learner, new.id.0.into()).await.unwrap().unwrap();
        assert_eq!(seen.opening.evaluation(seen.total.as_ref().unwrap()).unwrap(), &Some(80));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_fails_is_tried_later_and_later_and_ends_as_a_dead_letter() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        let new = announced(&school, 1, b"a recording");
        send(store, &school.learner, &new, b"a recording").await;
        let mut tries = 0;
        loop {
            let Some(leased) = store.take_job().await.unwrap() else {
                test.clock.advance(Duration::from_secs(1));
                continue;
            };
            tries += 1;
            if !store.fail_job(&leased, "the ear broke off").await.unwrap() {
                break;
            }
            assert!(store.take_job().await.unwrap().is_none(), "not at once");
        }
        assert_eq!(tries, 8);
        assert_eq!(store.job_counts().await.unwrap(), (0, 1));
        let audio = store.recording_audio(&school.learner, new.id.0.into(), None).await.unwrap().unwrap();
        assert_eq!(audio.bytes, b"a recording", "the recording is still there");
    })
    .await;
}

/// Takes the next job and fails with it as often as it is tried.
async fn fail_for_good(test: &TestStore) -> Leased {
    loop {
        match test.store.take_job().await.unwrap() {
            None => test.clock.advance(Duration::from_secs(1)),
            Some(leased) if test.store.fail_job(&leased, "it broke off").await.unwrap() => {}
            Some(leased) => return leased,
        }
    }
}

#[tokio::test]
async fn a_dead_letter_is_tried_again_or_let_go_by_who_looks_after_the_school() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let store = &test.store;
        send(store, &school.learner, &announced(&school, 1, b"a recording"), b"a recording").await;
        fail_for_good(test).await;
        let claim = store.own_claim(&school.guardian).await.unwrap();
        let copy = store.ask_for_copy(&claim).await.unwrap();
        store.give_up_copy(&fail_for_good(test).await).await.unwrap();
        let found = store.failures(&school.manager).await.unwrap().unwrap();
        let seen: Vec<_> = found.iter().map(|it| (it.kind.as_str(), it.attempts, it.can_be_dropped)).collect();
        assert_eq!(seen, [(EXPORT, 8, true), (EVALUATE, 8, false)], "a recording waits until it is heard");
        assert!(found.iter().all(|it| it.reason == "it broke off"));

        let elsewhere = store.create_school("Elsewhere").await.unwrap();
        let other = person(store, elsewhere, Role::PrivacyOfficer, "Other", "o@other.example", None).await;
        for failure in &found {
            for stranger in [&other, &school.teacher] {
                assert!(!store.retry_failure(stranger, failure.job).await.unwrap());
                assert!(!store.drop_failure(stranger, failure.job).await.unwrap());
            }
        }
        assert!(store.failures(&school.teacher).await.unwrap().is_none());
        assert_eq!(store.failures(&other).await.unwrap(), Some(Vec::new()));

        assert!(!store.drop_failure(&school.manager, found[1].job).await.unwrap());
        for failure in &found {
            assert!(store.retry_failure(&school.manager, failure.job).await.unwrap());
            assert!(!store.retry_failure(&school.manager, failure.job).await.unwrap(), "it is not dead any more");
        }
        work(store).await;
        assert_eq!(store.job_counts().await.unwrap(), (0, 0));
        let copy = store.copy(&claim, copy).await.unwrap().unwrap();
        assert_eq!(copy.state, CopyState::Ready, "what was given up is made after all");
    })
    .await;
}

#[tokio::test]
async fn many_workers_at_once_do_each_job_once() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let count = 24;
        for number in 0..count {
            let bytes = format!("recording {number}");
            let new = announced(&school, number, bytes.as_bytes());
            send(&test.store, &school.learner, &new, bytes.as_bytes()).await;
        }
        let workers = (0..4).map(|_| {
            let store = test.store.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while let Some(leased) = store.take_job().await.unwrap() {
                    done += u128::from(store.finish_evaluation(&leased, heard(70)).await.unwrap());
                }
                done
            })
        });
        let mut done = 0;
        for worker in workers.collect::<Vec<_>>() {
            done += worker.await.unwrap();
        }
        assert_eq!(done, count);
        assert_eq!(test.store.job_counts().await.unwrap(), (0, 0));
    })
    .await;
}
