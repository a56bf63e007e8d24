//! The real program, started as an operator starts it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// The program, not started yet, with its data in `folder` and nothing of this machine's settings.
pub fn jiayin(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiayin"));
    command
        .args(arguments)
        .env("JIAYIN_DATA_DIR", folder.join("data"))
        .env("JIAYIN_HTTP_ADDR", "127.0.0.1:0")
        .env("JIAYIN_LOG", "warn")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub fn ended(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// Runs it to its end, which must be a good one; answers what it says.
pub fn done(command: &mut Command) -> String {
    let output = ended(command);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Runs it to its end, which must be a refusal with exit code 1; answers the reason.
pub fn refused(command: &mut Command) -> String {
    let output = ended(command);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

/// The program while it runs; ended with the test.
pub struct Running {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output }
    }

    /// The next line that it says; empty at its end.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn exit_code(&mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.process.wait().unwrap().code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The web server among its subcommands.
pub struct Server {
    pub running: Running,
    pub address: String,
}

impl Server {
    /// Starts a demo school.
    pub fn demo(folder: &Path) -> Self {
        Self::start(&mut jiayin(folder, &["serve", "--demo"]))
    }

    pub fn start(command: &mut Command) -> Self {
        let mut running = Running::start(command);
        let line = running.line();
        let address = line.rsplit(' ').next().unwrap_or_default().to_owned();
        assert!(address.starts_with("http"), "the server says {line:?}");
        Self { running, address }
    }

    /// Asks for a page.
    pub async fn ask(&self, request: axum::http::request::Builder, body: &str) -> (StatusCode, HeaderMap, Bytes) {
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let reply = client.request(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = reply.into_parts();
        (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
    }

    /// Signs a person of the demo school in and answers their home page, which is full of opened names.
    pub async fn home_of(&self, identifier: &str) -> String {
        self.signed_in(identifier, "/home").await.1
    }

    /// Signs a person of the demo school in: their cookie, and the page at a path.
    pub async fn signed_in(&self, identifier: &str, path: &str) -> (String, String) {
        let form = format!("identifier={}&password={}", identifier.replace('@', "%40"), jiayin::demo::PASSWORD);
        let request = Request::post(format!("{}/sign-in", self.address))
            .header("content-type", "application/x-www-form-urlencoded");
        let (status, headers, _) = self.ask(request, &form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{identifier} signs in");
        let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let request = Request::get(format!("{}{path}", self.address)).header("cookie", &cookie);
        let (status, _, body) = self.ask(request, "").await;
        assert_eq!(status, StatusCode::OK, "{identifier} is at {path}");
        (cookie, String::from_utf8(body.to_vec()).unwrap())
    }
}
