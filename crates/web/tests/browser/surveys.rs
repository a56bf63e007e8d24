//! A survey in a real browser: built and published by a teacher, answered by a guardian on a telephone and on a desk.

use jiayin_domain::role::Role;

use crate::common::{ScriptedEar, TestApp};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_goes_its_way_in_chinese() {
    a_survey("zh-CN").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_goes_its_way_in_english() {
    a_survey("en").await;
}
