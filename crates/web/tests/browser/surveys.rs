//! A survey in a real browser: built and published by a teacher, answered by a guardian on a telephone and on a desk.

use jiayin_domain::role::Role;
use jiayin_speech::decode::{DecodeLimits, decode};

use crate::common::{ScriptedEar, TestApp, fixtures, sound};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

async fn type_in(browser: &Browser, field: &str, text: &str) {
    browser.wait_for(field).await.send_keys(text).await.unwrap();
}

async fn a_survey(language: &'static str) {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let browser = Browser::over(app, Wish { language, ..Wish::default() }).await;
    sign_in(&browser, Role::Teacher, 0).await;
    browser.open("/surveys").await;
    look(&browser, &format!("surveys-empty-{language}")).await;
    type_in(&browser, "#title", "After the play\n").await;
    for (kind, text, options) in [
        (1, "How was it?", Some("Good\nBad")),
        (2, "What was there?", Some("Songs\nGames")),
        (3, "How loud?", None),
        (4, "What else?", None),
    ] {
        let open = format!(".new-kinds details:nth-of-type({kind})");
        browser.click(&format!("{open} > summary")).await;
        if let Some(options) = options {
            type_in(&browser, &format!("{open} textarea"), options).await;
        }
        type_in(&browser, &format!("{open} input[name=text]"), text).await;
        browser.click(&format!("{open} .button")).await;
        browser.wait_for(&format!("#question-{kind}")).await;
    }
    browser.click("#question-2 .sentence-edit > summary").await;
    look(&browser, &format!("survey-builder-{language}")).await;
    browser.click("a[href$='/preview']").await;
    browser.wait_for(".survey-question").await;
    look(&browser, &format!("survey-preview-{language}")).await;
    let survey = browser.run("return location.pathname.replace('/preview', '')").await;
    let survey = survey.as_str().unwrap().to_owned();
    browser.open(&format!("{survey}/publication")).await;
    browser.click("input[value=named]").await;
    look(&browser, &format!("survey-publication-{language}")).await;
    browser.click(".publish .button").await;
    browser.wait_for(".results").await;

    browser.app().work().await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.open("/messages").await;
    look(&browser, &format!("survey-card-{language}")).await;
    browser.click(".survey-cards a").await;
    browser.wait_for(".survey-form").await;
    browser.click(".survey-form > .button").await;
    browser.wait_for("#q1-error").await;
    look(&browser, &format!("survey-answer-{language}")).await;
    browser.click("input[name=q1][value='0']").await;
    browser.click("input[name=q2][value='1']").await;
    browser.click("input[name=q3][value='4']").await;
    type_in(&browser, "textarea[name=q4]", "The bear.").await;
    browser.click(".survey-form > .button").await;
    browser.wait_for(".own-answers").await;
    look(&browser, &format!("survey-thanks-{language}")).await;
    browser.open(&format!("{survey}/withdrawal")).await;
    look(&browser, &format!("survey-withdrawal-{language}")).await;
    browser.open("/surveys/asked").await;
    look(&browser, &format!("surveys-asked-{language}")).await;

    sign_in(&browser, Role::Teacher, 0).await;
    browser.open(&format!("{survey}/results")).await;
    browser.wait_for(".bars").await;
    look(&browser, &format!("survey-results-{language}")).await;
    browser.open("/surveys").await;
    look(&browser, &format!("surveys-{language}")).await;
    browser.close().await;
}

