//! Passkeys over HTTP, with a device played by the test: made, used, removed, and everything that a thief could try.

use std::time::Duration;

use axum::http::StatusCode;
use jiayin::config::Config;
use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;
use mail_parser::MessageParser;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use totp_rs::{Builder, Secret};

use crate::account_security::Browser;
use crate::common::authenticator::Authenticator;
use crate::common::providers::mail_server;
use crate::common::school::Visit;
use crate::common::{Reply, ScriptedEar, TestApp};

const ORIGIN: &str = "http://localhost:8080";
const TEACHER: &str = "teacher%40demo.example";
/// What a thief does with the device of somebody, and with their own.
type Change = fn(&mut Authenticator, &Authenticator);

const OFFICER: &str = "officer%40demo.example";

fn config() -> Config {
    Config { behind_proxy: true, scoring_threads: 1, public_url: format!("{ORIGIN}/"), ..Config::default() }
}

async fn school() -> TestApp {
    TestApp::demo_with(config(), ScriptedEar::kind()).await
}

fn attribute(page: &str, before: &str) -> String {
    let begins = format!("{before}=\"");
    let at = page.find(&begins).unwrap_or_else(|| panic!("no {before} in\n{page}")) + begins.len();
    page[at..].split('"').next().unwrap().replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&")
}

fn options(page: &str) -> Value {
    serde_json::from_str(&attribute(page, "data-options")).unwrap()
}

