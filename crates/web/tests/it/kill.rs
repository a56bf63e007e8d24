//! The server is killed (SIGKILL) at twenty points of a recording's way, and started again: what was acknowledged is
//! there, what was not is sent again, and each recording is evaluated, once.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use jiayin::config::Config;
use jiayin::providers::{Clock, Entropy, FixedClock, SystemEntropy};
use jiayin_domain::id::RecordingId;
use jiayin_domain::role::Role;
use uuid::Uuid;

use crate::common::fixtures;
use crate::common::program::{Asker, Server};

const KILLS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_nothing_and_nothing_is_evaluated_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::demo(folder.path());
    let mut asker = Asker::new(String::new());
    let form = format!("identifier=learner11%40demo.example&password={}", jiayin::demo::PASSWORD).into_bytes();
    let answer = asker
        .ask(&server.address, Method::POST, "/sign-in", "application/x-www-form-urlencoded", 0, form)
        .await
        .unwrap();
    asker.cookie = answer.cookie.split(';').next().unwrap().to_owned();
    let home = asker.ask(&server.address, Method::GET, "/home", "text/plain", 0, Vec::new()).await.unwrap();
    let home = String::from_utf8_lossy(&home.body).into_owned();
    let (_, rest) = home.split_once("/homework/").unwrap();
    let place = (rest[..36].to_owned(), rest.split_once("/exercises/").unwrap().1[..36].to_owned());
    let bytes = fixtures::reading().bytes();
    let mut sent = Vec::new();
    let mut random = 1u64;
    for kill in 0..KILLS {
        let id = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + u128::from(kill));
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From before the announcement to after the evaluation.
        let pause = Duration::from_micros((random >> 33) % 120_000);
        let address = server.address.clone();
        let before = tokio::select! {
            done = asker.send(&address, id, &place, &bytes) => done.unwrap_or(false),
            () = tokio::time::sleep(pause) => false,
        };
        if before {
            tokio::time::sleep(pause / 2).await;
        }
        server.process.kill().unwrap();
        server.process.wait().unwrap();
        server = Server::demo(folder.path());
        if before {
            let path = format!("/recordings/{id}/audio");
            let sound = asker.ask(&server.address, Method::GET, &path, "text/plain", 0, Vec::new()).await.unwrap();
            assert_eq!(
                (sound.status, sound.body.len()),
                (StatusCode::OK, bytes.len()),
                "kill {kill}: it was acknowledged"
            );
        } else {
            let again = asker.send(&server.address, id, &place, &bytes).await;
            assert_eq!(again, Some(true), "kill {kill}: it goes on where it stopped");
        }
        sent.push(id);
    }
    for id in &sent {
        for _ in 0..12 {
            let path = format!("/recordings/{id}/result");
            let answer = asker.ask(&server.address, Method::GET, &path, "text/plain", 0, Vec::new()).await.unwrap();
            assert_eq!(answer.status, StatusCode::OK);
            if !answer.waiting {
                break;
            }
        }
    }
    drop(server);
    everything_once(folder.path(), &sent).await;
}

/// Looks into the store itself: all are there, all are evaluated, no job is left or dead.
async fn everything_once(folder: &std::path::Path, sent: &[Uuid]) {
    let config = Config { data_dir: folder.to_owned(), ..Config::default() };
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::default());
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let store = jiayin::storage::open(&config, clock, entropy).await.unwrap();
    let (school, _) = store.first_school().await.unwrap().unwrap();
    let accounts = store.demo_accounts(school).await.unwrap().accounts;
    let learner = accounts.iter().find(|(role, _, _)| *role == Role::Learner).unwrap().1;
    let token = store.start_session(learner).await.unwrap().unwrap();
    let viewer = store.viewer(&token).await.unwrap().unwrap();
    for id in sent {
        let seen = store.recorded::<serde_json::Value>(&viewer, RecordingId(*id)).await.unwrap().unwrap();
        assert!(seen.detail.is_some(), "{id} was evaluated");
    }
    let (_, dead) = store.job_counts().await.unwrap();
    assert_eq!(dead, 0, "no dead letters");
}
