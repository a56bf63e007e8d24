//! Passkeys and picture passwords in a real browser, the device that makes passkeys being Chromium's virtual one.

use std::time::Duration;

use fantoccini::Locator;
use jiayin::demo::PASSWORD;
use jiayin_domain::role::Role;
use serde_json::json;

use crate::common::ScriptedEar;
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

async fn type_into(browser: &Browser, selector: &str, text: &str) {
    browser.wait_for(selector).await.send_keys(text).await.unwrap();
}

/// Signs out; the next ceremony begins later than the last.
async fn leave(browser: &Browser) {
    browser.app().clock.advance(Duration::from_secs(1));
    browser.client.delete_all_cookies().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn clause_7_8_a_guardian_adds_a_passkey_and_signs_in_with_it_until_it_is_removed() {
    let browser = Browser::by_name(ScriptedEar::kind(), Wish { language: "en", ..Wish::default() }).await;
    browser.add_authenticator().await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.open("/profile/passkeys").await;
    type_into(&browser, "#passkey-name", "My phone").await;
    type_into(&browser, "#password", PASSWORD).await;
    browser.click("form[action='/profile/passkeys/ceremony'] button").await;
    browser.wait_for("[data-passkey=create]:not([hidden]) button").await;
    look(&browser, "passkey-new-en").await;
    browser.click("[data-passkey=create] button").await;
    browser.wait_for(".sessions li").await;
    assert!(browser.text(".sessions").await.contains("My phone"));
    look(&browser, "passkeys-en").await;

    // The virtual device answers at once where the browser offers passkeys by itself…
    leave(&browser).await;
    browser.open("/sign-in?next=/profile/passkeys").await;
    browser.wait_until("return location.pathname === '/profile/passkeys'").await;
    assert!(browser.text(".sessions").await.contains("My phone"), "nothing was typed, and nothing clicked");
    // …so that it must not, for the button to be there to click.
    let quiet = json!({"source": "PublicKeyCredential.isConditionalMediationAvailable = async () => false"});
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", quiet).await;
    leave(&browser).await;
    browser.open("/sign-in?next=/profile/passkeys").await;
    browser.wait_for("[data-passkey=get]:not([hidden]) button").await;
    look(&browser, "sign-in-passkey-en").await;
    browser.click("[data-passkey=get] button").await;
    browser.wait_until("return location.pathname === '/profile/passkeys'").await;

    browser.click(".passkey-removal summary").await;
    browser.click(".passkey-removal[open] button").await;
    browser.wait_until("return !document.querySelector('.sessions')").await;
    leave(&browser).await;
    browser.open("/sign-in").await;
    browser.click("[data-passkey=get]:not([hidden]) button").await;
    browser.wait_for("#sign-in-error").await;
    assert!(browser.text("#sign-in-error").await.contains("was removed"));
    browser.open("/profile").await;
    browser.wait_until("return location.pathname === '/sign-in'").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_without_scripts_comes_in_with_pictures() {
    let wish = Wish { language: "en", no_scripts: true, ..Wish::default() };
    let browser = Browser::by_name(ScriptedEar::kind(), wish).await;
    let teacher = crate::common::school::viewer(browser.app(), Role::Teacher, 0).await;
    let store = &browser.app().state.store;
    let class = store.my_classes(&teacher).await.unwrap()[0].class;
    let sheet = store.make_pictures(&teacher, class, None).await.unwrap().unwrap();
    browser.open("/enter").await;
    type_into(&browser, "#code", &sheet.code.to_lowercase()).await;
    type_into(&browser, "#number", &sheet.rows[0].number.to_string()).await;
    for (row, picture) in ["first", "second", "third", "fourth"].iter().zip(sheet.rows[0].pictures) {
        browser.click(&format!("input[name={row}][value='{picture}']")).await;
    }
    browser.click("form[action='/enter'] button").await;
    let wait = browser.client.wait().at_most(Duration::from_secs(30));
    wait.for_element(Locator::Css("form[action='/sign-out']")).await.unwrap();
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_pictures_are_for_everyone() {
    for language in ["en", "zh-CN"] {
        let browser = Browser::by_name(ScriptedEar::kind(), Wish { language, ..Wish::default() }).await;
        browser.open("/enter").await;
        browser.wait_for("#code").await;
        look(&browser, &format!("enter-{language}")).await;
        sign_in(&browser, Role::Teacher, 0).await;
        browser.open("/classes").await;
        let class = browser.run("return document.querySelector('a[href^=\"/classes/\"]').getAttribute('href')").await;
        let class = class.as_str().unwrap().split('?').next().unwrap().to_owned();
        browser.open(&format!("{class}/pictures")).await;
        browser.click(&format!("form[action='{class}/pictures'] button")).await;
        browser.wait_for(".slip").await;
        look(&browser, &format!("picture-sheet-{language}")).await;
        browser.open(&format!("{class}/pictures")).await;
        browser.wait_for(".code-shown").await;
        look(&browser, &format!("pictures-{language}")).await;
        browser.close().await;
    }
}
