//! The `jiayin` binary: reads the command line and hands over.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiayin::config::Config;
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
    /// What an operator does beside the running server.
    Admin {
        /// Configuration file, as for `serve`.
        #[arg(long, value_name = "FILE", env = "JIAYIN_CONFIG")]
        config: Option<PathBuf>,
        #[command(subcommand)]
        task: jiayin::admin::Task,
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
        Command::Serve { config, demo } => ended(read(config).and_then(|config| jiayin::serve(config, demo))),
        Command::Admin { config, task } => ended(read(config).and_then(|config| jiayin::admin::run(&config, task))),
    }
}

fn read(file: Option<PathBuf>) -> Result<Config, String> {
    Config::read(file).map_err(|error| error.to_string())
}

fn ended(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            anstream::eprintln!("jiayin: {reason}");
            ExitCode::FAILURE
        }
    }
}
