//! What is pushed to a browser in which no page of ours need be open.

use std::time::Duration;

use jiayin_domain::role::Role;
use serde_json::json;

use crate::common::ScriptedEar;
use crate::driver::{Browser, Wish};
use crate::story::sign_in;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_shown_with_nothing_but_what_it_says() {
    let browser = Browser::by_name(ScriptedEar::kind(), Wish { language: "en", ..Wish::default() }).await;
    let granted = json!({"permission": {"name": "notifications"}, "setting": "granted"});
    browser.devtools("Browser.setPermission", granted).await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.open("/messages").await;
    browser.run("return navigator.serviceWorker.ready.then(() => true)").await;
    let origin = browser.run("return location.origin").await;
    let said = json!({"title": "佳音", "body": "You have new messages.", "tag": "messages", "lang": "en", "icon": "/static/icon.svg"});
    browser.devtools("ServiceWorker.enable", json!({})).await;
    // As browsers number them, the first of this profile.
    let pushed = json!({"origin": origin, "registrationId": "0", "data": said.to_string()});
    browser.devtools("ServiceWorker.deliverPushMessage", pushed.clone()).await;
    let shown = "return navigator.serviceWorker.ready.then((worker) => worker.getNotifications()) \
        .then((all) => all.map((one) => [one.title, one.body, one.tag, one.lang]))";
    let expected = json!([["佳音", "You have new messages.", "messages", "en"]]);
    // Each of the same kind takes the place of the one before. A worker that is still being installed is told nothing.
    for _ in 0..20 {
        browser.devtools("ServiceWorker.deliverPushMessage", pushed.clone()).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        if browser.run(shown).await == expected {
            break;
        }
    }
    assert_eq!(browser.run(shown).await, expected);
    browser.devtools("ServiceWorker.deliverPushMessage", pushed).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(browser.run(shown).await, expected);
    browser.close().await;
}
