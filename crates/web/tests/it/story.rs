//! The first homework over HTTP: recording in pieces, result, review, the guardian's page; and bad input on the way.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use jiayin::config::Config;
use jiayin_domain::id::PersonId;
use jiayin_domain::role::Role;
use jiayin_privacy::map;
use jiayin_speech::decode::{DecodeLimits, decode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::school::{Visit, fetched, hex};
use crate::common::{ScriptedEar, TestApp, fixtures};

const ID: &str = "01990000-0000-7000-8000-000000000001";

/// The first open exercise on a learner's home.
async fn next_exercise(learner: &Visit<'_>) -> (String, String) {
    let home = learner.get("/home").await;
    assert_eq!(home.status, StatusCode::OK);
    let (_, rest) = home.body.split_once("/homework/").expect("there is something to do");
    let (assignment, rest) = rest.split_once("/exercises/").unwrap();
    (assignment.to_owned(), rest[..36].to_owned())
}

fn announcement(assignment: &str, exercise: &str, owner: PersonId, bytes: &[u8]) -> Value {
    json!({
        "id": ID, "kind": "recording", "owner": owner, "assignment": assignment, "exercise": exercise,
        "mime": "audio/webm;codecs=opus", "size": bytes.len(), "sha256": hex(&Sha256::digest(bytes)),
    })
}

#[tokio::test]
async fn a_recording_arrives_in_pieces_and_is_heard() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let (assignment, exercise) = next_exercise(&learner).await;
    let bytes: Vec<u8> = (0..100_000u32).map(|n| (n % 253) as u8).collect();
    let begun = learner.post_json("/uploads", &announcement(&assignment, &exercise, learner.person, &bytes)).await;
    assert_eq!((begun.status, begun.json()["offset"].as_u64()), (StatusCode::CREATED, Some(0)));
    let first = learner.piece(ID, 0, &bytes[..60_000]).await;
    assert_eq!((first.status, first.header("upload-offset")), (StatusCode::NO_CONTENT, "60000"));
    let wrong = learner.piece(ID, 10, &bytes[..10]).await;
    assert_eq!((wrong.status, wrong.header("upload-offset")), (StatusCode::CONFLICT, "60000"));
    let last = learner.piece(ID, 60_000, &bytes[60_000..]).await;
    assert_eq!(last.status, StatusCode::OK);
    assert_eq!(last.json()["acknowledged"], hex(&Sha256::digest(&bytes)));
    let again = learner.post_json("/uploads", &announcement(&assignment, &exercise, learner.person, &bytes)).await;
    assert_eq!((again.status, &again.json()["recording"]), (StatusCode::OK, &json!(ID)));
    let page = format!("/homework/{assignment}/exercises/{exercise}");
    assert!(learner.get(&page).await.body.contains(ID), "the waiting recording is on the page");
    app.work().await;
    let result = learner.part(&format!("/recordings/{ID}/result")).await;
    assert!(result.body.contains("data-verdict=\"scored\""), "{}", result.body);
    let sound = learner.ranged(&format!("/recordings/{ID}/audio"), "bytes=10-19").await;
    assert_eq!(sound.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(sound.header("content-range"), "bytes 10-19/100000");
    assert_eq!(sound.header("cache-control"), "private, max-age=600");
    assert_eq!(
        learner.ranged(&format!("/recordings/{ID}/audio"), "bytes=100000-").await.status,
        StatusCode::RANGE_NOT_SATISFIABLE
    );
}

#[tokio::test]
async fn what_one_browser_recorded_every_browser_plays() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let (assignment, exercise) = next_exercise(&learner).await;
    let decoded = |bytes: &[u8]| decode(bytes, &DecodeLimits::default()).unwrap().duration_ms();
    for (number, file) in ["speech-chromium.webm", "speech-fragmented.mp4", "speech.mp3"].into_iter().enumerate() {
        let bytes = std::fs::read(fixtures::folder().join(file)).unwrap();
        let mut announced = announcement(&assignment, &exercise, learner.person, &bytes);
        let id = format!("{}{number}", ID.replace("1", "2").split_at(ID.len() - 1).0);
        announced["id"] = json!(id);
        learner.post_json("/uploads", &announced).await;
        assert_eq!(learner.piece(&id, 0, &bytes).await.status, StatusCode::OK, "{file}");
        let address = format!("/recordings/{id}/audio");
        assert_eq!(fetched(&learner, &address).await, bytes);
        let plain = fetched(&learner, &format!("{address}?as=wav")).await;
        assert!(decoded(&bytes) > 1000);
        assert_eq!((&plain[..4], decoded(&plain)), (&b"RIFF"[..], decoded(&bytes)), "{file}");
        let part = learner.ranged(&format!("{address}?as=wav"), "bytes=4-43").await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.header("content-range"), format!("bytes 4-43/{}", plain.len()));
        let beyond = learner.ranged(&format!("{address}?as=wav"), "bytes=99999999-").await;
        assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(learner.get(&format!("{address}?as=mp3")).await.status, StatusCode::BAD_REQUEST);
        let other = Visit::of(&app, Role::Learner, 1).await;
        assert_eq!(other.get(&format!("{address}?as=wav")).await.status, StatusCode::NOT_FOUND);
    }
    // What is no sound at all stays as it came, and no other.
    let noise: Vec<u8> = (0..9000u32).map(|n| (n % 253) as u8).collect();
    learner.post_json("/uploads", &announcement(&assignment, &exercise, learner.person, &noise)).await;
    learner.piece(ID, 0, &noise).await;
    let reply = learner.get(&format!("/recordings/{ID}/audio?as=wav")).await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_bad_announcement_gets_a_clear_answer_and_leaves_nothing() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    let (assignment, exercise) = next_exercise(&learner).await;
    let good = announcement(&assignment, &exercise, learner.person, b"sound");
    let with = |key: &str, value: Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed
    };
    let sibling = Visit::of(&app, Role::Learner, 1).await.person;
    for (body, status) in [
        (with("size", json!(50_000_000)), StatusCode::PAYLOAD_TOO_LARGE),
        (with("size", json!(0)), StatusCode::BAD_REQUEST),
        (with("mime", json!("text/html")), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (with("sha256", json!("xyz")), StatusCode::BAD_REQUEST),
        (with("exercise", json!(ID)), StatusCode::NOT_FOUND),
        (with("assignment", json!(ID)), StatusCode::NOT_FOUND),
        (with("owner", json!(sibling)), StatusCode::UNAUTHORIZED),
        (json!({"nonsense": true}), StatusCode::BAD_REQUEST),
    ] {
        let reply = learner.post_json("/uploads", &body).await;
        assert_eq!(reply.status, status, "{body}");
        assert!(!reply.body.is_empty());
    }
    assert_eq!(learner.piece(ID, 0, b"sound").await.status, StatusCode::NOT_FOUND, "nothing was begun");
    learner.post_json("/uploads", &good).await;
    assert_eq!(learner.piece(ID, 0, b"noise").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(learner.piece(ID, 0, b"sound").await.status, StatusCode::OK);
    let request = learner.request(Method::PATCH, &format!("/uploads/{ID}")).body(Body::from("x")).unwrap();
    assert_eq!(app.send(request).await.status, StatusCode::BAD_REQUEST, "a piece without its place");
}

#[tokio::test]
async fn wrong_passwords_are_refused_in_both_languages_and_the_right_one_leads_home() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let form = |identifier: &str, password: &str| {
        let body = format!("identifier={identifier}&password={password}&next=%2Fprofile");
        Request::post("/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    for (identifier, password) in [
        ("learner11%40demo.example", "wrong"),
        ("nobody%40demo.example", "jiayin-demo"),
        ("", ""),
        ("not%20an%20address", "x"),
    ] {
        let reply = app.send(form(identifier, password)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(reply.header("set-cookie"), "");
    }
    let reply = app.send(form("learner11%40demo.example", jiayin::demo::PASSWORD)).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/profile"));
    let cookie = reply.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn clause_3_3_the_session_cookie_is_for_our_server_alone() {
    let body = format!("identifier=learner11%40demo.example&password={}", jiayin::demo::PASSWORD);
    for (url, begins, secure) in
        [("http://127.0.0.1:8080", "session=", false), ("https://school.example", "__Host-session=", true)]
    {
        let config = Config { public_url: url.to_owned(), scoring_threads: 1, ..Config::default() };
        let app = TestApp::demo_with(config, ScriptedEar::kind()).await;
        let request = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
        let reply = app.send(request.body(Body::from(body.clone())).unwrap()).await;
        let cookie = reply.header("set-cookie");
        assert!(cookie.starts_with(begins), "{cookie}");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
            "{cookie}"
        );
        assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
        assert!(map::COOKIES.iter().any(|known| begins.trim_start_matches("__Host-") == format!("{}=", known.name)));
    }
}

#[tokio::test]
async fn a_choice_of_language_and_look_follows_its_person() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let learner = Visit::of(&app, Role::Learner, 0).await;
    assert_eq!(learner.post_form("/preferences", "lang=en&back=/home").await.status, StatusCode::SEE_OTHER);
    assert_eq!(learner.post_form("/preferences", "theme=dark&back=/home").await.status, StatusCode::SEE_OTHER);
    let body = format!("identifier=learner11%40demo.example&password={}", jiayin::demo::PASSWORD);
    let request = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
    let reply = app.send(request.body(Body::from(body)).unwrap()).await;
    let cookies: Vec<&str> = reply
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap())
        .collect();
    assert!(cookies.contains(&"lang=en") && cookies.contains(&"theme=dark"), "{cookies:?}");
}

#[tokio::test]
async fn a_guardian_sees_the_week_of_their_own_child() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let family = guardian.get("/family").await;
    assert!(family.body.contains("王小明") && !family.body.contains("李思雨"));
    let (_, rest) = family.body.split_once("/family/").unwrap();
    let child = guardian.get(&format!("/family/{}?ago=1", &rest[..36])).await;
    assert_eq!(child.status, StatusCode::OK);
    assert!(child.body.contains("/audio"), "recordings can be heard");
}
