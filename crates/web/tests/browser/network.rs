//! Little network and none: what is fetched while data is saved, what waits for Wi-Fi, homework that was taken along.

use std::time::Duration;

use jiayin::worker;
use jiayin_domain::role::Role;
use serde_json::{Value, json};

use crate::common::school::Visit;
use crate::common::{ScriptedEar, TestApp, fixtures, real_ear};
use crate::driver::{Browser, Wish};
use crate::story::{homework, sign_in};

/// A browser that says it is on mobile data, as Chrome on Android does; on a desk it says nothing. A test may change it.
const CELLULAR: &str = "
    const line = Object.assign(new EventTarget(), { type: 'cellular', saveData: false });
    Object.defineProperty(navigator, 'connection', { value: line });";

/// The sounds that the page has fetched.
const SOUNDS: &str = "return performance.getEntriesByType('resource').filter((e) => e.name.includes('/media/')).length";

/// What is kept, and whose.
const TAKEN: &str = "const done = arguments[0]; \
    caches.match('/taken').then(async (index) => { \
        const shelf = index ? await caches.open('taken') : undefined; \
        const keys = shelf ? await shelf.keys() : []; \
        done([index ? await index.json() : null, keys.map((key) => new URL(key.url).pathname)]); })";

async fn school(language: &'static str) -> (Browser, fixtures::Reading) {
    let reading = fixtures::reading();
    let app = TestApp::demo(real_ear()).await;
    worker::start(&app.state);
    let wish = Wish { microphone: Some(reading.wav()), language, ..Wish::default() };
    (Browser::over(app, wish).await, reading)
}

async fn record(browser: &Browser, reading: &fixtures::Reading) {
    browser.click("[data-record]:enabled").await;
    browser.wait_for("[data-state=recording]").await;
    tokio::time::sleep(reading.duration()).await;
    browser.click("[data-record]").await;
}

async fn counted(browser: &Browser, direction: &str, network: &str) -> u64 {
    let metrics = browser.app().get("/metrics").await.body;
    let line = format!("jiayin_media_bytes_total{{direction=\"{direction}\",network=\"{network}\"}} ");
    metrics.lines().find_map(|found| found.strip_prefix(&line)).map_or(0, |count| count.parse().unwrap())
}

