//! Messages on the screens of devices (Web Push) and of phones, through providers that the test plays.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiayin::config::{Config, SmsProvider};
use jiayin_domain::id::PersonId;
use jiayin_domain::role::Role;
use jiayin_privacy::Identifier;
use jiayin_store::accounts::NewPerson;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

use crate::common::providers::{Inbox, TakenRequest, gateway};
use crate::common::school::{Visit, rows};
use crate::common::{Reply, ScriptedEar, TestApp};
use crate::messages::{HOUR, assign, between, choose};

const PHONE: &str = "+8613800000001";
const MINUTES: std::time::Duration = std::time::Duration::from_secs(120);

async fn school(status: &'static str) -> (TestApp, Inbox<TakenRequest>) {
    let server = gateway(status, "").await;
    let service = server.url.strip_prefix("http://").unwrap().to_owned();
    let config =
        Config { scoring_threads: 1, push_key: "5e".repeat(32), push_services: vec![service], ..Config::default() };
    let app = TestApp::demo_with(config, ScriptedEar::kind()).await;
    app.work().await;
    (app, server)
}

/// A browser: the address that its maker gave it, and its keys.
struct Device {
    endpoint: String,
    key: p256::SecretKey,
    secret: [u8; 16],
}

impl Device {
    fn new(server: &Inbox<TakenRequest>, number: u8) -> Self {
        let key = p256::SecretKey::from_slice(&[number + 1; 32]).unwrap();
        Self { endpoint: format!("{}/push/{number}", server.url), key, secret: [number; 16] }
    }

    fn form(&self) -> String {
        let point = self.key.public_key().to_encoded_point(false);
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("endpoint", &self.endpoint)
            .append_pair("p256dh", &BASE64_URL_SAFE_NO_PAD.encode(point))
            .append_pair("auth", &BASE64_URL_SAFE_NO_PAD.encode(self.secret))
            .finish()
    }

    async fn shows_messages_of(&self, visit: &Visit<'_>) {
        assert_eq!(visit.post_form("/messages/push", &self.form()).await.status, StatusCode::NO_CONTENT);
    }

    fn read(&self, taken: &TakenRequest) -> serde_json::Value {
        let plain = decrypt(taken.body.clone(), &self.key, &Auth::from(self.secret)).unwrap();
        serde_json::from_slice(&plain).unwrap()
    }
}

/// What the sender says of itself in the token that it signed for a service (RFC 8292), if the signature is right.
fn claims(taken: &TakenRequest) -> serde_json::Value {
    let sent = taken.headers["authorization"].strip_prefix("vapid t=").unwrap();
    let (token, key) = sent.split_once(", k=").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let key = VerifyingKey::from_sec1_bytes(&decode(key)).unwrap();
    key.verify(signed.as_bytes(), &Signature::from_slice(&decode(signature)).unwrap()).unwrap();
    serde_json::from_slice(&decode(signed.split_once('.').unwrap().1)).unwrap()
}

/// One more guardian of a child, who signs in by phone.
async fn guardian_with_phone(app: &TestApp, child: PersonId) -> Visit<'_> {
    let (store, school) = (&app.state.store, app.state.demo.unwrap());
    let identifiers = Identifier::parse(PHONE).into_iter().collect();
    let new = NewPerson { school, campus: None, role: Role::Guardian, name: "Test", identifiers, password: None };
    let person = store.create_person(new).await.unwrap().unwrap();
    store.tie_guardian(school, person, child).await.unwrap();
    let token = store.start_session(person).await.unwrap().unwrap();
    Visit::with_cookie(app, format!("session={}", token.to_text()))
}

async fn wait_and_work(app: &TestApp) {
    app.work().await;
    app.clock.advance(MINUTES);
    app.work().await;
}

fn is_on(page: &Reply) -> bool {
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    between(&page.body, "data-push=", ">").contains("data-on")
}

