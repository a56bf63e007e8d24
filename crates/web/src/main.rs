//! The `jiayin` binary: reads the command line and hands over.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use jiayin::backup::{BackupArgs, DrillArgs, RestoreArgs, Task};
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
        #[command(flatten)]
        common: Common,
        /// With a demo school: invented people, real recordings, everybody's account one click away.
        #[arg(long)]
        demo: bool,
    },
    /// Back up the data to a folder, or the key ring to another, while the server runs.
    Backup {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        args: BackupArgs,
    },
    /// Bring data and keys back from their backups, into a new folder.
    Restore {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        args: RestoreArgs,
    },
    /// Bring a backup back for trial, compare, and say how long it took.
    Drill {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        args: DrillArgs,
    },
    /// What an operator does beside the running server.
    Admin {
        #[command(flatten)]
        common: Common,
        #[command(subcommand)]
        task: jiayin::admin::Task,
    },
    /// What the data map says, and people's rights over their data.
    Privacy {
        #[command(flatten)]
        common: Common,
        #[command(subcommand)]
        command: PrivacyCommand,
    },
    /// Score recordings; one JSON object a line, in input order.
    Score(ScoreArgs),
}

/// What all commands but `score` can be told.
#[derive(Args)]
struct Common {
    /// Configuration file; without it, `jiayin.toml` in the current directory if there is one.
    #[arg(long, value_name = "FILE", env = "JIAYIN_CONFIG")]
    config: Option<PathBuf>,
}

fn main() -> ExitCode {
    // A panic's message may quote what was being worked on: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        anstream::eprintln!("jiayin: broke off at {place}");
    }));
    match Cli::parse().command {
        Command::Score(args) => jiayin::score::run(&args),
        Command::Serve { common, demo } => ended(common.read().and_then(|config| jiayin::serve(config, demo))),
        Command::Backup { common, args } => backup(&common, Task::Backup(args)),
        Command::Restore { common, args } => backup(&common, Task::Restore(args)),
        Command::Drill { common, args } => backup(&common, Task::Drill(args)),
        Command::Privacy { common, command } => match privacy(&common, &command) {
            Ok(text) => {
                anstream::println!("{}", text.trim_end());
                ExitCode::SUCCESS
            }
            Err(reason) => ended(Err(reason)),
        },
        Command::Admin { common, task } => ended(common.read().and_then(|config| jiayin::admin::run(&config, task))),
    }
}

impl Common {
    fn read(&self) -> Result<Config, String> {
        Config::read(self.config.clone()).map_err(|error| error.to_string())
    }
}

fn backup(common: &Common, task: Task) -> ExitCode {
    ended(common.read().and_then(|config| jiayin::backup::run(config, task)))
}

fn privacy(common: &Common, command: &PrivacyCommand) -> Result<String, String> {
    jiayin::privacy::cli::run(&common.read()?, command)
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
