//! The learner's loop and one's rights by the interface for programs, and what others may not see of it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::retention::Origin;
use serde_json::Value;

use crate::common::api_program::{Program, code};
use crate::common::school::{Visit, rows, viewer};
use crate::common::sound::tone;
use crate::common::{ScriptedEar, TestApp};

const NOBODYS: &str = "01990000-0000-7000-8000-00000000dead";
const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

async fn school() -> TestApp {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    app
}

/// Address under which the first learner's program sends a recording, and the assignment.
async fn exercise(program: &Program<'_>) -> (String, String) {
    let list = program.json("/api/v1/assignments").await;
    let assignment = list["items"][0]["id"].as_str().unwrap().to_owned();
    let detail = program.json(&format!("/api/v1/assignments/{assignment}")).await;
    let exercise = detail["exercises"][0]["id"].as_str().unwrap();
    (format!("/api/v1/assignments/{assignment}/exercises/{exercise}/recordings"), assignment)
}

#[tokio::test]
async fn the_learners_loop_goes_round() {
    let app = school().await;
    let program = Program::of_child(&app, TokenScope::of(Role::Learner)).await;
    let (path, assignment) = exercise(&program).await;
    let sound = tone(900, 220.0);
    let before = rows(&app).await;
    let sent = program.records(&path, KEY, &sound).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    let result = sent.header("location").to_owned();
    let pending = program.get(&result).await;
    assert_eq!((pending.json()["state"].as_str(), pending.header("retry-after")), (Some("pending"), "1"));
    app.work().await;
    let done = program.json(&result).await;
    assert_eq!((done["state"].as_str(), done["evaluation"]["verdict"].as_str()), (Some("done"), Some("scored")));
    assert!(done["evaluation"]["words"][0]["phones"][0]["arpabet"].is_string(), "down to the sound");
    let audio = program.get(&result.replace("/result", "/audio")).await;
    assert_eq!((audio.status, audio.header("content-type")), (StatusCode::OK, "audio/wav"));
    let detail = program.json(&format!("/api/v1/assignments/{assignment}")).await;
    assert!(detail["work"][0]["results"].as_array().is_some_and(|results| !results.is_empty()));

    // The same again, with the key as the draft writes it: the same answer, and nothing is kept twice.
    let after = rows(&app).await;
    for key in [KEY.to_owned(), format!("\"{KEY}\"")] {
        let again = program.records(&path, &key, &sound).await;
        assert_eq!((again.status, again.body), (StatusCode::ACCEPTED, sent.body.clone()));
    }
    app.work().await;
    let count = |all: &[(String, i64)], table: &str| all.iter().find(|(name, _)| name == table).unwrap().1;
    let now = rows(&app).await;
    for table in ["recording", "media", "evaluation", "upload"] {
        assert_eq!(count(&now, table), count(&after, table), "{table}");
    }
    assert_eq!(count(&now, "recording"), count(&before, "recording") + 1);
    let other = program.records(&path, KEY, &tone(900, 330.0)).await;
    assert_eq!((other.status, &*code(&other)), (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"));
    // A week later the upload is forgotten, and the recording still known by its key.
    app.clock.advance(Duration::from_secs(8 * 24 * 3600));
    app.state.store.sweep(Origin::Schedule, None).await.unwrap();
    assert_eq!(program.records(&path, KEY, &sound).await.body, sent.body);
    let other = program.records(&path, KEY, &tone(900, 330.0)).await;
    assert_eq!(code(&other), "idempotency_key_reused");

    let no_key = program.request(Method::POST, &path).header("content-type", "audio/wav");
    let no_key = app.send(no_key.body(Body::from(sound.clone())).unwrap()).await;
    assert_eq!((no_key.status, &*code(&no_key)), (StatusCode::BAD_REQUEST, "idempotency_key_invalid"));
    let text = program.request(Method::POST, &path).header("content-type", "text/plain");
    let text = app.send(text.header("idempotency-key", KEY).body(Body::from("x")).unwrap()).await;
    assert_eq!((text.status, &*code(&text)), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
    assert_eq!(code(&program.records(&path, "another-key", b"").await), "body_invalid");
    let nowhere = path.replace(&assignment, NOBODYS);
    assert_eq!(code(&program.records(&nowhere, "another-key", &sound).await), "not_found");
}

#[tokio::test]
async fn clause_8_1_what_others_may_not_see_programs_do_not_either() {
    let app = school().await;
    let learner = Program::of_child(&app, TokenScope::of(Role::Learner)).await;
    let (path, assignment) = exercise(&learner).await;
    let sent = learner.records(&path, KEY, &tone(900, 220.0)).await;
    let result = sent.header("location").to_owned();
    let teacher = Program::of(&app, Role::Teacher, 0, TokenScope::of(Role::Teacher)).await;
    let guardian = Program::of(&app, Role::Guardian, 0, TokenScope::of(Role::Guardian)).await;
    for allowed in [&teacher, &guardian] {
        assert_eq!(allowed.get(&result).await.status, StatusCode::OK);
    }
    let stranger = Program::of(&app, Role::Guardian, 4, TokenScope::of(Role::Guardian)).await;
    for path in [result.clone(), result.replace("/result", "/audio")] {
        assert_eq!(code(&stranger.get(&path).await), "not_found");
    }
    assert_eq!(code(&teacher.get(&format!("/api/v1/assignments/{NOBODYS}")).await), "not_found");
    assert_eq!(code(&teacher.get("/api/v1/assignments/no-id").await), "not_found");

    // Without the guardian's consent the child is in no list, and its program gets nowhere.
    let classes = teacher.json("/api/v1/classes").await;
    let id = classes["items"][0]["id"].as_str().unwrap();
    let members = format!("/api/v1/classes/{id}/members");
    let child = Visit::of(&app, Role::Learner, 0).await.person.to_string();
    let listed = |list: &Value| list["items"].as_array().unwrap().iter().any(|member| member["id"] == child.as_str());
    assert!(listed(&teacher.json(&members).await));
    let work = |detail: &Value| detail["work"].as_array().unwrap().len();
    let before = work(&teacher.json(&format!("/api/v1/assignments/{assignment}")).await);
    withdraw(&app, &child).await;
    assert!(!listed(&teacher.json(&members).await));
    let after = work(&teacher.json(&format!("/api/v1/assignments/{assignment}")).await);
    assert_eq!(after, before - 1);
    assert_eq!(code(&learner.get("/api/v1/assignments").await), "consent_missing");
    assert_eq!(code(&teacher.get(&result).await), "consent_missing");
}

/// The first guardian takes the consent to teaching back.
async fn withdraw(app: &TestApp, child: &str) {
    let viewer = viewer(app, Role::Guardian, 0).await;
    let policy = app.state.store.current_policy().await.unwrap();
    let choice = Choice { subject: child.parse().unwrap(), purpose: "teaching", decision: Decision::Withdrawn };
    let version = i64::from(policy.number);
    let shown = Shown { version, digest: policy.digest, language: "en", surface: Surface::Settings };
    assert!(app.state.store.decide(&viewer, &[choice], &shown).await.unwrap());
}

#[tokio::test]
async fn clause_6_1_a_copy_is_asked_for_and_fetched_by_a_program() {
    let app = school().await;
    let program = Program::of(&app, Role::Teacher, 0, &[TokenScope::RightsRead, TokenScope::RightsWrite]).await;
    let asked = program.sends("POST", "/api/v1/rights/copies", "").await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let place = asked.header("location").to_owned();
    assert_eq!(program.json(&place).await["state"], "working");
    assert_eq!(program.sends("POST", "/api/v1/rights/copies", "").await.header("location"), place, "begun once");
    assert_eq!(code(&program.get(&format!("{place}/file")).await), "not_found");
    app.work().await;
    let copy = program.json(&place).await;
    assert_eq!(copy["state"], "ready");
    assert_eq!(program.json("/api/v1/rights/copies").await["items"][0]["id"], copy["id"]);
    let file = program.get(copy["file"].as_str().unwrap()).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "application/zip"));
    let other = Program::of(&app, Role::Guardian, 0, TokenScope::of(Role::Guardian)).await;
    assert_eq!(code(&other.get(&place).await), "not_found");

    assert_eq!(program.sends("PUT", "/api/v1/rights/name", r#"{"name":"林 静"}"#).await.status, StatusCode::NO_CONTENT);
    assert_eq!(program.json("/api/v1/me").await["name"], "林 静");
    for (body, expected) in [
        (r#"{"name":" "}"#, "body_invalid"),
        (r#"{"name":"x","role":"teacher"}"#, "body_invalid"),
        ("{", "bad_request"),
    ] {
        assert_eq!(code(&program.sends("PUT", "/api/v1/rights/name", body).await), expected, "{body}");
    }
}
