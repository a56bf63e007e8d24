//! Signing in, passwords and devices, as their owner and a stranger meet them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiayin::config::Config;
use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;
use jiayin_privacy::map;
use jiayin_store::sign_in::ATTEMPTS;
use mail_parser::MessageParser;

use crate::common::providers::{Inbox, TakenMail, mail_server};
use crate::common::school::Visit;
use crate::common::{CHINESE, ENGLISH, Reply, ScriptedEar, TestApp};

const TEACHER: &str = "teacher%40demo.example";
const TABLET: &str = "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 \
                      Mobile/15E148 Safari/604.1";

/// A browser: its network, what it says of itself, its cookies.
pub struct Browser<'a> {
    app: &'a TestApp,
    network: String,
    pub cookies: Vec<String>,
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a TestApp, network: &str) -> Self {
        Self { app, network: network.to_owned(), cookies: Vec::new() }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Reply {
        let request = request
            .header("x-forwarded-for", &self.network)
            .header("user-agent", TABLET)
            .header("accept-language", ENGLISH)
            .header("cookie", self.cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded");
        let reply = self.app.send(request.body(Body::from(body)).unwrap()).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = pair.split_once('=').unwrap().0.to_owned();
            self.cookies.retain(|known| !known.starts_with(&format!("{name}=")));
            self.cookies.push(pair);
        }
        reply
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::get(path), String::new()).await
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Reply {
        self.send(Request::post(path), body.to_owned()).await
    }

    pub async fn sign_in(&mut self, identifier: &str, password: &str) -> StatusCode {
        self.post("/sign-in", &format!("identifier={identifier}&password={password}")).await.status
    }
}

async fn behind_proxy() -> TestApp {
    let config = Config { behind_proxy: true, scoring_threads: 1, ..Config::default() };
    TestApp::demo_with(config, ScriptedEar::kind()).await
}

async fn with_mail() -> (TestApp, Inbox<TakenMail>) {
    let server = mail_server(false).await;
    let config = Config {
        behind_proxy: true,
        scoring_threads: 1,
        smtp_url: server.url.clone(),
        mail_from: "no-reply@school.test".to_owned(),
        ..Config::default()
    };
    (TestApp::demo_with(config, ScriptedEar::kind()).await, server)
}

async fn mail_text(server: &mut Inbox<TakenMail>) -> (String, String) {
    let taken = server.next().await;
    let mail = MessageParser::default().parse(&taken.raw).unwrap();
    (taken.to.clone(), mail.body_text(0).unwrap().into_owned())
}

