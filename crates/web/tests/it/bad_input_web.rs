//! Every bad input over the web: the right status, a clear message in both languages, the text kept.

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use futures_util::stream;
use jiayin::config::Config;

use crate::common::{CHINESE, ENGLISH, ScriptedEar, TestApp, Upload, real_ear, sound};

const TEXT: &str = "We like milk.";

/// Sends a recording to the real engine in both languages and looks for the messages.
async fn refused(recording: &[u8], status: StatusCode, english: &str, chinese: &str) {
    let app = TestApp::with_ear(real_ear()).await;
    for (language, message) in [(ENGLISH, english), (CHINESE, chinese)] {
        let reply = app.upload(Upload { language, ..Upload::new(TEXT, recording) }).await;
        assert_eq!(reply.status, status, "{message}");
        assert!(reply.body.contains(message), "{message} is not in\n{}", reply.body);
        assert!(reply.body.contains(TEXT), "the text is kept");
        assert!(!reply.body.contains("class=\"star on\""));
    }
}

#[tokio::test]
async fn empty_file() {
    refused(b"", StatusCode::UNPROCESSABLE_ENTITY, "This file is empty", "是空的").await;
}

#[tokio::test]
async fn tenth_of_a_second() {
    refused(&sound::silence(100), StatusCode::OK, "We heard only a little", "只听到一点点").await;
}

#[tokio::test]
async fn ten_minutes() {
    refused(&sound::silence(600_000), StatusCode::OK, "too long", "太长").await;
}

#[tokio::test]
async fn text_file_named_wav() {
    refused(
        b"Dear teacher, this is my homework.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not a kind of audio",
        "不是我们认识的",
    )
    .await;
}

#[tokio::test]
async fn truncated_webm() {
    refused(&sound::truncated_webm(), StatusCode::UNPROCESSABLE_ENTITY, "damaged", "坏了").await;
}

#[tokio::test]
async fn not_a_number() {
    refused(&sound::not_a_number(1000), StatusCode::OK, "We heard no voice", "没听到说话声").await;
}

#[tokio::test]
async fn eight_bit_stereo_is_read_like_any_other() {
    let app = TestApp::with_ear(real_ear()).await;
    let reply = app.upload(Upload::new(TEXT, &sound::eight_bit_stereo(2000))).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(!reply.body.contains("data-verdict=\"scored\""), "a tone is no reading");
}

#[tokio::test]
async fn silence_hum_and_tones_are_never_scored() {
    let app = TestApp::with_ear(real_ear()).await;
    for recording in [sound::silence(3000), sound::tone(3000, 50.0), sound::tone(3000, 440.0)] {
        let reply = app.upload(Upload::new(TEXT, &recording)).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(!reply.body.contains("data-verdict=\"scored\""));
    }
}

#[tokio::test]
async fn no_file_chosen() {
    let app = TestApp::with_ear(real_ear()).await;
    let reply = app.upload(Upload { recording: None, ..Upload::new(TEXT, b"") }).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.body.contains("Choose a recording first"));
}

#[tokio::test]
async fn texts_that_cannot_be_read() {
    let app = TestApp::with_ear(real_ear()).await;
    let long = "milk ".repeat(500);
    let endless = "x".repeat(100_000);
    for (text, english, chinese) in [
        ("", "Write an English sentence", "请先写一句"),
        ("?!… ---", "Write an English sentence", "请先写一句"),
        ("😀🎉", "Write an English sentence", "请先写一句"),
        ("我喜欢牛奶", "is not English", "不是英文"),
        (&long, "The text is too long", "句子太长了"),
        (&endless, "The text is too long", "句子太长了"),
    ] {
        for (language, message) in [(ENGLISH, english), (CHINESE, chinese)] {
            let reply = app.upload(Upload { language, ..Upload::new(text, &sound::silence(500)) }).await;
            let shown: String = text.chars().take(40).collect();
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{shown}");
            assert!(reply.body.contains(message), "{shown}: {message}");
            assert!(
                reply.body.contains("id=\"text-error\"") && reply.body.contains(&shown),
                "{shown}: kept, next to the field"
            );
        }
    }
}

/// 200 MB, made as they are sent: nothing of them is kept.
#[tokio::test]
async fn two_hundred_megabytes() {
    let app = TestApp::with_ear(ScriptedEar::new(|_, _| panic!("must not be heard"))).await;
    let chunk = Bytes::from(vec![0u8; 1_000_000]);
    for (language, message) in [(ENGLISH, "At most 20 MB"), (CHINESE, "最多可以发送 20 MB")] {
        for declared in [true, false] {
            let chunk = chunk.clone();
            let head = Bytes::from_static(
                b"--jiayin-test\r\nContent-Disposition: form-data; name=\"recording\"; filename=\"a.wav\"\r\n\r\n",
            );
            let parts = std::iter::once(head).chain(std::iter::repeat_n(chunk, 200)).map(Ok::<_, std::io::Error>);
            let mut request = Request::post("/tryout")
                .header("accept-language", language)
                .header("content-type", "multipart/form-data; boundary=jiayin-test");
            if declared {
                request = request.header("content-length", 200_000_000);
            }
            let reply = app.send(request.body(Body::from_stream(stream::iter(parts))).unwrap()).await;
            assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
            assert!(reply.body.contains(message), "{}", reply.body);
        }
    }
}

#[tokio::test]
async fn uploads_share_one_budget_of_memory() {
    let config = Config { upload_max_mb: 1, upload_memory_mb: 1, ..Config::default() };
    let app = TestApp::with(config, ScriptedEar::kind()).await;
    let held = app.state.upload_memory.clone().try_acquire_many_owned(1000).unwrap();
    let reply = app.upload(Upload::new(TEXT, b"x")).await;
    assert_eq!((reply.status, reply.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    drop(held);
    assert_eq!(app.upload(Upload::new(TEXT, b"x")).await.status, StatusCode::OK);
    assert_eq!(app.state.upload_memory.available_permits(), 1000, "all is given back");
}

#[tokio::test]
async fn bodies_that_are_no_form() {
    let app = TestApp::new().await;
    let request = Request::post("/tryout").header("content-type", "application/json").body(Body::from("{}")).unwrap();
    assert_eq!(app.send(request).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for body in ["", "--jiayin-test\r\nbroken", "--other--"] {
        let request = Request::post("/tryout").header("content-type", "multipart/form-data; boundary=jiayin-test");
        let status = app.send(request.body(Body::from(body)).unwrap()).await.status;
        assert!(status == StatusCode::BAD_REQUEST || status == StatusCode::UNPROCESSABLE_ENTITY, "{body}: {status}");
    }
    let request = Request::post("/tryout").header("content-type", "multipart/form-data").body(Body::empty()).unwrap();
    assert_eq!(app.send(request).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn addresses_that_make_no_sense_show_the_page() {
    let app = TestApp::new().await;
    for path in ["/?level=99&n=0", "/?level=x", "/tryout?level=-1&own=%ff", "/?n=18446744073709551616"] {
        assert_eq!(app.get(path).await.status, StatusCode::OK, "{path}");
    }
}
