//! What both test binaries stand on: the whole application in milliseconds, a scripted ear, and recordings made here.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod account_pages;
pub mod api_pages;
pub mod api_program;
pub mod authenticator;
pub mod fixtures;
pub mod message_pages;
pub mod pages;
pub mod program;
pub mod providers;
pub mod samples;
pub mod school;
pub mod sound;
pub mod support_pages;
pub mod survey_pages;
pub mod ways_in;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use jiayin::app::AppState;
use jiayin::config::Config;
use jiayin::ear::{Ear, HearError, SpeechEar};
use jiayin::providers::{Clock, Entropy, FixedClock, SeededEntropy};
use jiayin::routes::router;
use jiayin_speech::prompt::{PromptError, PromptWord, Pronunciation};
use jiayin_speech::{Evaluation, Prompt};
use tower::ServiceExt;

/// The built-in model, loaded once for the whole test binary.
pub fn real_ear() -> Arc<SpeechEar> {
    static EAR: OnceLock<Arc<SpeechEar>> = OnceLock::new();
    Arc::clone(EAR.get_or_init(|| Arc::new(jiayin::model::load().unwrap())))
}

type Script = dyn Fn(&[u8], &Prompt) -> Result<Evaluation, HearError> + Send + Sync;

/// An ear that says what the test wants.
pub struct ScriptedEar(Box<Script>);

impl ScriptedEar {
    pub fn new(script: impl Fn(&[u8], &Prompt) -> Result<Evaluation, HearError> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self(Box::new(script)))
    }

    /// Hears every reading as the sample evaluation.
    pub fn kind() -> Arc<Self> {
        Self::new(|_, prompt| Ok(samples::evaluation(prompt)))
    }
}

impl Ear for ScriptedEar {
    fn model_version(&self) -> &str {
        "scripted"
    }

    fn prompt(&self, text: &str, phones: Option<Vec<Pronunciation>>) -> Result<Prompt, HearError> {
        assert!(phones.is_none(), "no page gives phones");
        let words = text
            .split_whitespace()
            .map(|word| PromptWord { text: word.to_owned(), pronunciations: vec![samples::phones(word)] });
        match text.split_whitespace().find(|word| !word.is_ascii()) {
            Some(word) => Err(PromptError::NotEnglish(word.to_owned()).into()),
            None => Ok(Prompt::new(words.collect())?),
        }
    }

    fn hear(&self, recording: &[u8], prompt: &Prompt) -> Result<Evaluation, HearError> {
        (self.0)(recording, prompt)
    }
}

/// A running application without a network.
pub struct TestApp {
    pub state: AppState,
    pub clock: Arc<FixedClock>,
    router: Router,
    folder: tempfile::TempDir,
}

/// An answer, read to its end.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What a visitor's browser says of its language.
pub const CHINESE: &str = "zh-CN,zh;q=0.9";
pub const ENGLISH: &str = "en-US,en;q=0.9";

impl TestApp {
    pub async fn new() -> Self {
        Self::with_ear(ScriptedEar::kind()).await
    }

    pub async fn with_ear(ear: Arc<dyn Ear>) -> Self {
        Self::with(Config { scoring_threads: 2, ..Config::default() }, ear).await
    }

    pub async fn with(config: Config, ear: Arc<dyn Ear>) -> Self {
        Self::build(config, ear, false).await
    }

    /// With the demo school; the ear hears its recordings when [`TestApp::work`] is called.
    pub async fn demo(ear: Arc<dyn Ear>) -> Self {
        Self::build(Config { scoring_threads: 2, ..Config::default() }, ear, true).await
    }

    /// With the demo school and this configuration.
    pub async fn demo_with(config: Config, ear: Arc<dyn Ear>) -> Self {
        Self::build(config, ear, true).await
    }

    async fn build(config: Config, ear: Arc<dyn Ear>, demo: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..config };
        let clock = Arc::new(FixedClock::default());
        let shared: Arc<dyn Clock> = clock.clone();
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let store = jiayin::storage::open(&config, Arc::clone(&shared), Arc::clone(&entropy)).await.unwrap();
        let school = match demo {
            true => jiayin::demo::school(&store, &shared, &entropy).await.unwrap(),
            false => None,
        };
        let state = AppState::new(config, ear, store, school, shared, entropy).unwrap();
        Self { router: router(state.clone()), state, clock, folder }
    }

    /// Does all the work there is, as the workers would.
    pub async fn work(&self) {
        while jiayin::worker::step(&self.state).await.unwrap() {}
    }

    /// Where everything is stored.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Reply { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.get_in(path, ENGLISH).await
    }

    pub async fn get_in(&self, path: &str, language: &str) -> Reply {
        self.send(Request::get(path).header("accept-language", language).body(Body::empty()).unwrap()).await
    }

    pub async fn upload(&self, upload: Upload<'_>) -> Reply {
        self.send(upload.request()).await
    }
}

/// The form of the try-it page, filled in.
pub struct Upload<'a> {
    pub text: &'a str,
    pub recording: Option<(&'a str, &'a [u8])>,
    pub language: &'a str,
    pub partial: bool,
}

impl<'a> Upload<'a> {
    pub fn new(text: &'a str, recording: &'a [u8]) -> Self {
        Self { text, recording: Some(("recording.wav", recording)), language: ENGLISH, partial: false }
    }

    pub fn request(&self) -> Request<Body> {
        let body = form(self.text, self.recording);
        let mut request = Request::post("/tryout")
            .header("accept-language", self.language)
            .header("content-type", "multipart/form-data; boundary=jiayin-test")
            .header("content-length", body.len());
        if self.partial {
            request = request.header("x-partial", "1");
        }
        request.body(Body::from(body)).unwrap()
    }
}

/// The body of the form.
pub fn form(text: &str, recording: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in [("level", "1"), ("n", "1"), ("text", text)] {
        body.extend_from_slice(
            format!("--jiayin-test\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    let (file, bytes) = recording.unwrap_or(("", b""));
    body.extend_from_slice(
        format!(
            "--jiayin-test\r\nContent-Disposition: form-data; name=\"recording\"; filename=\"{file}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--jiayin-test--\r\n");
    body
}