#[tokio::test]
async fn clause_7_8_ten_thousand_wrong_passwords_neither_get_in_nor_lock_the_owner_out() {
    let app = behind_proxy().await;
    let mut owner = Browser::new(&app, "192.0.2.1");
    assert_eq!(owner.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    let before = app.state.store.passwords_checked();
    let mut refused = 0;
    for number in 0..10_000 {
        // A hundred networks, and a cookie that is none of ours.
        let mut attacker = Browser::new(&app, &format!("198.51.100.{}", number % 100));
        attacker.cookies.push(format!("device={}", "ab".repeat(32)));
        match attacker.sign_in(TEACHER, "wrong-again").await {
            StatusCode::TOO_MANY_REQUESTS => refused += 1,
            status => assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY),
        }
    }
    let looked_at = app.state.store.passwords_checked() - before;
    assert_eq!((looked_at, refused), (ATTEMPTS as u64, 10_000 - ATTEMPTS));
    let mut late = Browser::new(&app, "198.51.100.200");
    assert_eq!(late.sign_in(TEACHER, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS, "even with the right one");
    assert_eq!(
        owner.sign_in(TEACHER, PASSWORD).await,
        StatusCode::SEE_OTHER,
        "the owner's device is not theirs to lock"
    );
    for _ in 0..20 {
        assert_eq!(owner.sign_in(TEACHER, "wrong").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(owner.sign_in(TEACHER, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS, "nor a thief's who took it");
}

#[tokio::test]
async fn clause_7_8_an_account_that_is_not_there_is_refused_as_one_that_is() {
    let app = behind_proxy().await;
    let mut stories = Vec::new();
    for identifier in [TEACHER, "nobody%40demo.example"] {
        let before = app.state.store.passwords_checked();
        let mut story = Vec::new();
        for number in 0..60 {
            let mut browser = Browser::new(&app, &format!("198.51.100.{}", number / 6));
            let body = format!("identifier={identifier}&password=wrong-again");
            let reply = browser.post("/sign-in", &body).await;
            let page = reply.body.replace(&identifier.replace("%40", "@"), "(somebody)");
            story.push((reply.status, page, reply.headers.get_all("set-cookie").iter().count()));
        }
        stories.push((story, app.state.store.passwords_checked() - before));
    }
    assert!(stories[0] == stories[1], "statuses, pages, cookies, and the number of passwords looked at");
    let mut pages = Vec::new();
    for identifier in [TEACHER, "nobody%40demo.example"] {
        let reply = Browser::new(&app, "192.0.2.7").post("/sign-in/forgot", &format!("identifier={identifier}")).await;
        let page = without_secrets(&reply.body).replace("t******@", "*@").replace("n*****@", "*@");
        pages.push((reply.status, page));
    }
    assert_eq!(pages[0], pages[1], "a forgotten password tells nothing either");
}

/// The page without its token and code, which are random.
fn without_secrets(page: &str) -> String {
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    page.replace(token, "").chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[tokio::test]
async fn clause_7_8_a_forgotten_password_is_set_anew_by_code_and_the_owner_is_told() {
    let (app, mut server) = with_mail().await;
    let mut thief = Browser::new(&app, "192.0.2.66");
    assert_eq!(thief.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    let mut owner = Browser::new(&app, "192.0.2.1");
    let page = owner.post("/sign-in/forgot", &format!("identifier={TEACHER}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let token = page.body.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (to, text) = mail_text(&mut server).await;
    let code: String = text.lines().find(|line| line.len() == 6).unwrap().to_owned();
    assert_eq!(to, "teacher@demo.example");
    let form = |code: &str, password: &str| format!("token={token}&code={code}&password={password}");
    for (code, password, word) in [
        (code.as_str(), "zq7", "too short"),
        (code.as_str(), "iloveyou", "too common"),
        (code.as_str(), "jiayinjiayin", "easy to guess"),
        ("abc", "correct-horse-battery", "6 digits"),
    ] {
        let reply = owner.post("/sign-in/forgot/code", &form(code, password)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains(word) && reply.body.contains(&token), "{}", reply.body);
        assert!(!reply.body.contains(password), "a password is never sent back");
    }
    let reply = owner.post("/sign-in/forgot/code", &form(&code, "correct-horse-battery")).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/"));
    let notice = mail_text(&mut server).await.1;
    assert!(notice.contains("密码刚刚被修改"), "{notice}");
    assert_eq!(thief.get("/profile").await.status, StatusCode::SEE_OTHER, "every session has ended");
    assert_eq!(owner.get("/profile").await.status, StatusCode::OK);
    assert_eq!(thief.sign_in(TEACHER, PASSWORD).await, StatusCode::UNPROCESSABLE_ENTITY);
    let forgotten = app.state.store.passwords_checked();
    for _ in 0..9 {
        thief.sign_in(TEACHER, "guess-again").await;
    }
    assert_eq!(thief.sign_in(TEACHER, "guess-again").await, StatusCode::TOO_MANY_REQUESTS, "a stranger's device again");
    assert_eq!(app.state.store.passwords_checked() - forgotten, 9);
    let again = owner.post("/sign-in/forgot/code", &form(&code, "correct-horse-battery")).await;
    assert!(again.body.contains("used already"), "a code works once");
}

#[tokio::test]
async fn clause_7_8_a_new_password_is_judged_and_ends_other_sessions() {
    let app = behind_proxy().await;
    let mut here = Browser::new(&app, "192.0.2.1");
    let mut there = Browser::new(&app, "192.0.2.2");
    for browser in [&mut here, &mut there] {
        assert_eq!(browser.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    }
    let form = |old: &str, new: &str| format!("old={old}&password={new}");
    for (old, new, word) in [
        (PASSWORD, "1234567", "at least 8"),
        (PASSWORD, "password1", "too common"),
        (PASSWORD, PASSWORD, "easy to guess"),
        ("not-it", "correct-horse-battery", "not your password"),
    ] {
        let reply = here.post("/profile/password", &form(old, new)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
        assert!(reply.body.contains(word), "{word} is not in {}", reply.body);
    }
    let reply = here.post("/profile/password", &form(PASSWORD, "correct-horse-battery")).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/profile/password?saved=1"));
    assert_eq!(here.get("/profile").await.status, StatusCode::OK);
    assert_eq!(there.get("/profile").await.status, StatusCode::SEE_OTHER);
    assert_eq!(there.sign_in(TEACHER, "correct-horse-battery").await, StatusCode::SEE_OTHER);
    for _ in 0..10 {
        here.post("/profile/password", &form("not-it", "another-horse-battery")).await;
    }
    let checked = app.state.store.passwords_checked();
    let reply = here.post("/profile/password", &form("correct-horse-battery", "another-horse-battery")).await;
    assert!(reply.body.contains("Too many tries"));
    assert_eq!(app.state.store.passwords_checked(), checked);
}

#[tokio::test]
async fn clause_2_7_my_devices_name_each_attribute_that_is_kept() {
    let app = behind_proxy().await;
    let mut browser = Browser::new(&app, "192.0.2.1");
    browser.sign_in(TEACHER, PASSWORD).await;
    let kept: Vec<_> = map::COLUMNS.iter().filter(|it| it.table == "device" && it.category == "device").collect();
    let page = browser.get("/profile/devices").await.body;
    for (column, value) in [("browser", "Safari 17"), ("system", "iPadOS 17.5"), ("model", "iPad")] {
        let entry = map::column("device", column).unwrap();
        assert!(entry.sealed && page.contains(entry.export_en.unwrap()) && page.contains(&format!("<dd>{value}</dd>")));
    }
    assert_eq!(kept.len(), 3, "and no other is kept");
    let cookie = browser.cookies.iter().find(|cookie| cookie.starts_with("device=")).unwrap();
    assert!(!page.contains(&cookie[7..]), "the number itself is shown to nobody");
    let request = Request::get("/profile/devices").header("cookie", browser.cookies.join("; "));
    let chinese = app.send(request.header("accept-language", CHINESE).body(Body::empty()).unwrap()).await.body;
    assert!(kept.iter().all(|entry| chinese.contains(entry.export_zh.unwrap())));
}

#[tokio::test]
async fn clause_7_8_a_sign_in_on_a_new_device_alarms_its_owner() {
    let (app, mut server) = with_mail().await;
    let mut known = Browser::new(&app, "192.0.2.1");
    assert_eq!(known.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    assert_eq!(known.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    assert!(!known.get("/classes").await.body.contains("on a new device"));
    let mut new = Browser::new(&app, "192.0.2.2");
    assert_eq!(new.sign_in(TEACHER, PASSWORD).await, StatusCode::SEE_OTHER);
    let (to, text) = mail_text(&mut server).await;
    assert!(to == "teacher@demo.example" && text.contains("新设备"), "{text}");
    assert!(server.is_empty(), "one mail, and none for the known device");
    assert!(known.get("/classes").await.body.contains("on a new device"));
    assert!(!new.get("/classes").await.body.contains("on a new device"));
    let page = known.get("/profile/devices").await.body;
    assert!(page.contains("on a new device"));
    assert!(!known.get("/classes").await.body.contains("on a new device"), "told once");
    // The owner sends the stranger away.
    let session = page.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let reply = known.post("/profile/devices/end", &format!("session={session}")).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(known.post("/profile/devices/end", &format!("session={session}")).await.status, StatusCode::NOT_FOUND);
    let stranger = Visit::of(&app, Role::Guardian, 0).await;
    let foreign = page.split("name=\"session\" value=\"").nth(2).map(|rest| rest.split('"').next().unwrap());
    let foreign = foreign.unwrap_or(session);
    assert_eq!(
        stranger.post_form("/profile/devices/end", &format!("session={foreign}")).await.status,
        StatusCode::NOT_FOUND
    );
    let mut third = Browser::new(&app, "192.0.2.3");
    third.sign_in(TEACHER, PASSWORD).await;
    assert_eq!(known.post("/profile/devices/end-others", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(third.get("/profile").await.status, StatusCode::SEE_OTHER);
    assert_eq!(known.get("/profile").await.status, StatusCode::OK);
}
