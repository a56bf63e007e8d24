//! The first homework in a real browser: a learner records, the teacher reviews by keyboard, the guardian follows.

use std::time::Duration;

use jiayin::worker;
use jiayin_domain::homework::SubmissionState;
use jiayin_domain::role::Role;
use jiayin_store::homework::Task;
use jiff::Timestamp;
use serde_json::json;

use crate::common::school::viewer;
use crate::common::{TestApp, fixtures, real_ear};
use crate::driver::{Browser, Wish};

/// The demo school with workers, and a browser whose microphone plays a reading of one of its sentences.
async fn school(language: &'static str) -> (Browser, fixtures::Reading) {
    let reading = fixtures::reading();
    let app = TestApp::demo(real_ear()).await;
    worker::start(&app.state);
    let wish = Wish { microphone: Some(reading.wav()), language, ..Wish::default() };
    (Browser::over(app, wish).await, reading)
}

/// Signs in with one click on the start page.
pub async fn sign_in(browser: &Browser, role: Role, number: usize) {
    let person = viewer(browser.app(), role, number).await.person;
    browser.client.delete_all_cookies().await.unwrap();
    browser.open("/").await;
    browser.wait_for(&format!("button[value='{person}']")).await;
    browser.run(&format!("document.querySelector(\"button[value='{person}']\").click()")).await;
    browser.wait_until("return location.pathname !== '/'").await;
}

/// The homework of the first learner in which the sentence of the reading stands, and its address.
pub async fn homework(app: &TestApp, text: &str) -> (Task, String) {
    let learner = viewer(app, Role::Learner, 0).await;
    let tasks = app.state.store.tasks(&learner, Timestamp::UNIX_EPOCH).await.unwrap().tasks;
    let plain = |text: &str| text.trim_end_matches('.').to_lowercase();
    for task in tasks {
        let found = task.sentences.iter().find(|sentence| plain(&sentence.text) == plain(text));
        if let Some(sentence) = found {
            let path = format!("/homework/{}/exercises/{}", task.assignment, sentence.exercise);
            return (task, path);
        }
    }
    panic!("the demo school has homework with {text:?}");
}

pub async fn record(browser: &Browser, reading: &fixtures::Reading) {
    browser.click("[data-record]:enabled").await;
    browser.wait_for("[data-state=recording]").await;
    tokio::time::sleep(reading.duration()).await;
    browser.click("[data-record]").await;
}

/// Looks at the page on a phone and a desk, by day and by night: nothing scrolls sideways, and axe finds nothing.
pub async fn look(browser: &Browser, name: &str) {
    for (width, height) in [(360, 780), (1280, 900)] {
        for scheme in ["light", "dark"] {
            browser.device(width, height, scheme).await;
            browser.picture(&format!("{name}-{width}-{scheme}")).await;
            let wide = browser.run("return document.documentElement.scrollWidth").await;
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{name} {width}: scrolls sideways ({wide})");
            assert_eq!(browser.accessibility().await, Vec::<String>::new(), "{name} {width} {scheme}");
        }
    }
    browser.device(1280, 900, "light").await;
}

async fn the_whole_story(language: &'static str) {
    let (browser, reading) = school(language).await;
    let (task, path) = homework(browser.app(), &reading.text).await;
    sign_in(&browser, Role::Learner, 0).await;
    look(&browser, &format!("story-home-{language}")).await;
    browser.device(360, 780, "light").await;
    browser.open(&path).await;
    record(&browser, &reading).await;
    browser.wait_for(".result[data-verdict=scored]").await;
    assert_eq!(browser.count(".result .word").await, reading.text.split_whitespace().count());
    look(&browser, &format!("story-result-{language}")).await;

    sign_in(&browser, Role::Teacher, 0).await;
    look(&browser, &format!("story-classes-{language}")).await;
    browser.open(&format!("/review?assignment={}", task.assignment)).await;
    browser.wait_for("[data-review] .review-words").await;
    look(&browser, &format!("story-review-{language}")).await;
    // By keyboard alone: a comment, three stars, and the decision.
    browser.run("document.querySelector('h1').focus()").await;
    browser.key("c").await;
    browser.key("Well read!").await;
    browser.key("\u{e00c}").await;
    browser.key("4").await;
    browser.key("\u{e007}").await;
    let learner = viewer(browser.app(), Role::Learner, 0).await;
    let mut reviewed = false;
    for _ in 0..100 {
        let tasks = browser.app().state.store.tasks(&learner, Timestamp::UNIX_EPOCH).await.unwrap();
        let own = tasks.tasks.iter().find(|other| other.assignment == task.assignment).unwrap();
        let results = own.results.as_ref().unwrap().read(&tasks.grant).unwrap();
        reviewed = results.iter().any(|result| result.reviewed);
        assert_eq!(own.state, SubmissionState::Open, "four sentences are still to be read");
        if reviewed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(reviewed, "the decision arrived");

    sign_in(&browser, Role::Guardian, 0).await;
    let page = browser.text("main").await;
    assert!(page.contains("Well read!"), "{page}");
    look(&browser, &format!("story-family-{language}")).await;
    sign_in(&browser, Role::CampusManager, 0).await;
    look(&browser, &format!("story-campus-{language}")).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_in_chinese() {
    the_whole_story("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_in_english() {
    the_whole_story("en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_closed_in_mid_upload_loses_nothing() {
    let (browser, reading) = school("en").await;
    let (task, path) = homework(browser.app(), &reading.text).await;
    sign_in(&browser, Role::Learner, 0).await;
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setBlockedURLs", json!({"urls": ["*/uploads*"]})).await;
    browser.open(&path).await;
    record(&browser, &reading).await;
    browser.wait_for("[data-outbox]:not([hidden])").await;
    browser.client.goto("about:blank").await.unwrap();
    browser.devtools("Network.setBlockedURLs", json!({"urls": []})).await;
    browser.open("/home").await;
    let learner = viewer(browser.app(), Role::Learner, 0).await;
    for _ in 0..300 {
        let tasks = browser.app().state.store.tasks(&learner, Timestamp::UNIX_EPOCH).await.unwrap();
        let own = tasks.tasks.iter().find(|other| other.assignment == task.assignment).unwrap();
        let heard = own.results.as_ref().map(|results| results.read(&tasks.grant).unwrap().clone());
        if heard.is_some_and(|results| results.iter().any(|result| result.best.is_some())) {
            browser.wait_until("return document.querySelector('[data-outbox]').hidden").await;
            browser.close().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the recording did not arrive");
}
