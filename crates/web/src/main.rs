//! The `jiayin` binary: reads the command line and hands over.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiayin::config::Config;
use jiayin::privacy::cli::PrivacyCommand;
use jiayin::score::ScoreArgs;

/// jiayin (佳音): hear a child read English, and say honestly how it went.
#[derive(Parser)]
#[command(name = "jiayin", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the web site.
    Serve {
        /// Configuration file; without it, `jiayin.toml` in the current directory if there is one.
        #[arg(long, value_name = "FILE", env = "JIAYIN_CONFIG")]
        config: Option<PathBuf>,
        /// With a demo school: invented people, real recordings, everybody's account one click away.
        #[arg(long)]
        demo: bool,
    },
    /// Serve people's rights over their data: copies, erasure.
    Privacy {
        /// Configuration file; without it, `jiayin.toml` in the current directory if there is one.
        #[arg(long, value_name = "FILE", env = "JIAYIN_CONFIG", global = true)]
        config: Option<PathBuf>,
        #[command(subcommand)]
        command: PrivacyCommand,
    },
    /// Score recordings; one JSON object a line, in input order.
    Score(ScoreArgs),
}

fn main() -> ExitCode {
    // A panic's message may quote what was being worked on: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        anstream::eprintln!("jiayin: broke off at {place}");
    }));
    match Cli::parse().command {
        Command::Score(args) => jiayin::score::run(&args),
        Command::Privacy { config, command } => match privacy(config, &command) {
            Ok(line) => {
                anstream::println!("{line}");
                ExitCode::SUCCESS
            }
            Err(reason) => failed(&reason),
        },
        Command::Serve { config, demo } => match start(config, demo) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => failed(&reason),
        },
    }
}

fn failed(reason: &str) -> ExitCode {
    anstream::eprintln!("jiayin: {reason}");
    ExitCode::FAILURE
}

fn privacy(file: Option<PathBuf>, command: &PrivacyCommand) -> Result<String, String> {
    let config = Config::read(file).map_err(|error| error.to_string())?;
    jiayin::privacy::cli::run(&config, command)
}

fn start(file: Option<PathBuf>, demo: bool) -> Result<(), String> {
    let config = Config::read(file).map_err(|error| error.to_string())?;
    jiayin::serve(config, demo)
}
