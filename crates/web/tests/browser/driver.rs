//! A real Chromium, driven by chromedriver; both are started for one test and gone after it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use jiayin::config::Config;
use jiayin::ear::Ear;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::common::TestApp;

/// What kind of browser a test wants.
#[derive(Default)]
pub struct Wish {
    /// What the microphone hears; `None` for a machine without a microphone.
    pub microphone: Option<PathBuf>,
    /// `en` or `zh-CN`.
    pub language: &'static str,
    /// Scripts are switched off.
    pub no_scripts: bool,
    /// The visitor says no to the microphone.
    pub deny: bool,
}

/// Chromium with the application behind it.
pub struct Browser {
    pub client: Client,
    base: String,
    driver: Driver,
    _profile: tempfile::TempDir,
    app: Arc<TestApp>,
    plug: tokio::sync::watch::Sender<bool>,
}

struct Driver {
    process: Child,
    port: u16,
    session: String,
}

impl Drop for Driver {
    /// Asks the driver to close the browser, then ends the driver; a test that broke off leaves nothing running.
    fn drop(&mut self) {
        if let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let request =
                format!("DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", self.session);
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0; 256]);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file()));
    found.unwrap_or_else(|| panic!("browser tests need {}: run `make setup`", names.join(" or ")))
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new(program(&["chromedriver"]))
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .find_map(|line| line.unwrap().split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver names its port");
        // Kept drained, so that the driver never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port, session: String::new() }
    }
}

fn serve(listener: TcpListener, router: axum::Router, mut unplugged: tokio::sync::watch::Receiver<bool>) {
    let pulled = async move { drop(unplugged.wait_for(|pulled| *pulled).await) };
    tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(pulled).await.unwrap() });
}

impl Browser {
    /// Starts the application with this ear, and a browser that looks at it.
    pub async fn start(ear: Arc<dyn Ear>, wish: Wish) -> Self {
        Self::over(TestApp::with_ear(ear).await, wish).await
    }

