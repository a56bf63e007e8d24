//! The pages as an app: what is shown without a network.

use jiayin_domain::role::Role;
use serde_json::json;

use crate::common::{ScriptedEar, TestApp};
use crate::driver::{Browser, Wish};
use crate::story::sign_in;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_the_app_says_so_and_keeps_nothing_of_anybody() {
    let wish = Wish { language: "en", ..Wish::default() };
    let browser = Browser::over(TestApp::demo(ScriptedEar::kind()).await, wish).await;
    browser.open("/").await;
    let registered =
        "const done = arguments[0]; navigator.serviceWorker.getRegistrations().then((all) => done(all.length))";
    let count = browser.client.execute_async(registered, vec![]).await.unwrap();
    assert_eq!(count, json!(0), "who only looks around leaves nothing behind");
    sign_in(&browser, Role::Learner, 0).await;
    let ready = "const done = arguments[0]; \
        navigator.serviceWorker.ready.then(async () => { \
            while (!(await caches.match('/offline'))) await new Promise((go) => setTimeout(go, 100)); \
            done(true); })";
    browser.client.execute_async(ready, vec![]).await.unwrap();
    // Pages that were visited under the worker are not kept.
    for page in ["/home", "/messages", "/profile"] {
        browser.open(page).await;
    }
    let kept = "const done = arguments[0]; \
        caches.keys().then(async (names) => { \
            const shelves = await Promise.all(names.map((name) => caches.open(name))); \
            const keys = (await Promise.all(shelves.map((shelf) => shelf.keys()))).flat(); \
            const texts = await Promise.all(keys.map(async (key) => (await caches.match(key)).text())); \
            done([keys.map((key) => new URL(key.url).pathname), texts.join()]); })";
    let kept = browser.client.execute_async(kept, vec![]).await.unwrap();
    let paths: Vec<String> = serde_json::from_value(kept[0].clone()).unwrap();
    assert!(paths.iter().all(|path| path == "/offline" || path.starts_with("/static/")), "{paths:?}");
    assert!(!kept[1].as_str().unwrap().contains("王小明"), "the page without a network is nobody's");
    browser.unplug();
    browser.open("/home").await;
    assert!(browser.text("h1").await.contains("No network"));
    let main = browser.text("main").await;
    assert!(main.contains("kept on this device"), "{main}");
    browser.picture("offline").await;
    browser.close().await;
}
