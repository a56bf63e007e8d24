//! One-time codes through a real mail server and a text message gateway that checks the provider's signature.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::Request;
use jiayin::app::AppState;
use jiayin::codes::{Challenge, CodeError, CodePurpose, SendError, Tell, check, send_code};
use jiayin::config::{Config, SmsProvider};
use jiayin::egress::{Blocked, DeliveryError, Payload};
use jiayin::locale::Locale;
use jiayin::network::Network;
use jiayin_privacy::{Identifier, map};
use mail_parser::{MessageParser, MimeHeaders};

use crate::common::providers::{gateway, mail_server};
use crate::common::{ScriptedEar, TestApp};

const MAILBOX: &str = "Parent@Example.COM";
const PURPOSE: CodePurpose = CodePurpose::Registration;

async fn send_to(app: &TestApp, to: &str, tell: Tell, locale: Locale) -> Result<Challenge, SendError> {
    let (mut parts, ()) = Request::new(()).into_parts();
    let Ok(network) = Network::from_request_parts(&mut parts, &app.state).await;
    let identifier = Identifier::parse(to).unwrap();
    let l = app.state.catalogs.get(locale);
    send_code(&app.state, &identifier, PURPOSE, tell, &network, &l).await.unwrap()
}

/// A demo without providers, and a code that is shown on its page.
async fn shown() -> (TestApp, String, String) {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let challenge = send_to(&app, MAILBOX, Tell::Code, Locale::En).await.unwrap();
    let code = challenge.shown.unwrap();
    assert_eq!((code.len(), challenge.sent_to.as_str()), (6, "p*****@example.com"));
    (app, challenge.token, code)
}

fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn clause_5_3_a_mail_server_gets_delivery_fields_only_in_both_languages() {
    let mut server = mail_server(false).await;
    let config = Config {
        smtp_url: server.url.clone(),
        mail_from: "佳音 <no-reply@school.test>".to_owned(),
        ..Config::default()
    };
    let app = TestApp::with(config, ScriptedEar::kind()).await;
    for (locale, word) in [(Locale::ZhCn, "验证码"), (Locale::En, "code")] {
        let challenge = send_to(&app, MAILBOX, Tell::Code, locale).await.unwrap();
        assert!(challenge.shown.is_none(), "a code that is sent is not shown");
        let taken = server.next().await;
        assert_eq!(taken.to, "parent@example.com");
        let mail = MessageParser::default().parse(&taken.raw).unwrap();
        assert!(mail.content_type().unwrap().subtype() == Some("alternative"));
        let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
        let code: String = mail.subject().unwrap().chars().filter(char::is_ascii_digit).collect();
        assert!(mail.subject().unwrap().contains(word) && text.contains(&code) && html.contains(&code));
        assert!(html.contains(&format!("lang=\"{}\"", locale.tag())));
        let names: BTreeSet<String> = mail.headers().iter().map(|header| header.name().to_lowercase()).collect();
        let known = ["from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"];
        assert_eq!(names, known.map(str::to_owned).into());
        let proved = check(&app.state, &challenge.token, PURPOSE, &code).ok().unwrap();
        assert_eq!(proved.identifier().normalised(), "parent@example.com");
        app.clock.advance(Duration::from_secs(61));
    }
    send_to(&app, MAILBOX, Tell::AccountExists, Locale::En).await.unwrap();
    let mail = server.next().await.raw;
    let text = MessageParser::default().parse(&mail).unwrap().body_text(0).unwrap().into_owned();
    assert!(text.contains("there is one already") && !text.chars().any(|letter| letter.is_ascii_digit()), "{text}");
    app.clock.advance(Duration::from_secs(61));
    let silent = send_to(&app, MAILBOX, Tell::Nothing, Locale::En).await.unwrap();
    assert_eq!(silent.sent_to, "p*****@example.com", "the page is the same");
    app.clock.advance(Duration::from_secs(61));
    send_to(&app, MAILBOX, Tell::Code, Locale::En).await.unwrap();
    assert!(server.next().await.raw.windows(4).any(|part| part == b"code"));
    assert!(server.is_empty(), "and nothing was sent in between");
}

