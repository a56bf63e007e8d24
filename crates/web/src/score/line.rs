//! One line: what is asked, and what is answered.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiayin_speech::Evaluation;
use jiayin_speech::phone::Phone;
use serde::Serialize;
use serde_json::Value;

use crate::ear::{Ear, HearError, guarded};
use crate::providers::Clock;

/// Largest file that is read; what is larger is no sentence. More than the decoder takes, so that the decoder says so.
const FILE_MAX: u64 = 64 * 1024 * 1024;

/// A recording to be scored, or why the line that asked for it makes no sense.
pub struct Request {
    /// As given; `null` where the line has none.
    pub id: Value,
    /// Number of the line in the manifest, from 1.
    pub line: Option<usize>,
    /// What is asked.
    pub task: Result<Task, HearError>,
}

/// What is to be scored.
pub struct Task {
    /// Where the recording may be; the first place that exists counts.
    pub audio: Vec<PathBuf>,
    /// What it is a reading of.
    pub text: String,
    /// Canonical phones for each word of the text.
    pub phones: Option<Vec<Vec<String>>>,
}

impl Request {
    /// A file named on the command line.
    pub fn for_file(file: PathBuf, text: String) -> Self {
        let id = Value::String(file.to_string_lossy().into_owned());
        Self { id, line: None, task: Ok(Task { audio: vec![file], text, phones: None }) }
    }
}

/// The answer to a request, in the form that is written out.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// It was evaluated.
    Evaluated {
        /// As given.
        id: Value,
        /// The evaluation.
        #[serde(flatten)]
        evaluation: Evaluation,
        /// Milliseconds from the file's bytes to the result.
        took_ms: f64,
    },
    /// It could not be.
    Failed {
        /// As given; `null` where the line has none.
        id: Value,
        /// Why, for people.
        error: String,
        /// Why, for programs.
        code: &'static str,
        /// Number of the line in the manifest, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
    },
}

/// Answers a request on the calling thread.
pub(super) fn answer(ear: &dyn Ear, clock: &dyn Clock, request: Request) -> Answer {
    let Request { id, line, task } = request;
    let outcome = guarded(|| {
        let task = task?;
        let phones = task.phones.map(parse_phones).transpose()?;
        let prompt = ear.prompt(&task.text, phones)?;
        let recording = read(&task.audio)?;
        let began = clock.monotonic();
        let evaluation = ear.hear(&recording, &prompt)?;
        Ok((evaluation, clock.monotonic().saturating_sub(began)))
    });
    match outcome {
        Ok((evaluation, took)) => {
            let took_ms = (took.as_secs_f64() * 10_000.0).round() / 10.0;
            Answer::Evaluated { id, evaluation, took_ms }
        }
        Err(error) => Answer::Failed { id, error: error.to_string(), code: error.code(), line },
    }
}

fn parse_phones(words: Vec<Vec<String>>) -> Result<Vec<Vec<Phone>>, HearError> {
    let wrong = |reason: String| HearError::Line { code: "phones", reason };
    words
        .into_iter()
        .map(|word| {
            word.iter().map(|phone| phone.parse().map_err(|error| wrong(format!("`phones`: {error}")))).collect()
        })
        .collect()
}

fn read(places: &[PathBuf]) -> Result<Vec<u8>, HearError> {
    let failed = |path: &Path, error: &io::Error| HearError::Line {
        code: "no_audio_file",
        reason: format!("cannot read {}: {error}", path.display()),
    };
    let [first, ..] = places else { return Ok(Vec::new()) };
    let path = places.iter().find(|path| path.exists()).unwrap_or(first);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(|error| failed(path, &error))?;
    if bytes.len() as u64 > FILE_MAX {
        let reason = format!("the file is larger than {} MB", FILE_MAX / 1_000_000);
        return Err(HearError::Recording { code: "too_large", reason });
    }
    Ok(bytes)
}
