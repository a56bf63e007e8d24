//! `make bench`: how fast `jiayin score` is on the bundled recordings, with one thread and with all, and its memory.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::Complaints;

/// What the bundled recordings say.
const TEXT: &str = "I put my elbows on the table";
/// Recordings scored in each run.
const RECORDINGS: usize = 400;

#[derive(Deserialize)]
struct Answer {
    took_ms: Option<f64>,
    error: Option<String>,
    audio: Option<AudioLength>,
}

#[derive(Deserialize)]
struct AudioLength {
    duration_ms: f64,
}

struct Run {
    took_ms: Vec<f64>,
    audio_ms: f64,
    first: Duration,
    whole: Duration,
    peak_kb: u64,
}

pub(crate) fn run(root: &Path) -> Result<Complaints, String> {
    let recordings = recordings(&root.join("crates/speech/tests/fixtures"))?;
    let binary = crate::built(root).join("release/jiayin");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{RECORDINGS} recordings a run, from {} files; decode to JSON", recordings.len());
    println!("threads    p50 ms    p95 ms   per 5 s   recordings/s   start + first ms   peak MB");
    let mut counts = vec![1, cores];
    counts.dedup();
    for threads in counts {
        let mut run = measure(&binary, &recordings, threads)?;
        run.took_ms.sort_by(f64::total_cmp);
        let at =
            |share: f64| run.took_ms.get(((run.took_ms.len() as f64 - 1.0) * share) as usize).copied().unwrap_or(0.0);
        let mean = run.took_ms.iter().sum::<f64>() / run.took_ms.len() as f64;
        let per_five_seconds = mean * 5000.0 / (run.audio_ms / run.took_ms.len() as f64);
        println!(
            "{threads:7}  {:8.1}  {:8.1}  {per_five_seconds:8.1}  {:13.1}  {:17.0}  {:8.0}",
            at(0.5),
            at(0.95),
            RECORDINGS as f64 / run.whole.as_secs_f64(),
            run.first.as_secs_f64() * 1000.0,
            run.peak_kb as f64 / 1000.0
        );
    }
    Ok(Complaints::new())
}

fn recordings(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending != "md") && path.is_file())
        .collect();
    found.sort();
    if found.is_empty() { Err("there are no bundled recordings".to_owned()) } else { Ok(found) }
}

fn measure(binary: &Path, recordings: &[PathBuf], threads: usize) -> Result<Run, String> {
    let files = recordings.iter().cycle().take(RECORDINGS);
    let began = Instant::now();
    let mut child = Command::new(binary)
        .args(["score", "--json", "--threads", &threads.to_string(), "--text", TEXT])
        .args(files)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut run = Run { took_ms: Vec::new(), audio_ms: 0.0, first: Duration::ZERO, whole: Duration::ZERO, peak_kb: 0 };
    let output = child.stdout.take().ok_or("no output")?;
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| error.to_string())?;
        if run.took_ms.is_empty() {
            run.first = began.elapsed();
        }
        let answer: Answer = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        match (answer.took_ms, answer.audio) {
            (Some(took), Some(audio)) => {
                run.took_ms.push(took);
                run.audio_ms += audio.duration_ms;
            }
            _ => return Err(answer.error.unwrap_or(line)),
        }
        // Read with every answer: when the process has ended it is gone.
        run.peak_kb = run.peak_kb.max(peak_kb(&status));
    }
    run.whole = began.elapsed();
    let ended = child.wait().map_err(|error| error.to_string())?;
    if ended.success() { Ok(run) } else { Err(format!("jiayin score: {ended}")) }
}

/// The most memory that a process has had, where the system tells (Linux).
pub(crate) fn peak_kb(status: &Path) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
