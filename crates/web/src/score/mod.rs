//! `jiayin score`: recordings in, one JSON object a line out, in input order.
//!
//! All cores work, and memory stays bounded however many lines come in: [`ordered`] lets only so many be under way.

mod line;
mod manifest;
mod ordered;
mod table;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::config::cores;
use crate::ear::Ear;
use crate::model;
use crate::providers::{Clock, SystemClock};

pub use line::{Answer, Request};

/// The command line of `jiayin score`.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["text", "manifest"])))]
pub struct ScoreArgs {
    /// The English text that all FILES are readings of.
    #[arg(long, requires = "files")]
    text: Option<String>,
    /// Recordings (WAV, FLAC, MP3, M4A, Ogg, WebM).
    #[arg(value_name = "FILES", requires = "text")]
    files: Vec<PathBuf>,
    /// A file of lines {"id", "audio", "text", "phones"?}; `-` reads them from standard input.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Scoring threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Another model file than the built-in one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Indent the JSON.
    #[arg(long)]
    pretty: bool,
    /// JSON even on a terminal, which otherwise gets a table for people.
    #[arg(long)]
    json: bool,
}

/// How answers are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Json,
    Pretty,
    Table,
}

/// Runs the command. The exit code is success if every line was answered, be it with an error.
pub fn run(args: &ScoreArgs) -> ExitCode {
    match score(args) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has had enough; that needs no message.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(failure) => {
            anstream::eprintln!("jiayin score: {failure}");
            ExitCode::from(2)
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Model(String),
    #[error("cannot read the manifest {0}: {1}")]
    Manifest(PathBuf, io::Error),
    #[error("no threads to score with: {0}")]
    Threads(io::Error),
    #[error("cannot write the results: {0}")]
    Output(io::Error),
}

fn score(args: &ScoreArgs) -> Result<(), Failure> {
    // Opened before the model is loaded: what is wrong is said at once.
    let input: Box<dyn Iterator<Item = io::Result<Request>> + Send> = match (&args.manifest, &args.text) {
        (Some(path), _) => {
            let reader = open(path).map_err(|error| Failure::Manifest(path.clone(), error))?;
            Box::new(manifest::requests(reader, path.parent().unwrap_or(Path::new("")).to_owned()))
        }
        (None, text) => {
            let text = text.clone().unwrap_or_default();
            let files = args.files.clone();
            Box::new(files.into_iter().map(move |file| Ok(Request::for_file(file, text.clone()))))
        }
    };
    let ear: Arc<dyn Ear> = Arc::new(model::load_or_built_in(args.model.as_deref()).map_err(Failure::Model)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let threads = args.threads.map_or_else(cores, usize::from);
    let style = match (args.json || args.pretty, io::stdout().is_terminal()) {
        (false, true) => Style::Table,
        _ if args.pretty => Style::Pretty,
        _ => Style::Json,
    };
    let mut output = Output { style, stream: BufWriter::new(anstream::stdout()) };
    let work = move |request: io::Result<Request>| request.map(|request| line::answer(&*ear, &*clock, request));
    ordered::run(input, threads, work, |answer| match answer {
        Ok(answer) => output.write(&answer).map_err(Failure::Output),
        Err(error) => Err(Failure::Manifest(args.manifest.clone().unwrap_or_default(), error)),
    })
    .map_err(Failure::Threads)?
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    Ok(Box::new(BufReader::new(file)))
}

struct Output<W: Write> {
    style: Style,
    stream: BufWriter<W>,
}

impl<W: Write> Output<W> {
    fn write(&mut self, answer: &Answer) -> io::Result<()> {
        match self.style {
            Style::Json => serde_json::to_writer(&mut self.stream, answer)?,
            Style::Pretty => serde_json::to_writer_pretty(&mut self.stream, answer)?,
            Style::Table => table::write(&mut self.stream, answer)?,
        }
        self.stream.write_all(b"\n")?;
        // A line is there when it is done, for whoever follows the output.
        self.stream.flush()
    }
}
