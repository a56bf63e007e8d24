//! Two steps to sign in: an authenticator app played by the test, recovery codes, replays.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use axum::http::StatusCode;
use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;
use sqlx::Connection;
use totp_rs::{Builder, Secret, Totp};

use crate::account_security::Browser;
use crate::common::school::Visit;
use crate::common::{ScriptedEar, TestApp};
use crate::program::jiayin;

const TEACHER: &str = "teacher%40demo.example";

fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let begins = format!("name=\"{name}\" value=\"");
    page.split(&begins).nth(1).expect("the page has the field").split('"').next().unwrap()
}

/// The app of somebody who has typed the secret from the page.
fn authenticator(page: &str) -> Totp {
    let secret = page.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().replace(' ', "");
    let secret = Secret::try_from_base32(secret).unwrap();
    Builder::new().with_secret(secret).with_account_name("test").build().unwrap()
}

fn now(app: &TestApp) -> u64 {
    app.state.clock.now().as_second().try_into().unwrap()
}

async fn first_step(browser: &mut Browser<'_>) -> String {
    let reply = browser.post("/sign-in", &format!("identifier={TEACHER}&password={PASSWORD}&next=/courses")).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(browser.cookies.iter().all(|cookie| !cookie.starts_with("session=")), "the password alone opens nothing");
    field(&reply.body, "token").to_owned()
}

