//! `jiayin admin reset-second-step`: takes away the second step of somebody who has lost telephone and recovery codes. Who asks
//! for it must have shown who they are; the command cannot know that, so it leaves an entry in the audit log and signs the
//! person out everywhere.

use std::fs::File;
use std::io::{IsTerminal, Read, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiayin_privacy::Identifier;
use jiayin_store::StoreError;

use crate::config::Config;
use crate::providers::{Clock, Entropy};
use crate::storage::{self, Places};

/// More than any identifier has, in bytes.
const LONGEST: u64 = 1024;

/// Whose second step.
#[derive(Args)]
pub struct ResetArgs {
    /// File whose first line is the phone number or e-mail address by which the person signs in; `-`, or no file, for
    /// standard input. It is no argument, since those stand in process lists and in the shell's history.
    #[arg(long, value_name = "FILE")]
    identifier_file: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// A line for the operator, which does not repeat what was typed.
pub(super) async fn run(
    config: &Config,
    args: ResetArgs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<(), String> {
    if Places::new(config).is_new {
        return Err("nothing is stored here yet (`data_dir`, `database_url`)".to_owned());
    }
    let line = first_line(args.identifier_file.as_deref())?;
    let identifier =
        Identifier::parse(&line).map_err(|_| "that is no phone number and no e-mail address".to_owned())?;
    let store = storage::open(config, clock, entropy).await?;
    let owner = store.owner_of(&identifier).await.map_err(failed)?;
    let person = owner.ok_or_else(|| "nobody signs in with that".to_owned())?;
    if !store.reset_second_step(person).await.map_err(failed)? {
        return Err("this person has no second step; nothing was changed".to_owned());
    }
    anstream::println!(
        "the second step is gone, and the person is signed out everywhere: the password alone opens now"
    );
    anstream::println!("let them set a new one up at once, under “Two-step sign-in” of their profile");
    Ok(())
}

fn failed(error: StoreError) -> String {
    format!("it could not be done ({error}); run it again")
}

fn first_line(file: Option<&Path>) -> Result<String, String> {
    let read = match file.filter(|file| *file != Path::new("-")) {
        Some(file) => {
            let opened = File::open(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            text(opened)
        }
        None => {
            if stdin().is_terminal() {
                anstream::eprintln!("Phone number or e-mail address by which the person signs in:");
                let mut line = String::new();
                stdin().read_line(&mut line).map(|_| line)
            } else {
                text(stdin())
            }
        }
    };
    let read = read.map_err(|error| format!("cannot read the identifier: {error}"))?;
    let line = read.lines().next().unwrap_or_default().trim().to_owned();
    if line.is_empty() { Err("no phone number or e-mail address was given".to_owned()) } else { Ok(line) }
}

fn text(from: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    from.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}
