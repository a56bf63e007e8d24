//! What the page looks like, and whether everyone can use it: pictures for our own eyes, axe for the rules.

use crate::common::ScriptedEar;
use crate::common::sound;
use crate::driver::{Browser, Wish};

async fn with_result(language: &'static str, path: &str) -> Browser {
    let browser = Browser::start(ScriptedEar::kind(), Wish { language, ..Wish::default() }).await;
    browser.open(path).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.wav");
    std::fs::write(&file, sound::tone(3000, 220.0)).unwrap();
    browser.run("document.querySelector('details.upload').open = true").await;
    browser.wait_for("#recording").await.send_keys(&file.display().to_string()).await.unwrap();
    browser.click(".upload-body button").await;
    browser.wait_for(".result .word").await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_can_use_the_page_in_every_dress() {
    for language in ["zh-CN", "en"] {
        let browser = with_result(language, "/tryout?level=2&n=5").await;
        browser.click(".word.weak").await;
        for (width, height) in [(360, 780), (1280, 900)] {
            for scheme in ["light", "dark"] {
                browser.device(width, height, scheme).await;
                browser.picture(&format!("result-{language}-{width}-{scheme}")).await;
                let wide = browser.run("return document.documentElement.scrollWidth").await;
                assert!(wide.as_u64().unwrap() <= u64::from(width), "{language} {width}: scrolls sideways ({wide})");
                assert_eq!(browser.accessibility().await, Vec::<String>::new(), "{language} {width} {scheme}");
            }
        }
        for (name, path) in
            [("start", "/"), ("tryout", "/tryout"), ("own", "/tryout?own=1"), ("missing-page", "/nowhere")]
        {
            for (width, height, scheme) in
                [(360, 780, "light"), (1280, 900, "dark"), (360, 780, "dark"), (1280, 900, "light")]
            {
                browser.open(path).await;
                browser.device(width, height, scheme).await;
                browser.picture(&format!("{name}-{language}-{width}-{scheme}")).await;
                assert_eq!(browser.accessibility().await, Vec::<String>::new(), "{name} {language} {width} {scheme}");
            }
        }
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_theme_changes_without_losing_the_result() {
    let browser = with_result("en", "/tryout").await;
    browser.click("button[value=dark]").await;
    browser.wait_until("return document.documentElement.dataset.theme === 'dark'").await;
    assert_eq!(browser.count(".result").await, 1);
    browser.wait_until("return fetch('/').then((r) => r.text()).then((t) => t.includes('data-theme=\"dark\"'))").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_changes_and_stays() {
    let browser = Browser::start(ScriptedEar::kind(), Wish { language: "zh-CN", ..Wish::default() }).await;
    browser.open("/tryout?level=3&n=2").await;
    let sentence = browser.text(".sentence").await;
    browser.click("button[value=en]").await;
    browser.wait_for("html[lang=en]").await;
    assert_eq!(browser.text(".sentence").await, sentence);
    browser.open("/tryout").await;
    browser.wait_for("html[lang=en]").await;
    browser.close().await;
}

/// Clause 2.11: the page keeps the two registered cookies and nothing else, whatever is done on it.
#[tokio::test(flavor = "multi_thread")]
async fn clause_2_11_only_registered_cookies_and_no_storage() {
    let browser = with_result("en", "/tryout").await;
    browser.click("button[value=dark]").await;
    browser.click("button[value='zh-CN']").await;
    browser.wait_for("html[lang='zh-CN']").await;
    let mut cookies: Vec<String> =
        browser.client.get_all_cookies().await.unwrap().iter().map(|cookie| cookie.name().to_owned()).collect();
    cookies.sort();
    assert_eq!(cookies, ["lang", "theme"]);
    let kept = browser
        .run("return indexedDB.databases().then((all) => localStorage.length + sessionStorage.length + all.length)");
    assert_eq!(kept.await, 0);
    browser.close().await;
}