#[tokio::test]
async fn clause_5_1_only_a_registered_recipient_with_its_own_fields_is_sent_anything() {
    let mut server = mail_server(false).await;
    let config =
        Config { smtp_url: server.url.clone(), mail_from: "no-reply@school.test".to_owned(), ..Config::default() };
    let app = TestApp::with(config, ScriptedEar::kind()).await;
    let fields = |extra: Option<&'static str>| {
        let known = map::recipient("mail").unwrap().fields.iter().copied();
        known.chain(extra).map(|name| (name, "parent@example.com".to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(Payload::new("partner", "account", fields(None)).err(), Some(Blocked::Recipient));
    assert_eq!(Payload::new("mail", "teaching", fields(None)).err(), Some(Blocked::Purpose));
    assert_eq!(Payload::new("mail", "account", fields(Some("birth_month"))).err(), Some(Blocked::Fields));
    let allowed = Payload::new("mail", "account", fields(None)).unwrap();
    app.state.egress.deliver(&allowed).await.unwrap();
    assert_eq!(server.next().await.to, "parent@example.com");
    assert!(server.is_empty());
    let silent = TestApp::new().await;
    assert_eq!(silent.state.egress.deliver(&allowed).await, Err(DeliveryError::NotConfigured));
}

#[tokio::test]
async fn a_refusal_by_the_mail_server_names_no_address() {
    let server = mail_server(true).await;
    let config =
        Config { smtp_url: server.url.clone(), mail_from: "no-reply@school.test".to_owned(), ..Config::default() };
    let app = TestApp::with(config, ScriptedEar::kind()).await;
    let names = ["to", "subject", "text", "html", "unsubscribe"];
    let fields = names.map(|name| (name, "parent@example.com".to_owned())).to_vec();
    let refused = app.state.egress.deliver(&Payload::new("mail", "account", fields).unwrap()).await.unwrap_err();
    assert_eq!(refused, DeliveryError::Refused("550".to_owned()));
}

fn sms(provider: SmsProvider, url: &str) -> Config {
    Config {
        sms_provider: provider,
        sms_access_key_id: "test-key-id".to_owned(),
        sms_access_key_secret: "test-key-secret".to_owned(),
        sms_sign_name: "佳音".to_owned(),
        sms_template: "SMS_0001".to_owned(),
        sms_endpoint: url.to_owned(),
        ..Config::default()
    }
}

#[tokio::test]
async fn clause_5_3_alibaba_gets_a_signed_request_with_delivery_fields_only() {
    let mut server = gateway("200 OK", r#"{"Code":"OK","Message":"OK","BizId":"1"}"#).await;
    let app = TestApp::with(sms(SmsProvider::Alibaba, &server.url), ScriptedEar::kind()).await;
    let challenge = send_to(&app, "138 0013 8000", Tell::Code, Locale::ZhCn).await.unwrap();
    let taken = server.next().await;
    assert!(taken.is_signed("test-key-id", "test-key-secret"));
    assert!(!taken.is_signed("test-key-id", "another-secret") && !taken.is_signed("another-id", "test-key-secret"));
    assert_eq!(
        (taken.headers["x-acs-action"].as_str(), taken.headers["x-acs-version"].as_str()),
        ("SendSms", "2017-05-25")
    );
    let parameters = taken.parameters();
    let names: Vec<&str> = parameters.keys().map(String::as_str).collect();
    assert_eq!(names, ["PhoneNumbers", "SignName", "TemplateCode", "TemplateParam"]);
    assert_eq!(names.len(), map::recipient("sms").unwrap().fields.len());
    assert_eq!((parameters["PhoneNumbers"].as_str(), parameters["SignName"].as_str()), ("13800138000", "佳音"));
    let code =
        parameters["TemplateParam"].strip_prefix("{\"code\":\"").and_then(|rest| rest.strip_suffix("\"}")).unwrap();
    assert!(check(&app.state, &challenge.token, PURPOSE, code).is_ok());
}

#[tokio::test]
async fn a_gateway_of_ones_own_gets_the_listed_fields_as_json() {
    let mut server = gateway("202 Accepted", "").await;
    let app = TestApp::with(sms(SmsProvider::Http, &server.url), ScriptedEar::kind()).await;
    send_to(&app, "+852 2345 6789", Tell::Code, Locale::En).await.unwrap();
    let taken = server.next().await;
    assert_eq!(taken.headers["authorization"], "Bearer test-key-secret");
    let body: serde_json::Value = serde_json::from_slice(&taken.body).unwrap();
    let fields: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, map::recipient("sms").unwrap().fields.iter().copied().collect());
    assert_eq!(body["phone"], "+85223456789");
}

#[tokio::test]
async fn without_a_provider_no_code_is_sent_and_the_reason_is_told() {
    let app = TestApp::new().await;
    for (to, word) in [(MAILBOX, "mail"), ("13800138000", "text messages")] {
        let refused = send_to(&app, to, Tell::Code, Locale::En).await.err().unwrap();
        assert!(refused.message(&app.state.catalogs.get(Locale::En)).contains(word), "{refused:?}");
    }
}

#[tokio::test]
async fn a_code_is_good_once() {
    let (app, token, code) = shown().await;
    let typed = format!(" {} {} ", &code[..3], &code[3..]);
    assert!(check(&app.state, &token, PURPOSE, &typed).is_ok());
    assert_eq!(check(&app.state, &token, PURPOSE, &code).err(), Some(CodeError::Used));
}

#[tokio::test]
async fn five_wrong_tries_end_a_code() {
    let (app, token, code) = shown().await;
    assert_eq!(check(&app.state, &token, PURPOSE, "12345").err(), Some(CodeError::NotACode));
    for left in [4, 3, 2, 1] {
        assert_eq!(check(&app.state, &token, PURPOSE, &another(&code)).err(), Some(CodeError::Wrong { left }));
    }
    assert_eq!(check(&app.state, &token, PURPOSE, &another(&code)).err(), Some(CodeError::TooManyTries));
    assert_eq!(
        check(&app.state, &token, PURPOSE, &code).err(),
        Some(CodeError::TooManyTries),
        "the sixth, though right"
    );
}

#[tokio::test]
async fn a_code_expires_and_does_not_survive_a_restart() {
    let (app, token, code) = shown().await;
    let old = &app.state;
    let (ear, store, clock) = (Arc::clone(&old.ear), old.store.clone(), Arc::clone(&old.clock));
    let restarted = AppState::new(old.config.clone(), ear, store, old.demo, clock, Arc::clone(&old.entropy)).unwrap();
    assert_eq!(check(&restarted, &token, PURPOSE, &code).err(), Some(CodeError::Expired));
    app.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(check(&app.state, &token, PURPOSE, &code).err(), Some(CodeError::Expired));
}

#[tokio::test]
async fn a_token_that_was_changed_or_is_for_something_else_is_none() {
    let (app, token, code) = shown().await;
    assert_eq!(check(&app.state, &token, CodePurpose::Reset, &code).err(), Some(CodeError::Tampered));
    let mut changed = token.clone().into_bytes();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'0' { b'1' } else { b'0' };
    for wrong in [String::from_utf8(changed).unwrap(), token[2..].to_owned(), String::new(), "zz".to_owned()] {
        assert_eq!(check(&app.state, &wrong, PURPOSE, &code).err(), Some(CodeError::Tampered));
    }
    assert!(check(&app.state, &token, PURPOSE, &code).is_ok(), "none of which counted as a try");
}

#[tokio::test]
async fn codes_are_not_sent_without_end() {
    let (app, _, _) = shown().await;
    let again = async |to: &str| send_to(&app, to, Tell::Code, Locale::En).await.err();
    assert_eq!(again(MAILBOX).await, Some(SendError::TooMany { minutes: 1 }));
    for _ in 0..9 {
        app.clock.advance(Duration::from_secs(61));
        assert_eq!(again(MAILBOX).await, None);
    }
    app.clock.advance(Duration::from_secs(61));
    assert!(matches!(again(MAILBOX).await, Some(SendError::TooMany { minutes: 1400..=1440 })), "ten a day");
    for number in 0..30 {
        assert_eq!(again(&format!("parent{number}@example.com")).await, None);
    }
    assert!(
        matches!(again("one-more@example.com").await, Some(SendError::TooMany { .. })),
        "forty an hour for a network"
    );
}

#[tokio::test]
async fn clause_i_4_asking_for_a_code_writes_no_row() {
    let (app, token, code) = shown().await;
    let before = rows(&app).await;
    app.clock.advance(Duration::from_secs(61));
    send_to(&app, "new-parent@example.com", Tell::Code, Locale::ZhCn).await.unwrap();
    assert!(check(&app.state, &token, PURPOSE, &code).is_ok());
    assert_eq!(rows(&app).await, before);
}

/// Rows of every table.
async fn rows(app: &TestApp) -> Vec<(String, i64)> {
    use sqlx::Connection;
    let url = format!("sqlite:{}", app.folder().join("jiayin.sqlite").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let mut counts = Vec::new();
    for (table, _) in jiayin_store::schema(&url).await.unwrap() {
        let sql = format!("SELECT count(*) FROM \"{table}\"");
        let (count,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_one(&mut database).await.unwrap();
        counts.push((table, count));
    }
    counts
}

#[test]
fn every_refusal_has_a_text_in_both_languages() {
    let catalogs = jiayin::locale::Catalogs::load().unwrap();
    let refusals = [
        CodeError::NotACode,
        CodeError::Wrong { left: 3 },
        CodeError::TooManyTries,
        CodeError::Expired,
        CodeError::Used,
        CodeError::Tampered,
    ];
    for locale in Locale::ALL {
        let texts: BTreeSet<String> = refusals.iter().map(|error| error.message(&catalogs.get(locale))).collect();
        assert_eq!(texts.len(), refusals.len());
        assert!(texts.iter().all(|text| !text.starts_with("code-")), "{texts:?}");
    }
}
