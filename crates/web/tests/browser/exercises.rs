//! Exercises of all kinds in a real browser: written by a teacher, put in order by the pointer, and done by a learner.

use image::{Rgb, RgbImage};
use jiayin_domain::id::LessonId;
use jiayin_domain::role::Role;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use crate::common::school::viewer;
use crate::common::{TestApp, real_ear};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

async fn type_in(browser: &Browser, field: &str, text: &str) {
    browser.wait_for(field).await.send_keys(text).await.unwrap();
}

/// Opens the form of a kind, fills it in and sends it.
async fn add(browser: &Browser, kind: &str, fields: &[(&str, &str)]) {
    let form =
        if kind == "picture" { "form[action$='/pictures']" } else { &format!("form:has([name=kind][value={kind}])") };
    browser.wait_for(".new-kinds").await;
    browser.run(&format!("document.querySelector(\".new-kinds {form}\").closest('details').open = true")).await;
    for (name, value) in fields {
        type_in(browser, &format!(".new-kinds {form} [name={name}]"), value).await;
    }
    let before = browser.count(".sentence-list > li").await;
    browser.run(&format!("document.querySelector(\".new-kinds {form} button\").click()")).await;
    browser
        .wait_until(&format!("return document.querySelectorAll('.sentence-list > li').length === {}", before + 1))
        .await;
}

/// Drags the last exercise of the list above the first.
async fn drag_to_the_top(browser: &Browser) {
    let place = |which: &str| {
        format!(
            "const box = document.querySelector('.sentence-list > li:{which}-child [data-drag]').getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]"
        )
    };
    browser.device(1280, 2400, "light").await;
    let (from, to) = (browser.run(&place("last")).await, browser.run(&place("first")).await);
    let mouse = async |kind: &str, x: &serde_json::Value, y: f64| {
        let event = json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1});
        browser.devtools("Input.dispatchMouseEvent", event).await;
    };
    let (start, end) = (from[1].as_f64().unwrap(), to[1].as_f64().unwrap() - 20.0);
    mouse("mousePressed", &from[0], start).await;
    for step in 1..=10 {
        mouse("mouseMoved", &from[0], start + (end - start) * f64::from(step) / 10.0).await;
    }
    mouse("mouseReleased", &from[0], end).await;
}

async fn kinds(language: &'static str) {
    let app = TestApp::demo(real_ear()).await;
    let browser = Browser::over(app, Wish { language, ..Wish::default() }).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cat.png");
    let shade = |x: u32, y: u32| Rgb([(x / 5) as u8, (y / 4) as u8, 150]);
    RgbImage::from_fn(1200, 800, shade).save(&file).unwrap();

    sign_in(&browser, Role::Teacher, 0).await;
    browser.open("/courses").await;
    type_in(&browser, "#new-course", "Kinds").await;
    browser.click("form[action='/courses'] button").await;
    type_in(&browser, "#new-lesson", "All of them").await;
    browser.click("form[action$='/lessons'] button").await;
    let picture = file.display().to_string();
    add(&browser, "picture", &[("text", "A blue sky."), ("picture", &picture), ("alt", "The sky")]).await;
    let paragraph = "Tom has a dog. The dog is brown. It likes to run in the park, and it likes the cat next door.";
    add(&browser, "paragraph", &[("text", paragraph)]).await;
    add(&browser, "dialogue", &[("role", "Ben"), ("lines", "Anna: How are you?\nBen: I am fine.")]).await;
    add(&browser, "pair", &[("text", "ship"), ("other", "sheep")]).await;
    browser.run("document.querySelector('.new-kinds [name=right][value=\"2\"]').checked = true").await;
    add(&browser, "choose", &[("text", "cat"), ("choice1", "cut"), ("choice2", "cat")]).await;
    drag_to_the_top(&browser).await;
    browser.wait_until("return document.querySelector('.sentence-list > li:first-child .tag') && location.hash.startsWith('#down-')").await;
    look(&browser, &format!("lesson-kinds-{language}")).await;
    let focused = browser.run("return document.activeElement.id").await;
    assert!(focused.as_str().unwrap().starts_with("down-"), "the focus is on what was moved: {focused}");
    browser.click("form[action$='/publication'] button").await;
    browser.wait_until("return !document.querySelector(\"form[action$='/publication']\")").await;
    learner(&browser, language).await;
    browser.close().await;
}

/// The learner looks at each of the exercises, and finds the right answer at the second try.
async fn learner(browser: &Browser, language: &str) {
    let (app, store) = (browser.app(), &browser.app().state.store);
    let address = browser.run("return location.pathname").await;
    let lesson: LessonId = address.as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let teacher = viewer(app, Role::Teacher, 0).await;
    let due = app.state.clock.now().checked_add(24.hours()).unwrap();
    for class in store.my_classes(&teacher).await.unwrap() {
        store.assign(&teacher, class.class, lesson, due).await.unwrap().unwrap();
    }
    let sentences = store.lesson(&teacher, lesson).await.unwrap().unwrap().sentences;
    let tasks = store.tasks(&viewer(app, Role::Learner, 0).await, Timestamp::UNIX_EPOCH).await.unwrap().tasks;
    let of_lesson = |task: &&jiayin_store::homework::Task| task.sentences == sentences;
    let assignment = tasks.iter().find(of_lesson).unwrap().assignment;
    sign_in(browser, Role::Learner, 0).await;
    for sentence in &sentences {
        let kind = sentence.content.kind().tag();
        browser.open(&format!("/homework/{assignment}/exercises/{}", sentence.exercise)).await;
        browser.wait_for(&format!(".exercise-{kind}")).await;
        look(browser, &format!("exercise-{kind}-{language}")).await;
        if kind == "choose" {
            browser.click(".choice[value='1']").await;
            browser.wait_for(".choice.wrong").await;
            browser.click(".choice[value='2']").await;
            browser.wait_for(".found").await;
            look(browser, &format!("exercise-found-{language}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_of_all_kinds_are_written_and_done_in_chinese() {
    kinds("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_of_all_kinds_are_written_and_done_in_english() {
    kinds("en").await;
}