#[tokio::test]
async fn clause_10_2_a_device_shows_messages_once_it_was_asked_to_and_no_longer_than_that() {
    let (app, mut server) = school("201 Created").await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let other = Visit::of(&app, Role::Guardian, 4).await;
    choose(&guardian, &["learning.inbox", "learning.push"], ("00:00", "00:00")).await;
    guardian.post_form("/messages/reading", "").await;
    assign(&teacher).await;
    wait_and_work(&app).await;
    assert!(server.is_empty(), "nobody has asked for it");
    let device = Device::new(&server, 0);
    device.shows_messages_of(&guardian).await;
    Device::new(&server, 9).shows_messages_of(&other).await;
    assert!(is_on(&guardian.get("/messages/settings").await));
    // Two pieces of homework within a minute are one sign, which names nobody and which only the browser can read.
    assign(&teacher).await;
    assign(&teacher).await;
    wait_and_work(&app).await;
    let taken = server.next().await;
    assert_eq!(taken.target, "/push/0");
    assert_eq!((taken.headers["content-encoding"].as_str(), taken.headers["ttl"].as_str()), ("aes128gcm", "86400"));
    assert_eq!(taken.headers["topic"], "learning");
    let sender = claims(&taken);
    assert_eq!(sender["aud"], server.url);
    assert!(sender["sub"].as_str().unwrap().starts_with("mailto:"));
    let shown = device.read(&taken);
    assert_eq!(shown["body"], "3条新消息", "with the one from before");
    assert!(!shown.to_string().contains('王'), "{shown}");
    assert!(server.is_empty(), "one sign, and none for the other class's family");
    // The class is switched off, and on again.
    choose(&guardian, &["learning.inbox"], ("00:00", "00:00")).await;
    assign(&teacher).await;
    wait_and_work(&app).await;
    assert!(server.is_empty(), "the switch holds");
    choose(&guardian, &["learning.inbox", "learning.push"], ("00:00", "00:00")).await;
    // At night nobody is woken.
    choose(&guardian, &["learning.inbox", "learning.push"], ("00:00", "23:59")).await;
    assign(&teacher).await;
    wait_and_work(&app).await;
    assert!(server.is_empty(), "quiet hours hold");
    app.clock.advance(HOUR * 24);
    app.work().await;
    assert_eq!(server.next().await.target, "/push/0");
    wait_and_work(&app).await;
    targets(&mut server).await;
    // On this device no more.
    assert_eq!(guardian.post_form("/messages/push/removal", "").await.status, StatusCode::SEE_OTHER);
    assert!(!is_on(&guardian.get("/messages/settings").await));
    choose(&guardian, &["learning.inbox", "learning.push"], ("00:00", "00:00")).await;
    assign(&teacher).await;
    wait_and_work(&app).await;
    assert!(!targets(&mut server).await.contains(&"/push/0".to_owned()));
}

/// Where all went that has come since.
async fn targets(server: &mut Inbox<TakenRequest>) -> Vec<String> {
    let mut targets = Vec::new();
    while !server.is_empty() {
        targets.push(server.next().await.target);
    }
    targets
}

#[tokio::test]
async fn who_has_signed_out_or_left_the_tablet_to_another_is_shown_nothing_there() {
    let (app, mut server) = school("201 Created").await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let (first, second) = (Visit::of(&app, Role::Guardian, 0).await, Visit::of(&app, Role::Guardian, 0).await);
    let neighbour = Visit::of(&app, Role::Guardian, 1).await;
    for visit in [&first, &neighbour] {
        choose(visit, &["learning.inbox", "learning.push"], ("00:00", "00:00")).await;
    }
    let (tablet, phone) = (Device::new(&server, 0), Device::new(&server, 1));
    tablet.shows_messages_of(&first).await;
    phone.shows_messages_of(&second).await;
    assert!(first.get("/messages/settings").await.body.contains("Other devices of yours that show messages: 1"));
    // The same tablet, now somebody else's: only theirs are shown.
    tablet.shows_messages_of(&neighbour).await;
    assert!(!is_on(&first.get("/messages/settings").await));
    assign(&teacher).await;
    wait_and_work(&app).await;
    let mut targets = [server.next().await.target, server.next().await.target];
    targets.sort();
    assert_eq!(targets, ["/push/0", "/push/1"]);
    assert!(server.is_empty());
    // Signed out, the phone is silent, and forgotten when there is something to tell.
    assert_eq!(second.post_form("/sign-out", "").await.status, StatusCode::SEE_OTHER);
    assign(&teacher).await;
    wait_and_work(&app).await;
    assert_eq!(server.next().await.target, "/push/0");
    assert!(server.is_empty());
}

