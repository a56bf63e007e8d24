//! The two sides of a measurement over HTTP: the real program, and a visitor who is signed in.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::bench::peak_kb;

/// Bytes of a piece, as our script sends them.
const PIECE: usize = 64 * 1024;

/// The program under `jiayin serve`; ended when it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(binary: &Path, settings: &[(&str, String)]) -> Result<Self, String> {
        let mut process = Command::new(binary)
            .arg("serve")
            .envs(settings.iter().cloned())
            .env("JIAYIN_HTTP_ADDR", "127.0.0.1:0")
            .env("JIAYIN_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        if address.starts_with("http://") {
            Ok(Self { process, address })
        } else {
            Err("the server did not start".to_owned())
        }
    }

    /// The most memory that it has had, MB.
    pub(crate) fn peak_mb(&self) -> f64 {
        peak_kb(&PathBuf::from(format!("/proc/{}/status", self.process.id()))) as f64 / 1000.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A signed-in visitor.
#[derive(Clone)]
pub(crate) struct Visitor {
    agent: ureq::Agent,
    address: String,
    cookie: String,
}

impl Visitor {
    /// Whoever carries this session's token.
    pub(crate) fn new(server: &Server, token: &str) -> Self {
        let agent = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        Self { agent, address: server.address.clone(), cookie: format!("session={token}") }
    }

    pub(crate) fn get(&self, path: &str) -> Result<String, String> {
        let request = self.agent.get(format!("{}{path}", self.address)).header("cookie", &self.cookie);
        let mut reply = request.call().map_err(|error| error.to_string())?;
        let status = reply.status();
        let body = reply.body_mut().read_to_string().map_err(|error| error.to_string())?;
        if status.is_success() { Ok(body) } else { Err(format!("{path}: {status}")) }
    }

    /// Sends a recording as our script does, and asks until its result is there; milliseconds from the first byte sent to the
    /// last byte of the result.
    pub(crate) fn record(&self, place: &Place, id: &str, bytes: &[u8]) -> Result<f64, String> {
        let began = Instant::now();
        let announcement = json!({
            "id": id, "kind": "recording", "assignment": place.assignment, "exercise": place.exercise,
            "mime": "audio/wav", "size": bytes.len(), "sha256": hex::encode(Sha256::digest(bytes)),
        });
        let post = self.agent.post(format!("{}/uploads", self.address)).header("cookie", &self.cookie);
        let post = post.header("content-type", "application/json");
        let sent = post.send(announcement.to_string()).map_err(|error| error.to_string())?;
        if !sent.status().is_success() {
            return Err(format!("/uploads: {}", sent.status()));
        }
        for (number, piece) in bytes.chunks(PIECE).enumerate() {
            let patch = self.agent.patch(format!("{}/uploads/{id}", self.address)).header("cookie", &self.cookie);
            let patch = patch.header("upload-offset", (number * PIECE).to_string());
            let sent = patch.send(piece).map_err(|error| error.to_string())?;
            if !sent.status().is_success() {
                return Err(format!("/uploads/{{id}}: {}", sent.status()));
            }
        }
        loop {
            let get = self.agent.get(format!("{}/recordings/{id}/result", self.address)).header("cookie", &self.cookie);
            let mut reply = get.header("x-partial", "1").call().map_err(|error| error.to_string())?;
            let waiting = reply.headers().contains_key("x-waiting");
            let body = reply.body_mut().read_to_string().map_err(|error| error.to_string())?;
            if !reply.status().is_success() {
                return Err(format!("the result: {}", reply.status()));
            }
            if !waiting {
                let heard = body.contains("data-verdict");
                return if heard { Ok(began.elapsed().as_secs_f64() * 1000.0) } else { Err("no result".to_owned()) };
            }
        }
    }
}

/// Where a recording belongs.
#[derive(Clone)]
pub(crate) struct Place {
    assignment: String,
    exercise: String,
}

/// What `bench_school` tells of the school it has founded.
pub(crate) struct School {
    pub(crate) class: String,
    pub(crate) teacher: String,
    /// Token and place of everyone who can record.
    pub(crate) learners: Vec<(String, Place)>,
}

impl School {
    /// Founds it with the program beside `binary`.
    pub(crate) fn found(
        binary: &Path,
        settings: &[(&str, String)],
        recording: &Path,
        text: &str,
    ) -> Result<Self, String> {
        let founder = binary.with_file_name("examples").join("bench_school");
        let output = Command::new(&founder)
            .arg(recording)
            .arg(text)
            .envs(settings.iter().cloned())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("{}: {error}", founder.display()))?;
        if !output.status.success() {
            return Err(format!("{}: {}", founder.display(), output.status));
        }
        let mut school = Self { class: String::new(), teacher: String::new(), learners: Vec::new() };
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["class", id] => school.class = id.to_owned(),
                ["teacher", token] => school.teacher = token.to_owned(),
                ["learner", token, assignment, exercise] => {
                    let place = Place { assignment: assignment.to_owned(), exercise: exercise.to_owned() };
                    school.learners.push((token.to_owned(), place));
                }
                _ => return Err(format!("bench_school: {line}")),
            }
        }
        Ok(school)
    }
}
