//! Review by keyboard alone, several recordings at once, practice, and the pages of progress in a real browser.

use std::time::Duration;

use jiayin::worker;
use jiayin_domain::role::Role;
use jiayin_store::queue::Within;
use serde_json::json;

use crate::common::school::viewer;
use crate::common::{ScriptedEar, TestApp, fixtures};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

const ENTER: &str = "\u{e007}";

async fn school(language: &'static str) -> Browser {
    let reading = fixtures::reading();
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let wish = Wish { microphone: Some(reading.wav()), language, ..Wish::default() };
    Browser::over(app, wish).await
}

/// Recordings that wait for the teacher.
async fn waiting(browser: &Browser) -> usize {
    let teacher = viewer(browser.app(), Role::Teacher, 0).await;
    browser.app().state.store.queue(&teacher, Within::Everything).await.unwrap().len()
}

async fn until_waiting(browser: &Browser, count: usize) {
    for _ in 0..150 {
        if waiting(browser).await == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(waiting(browser).await, count);
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_reviewed_by_keyboard_alone() {
    let browser = school("en").await;
    let all = waiting(&browser).await;
    sign_in(&browser, Role::Teacher, 0).await;
    browser.open("/comments").await;
    browser.wait_for("#phrase-new").await.send_keys("Your R sings!\n").await.unwrap();
    browser.wait_for(".phrase-bank ol li").await;
    look(&browser, "bank").await;

    browser.open("/review").await;
    browser.wait_for("[data-review]").await;
    browser.run("document.querySelector('h1').focus()").await;
    // The first with a phrase and more slowly, the others as the machine has them: forty keys for forty recordings.
    browser.key("[").await;
    browser.wait_for("[data-speed='0.75'][aria-pressed='true']").await;
    browser.key("/").await;
    browser.wait_for("[data-bank][open]").await;
    look(&browser, "review-bank").await;
    browser.key("1").await;
    assert_eq!(browser.run("return document.querySelector('#comment').value").await, json!("Your R sings!"));
    for number in 0..40 {
        let before = browser.run("return document.querySelector('[data-review]').dataset.recording").await;
        browser.key(ENTER).await;
        let other = format!("return document.querySelector('[data-review]')?.dataset.recording !== {before}");
        browser.wait_until(&other).await;
        assert_eq!(browser.count("[data-unsent]:not([hidden])").await, 0, "recording {number} was sent");
    }
    browser.wait_until("return document.querySelector('[data-announce]').textContent !== ''").await;
    assert_eq!(browser.text("[data-unsent]").await, "", "all have arrived");
    until_waiting(&browser, all - 40).await;

    // Several at once, a little later: two are chosen by key, returned, and it is undone.
    browser.app().clock.advance(Duration::from_secs(1));
    browser.open("/review/list").await;
    browser.wait_for("[data-list]").await;
    browser.wait_until("return document.activeElement?.name === 'recording'").await;
    browser.key("x").await;
    browser.key("j").await;
    browser.key("x").await;
    browser.wait_until("return document.querySelector('[data-count]').textContent.startsWith('2')").await;
    look(&browser, "review-list").await;
    browser.run("document.querySelector('input[name=recording]').focus()").await;
    browser.key("r").await;
    browser.wait_for("[data-undo]").await;
    until_waiting(&browser, all - 42).await;
    look(&browser, "review-list-done").await;
    browser.click("[data-undo]").await;
    until_waiting(&browser, all - 40).await;
    browser.close().await;
}

async fn progress_in(language: &'static str) {
    let browser = school(language).await;
    sign_in(&browser, Role::Teacher, 0).await;
    let class = browser.run("return document.querySelector('.class-head h2 a').getAttribute('href')").await;
    browser.open(&format!("{}/progress", class.as_str().unwrap())).await;
    browser.wait_for(".heat").await;
    look(&browser, &format!("class-progress-{language}")).await;
    sign_in(&browser, Role::Guardian, 0).await;
    let child = viewer(browser.app(), Role::Learner, 0).await.person;
    browser.open(&format!("/family/{child}")).await;
    look(&browser, &format!("child-progress-{language}")).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_for_everyone_in_chinese() {
    progress_in("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_for_everyone_in_english() {
    progress_in("en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_practises_with_the_microphone() {
    let browser = school("en").await;
    worker::start(&browser.app().state);
    let queue = waiting(&browser).await;
    sign_in(&browser, Role::Learner, 0).await;
    look(&browser, "home-practice").await;
    browser.click("a[href='/practice']").await;
    browser.wait_for("[data-practice]").await;
    look(&browser, "practice").await;
    browser.click("[data-record]:enabled").await;
    browser.wait_for("[data-state=recording]").await;
    tokio::time::sleep(fixtures::reading().duration()).await;
    browser.click("[data-record]").await;
    browser.wait_for(".result[data-verdict=scored]").await;
    browser.wait_until("return document.querySelectorAll('.round-dots .on').length === 1").await;
    look(&browser, "practice-result").await;
    let path = browser.run("return location.pathname").await;
    browser.click(".result .next a").await;
    browser.wait_for("[data-practice]").await;
    browser.wait_until(&format!("return location.pathname !== {path}")).await;
    assert_eq!(waiting(&browser).await, queue, "it counts for no homework");
    browser.close().await;
}
