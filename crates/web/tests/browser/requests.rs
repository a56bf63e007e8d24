//! A complaint in a real browser: written by a guardian, decided by the officer, who then looks up in the audit log who opened it; on
//! a telephone and on a desk.

use jiayin_domain::role::Role;

use crate::common::{ScriptedEar, TestApp};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

/// Chooses an option of a list, as a keyboard does.
async fn choose(browser: &Browser, list: &str, value: &str) {
    let list = browser.wait_for(list).await;
    list.select_by_value(value).await.unwrap();
}

async fn type_in(browser: &Browser, field: &str, text: &str) {
    browser.wait_for(field).await.send_keys(text).await.unwrap();
}

async fn a_complaint(language: &'static str) {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let browser = Browser::over(app, Wish { language, ..Wish::default() }).await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.open("/requests").await;
    look(&browser, &format!("requests-empty-{language}")).await;
    choose(&browser, "#kind", "complaint").await;
    type_in(&browser, "#text", "Somebody has my telephone number.").await;
    browser.click("form[action='/requests'] .button").await;
    browser.wait_for(".note.saved").await;
    look(&browser, &format!("requests-{language}")).await;
    browser.click(".request-line a").await;
    browser.wait_for("form[action$='/withdrawal']").await;
    look(&browser, &format!("request-{language}")).await;

    sign_in(&browser, Role::PrivacyOfficer, 0).await;
    browser.open("/officer/requests").await;
    look(&browser, &format!("officer-requests-{language}")).await;
    browser.click("tbody a").await;
    browser.click("form[action$='/taking'] button").await;
    browser.wait_for("#decision").await;
    browser.click("button[value=refused]").await;
    browser.wait_for("#decision-error").await;
    look(&browser, &format!("officer-request-{language}")).await;
    type_in(&browser, "#decision", "Nobody but the teacher opened it.").await;
    browser.click("button[value=refused]").await;
    browser.wait_for("blockquote").await;

    browser.click("nav.ways a[href='/officer/log']").await;
    browser.wait_for("table.log tbody tr").await;
    look(&browser, &format!("officer-log-{language}")).await;
    choose(&browser, "#purpose", "requests").await;
    browser.click(".log-form button").await;
    browser.wait_for(".log-form a.quiet").await;
    assert!(browser.count("table.log tbody tr").await >= 4, "made, read, taken, refused");
    browser.click("a[href='/officer/log/check']").await;
    let mark = browser.wait_for(".log-mark code").await.text().await.unwrap();
    type_in(&browser, "#mark", &mark).await;
    browser.click("form[action='/officer/log/check'] button").await;
    browser.wait_for(".note[role=status]").await;
    look(&browser, &format!("officer-log-check-{language}")).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_made_and_decided_in_chinese() {
    a_complaint("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_made_and_decided_in_english() {
    a_complaint("en").await;
}
