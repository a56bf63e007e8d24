//! Help in a real browser: a guardian asks with a picture from a telephone, the campus answers, the guardian says how it went.

use image::{Rgb, RgbImage};
use jiayin_domain::role::Role;

use crate::common::{ScriptedEar, TestApp};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

async fn type_in(browser: &Browser, field: &str, text: &str) {
    browser.wait_for(field).await.send_keys(text).await.unwrap();
}

async fn help(language: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("screen.png");
    RgbImage::from_fn(360, 240, |x, y| Rgb([x as u8, y as u8, 90])).save(&picture).unwrap();
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let browser = Browser::over(app, Wish { language, ..Wish::default() }).await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.click("a[href='/help']").await;
    browser.wait_for("#topic").await;
    browser.click(".help-stuck summary").await;
    look(&browser, &format!("help-{language}")).await;
    browser.click("#topic option[value=sound]").await;
    type_in(&browser, "#text", "I press the button and hear nothing.").await;
    type_in(&browser, "#picture", &picture.display().to_string()).await;
    browser.click("form[action='/help'] .button").await;
    browser.wait_for(".talk-picture img").await;
    browser.wait_until("return document.querySelector('.talk-picture img').naturalWidth === 360").await;
    look(&browser, &format!("help-asked-{language}")).await;
    let place = browser.run("return location.pathname").await.as_str().unwrap().to_owned();

    sign_in(&browser, Role::CampusManager, 0).await;
    browser.open("/desk/answers").await;
    type_in(&browser, "input[name=title]", "Microphone").await;
    type_in(&browser, "textarea[name=text]", "Please allow it in the browser.").await;
    browser.click("form[action='/desk/answers'] button").await;
    look(&browser, &format!("desk-canned-{language}")).await;
    browser.open("/desk").await;
    look(&browser, &format!("desk-{language}")).await;
    browser.click(".rows th a").await;
    browser.wait_for(".talk-picture img").await;
    browser.click("button[value=insert]").await;
    browser.wait_until("return document.querySelector('#answer').value.includes('allow it')").await;
    look(&browser, &format!("desk-ticket-{language}")).await;
    browser.click("button[value=send]").await;
    browser.wait_until("return document.querySelectorAll('.talk-line').length >= 2").await;

    browser.app().work().await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.open("/messages").await;
    let told = if language == "en" { "The help desk has answered you." } else { "客服" };
    assert!(browser.text("main").await.contains(told), "the answer is told of");
    browser.open(&place).await;
    browser.wait_for(&format!("form[action='{place}/closing'] button")).await;
    browser.click(&format!("form[action='{place}/closing'] button")).await;
    browser.wait_for("input[name=rating][value=good]").await;
    browser.click("input[name=rating][value=good]").await;
    look(&browser, &format!("help-rating-{language}")).await;
    browser.click(&format!("form[action='{place}/rating'] button")).await;
    browser.wait_for(".note.saved").await;
    look(&browser, &format!("help-closed-{language}")).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_helped_in_chinese() {
    help("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_helped_in_english() {
    help("en").await;
}