/// A guardian says something aloud; neither a lost network nor a forgotten question costs it.
async fn a_spoken_answer(language: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("voice.wav");
    let audio = decode(&fixtures::reading().bytes(), &DecodeLimits::default()).unwrap();
    let samples: Vec<i16> = audio.samples().iter().map(|sample| (sample * 32_000.0) as i16).collect();
    std::fs::write(&file, sound::wav(16_000, &samples)).unwrap();
    let app = TestApp::demo(ScriptedEar::kind()).await;
    app.work().await;
    let browser = Browser::over(app, Wish { microphone: Some(file), language, ..Wish::default() }).await;
    sign_in(&browser, Role::Teacher, 0).await;
    browser.open("/surveys").await;
    type_in(&browser, "#title", "After the play\n").await;
    for (kind, number, text) in [(5, 1, "Sing us the song"), (4, 2, "What else?")] {
        let open = format!(".new-kinds details:nth-of-type({kind})");
        browser.click(&format!("{open} > summary")).await;
        type_in(&browser, &format!("{open} input[name=text]"), text).await;
        browser.click(&format!("{open} .button")).await;
        browser.wait_for(&format!("#question-{number}")).await;
    }
    let survey = browser.run("return location.pathname").await.as_str().unwrap().to_owned();
    browser.open(&format!("{survey}/publication")).await;
    assert_eq!(browser.count("input[value=anonymous]:disabled").await, 1, "a voice has a name");
    browser.click(".publish .button").await;
    browser.wait_for(".results").await;

    browser.app().work().await;
    sign_in(&browser, Role::Guardian, 0).await;
    browser.open(&format!("{survey}/answer")).await;
    browser.wait_for("[data-spoken-record]:not(:disabled)").await;
    look(&browser, &format!("survey-spoken-{language}")).await;
    browser.click("[data-spoken-record]").await;
    browser.wait_for("[data-spoken][data-state=recording]").await;
    browser.picture(&format!("survey-spoken-recording-{language}")).await;
    tokio::time::sleep(fixtures::reading().duration()).await;
    browser.click("[data-spoken-record]").await;
    browser.wait_for("[data-spoken][data-state=idle] audio[src^='blob:']").await;
    // The network is gone: everything stays.
    browser.unplug();
    browser.click("[data-spoken-send]").await;
    browser.wait_until("return document.querySelector('[data-spoken-sent]').textContent.length > 20").await;
    browser.plug_in().await;
    // A question was forgotten: the recording is still in its field.
    browser.click("[data-spoken-send]").await;
    browser.wait_for("#q2-error").await;
    browser.wait_for("#question-1 audio[src^='blob:']").await;
    assert_eq!(browser.count("#q1-error").await, 0);
    look(&browser, &format!("survey-spoken-said-{language}")).await;
    type_in(&browser, "textarea[name=q2]", "The bear.").await;
    browser.click("[data-spoken-send]").await;
    browser.wait_for(".own-answers audio").await;
    plays(&browser, ".own-answers audio").await;
    look(&browser, &format!("survey-spoken-thanks-{language}")).await;
    // What was said stays when the rest is changed.
    browser.open(&format!("{survey}/answer?change=1")).await;
    browser.wait_for("#question-1 audio[src^='/surveys/']").await;
    browser.wait_for("[data-spoken-record]:not(:disabled)").await;
    browser.click("[data-spoken-send]").await;
    browser.wait_for(".own-answers audio").await;

    // Another sends a file that the server knows and this browser does not: it is played in another form.
    let strange = folder.path().join("strange.wav");
    let doubles: Vec<u8> = audio.samples().iter().flat_map(|sample| f64::from(*sample).to_le_bytes()).collect();
    std::fs::write(&strange, sound::wav_of(3, 1, 16_000, 64, &doubles)).unwrap();
    sign_in(&browser, Role::Guardian, 1).await;
    browser.open(&format!("{survey}/answer")).await;
    browser.wait_for("[data-spoken-record]:not(:disabled)").await;
    browser.click(".spoken summary").await;
    type_in(&browser, "[data-spoken-file]", &strange.display().to_string()).await;
    type_in(&browser, "textarea[name=q2]", "The fox.").await;
    browser.click("[data-spoken-send]").await;
    plays(&browser, ".own-answers audio").await;
    let address = browser.run("return document.querySelector('.own-answers audio').src").await;
    assert!(address.as_str().unwrap().ends_with("?as=wav"), "{address}");

    sign_in(&browser, Role::Teacher, 0).await;
    browser.open(&format!("{survey}/results")).await;
    for number in [1, 2] {
        plays(&browser, &format!(".said-aloud li:nth-child({number}) audio")).await;
    }
    look(&browser, &format!("survey-spoken-results-{language}")).await;
    browser.close().await;
}

async fn plays(browser: &Browser, audio: &str) {
    browser.wait_for(audio).await;
    browser.run(&format!("document.querySelector('{audio}').play()")).await;
    browser.wait_until(&format!("return document.querySelector('{audio}').currentTime > 0.1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_aloud_is_kept_and_heard_in_chinese() {
    a_spoken_answer("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_aloud_is_kept_and_heard_in_english() {
    a_spoken_answer("en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_goes_its_way_in_chinese() {
    a_survey("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_goes_its_way_in_english() {
    a_survey("en").await;
}
