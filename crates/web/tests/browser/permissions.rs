//! What pages ask of the device: the microphone at the recording step and no longer than it lasts; without it, another way on.

use jiayin::worker;
use jiayin_domain::role::Role;
use serde_json::json;

use crate::common::{TestApp, fixtures, real_ear};
use crate::driver::{Browser, Wish};
use crate::story::{homework, sign_in};

/// Notes each microphone that a page is given.
const WATCH: &str = "
    window.microphones = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
        const stream = await ask(wish);
        window.microphones.push(...stream.getTracks());
        return stream;
    };";

async fn nothing_asked(browser: &Browser, path: &str) {
    browser.open(path).await;
    browser.wait_for("main").await;
    assert_eq!(
        browser.run("return window.microphones.length").await,
        json!(0),
        "{path} asks for the microphone unasked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn clause_11_1_the_microphone_is_asked_for_at_the_recording_step_and_let_go_with_it() {
    let reading = fixtures::reading();
    let app = TestApp::demo(real_ear()).await;
    worker::start(&app.state);
    let wish = Wish { microphone: Some(reading.wav()), language: "en", ..Wish::default() };
    let browser = Browser::over(app, wish).await;
    let (task, path) = homework(browser.app(), &reading.text).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
    sign_in(&browser, Role::Learner, 0).await;
    for page in ["/home", "/messages", "/profile", path.as_str()] {
        nothing_asked(&browser, page).await;
    }
    browser.click("[data-record]:enabled").await;
    browser.wait_for("[data-state=recording]").await;
    let live = "return window.microphones.map((track) => track.kind + ' ' + track.readyState)";
    assert_eq!(browser.run(live).await, json!(["audio live"]), "sound alone, and now");
    tokio::time::sleep(reading.duration()).await;
    browser.click("[data-record]").await;
    browser.wait_for(".result[data-verdict=scored]").await;
    assert_eq!(browser.run(live).await, json!(["audio ended"]), "the step is over, and so is the listening");
    // Who only listens is never asked.
    sign_in(&browser, Role::Teacher, 0).await;
    for page in ["/classes", "/courses", &format!("/review?assignment={}", task.assignment)] {
        nothing_asked(&browser, page).await;
    }
    sign_in(&browser, Role::Guardian, 0).await;
    nothing_asked(&browser, "/family").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clause_11_6_without_the_microphone_homework_is_done_with_a_file_and_nothing_else_is_lost() {
    let reading = fixtures::reading();
    let app = TestApp::demo(real_ear()).await;
    worker::start(&app.state);
    let wish = Wish { microphone: Some(reading.wav()), language: "en", deny: true, ..Wish::default() };
    let browser = Browser::over(app, wish).await;
    let (_, path) = homework(browser.app(), &reading.text).await;
    sign_in(&browser, Role::Learner, 0).await;
    browser.open(&path).await;
    browser.click("[data-record]:enabled").await;
    browser.wait_for("[data-way-on=denied]").await;
    assert_eq!(browser.accessibility().await, Vec::<String>::new());
    browser.click("[data-open-upload]").await;
    browser.wait_for("details.upload[open]").await;
    browser.wait_for("#recording").await.send_keys(&reading.wav().display().to_string()).await.unwrap();
    browser.click(".upload-body button").await;
    browser.wait_for(".result[data-verdict=scored]").await;
    for page in ["/home", "/messages", "/profile"] {
        browser.open(page).await;
        assert!(browser.text("main").await.len() > 20, "{page} is as it was");
    }
    browser.close().await;
}
