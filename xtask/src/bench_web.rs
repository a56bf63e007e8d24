//! `make bench`, second part: how fast the product answers. The real program with the demo school, on loopback, one machine for
//! both sides: what is measured is server and asker together.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Complaints;
use crate::bench::peak_kb;

/// Requests of each page, one after the other.
const REQUESTS: usize = 300;
/// Askers at once, and how long they ask.
const ASKERS: usize = 4;
const CROWD: Duration = Duration::from_secs(4);
/// Recordings sent one after the other.
const RECORDINGS: usize = 20;

struct Server {
    process: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A signed-in visitor.
#[derive(Clone)]
struct Visitor {
    agent: ureq::Agent,
    address: String,
    cookie: String,
}

impl Visitor {
    fn sign_in(address: &str, login: &str) -> Result<Self, String> {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        let form = [("identifier", format!("{login}@demo.example")), ("password", "jiayin-demo".to_owned())];
        let reply = agent.post(format!("{address}/sign-in")).send_form(form).map_err(|error| error.to_string())?;
        let cookie = reply.headers().get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        if cookie.is_empty() {
            return Err(format!("{login} could not sign in"));
        }
        Ok(Self { agent, address: address.to_owned(), cookie })
    }

    fn get(&self, path: &str) -> Result<String, String> {
        let mut request = self.agent.get(format!("{}{path}", self.address)).header("cookie", &self.cookie);
        if path.ends_with("/result") {
            // As our script asks: the answer comes when the recording has been heard.
            request = request.header("x-partial", "1");
        }
        let mut reply = request.call().map_err(|error| error.to_string())?;
        let status = reply.status();
        let body = reply.body_mut().read_to_string().map_err(|error| error.to_string())?;
        if status.is_success() { Ok(body) } else { Err(format!("{path}: {status}")) }
    }
}

pub(crate) fn run(root: &Path) -> Result<Complaints, String> {
    let folder = root.join("target/bench-data");
    let _ = std::fs::remove_dir_all(&folder);
    let server = start(&root.join("target/release/jiayin"), &folder)?;
    let teacher = Visitor::sign_in(&server.address, "teacher")?;
    let learner = Visitor::sign_in(&server.address, "learner11")?;
    settle(&server.address)?;
    let classes = teacher.get("/classes")?;
    let class = first(&classes, "/classes/").ok_or("the teacher has no class")?;
    println!("page                    bytes    p50 ms    p95 ms   pages/s, {ASKERS} askers");
    for (visitor, name, path) in [
        (&learner, "learner's home", "/home"),
        (&teacher, "teacher's classes", "/classes"),
        (&teacher, "class", &*class),
    ] {
        let bytes = visitor.get(path)?.len();
        let mut took = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let began = Instant::now();
            visitor.get(path)?;
            took.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        let crowd = crowd(visitor, path)?;
        println!("{name:20}  {bytes:7}  {:8.2}  {:8.2}  {crowd:8.0}", at(&mut took, 0.5), at(&mut took, 0.95));
    }
    let mut took = recordings(&learner, &root.join("crates/speech/tests/fixtures/speech.wav"))?;
    println!("upload to result        {RECORDINGS:5}  {:8.1}  {:8.1}", at(&mut took, 0.5), at(&mut took, 0.95));
    let status = PathBuf::from(format!("/proc/{}/status", server.process.id()));
    println!("peak memory of the server: {:.0} MB", peak_kb(&status) as f64 / 1000.0);
    drop(server);
    let _ = std::fs::remove_dir_all(&folder);
    Ok(Complaints::new())
}

fn start(binary: &Path, folder: &Path) -> Result<Server, String> {
    let mut process = Command::new(binary)
        .args(["serve", "--demo"])
        .env("JIAYIN_DATA_DIR", folder)
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
        Ok(Server { process, address })
    } else {
        Err("the server did not start".to_owned())
    }
}

/// Waits until the recordings of the demo school have been heard.
fn settle(address: &str) -> Result<(), String> {
    let mut before = String::new();
    for _ in 0..120 {
        let mut reply = ureq::get(format!("{address}/metrics")).call().map_err(|error| error.to_string())?;
        let text = reply.body_mut().read_to_string().map_err(|error| error.to_string())?;
        let now: String = text.lines().filter(|line| line.starts_with("jiayin_scorings_total")).collect();
        if now == before && !now.is_empty() {
            return Ok(());
        }
        before = now;
        std::thread::sleep(Duration::from_secs(1));
    }
    Err("the demo school is not heard to its end".to_owned())
}

/// The first address in a page that begins like this.
fn first(page: &str, before: &str) -> Option<String> {
    let (at, _) =
        page.match_indices(before).find(|(at, _)| page.get(at + before.len()..at + before.len() + 36).is_some())?;
    page.get(at..at + before.len() + 36).map(str::to_owned)
}

fn crowd(visitor: &Visitor, path: &str) -> Result<f64, String> {
    let began = Instant::now();
    let askers: Vec<_> = (0..ASKERS)
        .map(|_| {
            let (visitor, path) = (visitor.clone(), path.to_owned());
            std::thread::spawn(move || -> Result<usize, String> {
                let mut pages = 0;
                while began.elapsed() < CROWD {
                    visitor.get(&path)?;
                    pages += 1;
                }
                Ok(pages)
            })
        })
        .collect();
    let mut pages = 0;
    for asker in askers {
        pages += asker.join().map_err(|_| "an asker broke off".to_owned())??;
    }
    Ok(pages as f64 / began.elapsed().as_secs_f64())
}

/// Sends a recording as a form, as from a page without scripts, and asks until its result is there; milliseconds of each.
fn recordings(learner: &Visitor, file: &Path) -> Result<Vec<f64>, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let exercise = first(&learner.get("/home")?, "/homework/").ok_or("nothing to do")?;
    let home = learner.get("/home")?;
    let (_, rest) = home.split_once(&format!("{exercise}/exercises/")).ok_or("nothing to do")?;
    let path = format!("{exercise}/exercises/{}", rest.get(..36).ok_or("nothing to do")?);
    let mut took = Vec::with_capacity(RECORDINGS);
    for _ in 0..RECORDINGS {
        let mut body = b"--x\r\nContent-Disposition: form-data; name=\"recording\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n".to_vec();
        body.extend_from_slice(&bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let began = Instant::now();
        let request = learner.agent.post(format!("{}{path}", learner.address)).header("cookie", &learner.cookie);
        request
            .header("content-type", "multipart/form-data; boundary=x")
            .send(&body[..])
            .map_err(|error| error.to_string())?;
        let page = learner.get(&path)?;
        let recording = first(&page, "/recordings/").ok_or("no recording came of it")?;
        learner.get(&format!("{recording}/result"))?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(took)
}

fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(((values.len() as f64 - 1.0) * share) as usize).copied().unwrap_or(0.0)
}
