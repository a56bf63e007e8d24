//! Each recording is evaluated exactly once, whoever dies on the way.

use std::time::Duration;

use jiayin_store::jobs::{EVALUATE, Outcome};

use crate::databases::{TestSchool, both};
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
