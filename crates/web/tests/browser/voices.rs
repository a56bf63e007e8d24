//! What teachers record in a real browser: the audio of a sentence, with a word on how it sounds, and a comment that is
//! spoken.

use std::path::Path;
use std::time::Duration;

use jiayin::worker;
use jiayin_domain::role::Role;
use jiayin_speech::decode::{DecodeLimits, decode};

use crate::common::school::viewer;
use crate::common::{ScriptedEar, TestApp, fixtures, sound};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

/// The reading as it would sound beside a fan.
fn beside_a_fan(file: &Path) {
    let audio = decode(&fixtures::reading().bytes(), &DecodeLimits::default()).unwrap();
    let fan = sound::noise(audio.duration_ms(), 3);
    let fan = fan[44..].chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])));
    let mixed = audio.samples().iter().zip(fan).map(|(voice, fan)| (voice * 32_000.0 + fan * 0.04) as i16);
    std::fs::write(file, sound::wav(16_000, &mixed.collect::<Vec<_>>())).unwrap();
}

/// The demo school with workers, and a browser whose microphone plays a file.
async fn school(language: &'static str, microphone: &Path) -> Browser {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    worker::start(&app.state);
    Browser::over(app, Wish { microphone: Some(microphone.to_owned()), language, ..Wish::default() }).await
}

async fn a_noisy_sentence(language: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fan.wav");
    beside_a_fan(&file);
    let browser = school(language, &file).await;
    sign_in(&browser, Role::Teacher, 0).await;
    let teacher = viewer(browser.app(), Role::Teacher, 0).await;
    let course = browser.app().state.store.courses(&teacher).await.unwrap().remove(0);
    browser.open(&format!("/courses/{}/lessons/{}", course.course, course.lessons[0].lesson)).await;
    browser.click("[data-record-sentence]").await;
    browser.click("[data-recorder-record]").await;
    browser.wait_for("[data-recorder-dialog][data-state=recording]").await;
    tokio::time::sleep(fixtures::reading().duration()).await;
    browser.click("[data-recorder-record]").await;
    browser.wait_for("[data-recorder-dialog][data-state=ready]").await;
    browser.click("[data-recorder-save]").await;
    browser.wait_for("[data-recorder-dialog][data-state=kept] .sound-fault").await;
    look(&browser, &format!("course-audio-remark-{language}")).await;
    browser.click("[data-recorder-close]").await;
    let faults = browser.run("return document.querySelectorAll('.sentence-audio .sound-fault').length").await;
    assert_eq!(faults, 1, "at the exercise, too");
    look(&browser, &format!("course-audio-noisy-{language}")).await;
    // As the server has it, and as the page plays it.
    browser.open(&format!("/courses/{}/lessons/{}", course.course, course.lessons[0].lesson)).await;
    assert_eq!(browser.count(".sentence-audio .sound-fault").await, 1);
    let gain = browser.run("return Number(document.querySelector('.sentence-audio audio').dataset.gain)").await;
    assert!(gain.as_f64().unwrap() != 0.0, "{gain}");
    browser.run("document.querySelector('.sentence-audio audio').play()").await;
    browser.wait_until("return document.querySelector('.sentence-audio audio').currentTime > 0.1").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_noisy_sentence_is_kept_and_remarked_on() {
    a_noisy_sentence("zh-CN").await;
    a_noisy_sentence("en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_spoken_by_keyboard_and_heard_by_the_learner() {
    let browser = school("en", &fixtures::reading().wav()).await;
    browser.app().work().await;
    let teacher = viewer(browser.app(), Role::Teacher, 0).await;
    let queue = browser.app().state.store.queue(&teacher, jiayin_store::queue::Within::Everything).await.unwrap();
    let first = queue[0];
    sign_in(&browser, Role::Teacher, 0).await;
    browser.open(&format!("/review/{}", first.recording)).await;
    browser.wait_for("[data-voice][data-state=idle] [data-voice-record]").await;
    browser.run("document.querySelector('h1').focus()").await;
    browser.key("v").await;
    browser.wait_for("[data-voice][data-state=recording]").await;
    browser.picture("voice-comment-recording").await;
    tokio::time::sleep(fixtures::reading().duration()).await;
    browser.key("v").await;
    browser.wait_for("[data-voice][data-state=idle] [data-voice-audio][src]").await;
    look(&browser, "voice-comment-said").await;
    browser.run("document.querySelector('h1').focus()").await;
    browser.key("\u{e007}").await;
    let mut voice = None;
    for _ in 0..100 {
        let seen = browser.app().state.store.recorded::<serde_json::Value>(&teacher, first.recording).await.unwrap();
        let seen = seen.unwrap();
        if seen.review.is_some() {
            voice = seen.voice;
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(voice.is_some(), "it is kept, and the decision arrived");

    let mut number = 0;
    while viewer(browser.app(), Role::Learner, number).await.person != first.learner {
        number += 1;
    }
    sign_in(&browser, Role::Learner, number).await;
    browser.open(&format!("/homework/{}/exercises/{}", first.assignment, first.exercise)).await;
    browser.wait_for(&format!(".said audio[src='/recordings/{}/voice']", first.recording)).await;
    look(&browser, "voice-comment-heard").await;
    browser.run("document.querySelector('.said audio').play()").await;
    browser.wait_until("return document.querySelector('.said audio').currentTime > 0.1").await;
    browser.close().await;
}
