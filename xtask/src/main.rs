//! What `make` calls that is more than a line: tidy, licences, clauses, bench.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks to its terminal")]
#![allow(clippy::disallowed_methods, reason = "the bench measures time, and nothing here is the product")]

mod bench;
mod bench_client;
mod bench_web;
mod clauses;
mod licences;
mod log_fields;
mod metadata;
mod postgres;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a task found wrong; empty if nothing.
type Complaints = Vec<String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy::run(&root()),
        ["licences"] => licences::run(&root()),
        ["clauses"] => clauses::run(&root()),
        ["bench"] => bench::run(&root()).and_then(|_| bench_web::run(&root())),
        ["bench", "web"] => bench_web::run(&root()),
        _ => Err("usage: cargo run -p xtask -- tidy | licences | clauses | bench [web]".to_owned()),
    };
    match result {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            complaints.iter().for_each(|complaint| eprintln!("{complaint}"));
            eprintln!("{} complaint(s)", complaints.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Where cargo builds.
fn built(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into)
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
