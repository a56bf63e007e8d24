//! The real program as a process of its own, and a browser that asks it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ENGLISH;
use super::school::hex;

const PROGRAM: &str = env!("CARGO_BIN_EXE_jiayin");

/// The real program, on a free port.
pub struct Server {
    pub process: Child,
    pub address: String,
}

impl Server {
    /// With the demo school.
    pub fn demo(folder: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--demo"]);
        Self::start(command, folder)
    }

    /// With the demo school, for programs that come as often as they like.
    pub fn of_programs(folder: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--demo"]).env("JIAYIN_API_REQUESTS_PER_MINUTE", "1000000");
        Self::start(command, folder)
    }

    /// With what is stored in the folder.
    pub fn on(folder: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg("serve");
        Self::start(command, folder)
    }

    /// With what is stored in the folder, and no file may become larger than so many bytes.
    pub fn limited(folder: &Path, bytes: usize) -> Self {
        let mut command = Command::new("sh");
        // The shell counts in blocks of 512 bytes. Without the trap a write beyond the limit would end the program.
        let script = format!("trap '' XFSZ && ulimit -f {} && exec \"$0\" serve", bytes / 512);
        command.args(["-c", &script, PROGRAM]);
        Self::start(command, folder)
    }

    fn start(mut command: Command, folder: &Path) -> Self {
        let mut process = command
            .env("JIAYIN_DATA_DIR", folder)
            .env("JIAYIN_HTTP_ADDR", "127.0.0.1:0")
            .env("JIAYIN_LOG", "warn")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        assert!(address.starts_with("http://"), "the server says {line:?}");
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser that asks and may get no answer.
pub struct Asker {
    client: Client<HttpConnector, Body>,
    pub cookie: String,
    /// The token of a program; empty for a browser.
    pub token: String,
    pub language: &'static str,
}

pub struct Answer {
    pub status: StatusCode,
    pub cookie: String,
    pub offset: u64,
    pub waiting: bool,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Asker {
    pub fn new(cookie: String) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            cookie,
            token: String::new(),
            language: ENGLISH,
        }
    }

    pub async fn get(&self, server: &Server, path: &str) -> Answer {
        self.ask(&server.address, Method::GET, path, "text/plain", 0, Vec::new()).await.unwrap()
    }

    pub async fn ask(
        &self,
        server: &str,
        method: Method,
        path: &str,
        kind: &str,
        offset: u64,
        body: Vec<u8>,
    ) -> Option<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{server}{path}"));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let request = request
            .header("cookie", &self.cookie)
            .header("accept-language", self.language)
            .header("content-type", kind)
            .header("x-partial", "1")
            .header("upload-offset", offset)
            .body(Body::from(body))
            .unwrap();
        let reply = self.client.request(request).await.ok()?;
        let header = |name: &str| reply.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let (status, cookie, offset) = (reply.status(), header("set-cookie"), header("upload-offset"));
        let waiting = !header("x-waiting").is_empty();
        let body = reply.into_body().collect().await.ok()?.to_bytes();
        Some(Answer { status, cookie, offset: offset.parse().unwrap_or(0), waiting, body })
    }

    /// Says what will be sent: a recording for an assignment and an exercise.
    pub async fn announce(
        &self,
        server: &str,
        id: Uuid,
        (assignment, exercise): &(String, String),
        bytes: &[u8],
    ) -> Option<Answer> {
        let announcement = json!({
            "id": id, "kind": "recording", "assignment": assignment, "exercise": exercise,
            "mime": "audio/wav", "size": bytes.len(), "sha256": hex(&Sha256::digest(bytes)),
        });
        let body = announcement.to_string().into_bytes();
        self.ask(server, Method::POST, "/uploads", "application/json", 0, body).await
    }

    /// One try to send a recording; true when it was acknowledged with its own digest.
    pub async fn send(&self, server: &str, id: Uuid, place: &(String, String), bytes: &[u8]) -> Option<bool> {
        let digest = hex(&Sha256::digest(bytes));
        let begun = self.announce(server, id, place, bytes).await?;
        let acknowledged = |answer: &Answer| {
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            body["acknowledged"] == digest.as_str()
        };
        if acknowledged(&begun) {
            return Some(true);
        }
        let mut offset = begun.offset;
        for _ in 0..8 {
            let from = usize::try_from(offset).unwrap().min(bytes.len());
            let piece = &bytes[from..(from + 50_000).min(bytes.len())];
            let answer = self
                .ask(
                    server,
                    Method::PATCH,
                    &format!("/uploads/{id}"),
                    "application/octet-stream",
                    offset,
                    piece.to_vec(),
                )
                .await?;
            if acknowledged(&answer) {
                return Some(true);
            }
            offset = answer.offset;
        }
        Some(false)
    }
}