    /// Starts a browser that looks at this application.
    pub async fn over(app: TestApp, wish: Wish) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        Self::at(listener, base, app, wish).await
    }

    /// The demo school under a name, as the browser finds it: passkeys are for names.
    pub async fn by_name(ear: Arc<dyn Ear>, wish: Wish) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let config = Config { public_url: base.clone(), scoring_threads: 1, ..Config::default() };
        Self::at(listener, base, TestApp::demo_with(config, ear).await, wish).await
    }

    /// One more browser, of somebody else, that looks at the same application.
    pub async fn beside(&self, wish: Wish) -> Self {
        Self::looking(self.base.clone(), Arc::clone(&self.app), self.plug.clone(), wish).await
    }

    async fn at(listener: TcpListener, base: String, app: TestApp, wish: Wish) -> Self {
        let (plug, unplugged) = tokio::sync::watch::channel(false);
        serve(listener, app.router(), unplugged);
        Self::looking(base, Arc::new(app), plug, wish).await
    }

    async fn looking(base: String, app: Arc<TestApp>, plug: tokio::sync::watch::Sender<bool>, wish: Wish) -> Self {
        let mut driver = Driver::start();
        let profile = tempfile::tempdir().unwrap();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&wish, profile.path()))
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .unwrap();
        driver.session = client.session_id().await.unwrap().unwrap();
        let browser = Self { client, base, driver, _profile: profile, app, plug };
        if wish.deny {
            let deny = json!({"permission": {"name": "microphone"}, "setting": "denied"});
            browser.devtools("Browser.setPermission", deny).await;
        }
        browser
    }

    /// The application behind the page.
    pub fn app(&self) -> &TestApp {
        &self.app
    }

    /// Takes the server away: nothing answers any more.
    pub fn unplug(&self) {
        self.plug.send_replace(true);
    }

    /// Brings the server back, where it was.
    pub async fn plug_in(&self) {
        self.plug.send_replace(false);
        let listener = TcpListener::bind(self.base.trim_start_matches("http://")).await.unwrap();
        serve(listener, self.app.router(), self.plug.subscribe());
    }

    /// Types keys into whatever has the focus.
    pub async fn key(&self, keys: &str) {
        let focused = self.client.active_element().await.unwrap();
        focused.send_keys(keys).await.unwrap();
    }

    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// Waits for an element; a browser is given half a minute, which only a failing test uses up.
    pub async fn wait_for(&self, selector: &str) -> Element {
        let wait = self.client.wait().at_most(Duration::from_secs(30));
        match wait.for_element(Locator::Css(selector)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("failed").await;
                let (hint, result) = (self.text("[data-hint]").await, self.text(".result").await);
                panic!("{selector} did not come ({error:.100}); the page says {hint:?} and {result:?}")
            }
        }
    }

    pub async fn click(&self, selector: &str) {
        let element = self.wait_for(selector).await;
        element.click().await.unwrap_or_else(|error| panic!("cannot click {selector}: {error:.300}"));
    }

    pub async fn text(&self, selector: &str) -> String {
        match self.client.find(Locator::Css(selector)).await {
            Ok(element) => element.text().await.unwrap(),
            Err(_) => String::new(),
        }
    }

    pub async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.unwrap().len()
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Waits for a script's value to be true.
    pub async fn wait_until(&self, script: &str) {
        for _ in 0..300 {
            if self.run(script).await == json!(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("never became true: {script}");
    }

    /// Sets the size of the page and the colour scheme of the device.
    pub async fn device(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", scheme).await;
    }

    /// Saves a picture of the whole page under `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        let shot = self.devtools("Page.captureScreenshot", json!({"captureBeyondViewport": true})).await;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), BASE64.decode(shot["data"].as_str().unwrap()).unwrap())
            .unwrap();
    }

    /// A command of the browser's own protocol.
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        self.client.issue_cmd(Devtools { command, parameters }).await.unwrap()
    }

    /// Puts a device beside the browser that makes passkeys and always verifies its user.
    pub async fn add_authenticator(&self) {
        self.client.issue_cmd(AddAuthenticator).await.unwrap();
    }

    /// Runs axe over the page; what it finds, in words.
    pub async fn accessibility(&self) -> Vec<String> {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(axe).expect("axe-core is installed: run `make setup`");
        self.client.execute(&axe, vec![]).await.unwrap();
        let script = "const done = arguments[0]; \
            axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}) \
            .then((found) => done(found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html} ${n.failureSummary}`))));";
        let found = self.client.execute_async(script, vec![]).await.unwrap();
        serde_json::from_value(found).unwrap()
    }

    pub async fn close(self) {
        let Self { client, driver, .. } = self;
        client.close().await.unwrap();
        drop(driver);
    }
}

fn capabilities(wish: &Wish, profile: &Path) -> serde_json::Map<String, Value> {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--force-prefers-reduced-motion".to_owned(),
        "--autoplay-policy=no-user-gesture-required".to_owned(),
        format!("--user-data-dir={}", profile.display()),
        format!("--lang={}", wish.language),
    ];
    if !wish.deny {
        arguments.push("--use-fake-ui-for-media-stream".to_owned());
    }
    if let Some(file) = &wish.microphone {
        arguments.push("--use-fake-device-for-media-stream".to_owned());
        arguments.push(format!("--use-file-for-fake-audio-capture={}%noloop", file.display()));
    }
    let mut preferences = json!({"intl.accept_languages": wish.language});
    if wish.no_scripts {
        preferences["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    let options = json!({
        "binary": program(&["chromium", "chromium-browser", "google-chrome"]),
        "args": arguments,
        "prefs": preferences,
    });
    [("goog:chromeOptions".to_owned(), options)].into_iter().collect()
}

#[derive(Debug)]
struct Devtools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        let body = json!({"cmd": self.command, "params": self.parameters});
        (axum::http::Method::POST, Some(body.to_string()))
    }
}

/// Web Authentication Level 3, section 11.3: "Add Virtual Authenticator".
#[derive(Debug)]
struct AddAuthenticator;

impl WebDriverCompatibleCommand for AddAuthenticator {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/webauthn/authenticator", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        let body = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        (axum::http::Method::POST, Some(body.to_string()))
    }
}