#[tokio::test]
async fn an_address_that_is_gone_is_forgotten_and_a_service_in_trouble_is_tried_again() {
    let (app, mut server) = school("410 Gone").await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    choose(&guardian, &["learning.inbox", "learning.push"], ("00:00", "00:00")).await;
    Device::new(&server, 0).shows_messages_of(&guardian).await;
    assign(&teacher).await;
    wait_and_work(&app).await;
    server.next().await;
    assert!(!is_on(&guardian.get("/messages/settings").await), "switched off in the browser, it is off here");

    let (app, mut server) = school("429 Too Many Requests").await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    choose(&guardian, &["learning.inbox", "learning.push"], ("00:00", "00:00")).await;
    Device::new(&server, 0).shows_messages_of(&guardian).await;
    assign(&teacher).await;
    wait_and_work(&app).await;
    server.next().await;
    assert!(is_on(&guardian.get("/messages/settings").await));
    app.clock.advance(HOUR);
    app.work().await;
    server.next().await;
}

#[tokio::test]
async fn clause_5_1_what_is_no_address_of_a_push_service_is_kept_nowhere() {
    let (app, server) = school("201 Created").await;
    let guardian = Visit::of(&app, Role::Guardian, 0).await;
    let good = Device::new(&server, 0);
    let before = rows(&app).await;
    let elsewhere = Device { endpoint: "https://intranet.example/hook".to_owned(), ..Device::new(&server, 0) };
    let long = Device { endpoint: format!("{}/{}", server.url, "x".repeat(2_000)), ..Device::new(&server, 0) };
    let broken = good.form().replace("auth=", "auth=AAAA");
    let no_point = format!("endpoint=x&p256dh={}&auth={}", "A".repeat(87), "A".repeat(22));
    for form in [elsewhere.form(), long.form(), broken, no_point, "endpoint=x".to_owned(), String::new()] {
        let refused = guardian.post_form("/messages/push", &form).await;
        assert!(refused.status.is_client_error(), "{} {form}", refused.status);
    }
    assert_eq!(rows(&app).await, before);
    // Without a key there is no push, and no such address.
    let plain = TestApp::demo(ScriptedEar::kind()).await;
    let guardian = Visit::of(&plain, Role::Guardian, 0).await;
    assert!(!guardian.get("/messages/settings").await.body.contains("data-push"));
    assert_eq!(guardian.post_form("/messages/push", &good.form()).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_phone_is_told_how_much_is_new_in_the_evening_if_its_owner_wishes() {
    let mut server = gateway("200 OK", "{}").await;
    let config = Config {
        scoring_threads: 1,
        sms_provider: SmsProvider::Http,
        sms_template: "code".to_owned(),
        sms_messages_template: "news".to_owned(),
        sms_access_key_secret: "secret".to_owned(),
        sms_endpoint: server.url.clone(),
        ..Config::default()
    };
    let app = TestApp::demo_with(config, ScriptedEar::kind()).await;
    app.work().await;
    let teacher = Visit::of(&app, Role::Teacher, 0).await;
    let child = Visit::of(&app, Role::Learner, 0).await.person;
    let guardian = guardian_with_phone(&app, child).await;
    assign(&teacher).await;
    app.work().await;
    app.clock.advance(HOUR * 24);
    app.work().await;
    assert!(server.is_empty(), "no text without a wish");
    choose(&guardian, &["learning.inbox", "learning.text"], ("21:00", "08:00")).await;
    assign(&teacher).await;
    app.work().await;
    assert!(server.is_empty(), "it waits for the evening");
    app.clock.advance(HOUR * 24);
    app.work().await;
    let sent: serde_json::Value = serde_json::from_slice(&server.next().await.body).unwrap();
    assert_eq!((sent["phone"].as_str(), sent["template"].as_str()), (Some(PHONE), Some("news")));
    let parameters: serde_json::Value = serde_json::from_str(sent["parameters"].as_str().unwrap()).unwrap();
    assert!(parameters["count"].as_str().unwrap().parse::<u32>().unwrap() >= 1, "{parameters}");
    assert!(server.is_empty());
}
