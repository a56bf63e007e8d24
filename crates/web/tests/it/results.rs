//! What the page shows for an evaluation, and what happens when many come at once.

use std::sync::{Mutex, mpsc};

use axum::http::StatusCode;
use jiayin::config::Config;
use jiayin::tryout::stage::Stage;
use jiayin::tryout::view::ResultPart;
use jiayin_domain::homework::stars;
use jiayin_speech::evaluation::Verdict;

use crate::common::{CHINESE, ENGLISH, ScriptedEar, TestApp, Upload, samples, sound};

const TEXT: &str = "The rabbit runs very fast.";

#[tokio::test]
async fn a_result_has_stars_words_sounds_and_hints() {
    let app = TestApp::new().await;
    let page = app.upload(Upload::new(TEXT, &sound::tone(100, 300.0))).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "3 of 5 stars",
        "class=\"word good\"",
        "class=\"word weak\"",
        "class=\"word fair\"",
        "class=\"word missed\"",
        "Pull the tongue back",
        "sounded like /w/",
        "Accuracy",
        "broke up",
        "data-start=\"1100\"",
        "<html",
    ] {
        assert!(page.body.contains(part), "{part} is not in\n{}", page.body);
    }
    let chinese = Upload { language: CHINESE, ..Upload::new(TEXT, b"x") };
    assert!(app.upload(chinese).await.body.contains("舌头往后缩"));
}

#[tokio::test]
async fn our_script_gets_the_same_result_without_the_page() {
    let app = TestApp::new().await;
    let page = app.upload(Upload::new(TEXT, b"x")).await.body;
    let part = app.upload(Upload { partial: true, ..Upload::new(TEXT, b"x") }).await.body;
    assert!(!part.contains("<html") && page.contains(part.trim()));
}

#[tokio::test]
async fn each_verdict_has_a_friendly_message_and_no_scores() {
    for (verdict, english, chinese) in [
        (Verdict::NoSpeech, "We heard no voice", "没听到说话声"),
        (Verdict::TooShort, "only a little", "一点点"),
        (Verdict::TooNoisy, "noisy", "太吵"),
        (Verdict::WrongText, "another sentence", "另一句"),
        (Verdict::TooLong, "too long", "太长"),
    ] {
        let app = TestApp::with_ear(ScriptedEar::new(move |_, _| Ok(samples::unscored(verdict)))).await;
        for (language, message) in [(ENGLISH, english), (CHINESE, chinese)] {
            let reply = app.upload(Upload { language, ..Upload::new(TEXT, b"x") }).await;
            assert_eq!(reply.status, StatusCode::OK);
            assert!(reply.body.contains(message), "{verdict:?}: {}", reply.body);
            assert!(!reply.body.contains("class=\"star on\"") && !reply.body.contains("class=\"scores\""));
        }
    }
}

#[tokio::test]
async fn what_is_typed_is_shown_as_text() {
    let text = "<script>alert(1)</script> \"A & B\"";
    let page = TestApp::new().await.upload(Upload::new(text, b"x")).await.body;
    assert!(!page.contains("<script>alert") && page.contains("alert(1)"));
}

#[test]
fn stars_rise_with_the_total() {
    let all: Vec<usize> = (0..=100).map(|total| stars(total as f32)).collect();
    assert!(all.is_sorted() && all[0] == 1 && all[100] == 5);
}

#[tokio::test]
async fn a_word_is_never_called_weak_without_a_flagged_sound() {
    let app = TestApp::new().await;
    let l = app.state.catalogs.get(jiayin::locale::Locale::En);
    let stage = Stage::sample(&l, 20, 1, 1, false);
    let prompt = app.state.ear.prompt("I see a red bird.", None).unwrap();
    let mut evaluation = samples::evaluation(&prompt);
    for word in &mut evaluation.words {
        word.total = 1.0;
        word.phones.iter_mut().for_each(|phone| phone.flagged = false);
    }
    let result = ResultPart::new(&l, &evaluation, &stage);
    assert!(result.words.iter().all(|word| word.grade.tag() != "weak") && result.weak.is_empty());
}

/// One recording is being scored, one waits: the next is sent away, and pages are as quick as ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_sent_away_while_pages_stay_quick() {
    let (release, gate) = mpsc::channel::<()>();
    let (began, begun) = mpsc::channel();
    let (gate, began) = (Mutex::new(gate), Mutex::new(began));
    let ear = ScriptedEar::new(move |_, prompt| {
        let _ = began.lock().unwrap().send(());
        let _ = gate.lock().unwrap().recv();
        Ok(samples::evaluation(prompt))
    });
    let app = TestApp::with(Config { scoring_threads: 1, scoring_queue: 1, ..Config::default() }, ear).await;
    let first = tokio::spawn(tower::ServiceExt::oneshot(app.router(), Upload::new(TEXT, b"x").request()));
    tokio::task::block_in_place(|| begun.recv().unwrap());
    let second = tokio::spawn(tower::ServiceExt::oneshot(app.router(), Upload::new(TEXT, b"x").request()));
    while app.state.pool.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    for (language, message) in [(ENGLISH, "busy"), (CHINESE, "人有点多")] {
        let refused = app.upload(Upload { language, ..Upload::new(TEXT, b"x") }).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.header("retry-after"), "2");
        assert!(refused.body.contains(message), "{}", refused.body);
    }
    assert_eq!(app.get("/").await.status, StatusCode::OK);
    assert!(app.get("/metrics").await.body.contains("outcome=\"refused\"} 2"));
    drop(release);
    assert_eq!(first.await.unwrap().unwrap().status(), StatusCode::OK);
    assert_eq!(second.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_the_engine_is_one_failed_request() {
    let app = TestApp::with_ear(ScriptedEar::new(|bytes, prompt| {
        assert!(bytes != b"bad", "the engine breaks off");
        Ok(samples::evaluation(prompt))
    }))
    .await;
    let reply = app.upload(Upload::new(TEXT, b"bad")).await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(reply.body.contains("our side") && !reply.body.contains("engine"));
    assert_eq!(app.upload(Upload::new(TEXT, b"good")).await.status, StatusCode::OK);
}
