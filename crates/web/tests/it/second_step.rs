//! Two steps to sign in: an authenticator app played by the test, recovery codes, replays.

use std::time::Duration;

use axum::http::StatusCode;
use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;
use totp_rs::{Builder, Secret, Totp};

use crate::account_security::Browser;
use crate::common::school::Visit;
use crate::common::{ScriptedEar, TestApp};

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