async fn press(browser: &Browser, button: &str) {
    browser.open("/profile").await;
    browser.click(button).await;
    browser.wait_until("return location.hash === '#look-title'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clause_11_3_while_data_is_saved_sound_waits_for_the_finger_and_bytes_are_counted_by_network() {
    let (browser, reading) = school("en").await;
    let (task, path) = homework(browser.app(), &reading.text).await;
    // Two of them: what was fetched once, the browser has.
    let sounding: Vec<String> = task
        .sentences
        .iter()
        .filter(|sentence| sentence.audio.is_some())
        .map(|sentence| format!("/homework/{}/exercises/{}", task.assignment, sentence.exercise))
        .collect();
    let [first, second, ..] = sounding.as_slice() else { panic!("there is course audio") };
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": CELLULAR })).await;
    sign_in(&browser, Role::Learner, 0).await;
    // As a rule the sound is there before it is asked for.
    browser.open(first).await;
    browser.wait_until(&format!("{SOUNDS} > 0")).await;
    press(&browser, "button[name=saver][value=mobile]").await;
    let before = counted(&browser, "out", "cellular").await;
    browser.open(second).await;
    browser.wait_for("[data-record]:enabled").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(browser.run(SOUNDS).await, json!(0), "nothing is fetched unasked");
    assert_eq!(counted(&browser, "out", "cellular").await, before);
    browser.click("[data-hear]").await;
    browser.wait_until(&format!("{SOUNDS} > 0")).await;
    browser.wait_until("return document.querySelector('audio').currentTime > 0").await;
    assert!(counted(&browser, "out", "cellular").await > before, "what was asked for is counted");
    // A recording, made small, and counted to the byte.
    browser.open(&path).await;
    let before = counted(&browser, "in", "cellular").await;
    record(&browser, &reading).await;
    browser.wait_for(".result[data-verdict=scored]").await;
    browser.open(&path).await;
    let audio = browser.run("return document.querySelector('.history audio').getAttribute('src')").await;
    let learner = Visit::of(browser.app(), Role::Learner, 0).await;
    let length: u64 = learner.get(audio.as_str().unwrap()).await.header("content-length").parse().unwrap();
    assert_eq!(counted(&browser, "in", "cellular").await - before, length);
    let seconds = reading.duration().as_secs_f64();
    assert!((length as f64) < seconds * 40_000.0 / 8.0, "{length} bytes for {seconds} s are not small");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clause_11_3_recordings_wait_for_wifi_if_so_wished_and_go_when_told_to() {
    let (browser, reading) = school("en").await;
    let (_, path) = homework(browser.app(), &reading.text).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": CELLULAR })).await;
    sign_in(&browser, Role::Learner, 0).await;
    press(&browser, "button[name=wifi]").await;
    browser.open(&path).await;
    let send = async || {
        browser.run("document.querySelector('details.upload').open = true").await;
        browser.wait_for("#recording").await.send_keys(&reading.wav().display().to_string()).await.unwrap();
        browser.click(".upload-body button").await;
        browser.wait_for("[data-outbox-line][data-state=wifi]").await;
    };
    send().await;
    assert!(browser.text("[data-hint]").await.contains("on Wi-Fi"));
    assert!(browser.text("[data-outbox-words]").await.starts_with("1 recording waits"));
    assert_eq!(browser.accessibility().await, Vec::<String>::new());
    browser.picture("outbox-wifi").await;
    assert_eq!(counted(&browser, "in", "cellular").await, 0, "nothing has left the device");
    // The device comes home.
    browser.run("navigator.connection.type = 'wifi'; navigator.connection.dispatchEvent(new Event('change'))").await;
    browser.wait_for(".result[data-verdict=scored]").await;
    assert_eq!(counted(&browser, "in", "wifi").await, reading.bytes().len() as u64);
    // Or it is told not to wait.
    browser.open(&path).await;
    send().await;
    browser.click("[data-outbox-now]").await;
    browser.wait_until("return document.querySelector('[data-outbox]').hidden").await;
    assert_eq!(counted(&browser, "in", "cellular").await, reading.bytes().len() as u64);
    browser.close().await;
}

/// Signs in, and waits until the pages are served with the worker in between.
async fn settle(browser: &Browser, number: usize) {
    sign_in(browser, Role::Learner, number).await;
    let ready = "const done = arguments[0]; \
        navigator.serviceWorker.ready.then(async () => { \
            while (!(await caches.match('/offline'))) await new Promise((go) => setTimeout(go, 100)); \
            done(true); })";
    browser.client.execute_async(ready, vec![]).await.unwrap();
    browser.open("/home").await;
}

async fn take_along(browser: &Browser, assignment: &str) {
    browser.open("/home").await;
    browser.click(&format!("[data-along='{assignment}'] [data-along-take]")).await;
    browser.wait_for(&format!("[data-along='{assignment}'][data-state=taken]")).await;
}

async fn taken(browser: &Browser) -> (Value, Vec<String>) {
    let kept = browser.client.execute_async(TAKEN, vec![]).await.unwrap();
    (kept[0].clone(), serde_json::from_value(kept[1].clone()).unwrap())
}

async fn network(browser: &Browser, there: bool) {
    if there {
        browser.plug_in().await;
    } else {
        browser.unplug();
    }
    browser.devtools("Network.enable", json!({})).await;
    let conditions = json!({"offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.devtools("Network.emulateNetworkConditions", conditions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn homework_taken_along_is_heard_and_recorded_without_a_network_and_goes_up_by_itself() {
    let (browser, reading) = school("en").await;
    let (task, path) = homework(browser.app(), &reading.text).await;
    let assignment = task.assignment.to_string();
    settle(&browser, 0).await;
    take_along(&browser, &assignment).await;
    assert_eq!(browser.accessibility().await, Vec::<String>::new());
    browser.picture("home-taken").await;
    let (index, paths) = taken(&browser).await;
    assert_eq!(index["owner"], browser.run("return document.querySelector('[data-outbox]').dataset.owner").await);
    assert!(paths.contains(&path) && paths.iter().any(|path| path.starts_with("/media/")), "{paths:?}");
    network(&browser, false).await;
    browser.open("/home").await;
    browser.wait_for("[data-taken]:not([hidden]) a").await;
    browser.picture("offline-taken").await;
    assert_eq!(browser.accessibility().await, Vec::<String>::new());
    browser.click("[data-taken] a").await;
    browser.wait_for("[data-exercise] [data-record]:enabled").await;
    browser.open(&path).await;
    if task.sentences.iter().any(|sentence| path.ends_with(&sentence.exercise.to_string()) && sentence.audio.is_some())
    {
        browser.click("[data-hear]").await;
        browser.wait_until("return document.querySelector('[data-model] audio').currentTime > 0").await;
    }
    record(&browser, &reading).await;
    browser.wait_for("[data-outbox-line][data-state=offline]").await;
    assert!(browser.text("[data-hint]").await.contains("no network now"));
    browser.wait_for(".step.kept").await;
    browser.wait_for("[data-go-on]:not([hidden]) a").await;
    browser.picture("exercise-offline").await;
    network(&browser, true).await;
    browser.wait_for(".result[data-verdict=scored]").await;
    browser.wait_until("return document.querySelector('.step.kept') === null").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_child_has_taken_along_no_other_finds_on_the_same_tablet() {
    let wish = Wish { language: "en", ..Wish::default() };
    let browser = Browser::over(TestApp::demo(ScriptedEar::kind()).await, wish).await;
    let (task, path) = homework(browser.app(), &fixtures::reading().text).await;
    let assignment = task.assignment.to_string();
    let gone = "const done = arguments[0]; caches.has('taken').then((has) => done(!has))";
    let wait_gone = async || {
        for _ in 0..100 {
            if browser.client.execute_async(gone, vec![]).await.unwrap() == json!(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it is still there");
    };
    // Signing out takes it away,
    settle(&browser, 0).await;
    take_along(&browser, &assignment).await;
    browser.click(".me summary").await;
    browser.click(".me form[action='/sign-out'] button").await;
    browser.wait_until("return location.pathname === '/'").await;
    wait_gone().await;
    // and so does somebody else's coming, even if nobody signed out.
    settle(&browser, 0).await;
    take_along(&browser, &assignment).await;
    sign_in(&browser, Role::Learner, 1).await;
    wait_gone().await;
    // Then nothing of it can be opened without a network either.
    browser.open("/home").await;
    network(&browser, false).await;
    browser.open(&path).await;
    assert!(browser.text("h1").await.contains("No network"));
    assert!(!browser.text("main").await.contains(&task.title));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_text_fits_a_small_phone() {
    let wish = Wish { language: "zh-CN", ..Wish::default() };
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let browser = Browser::over(app, wish).await;
    let (_, path) = homework(browser.app(), &fixtures::reading().text).await;
    let fits = async |name: &str, pages: &[&str]| {
        press(&browser, "button[name=large]").await;
        for page in pages {
            browser.open(page).await;
            for scheme in ["light", "dark"] {
                browser.device(360, 780, scheme).await;
                let wide = browser.run("return document.documentElement.scrollWidth").await;
                let shot = format!("large-{name}{}-{scheme}", page.split('/').take(2).collect::<Vec<_>>().join("-"));
                browser.picture(&shot).await;
                assert!(wide.as_u64().unwrap() <= 360, "{name} {page}: scrolls sideways ({wide})");
                assert_eq!(browser.accessibility().await, Vec::<String>::new(), "{name} {page} {scheme}");
            }
        }
    };
    sign_in(&browser, Role::Learner, 0).await;
    fits("learner", &["/home", &path, "/profile", "/profile/avatar", "/messages"]).await;
    sign_in(&browser, Role::Teacher, 0).await;
    let class = browser.run("return document.querySelector('.class-head h2 a').getAttribute('href')").await;
    fits("teacher", &["/classes", class.as_str().unwrap(), "/review", "/profile/avatar"]).await;
    sign_in(&browser, Role::Guardian, 0).await;
    fits("guardian", &["/family", "/consent"]).await;
    browser.close().await;
}
