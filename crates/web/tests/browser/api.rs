//! The pages of tokens and of the interface for programs, in a real browser.

use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;

use crate::common::{ScriptedEar, TestApp};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_shown_once_and_taken_back() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let browser = Browser::over(app, Wish { language: "zh-CN", ..Wish::default() }).await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.open("/profile/tokens").await;
    browser.wait_for("#token-name").await.send_keys("作业助手").await.unwrap();
    browser.click("input[value='homework:read']").await;
    browser.wait_for("#password").await.send_keys(PASSWORD).await.unwrap();
    browser.click("form.fields .button").await;
    browser.wait_for(".token-secret").await;
    assert!(browser.text(".token-secret").await.starts_with("jiayin_"));
    look(&browser, "tokens-zh-CN").await;
    browser.open("/profile/tokens").await;
    assert_eq!(browser.count(".token-secret").await, 0, "it is shown once");
    browser.click(".sessions button").await;
    browser.wait_until("return document.querySelectorAll('.sessions li').length === 0").await;
    browser.open("/api").await;
    look(&browser, "api-zh-CN").await;
    browser.close().await;
}
