//! The interface for programs: whom a token lets in and what it allows, lists, and how errors are told.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use jiayin::api::{is_below, scope_of};
use jiayin::config::Config;
use jiayin::demo::PASSWORD;
use jiayin::routes::ROUTES;
use jiayin_domain::policy::{Action, may};
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use serde_json::{Value, json};

use crate::common::api_program::{Program, code, fills_in};
use crate::common::school::Visit;
use crate::common::{CHINESE, ScriptedEar, TestApp};

const NOBODYS: &str = "01990000-0000-7000-8000-00000000dead";

async fn school() -> TestApp {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    app
}

fn concrete(route: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { NOBODYS.to_owned() } else { part.to_owned() };
    route.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Every operation × every role × with and without the scope that it needs, and without a token.
#[tokio::test]
async fn clause_7_5_a_token_does_what_its_person_may_and_its_scopes_allow() {
    let config = Config { api_requests_per_minute: 10_000, scoring_threads: 1, ..Config::default() };
    let app = TestApp::demo_with(config, ScriptedEar::kind()).await;
    let mut programs = Vec::new();
    for role in Role::ALL {
        for scope in TokenScope::of(role) {
            let program = match role {
                Role::Learner => Program::of_child(&app, &[*scope]).await,
                _ => Program::of(&app, role, 0, &[*scope]).await,
            };
            programs.push((role, *scope, program));
        }
    }
    let (mut refused, mut let_in) = (0, 0);
    let below = |action: &Action| *action != Action::VisitPublicPages;
    for &(method, route, action) in ROUTES.iter().filter(|(_, route, action)| is_below(route) && below(action)) {
        let path = concrete(route);
        let cookie = Visit::of(&app, Role::Teacher, 0).await;
        let bare = cookie.request(method.parse().unwrap(), &path).body(Body::empty()).unwrap();
        let reply = app.send(bare).await;
        assert_eq!((reply.status, &*code(&reply)), (StatusCode::UNAUTHORIZED, "token_missing"), "{method} {route}");
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
        for (role, scope, program) in &programs {
            let reply = program.sends(method, &path, "{}").await;
            let about = format!("{method} {route} as {role:?} with {}: {}", scope.tag(), reply.status);
            if !may(Some(*role), action) {
                assert_eq!((reply.status, &*code(&reply)), (StatusCode::NOT_FOUND, "not_found"), "{about}");
                refused += 1;
            } else if scope_of(method, route).is_some_and(|needed| needed != *scope) {
                assert_eq!((reply.status, &*code(&reply)), (StatusCode::FORBIDDEN, "scope_missing"), "{about}");
                refused += 1;
            } else {
                assert!(![401, 403, 405, 500].contains(&reply.status.as_u16()), "{about}");
                let_in += 1;
            }
        }
    }
    assert!(refused > 100 && let_in > 30, "the matrix was looked at: {refused}, {let_in}");
    let pages = programs[0].2.get("/profile").await;
    assert_eq!(pages.status, StatusCode::SEE_OTHER, "a token is nothing on pages");
}

#[tokio::test]
async fn clause_7_8_tokens_end_and_are_ended() {
    let app = school().await;
    let all = TokenScope::of(Role::Guardian);
    let program = Program::of(&app, Role::Guardian, 0, all).await;
    let child = Program::of_child(&app, TokenScope::of(Role::Learner)).await;
    let me = program.json("/api/v1/me").await;
    assert_eq!((&me["role"], me["token"]["scopes"].as_array().unwrap().len()), (&json!("guardian"), all.len()));
    assert_eq!(child.json("/api/v1/me").await["role"], "learner");

    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let wrong = fills_in(&guardian, "", all, "not-mine").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "the password is asked for");
    let other = Visit::of(&app, Role::Learner, 6).await.person;
    assert_eq!(fills_in(&guardian, &other.to_string(), all, PASSWORD).await.status, StatusCode::NOT_FOUND);
    let learner = Visit::of(&app, Role::Learner, 0).await;
    assert_eq!(fills_in(&learner, "", all, PASSWORD).await.status, StatusCode::NOT_FOUND, "children make none");
    let page = guardian.get("/profile/tokens").await.body;
    assert!(!page.contains("jiayin_") && page.contains("2026-03-02"), "shown once; last used by day");

    let removal = page.split('"').find(|part| part.ends_with("/removal")).unwrap();
    let stranger = Visit::of(&app, Role::Guardian, 1).await;
    assert_eq!(stranger.post_form(removal, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(guardian.post_form(removal, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(code(&child.get("/api/v1/me").await), "token_invalid", "the newest one was the child's");

    app.clock.advance(Duration::from_secs(30 * 24 * 3600 - 10));
    assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(code(&program.get("/api/v1/me").await), "token_invalid", "it has ended");

    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let program = Program::of(&app, Role::Guardian, 0, all).await;
    let child = Program::of_child(&app, TokenScope::of(Role::Learner)).await;
    let change = format!("old={PASSWORD}&password=a-very-new-password-9");
    let changed = guardian.post_form("/profile/password", &change).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    for ended in [&program, &child] {
        assert_eq!(code(&ended.get("/api/v1/me").await), "token_invalid", "as sessions do");
    }
}

#[tokio::test]
async fn restriction_ends_tokens() {
    let app = school().await;
    let child = Program::of_child(&app, TokenScope::of(Role::Learner)).await;
    let guardian = Program::of(&app, Role::Guardian, 0, &[TokenScope::HomeworkRead]).await;
    let id = Visit::of(&app, Role::Learner, 0).await.person;
    assert_eq!(guardian.json("/api/v1/children").await["items"][0]["id"], id.to_string());
    let page = Visit::of(&app, Role::Guardian, 0).await;
    let done = page.post_form(&format!("/family/{id}/data/restriction"), "on=true").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(code(&child.get("/api/v1/assignments").await), "token_invalid");
    assert_eq!(guardian.json("/api/v1/children").await["items"], json!([]), "nothing of the child is told");
}

#[tokio::test]
async fn lists_come_a_page_at_a_time_and_cursors_cannot_be_made_up() {
    let app = school().await;
    let teacher = Program::of(&app, Role::Teacher, 0, TokenScope::of(Role::Teacher)).await;
    let all = teacher.json("/api/v1/assignments?limit=100").await;
    let ids = |list: &Value| -> Vec<Value> {
        list["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    };
    assert!(ids(&all).len() > 2 && all["next"].is_null());
    let (mut found, mut next) = (Vec::new(), "/api/v1/assignments?limit=1".to_owned());
    loop {
        let page = teacher.json(&next).await;
        assert_eq!(ids(&page).len(), 1);
        found.extend(ids(&page));
        match page["next"].as_str() {
            Some(more) => next = more.to_owned(),
            None => break,
        }
    }
    assert_eq!(found, ids(&all), "nothing twice, nothing left out");
    let first = teacher.json("/api/v1/assignments?limit=1").await["next"].as_str().unwrap().to_owned();
    let (_, cursor) = first.split_once("cursor=").unwrap();
    let mut forged = cursor.to_owned();
    let last = if forged.ends_with('0') { "1" } else { "0" };
    forged.replace_range(forged.len() - 1.., last);
    let class = all["items"][0]["class_id"].as_str().unwrap();
    for wrong in [
        format!("/api/v1/assignments?cursor={forged}"),
        "/api/v1/assignments?cursor=abc".to_owned(),
        format!("/api/v1/classes?cursor={cursor}"),
        format!("/api/v1/assignments?class={class}&cursor={cursor}"),
    ] {
        let reply = teacher.get(&wrong).await;
        assert_eq!((reply.status, &*code(&reply)), (StatusCode::BAD_REQUEST, "cursor_invalid"), "{wrong}");
    }
    let others = Program::of_child(&app, TokenScope::of(Role::Learner)).await;
    assert_eq!(code(&others.get(&first).await), "cursor_invalid", "another person's");
    assert_eq!(code(&teacher.get("/api/v1/classes?limit=0").await), "parameter_invalid");
    assert_eq!(code(&teacher.get("/api/v1/classes?order=up").await), "bad_request");

    let manager = Program::of(&app, Role::CampusManager, 0, TokenScope::of(Role::CampusManager)).await;
    let classes = manager.json("/api/v1/classes").await;
    assert_eq!(classes["items"].as_array().unwrap().len(), 2);
    let members = format!("/api/v1/classes/{}/members", classes["items"][1]["id"].as_str().unwrap());
    assert_eq!(manager.json(&members).await["items"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn errors_are_problems_in_the_language_that_is_asked_for() {
    let config = Config { api_requests_per_minute: 3, scoring_threads: 1, ..Config::default() };
    let app = TestApp::demo_with(config, ScriptedEar::kind()).await;
    let nowhere = app.get_in("/api/v1/nothing", CHINESE).await;
    assert_eq!((nowhere.status, &*code(&nowhere)), (StatusCode::NOT_FOUND, "not_found"));
    assert_eq!(nowhere.json()["title"], "这里没有内容");
    assert_eq!(app.get("/api/v2").await.json()["title"], "There is nothing here");
    let deleted = Request::delete("/api/v1/me").body(Body::empty()).unwrap();
    let deleted = app.send(deleted).await;
    assert_eq!((deleted.status, &*code(&deleted)), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    assert!(deleted.header("allow").contains("GET"));
    let forged = Program { app: &app, token: format!("jiayin_{}", "0".repeat(64)) };
    let reply = forged.get("/api/v1/me").await;
    assert_eq!((reply.status, &*code(&reply)), (StatusCode::UNAUTHORIZED, "token_invalid"));
    assert!(reply.header("www-authenticate").contains("invalid_token"));
    let session = Visit::of(&app, Role::Teacher, 0).await.cookie().trim_start_matches("session=").to_owned();
    let session = Program { app: &app, token: session };
    assert_eq!(code(&session.get("/api/v1/me").await), "token_invalid", "a session is no token");

    let teacher = Program::of(&app, Role::Teacher, 0, TokenScope::of(Role::Teacher)).await;
    let first = teacher.get("/api/v1/me").await;
    let tag = first.header("etag").to_owned();
    let again = teacher.request(Method::GET, "/api/v1/me").header("if-none-match", &tag).body(Body::empty()).unwrap();
    assert_eq!(app.send(again).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(teacher.get("/api/v1/me").await.status, StatusCode::OK);
    let limited = teacher.get("/api/v1/me").await;
    assert_eq!((limited.status, &*code(&limited)), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    assert!(limited.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=61).contains(&seconds)));
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(teacher.get("/api/v1/me").await.status, StatusCode::OK);

    let document = app.get("/api/v1/openapi.json").await;
    assert_eq!((document.status, &document.json()["openapi"]), (StatusCode::OK, &json!("3.1.0")));
    let page = app.get("/api").await;
    assert!(page.body.contains("/api/v1/recordings/{recording}/result") && page.body.contains("rate_limited"));
}