fn token(page: &str) -> String {
    attribute(page, "name=\"token\" value")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The page on which the device of a signed-in person makes a passkey.
async fn begin(browser: &mut Browser<'_>) -> String {
    let begun = browser.post("/profile/passkeys/ceremony", &format!("name=My+phone&password={PASSWORD}")).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    begun.body
}

async fn finish(browser: &mut Browser<'_>, page: &str, made: &str) -> Reply {
    let form = format!("token={}&name=My+phone&credential={}", token(page), encoded(made));
    browser.post("/profile/passkeys", &form).await
}

/// Adds a passkey to whoever is signed in.
async fn add(browser: &mut Browser<'_>, device: &mut Authenticator) {
    let page = begin(browser).await;
    let made = device.create(&options(&page));
    let added = finish(browser, &page, &made).await;
    assert_eq!((added.status, added.header("location")), (StatusCode::SEE_OTHER, "/profile/passkeys?saved=1"));
}

/// The form of the sign-in page, with what a device answers to it.
async fn shown(browser: &mut Browser<'_>, device: &mut Authenticator) -> String {
    let page = browser.get("/sign-in?next=/courses").await.body;
    let answer = device.get(&options(&page));
    format!("token={}&next=/courses&credential={}", token(&page), encoded(&answer))
}

async fn sign_in(browser: &mut Browser<'_>, device: &mut Authenticator) -> StatusCode {
    let form = shown(browser, device).await;
    browser.post("/sign-in/passkey", &form).await.status
}

fn signed_in(browser: &Browser<'_>) -> bool {
    browser.cookies.iter().any(|cookie| cookie.starts_with("session=") && cookie.len() > "session=".len())
}

#[tokio::test]
async fn clause_7_8_a_passkey_signs_in_without_password_or_code_until_it_is_removed() {
    let mut server = mail_server(false).await;
    let config = Config { smtp_url: server.url.clone(), mail_from: "no-reply@school.test".to_owned(), ..config() };
    let app = TestApp::demo_with(config, ScriptedEar::kind()).await;
    let mut desk = Browser::new(&app, "192.0.2.1");
    assert_eq!(desk.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    assert!(desk.get("/profile").await.body.contains("/profile/passkeys"));
    let mut device = Authenticator::new(1, ORIGIN, "localhost");
    add(&mut desk, &mut device).await;
    let told = server.next().await;
    let mail = MessageParser::default().parse(&told.raw).unwrap().body_text(0).unwrap().into_owned();
    assert!(mail.contains("通行密钥"), "the owner is told: {mail}");
    let list = desk.get("/profile/passkeys").await.body;
    assert!(list.contains("My phone") && list.contains("<dd>never"));

    // From now on a code would be asked for after the password.
    let page = desk.get("/profile/second-step").await.body;
    let secret = page.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().replace(' ', "");
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("test").build().unwrap();
    let code = totp.generate(app.state.clock.now().as_second().try_into().unwrap());
    let on = desk.post("/profile/second-step", &format!("token={}&code={code}", token(&page))).await;
    assert_eq!(on.status, StatusCode::OK);

    let mut phone = Browser::new(&app, "192.0.2.2");
    let form = shown(&mut phone, &mut device).await;
    let reply = phone.post("/sign-in/passkey", &form).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/courses"));
    assert!(signed_in(&phone) && phone.cookies.iter().any(|cookie| cookie.starts_with("device=")));
    assert_eq!(phone.get("/courses").await.status, StatusCode::OK);
    assert!(!phone.get("/profile/passkeys").await.body.contains("<dd>never"));

    // What adds one asks for the code too, now that there is a second step.
    let without = phone.post("/profile/passkeys/ceremony", &format!("password={PASSWORD}")).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = phone.post("/profile/passkeys/ceremony", "password=another").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

    let list = phone.get("/profile/passkeys").await.body;
    let removal = attribute(&list, "class=\"fields\" method=\"post\" action");
    let mut stranger = Browser::new(&app, "192.0.2.3");
    assert_eq!(stranger.sign_in(OFFICER, PASSWORD).await, StatusCode::SEE_OTHER);
    assert_eq!(stranger.post(&removal, "").await.status, StatusCode::NOT_FOUND, "another's passkey");
    assert_eq!(phone.post(&removal, "").await.status, StatusCode::SEE_OTHER);
    app.clock.advance(Duration::from_secs(1));
    let mut late = Browser::new(&app, "192.0.2.4");
    assert_eq!(sign_in(&mut late, &mut device).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!signed_in(&late));
}

#[tokio::test]
async fn clause_7_8_what_is_no_answer_of_the_passkey_to_this_ceremony_opens_nothing() {
    let app = school().await;
    let mut desk = Browser::new(&app, "192.0.2.1");
    assert_eq!(desk.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    let mut device = Authenticator::new(1, ORIGIN, "localhost");
    add(&mut desk, &mut device).await;
    let mut other = Browser::new(&app, "192.0.2.2");
    assert_eq!(other.sign_in(OFFICER, PASSWORD).await, StatusCode::SEE_OTHER);
    let mut others = Authenticator::new(2, ORIGIN, "localhost");
    add(&mut other, &mut others).await;
    app.clock.advance(Duration::from_secs(1));

    let cases: [(&str, Change); 7] = [
        ("another origin", |device, _| device.origin = "http://evil.example".to_owned()),
        ("another port", |device, _| device.origin = "http://localhost:9".to_owned()),
        ("another site", |device, _| device.site = "evil.example".to_owned()),
        ("without verifying the user", |device, _| device.verifies = false),
        ("a credential that nobody has", |device, _| device.credential = vec![9; 20]),
        ("another person's credential under this key", |device, others| device.credential = others.credential.clone()),
        ("this credential for another person", |device, others| device.user = others.user.clone()),
    ];
    for (what, change) in cases {
        let mut thief = device.clone();
        change(&mut thief, &others);
        let mut browser = Browser::new(&app, "192.0.2.3");
        let form = shown(&mut browser, &mut thief).await;
        let reply = browser.post("/sign-in/passkey", &form).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(!signed_in(&browser), "{what}");
        assert!(reply.body.contains("This passkey does not sign in here"), "{what}: the same words for all");
    }
    let mut browser = Browser::new(&app, "192.0.2.4");
    // An answer to another page's ceremony.
    let here = shown(&mut browser, &mut device.clone()).await;
    let there = shown(&mut browser, &mut device.clone()).await;
    let mixed = format!("{}&{}", here.split('&').next().unwrap(), there.split_once('&').unwrap().1);
    assert_eq!(browser.post("/sign-in/passkey", &mixed).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for credential in ["", "{}", "null", "%7B%22id%22%3A%22AA%22%7D", &"a".repeat(20_000)] {
        let form = format!("{}&credential={credential}", here.split('&').next().unwrap());
        assert_eq!(browser.post("/sign-in/passkey", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(!signed_in(&browser));
    assert_eq!(sign_in(&mut browser, &mut device).await, StatusCode::SEE_OTHER, "and the owner comes in");
}

#[tokio::test]
async fn clause_7_8_a_ceremony_ends_once_and_in_time_and_a_copied_key_is_noticed() {
    let app = school().await;
    let mut desk = Browser::new(&app, "192.0.2.1");
    assert_eq!(desk.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    let mut device = Authenticator::new(1, ORIGIN, "localhost");
    let page = begin(&mut desk).await;
    let made = device.create(&options(&page));
    assert_eq!(finish(&mut desk, &page, &made).await.status, StatusCode::SEE_OTHER);
    let again = finish(&mut desk, &page, &made).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a passkey is made once");
    app.clock.advance(Duration::from_secs(1));

    let mut browser = Browser::new(&app, "192.0.2.2");
    let copy = device.clone();
    let form = shown(&mut browser, &mut device).await;
    assert_eq!(browser.post("/sign-in/passkey", &form).await.status, StatusCode::SEE_OTHER);
    let mut thief = Browser::new(&app, "192.0.2.3");
    let replayed = thief.post("/sign-in/passkey", &form).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY, "replayed");
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(sign_in(&mut thief, &mut copy.clone()).await, StatusCode::UNPROCESSABLE_ENTITY, "the counter went back");
    assert!(!signed_in(&thief));

    let late = shown(&mut browser, &mut device).await;
    app.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(browser.post("/sign-in/passkey", &late).await.status, StatusCode::UNPROCESSABLE_ENTITY, "too late");

    // A page of one's own is no page of another's.
    let page = begin(&mut desk).await;
    let mut other = Browser::new(&app, "192.0.2.4");
    assert_eq!(other.sign_in(OFFICER, PASSWORD).await, StatusCode::SEE_OTHER);
    let mut second = Authenticator::new(3, ORIGIN, "localhost");
    let made = second.create(&options(&page));
    assert_eq!(finish(&mut other, &page, &made).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Nor is a passkey of another site one of ours.
    let mut foreign = Authenticator::new(4, "https://evil.example", "localhost");
    let page = begin(&mut desk).await;
    let made = foreign.create(&options(&page));
    assert_eq!(finish(&mut desk, &page, &made).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn clause_7_8_passkeys_that_prove_nothing_are_counted() {
    let app = school().await;
    let mut device = Authenticator::new(1, ORIGIN, "localhost");
    device.user = vec![7; 32];
    let mut browser = Browser::new(&app, "192.0.2.1");
    let form = shown(&mut browser, &mut device).await;
    for _ in 0..100 {
        assert_eq!(browser.post("/sign-in/passkey", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(browser.post("/sign-in/passkey", &form).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut elsewhere = Browser::new(&app, "192.0.2.2");
    assert_eq!(elsewhere.post("/sign-in/passkey", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn passkeys_are_for_grown_ups_and_need_a_name() {
    let app = school().await;
    let nameless = TestApp::demo(ScriptedEar::kind()).await;
    for role in Role::ALL {
        let status = if role == Role::Learner { StatusCode::NOT_FOUND } else { StatusCode::OK };
        let visit = Visit::of(&app, role, 0).await;
        assert_eq!(visit.get("/profile/passkeys").await.status, status, "{role:?}");
        let linked = visit.get("/profile").await.body.contains("/profile/passkeys");
        assert_eq!(linked, status == StatusCode::OK, "{role:?}");
        let visit = Visit::of(&nameless, role, 0).await;
        assert!(!visit.get("/profile").await.body.contains("/profile/passkeys"), "{role:?}");
    }
    let teacher = Visit::of(&nameless, Role::Teacher, 0).await;
    let page = teacher.get("/profile/passkeys").await.body;
    assert!(page.contains("bound to a name") && !page.contains("/profile/passkeys/ceremony"));
    let begun = teacher.post_form("/profile/passkeys/ceremony", &format!("password={PASSWORD}")).await;
    assert_eq!(begun.status, StatusCode::NOT_FOUND);
    assert!(!nameless.get("/sign-in").await.body.contains("/sign-in/passkey"));
    assert!(app.get("/sign-in").await.body.contains("/sign-in/passkey"));
}