#[tokio::test]
async fn clause_7_8_staff_sign_in_in_two_steps_and_no_code_works_twice() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let mut desk = Browser::new(&app, "192.0.2.1");
    assert_eq!(desk.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    let page = desk.get("/profile/second-step").await.body;
    assert!(page.contains("<svg ") && !page.contains("<?xml"));
    let (totp, token) = (authenticator(&page), field(&page, "token").to_owned());
    let wrong = desk.post("/profile/second-step", &format!("token={token}&code=000000")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = totp.generate(now(&app)).to_string();
    let mut other = Browser::new(&app, "192.0.2.2");
    assert_eq!(other.sign_in("officer%40demo.example", PASSWORD).await, StatusCode::SEE_OTHER);
    let stolen = other.post("/profile/second-step", &format!("token={token}&code={code}")).await;
    assert_eq!(stolen.status, StatusCode::BAD_REQUEST, "a secret is its own person's");
    let done = desk.post("/profile/second-step", &format!("token={token}&code={code}")).await;
    assert_eq!(done.status, StatusCode::OK);
    let codes: Vec<String> =
        done.body.split("<code>").skip(1).map(|rest| rest.split("</code>").next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);

    let mut phone = Browser::new(&app, "192.0.2.3");
    let token = first_step(&mut phone).await;
    let second = async |browser: &mut Browser<'_>, token: &str, code: &str| {
        browser.post("/sign-in/second", &format!("token={token}&code={code}")).await
    };
    let replayed = second(&mut phone, &token, &code).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY, "the code that switched it on is used");
    app.clock.advance(Duration::from_secs(30));
    let code = totp.generate(now(&app)).to_string();
    let reply = second(&mut phone, &token, &code).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/courses"));
    let mut spy = Browser::new(&app, "192.0.2.4");
    let spied = first_step(&mut spy).await;
    assert_eq!(second(&mut spy, &spied, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY, "replayed");
    assert_eq!(
        second(&mut spy, &spied[2..], &code).await.header("location"),
        "/sign-in",
        "a token of one's own making"
    );

    let typed = format!("{} {}", codes[0][..5].to_uppercase(), &codes[0][5..]);
    assert_eq!(second(&mut spy, &spied, &typed).await.status, StatusCode::SEE_OTHER, "a recovery code");
    let mut again = Browser::new(&app, "192.0.2.5");
    let token = first_step(&mut again).await;
    assert_eq!(second(&mut again, &token, &codes[0]).await.status, StatusCode::UNPROCESSABLE_ENTITY, "works once");
    assert!(desk.get("/profile/second-step").await.body.contains("Recovery codes left: 9"));
    app.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(second(&mut again, &token, &codes[1]).await.header("location"), "/sign-in", "it took too long");

    app.clock.advance(Duration::from_secs(10 * 60));
    let token = first_step(&mut again).await;
    for _ in 0..5 {
        assert_eq!(second(&mut again, &token, "000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let late = totp.generate(now(&app)).to_string();
    assert_eq!(second(&mut again, &token, &late).await.status, StatusCode::TOO_MANY_REQUESTS, "even the right one");

    app.clock.advance(Duration::from_secs(16 * 60));
    let removed = desk.post("/profile/second-step/removal", &format!("code={}", codes[2])).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(Browser::new(&app, "192.0.2.6").sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_second_step_is_for_staff() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    for (role, status) in [
        (Role::Teacher, StatusCode::OK),
        (Role::CampusManager, StatusCode::OK),
        (Role::PrivacyOfficer, StatusCode::OK),
        (Role::Guardian, StatusCode::NOT_FOUND),
        (Role::Learner, StatusCode::NOT_FOUND),
    ] {
        let visit = Visit::of(&app, role, 0).await;
        assert_eq!(visit.get("/profile/second-step").await.status, status, "{role:?}");
        let linked = visit.get("/profile").await.body.contains("/profile/second-step");
        assert_eq!(linked, status == StatusCode::OK, "{role:?}");
    }
}

/// Switches a second step on for the teacher, and leaves the browser signed in.
async fn switched_on<'a>(app: &'a TestApp, network: &str) -> Browser<'a> {
    let mut desk = Browser::new(app, network);
    assert_eq!(desk.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    let page = desk.get("/profile/second-step").await.body;
    let code = authenticator(&page).generate(now(app)).to_string();
    let done = desk.post("/profile/second-step", &format!("token={}&code={code}", field(&page, "token"))).await;
    assert_eq!(done.status, StatusCode::OK);
    desk
}

/// Runs the real program on the same data, with this on its standard input.
fn reset(app: &TestApp, typed: &str) -> std::process::Output {
    let mut command = jiayin(app.folder(), &["admin", "reset-second-step", "--identifier-file", "-"]);
    command.env("JIAYIN_DATA_DIR", app.folder()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

#[tokio::test]
async fn clause_7_8_an_operator_removes_a_lost_second_step_and_leaves_an_entry() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let mut desk = switched_on(&app, "192.0.2.1").await;
    for (typed, reason) in [
        ("", "no phone number or e-mail address was given"),
        ("nonsense", "no phone number and no e-mail address"),
        ("stranger@demo.example", "nobody signs in with that"),
        ("officer@demo.example", "has no second step"),
    ] {
        let refused = reset(&app, typed);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains(reason) && (typed.is_empty() || !said.contains(typed)), "{said}");
    }
    assert_eq!(desk.get("/courses").await.status, StatusCode::OK, "nothing was changed so far");
    assert_eq!(entries(&app).await, 0);

    let done = reset(&app, "teacher@demo.example\n");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for said in [&done.stdout, &done.stderr] {
        assert!(!String::from_utf8_lossy(said).contains("teacher@demo.example"), "the identifier is not repeated");
    }
    assert_eq!(desk.get("/courses").await.status, StatusCode::SEE_OTHER, "signed out");
    assert_eq!(Browser::new(&app, "192.0.2.7").sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    assert_eq!(entries(&app).await, 1);
    assert!(!reset(&app, "teacher@demo.example").status.success(), "there is none any more");
}

/// Entries in the audit log about second steps that were taken away.
async fn entries(app: &TestApp) -> i64 {
    let url = format!("sqlite:{}", app.folder().join("jiayin.sqlite").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let sql = "SELECT count(*) FROM audit WHERE object_kind = 'second-step-reset' AND purpose = 'security'";
    sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap()
}
