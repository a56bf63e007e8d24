//! What a teacher says aloud of a recording, over HTTP: sent as course audio is, heard where the review is seen, taken back.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiayin_domain::role::Role;
use jiayin_store::queue::Within;
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::common::school::{Visit, hex, viewer};
use crate::common::{Reply, ScriptedEar, TestApp, fixtures, sound};

const ID: &str = "01900000-0000-7000-8000-0000000000c1";

async fn say(teacher: &Visit<'_>, id: &str, recording: &str, bytes: &[u8]) -> Reply {
    let announcement = json!({
        "id": id, "kind": "voice_comment", "recording": recording,
        "mime": "audio/wav", "size": bytes.len(), "sha256": hex(&Sha256::digest(bytes)),
    });
    let mut reply = teacher.post_json("/uploads", &announcement).await;
    if reply.status == StatusCode::CREATED {
        for (at, piece) in bytes.chunks(64 * 1024).enumerate() {
            reply = teacher.piece(id, at * 64 * 1024, piece).await;
        }
    }
    reply
}

/// A recording that waits, and its learner as a visitor.
async fn waiting(app: &TestApp) -> (String, jiayin_store::queue::Queued) {
    app.work().await;
    let teacher = viewer(app, Role::Teacher, 0).await;
    let queued = app.state.store.queue(&teacher, Within::Everything).await.unwrap()[0];
    (queued.recording.to_string(), queued)
}

async fn visit_of<'a>(app: &'a TestApp, person: jiayin_domain::id::PersonId) -> Visit<'a> {
    let token = app.state.store.start_session(person).await.unwrap().unwrap();
    Visit::with_cookie(app, format!("session={}", token.to_text()))
}

#[tokio::test]
async fn a_comment_that_is_spoken_is_heard_where_the_review_is_seen() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let (recording, queued) = waiting(&app).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let learner = visit_of(&app, queued.learner).await;
    let page = format!("/review/{recording}");
    let address = format!("/recordings/{recording}/voice");
    assert!(!teacher.get(&page).await.body.contains(&address));
    let bytes = fixtures::reading().bytes();
    for other in [&learner, &Visit::of(&app, Role::Guardian, 0).await] {
        let refused = say(other, ID, &recording, &bytes).await.status;
        assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&refused), "{refused}");
    }
    let kept = say(&teacher, ID, &recording, &bytes).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.body);
    assert!(kept.json()["gain"].as_f64().unwrap() > 5.0);
    let seen = teacher.get(&page).await.body;
    assert!(seen.contains(&format!("src=\"{address}\" data-gain=\"")), "{seen}");
    assert_eq!(learner.get(&address).await.status, StatusCode::NOT_FOUND, "nothing is decided yet");

    let decided = teacher.post_form(&page, "score=&comment=&decision=accepted").await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER);
    let sound = learner.get(&address).await;
    assert_eq!((sound.status, sound.header("content-type")), (StatusCode::OK, "audio/wav"));
    assert_eq!(learner.ranged(&address, "bytes=0-99").await.status, StatusCode::PARTIAL_CONTENT);
    let exercise = format!("/homework/{}/exercises/{}", queued.assignment, queued.exercise);
    assert!(learner.get(&exercise).await.body.contains(&address), "a comment without words is shown, too");
    assert!(learner.get("/home").await.body.contains(&address));
    let manager = Visit::of(&app, Role::CampusManager, 0).await;
    assert_eq!(manager.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_guardian_hears_it_and_others_do_not() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let parent = viewer(&app, Role::Guardian, 0).await;
    let family = app.state.store.family(&parent, Timestamp::UNIX_EPOCH).await.unwrap();
    let child = family.children[0].learner;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let known = app.state.store.child_page::<serde_json::Value>(&parent, child, Timestamp::UNIX_EPOCH).await.unwrap();
    let reviewed: Vec<String> = known.unwrap().reviews.iter().map(|(recording, _)| recording.to_string()).collect();
    let (mut week, mut recording) = (String::new(), None);
    for ago in 0..4 {
        week = format!("/family/{child}?ago={ago}");
        let page = guardian.get(&week).await.body;
        recording = reviewed.iter().find(|one| page.contains(&format!("/recordings/{one}/audio")));
        if recording.is_some() {
            break;
        }
    }
    let recording = recording.expect("a week with a reviewed recording").clone();
    let kept = say(&teacher, ID, &recording, &fixtures::reading().bytes()).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.body);
    let address = format!("/recordings/{recording}/voice");
    assert_eq!(guardian.get(&address).await.status, StatusCode::OK);
    let child_page = guardian.get(&week).await.body;
    assert!(child_page.contains(&address), "{child_page}");
    let files = guardian.get(&format!("/family/{child}/data")).await;
    assert_eq!(files.status, StatusCode::OK);
    let own: std::collections::HashSet<_> = family.children.iter().map(|child| child.learner).collect();
    for number in 0..8 {
        let other = Visit::of(&app, Role::Learner, number).await;
        if !own.contains(&other.person) {
            assert_eq!(other.get(&address).await.status, StatusCode::NOT_FOUND);
        }
    }
}

#[tokio::test]
async fn what_is_no_comment_is_refused_and_what_was_said_can_be_taken_back() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let (recording, queued) = waiting(&app).await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    for (number, (bytes, code)) in [
        (sound::silence(2000), "silent"),
        (b"no sound at all".to_vec(), "unreadable"),
        (sound::tone(100, 300.0), "too-short"),
        (sound::tone(62_000, 300.0), "too-long"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = uuid::Uuid::from_u128(700 + number as u128).to_string();
        let reply = say(&teacher, &id, &recording, &bytes).await;
        assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{code}");
        assert_eq!(reply.json()["refused"], json!(code));
    }
    let removal = format!("/review/{recording}/voice/removal?assignment={}", queued.assignment);
    assert_eq!(teacher.post_form(&removal, "").await.status, StatusCode::NOT_FOUND, "there is nothing");
    say(&teacher, ID, &recording, &fixtures::reading().bytes()).await;
    let learner = visit_of(&app, queued.learner).await;
    assert_ne!(learner.post_form(&removal, "").await.status, StatusCode::SEE_OTHER);
    let removed = teacher.post_form(&removal, "").await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(removed.header("location"), format!("/review/{recording}?assignment={}", queued.assignment));
    let address = format!("/recordings/{recording}/voice");
    assert_eq!(teacher.get(&address).await.status, StatusCode::NOT_FOUND);
    say(&teacher, "01900000-0000-7000-8000-0000000000c2", &recording, &fixtures::reading().bytes()).await;
    let request = teacher.request(Method::POST, &removal).header("x-partial", "1").body(Body::empty()).unwrap();
    assert_eq!(app.send(request).await.status, StatusCode::NO_CONTENT, "our script");
}
