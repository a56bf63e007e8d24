//! Recording and sending, with a fake microphone that plays real recordings.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use jiayin::config::Config;

use crate::common::{ScriptedEar, TestApp, Upload, fixtures, real_ear, samples, sound};
use crate::driver::{Browser, Wish};

fn english(microphone: Option<PathBuf>) -> Wish {
    Wish { microphone, language: "en", ..Wish::default() }
}

fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Types the sentence, presses the button, lets the microphone play for so long, and presses again.
async fn record(browser: &Browser, text: &str, playing: Duration) {
    browser.open("/tryout?own=1").await;
    browser.wait_for("#text").await.send_keys(text).await.unwrap();
    browser.click("[data-record]:enabled").await;
    browser.wait_for("[data-state=recording]").await;
    tokio::time::sleep(playing).await;
    browser.click("[data-record]").await;
    browser.wait_for(".result").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_is_heard_and_its_words_are_coloured() {
    let reading = fixtures::reading();
    let browser = Browser::start(real_ear(), english(Some(reading.wav()))).await;
    record(&browser, &reading.text, reading.duration()).await;
    browser.wait_for(".result[data-verdict=scored]").await;
    assert_eq!(browser.count(".word").await, reading.text.split_whitespace().count());
    assert!(browser.count(".star.on").await >= 1);
    let colour =
        "return getComputedStyle(document.querySelector('.word')).color !== getComputedStyle(document.body).color";
    browser.wait_until(colour).await;
    browser.click(".word").await;
    browser.wait_for(".detail[data-shown] .phone .ipa").await;
    browser.picture("recorded").await;
    assert_eq!(browser.accessibility().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_reading_is_not_another_sentence() {
    let reading = fixtures::reading();
    let browser = Browser::start(real_ear(), english(Some(reading.wav()))).await;
    record(&browser, "Yesterday a purple elephant borrowed my favourite umbrella.", reading.duration()).await;
    browser.wait_for(".result[data-verdict=wrong_text]").await;
    browser.picture("wrong-text").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_no_speech() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start(real_ear(), english(Some(file(&folder, "silence.wav", &sound::silence(4000))))).await;
    record(&browser, "We like milk.", Duration::from_secs(2)).await;
    browser.wait_for(".result[data-verdict=no_speech]").await;
    browser.picture("no-speech").await;
    assert_eq!(browser.accessibility().await, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_microphone_test_hears_a_tone() {
    let folder = tempfile::tempdir().unwrap();
    let tone = file(&folder, "tone.wav", &sound::tone(8000, 300.0));
    let browser = Browser::start(ScriptedEar::kind(), english(Some(tone))).await;
    browser.open("/tryout").await;
    browser.click("[data-mic-test]").await;
    browser.wait_until("return document.querySelector('[data-hint]').textContent.includes('We hear you')").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_enough_to_record_and_the_result_gets_the_focus() {
    let folder = tempfile::tempdir().unwrap();
    let tone = file(&folder, "tone.wav", &sound::tone(8000, 300.0));
    let browser = Browser::start(ScriptedEar::kind(), english(Some(tone))).await;
    browser.open("/tryout").await;
    browser.run("document.querySelector('[data-record]').focus()").await;
    let press = "\u{e00d}";
    browser.wait_for("[data-record]").await.send_keys(press).await.unwrap();
    browser.wait_for("[data-state=recording]").await;
    browser.picture("recording").await;
    browser.wait_for("[data-record]").await.send_keys(press).await.unwrap();
    browser.wait_for(".result .word").await;
    browser.wait_until("return document.activeElement.id === 'result-title'").await;
    browser.wait_for(".word").await.send_keys("\u{e007}").await.unwrap();
    browser.wait_for(".detail[data-shown]").await;
    assert_eq!(browser.run("return document.querySelector('[data-play]').hidden").await, false);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_microphone_there_is_a_way_on() {
    let folder = tempfile::tempdir().unwrap();
    let tone = file(&folder, "tone.wav", &sound::tone(1000, 300.0));
    let denied = Wish { deny: true, ..english(Some(tone)) };
    for (wish, why) in [(denied, "denied"), (english(None), "missing")] {
        let browser = Browser::start(ScriptedEar::kind(), wish).await;
        browser.open("/tryout").await;
        browser.device(360, 780, "light").await;
        browser.click("[data-record]").await;
        browser.wait_for(&format!("[data-way-on={why}]")).await;
        browser.picture(&format!("microphone-{why}")).await;
        assert_eq!(browser.accessibility().await, Vec::<String>::new(), "{why}");
        browser.click("[data-open-upload]").await;
        browser.wait_for("details.upload[open]").await;
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_can_be_sent_without_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let tone = file(&folder, "tone.wav", &sound::tone(1000, 300.0));
    let wish = Wish { no_scripts: true, ..english(None) };
    let browser = Browser::start(ScriptedEar::kind(), wish).await;
    browser.open("/tryout?level=2&n=5").await;
    assert!(!browser.wait_for("[data-record]").await.is_displayed().await.unwrap());
    browser.click("details.upload summary").await;
    browser.click(".upload-body button").await;
    assert!(browser.wait_for("#recording-error").await.text().await.unwrap().contains("Choose a recording first"));
    browser.wait_for("#recording").await.send_keys(&tone.display().to_string()).await.unwrap();
    browser.click(".upload-body button").await;
    browser.wait_for(".result .word").await;
    assert!(browser.wait_for(".detail .ipa").await.is_displayed().await.unwrap());
    browser.picture("without-scripts").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_waited_for_and_the_recording_kept() {
    let folder = tempfile::tempdir().unwrap();
    let tone = file(&folder, "tone.wav", &sound::tone(1000, 300.0));
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    let ear = ScriptedEar::new(move |_, prompt| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let _ = gate.lock().unwrap().recv();
        }
        Ok(samples::evaluation(prompt))
    });
    let app = TestApp::with(Config { scoring_threads: 1, scoring_queue: 1, ..Config::default() }, ear).await;
    let wav = sound::tone(100, 300.0);
    let request = || app.router().into_service::<axum::body::Body>();
    for waiting in 0..2 {
        let upload = Upload::new("We like milk.", &wav).request();
        tokio::spawn(tower::ServiceExt::oneshot(request(), upload));
        while heard.load(Ordering::SeqCst) == 0 || app.state.pool.waiting() < waiting {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let browser = Browser::over(app, english(None)).await;
    browser.open("/tryout").await;
    browser.click("details.upload summary").await;
    browser.wait_for("#recording").await.send_keys(&tone.display().to_string()).await.unwrap();
    browser.click(".upload-body button").await;
    browser.wait_for("[data-state=waiting]").await;
    assert!(browser.text("[data-hint]").await.contains("busy"));
    browser.picture("busy").await;
    drop(release);
    browser.wait_for(".result .word").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tone = file(&folder, "tone.wav", &sound::tone(1000, 300.0));
    let browser = Browser::start(ScriptedEar::kind(), english(None)).await;
    browser.open("/tryout").await;
    browser.run("window.realFetch = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline'))").await;
    browser.click("details.upload summary").await;
    browser.wait_for("#recording").await.send_keys(&tone.display().to_string()).await.unwrap();
    browser.click(".upload-body button").await;
    browser.wait_for("[data-resend]:not([hidden])").await;
    browser.run("window.fetch = window.realFetch").await;
    browser.click("[data-resend]").await;
    browser.wait_for(".result .word").await;
    browser.close().await;
}
