//! `jiayin privacy`: what the operator does for a person who asks on paper or by telephone.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use jiayin_domain::id::PersonId;
use jiayin_store::rights::{Claim, Sink};
use jiayin_store::{Store, StoreError};

use super::work::controller;
use crate::config::Config;
use crate::policy::record::{MapArgs, record};
use crate::providers::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::storage;

/// What can be done.
#[derive(Subcommand)]
pub enum PrivacyCommand {
    /// Print the record of processing: what is kept of whom, why, on which basis, how long.
    Map(MapArgs),
    /// Write a copy of everything that is kept of a person into a ZIP file. It is not sealed: keep it safe.
    Export {
        /// The account number, as the person's own page shows it.
        #[arg(long, value_name = "ID")]
        person: String,
        /// The file; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Erase a person, at once and for good.
    Erase {
        /// The account number, as the person's own page shows it.
        #[arg(long, value_name = "ID")]
        person: String,
    },
}

/// Does it. The line that is to be shown.
///
/// # Errors
/// A line for the operator that says what went wrong.
pub fn run(config: &Config, command: &PrivacyCommand) -> Result<String, String> {
    let (person, to) = match command {
        PrivacyCommand::Map(args) => return record(config, args),
        PrivacyCommand::Export { person, to } => (person, Some(to)),
        PrivacyCommand::Erase { person } => (person, None),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no threads to work with: {error}"))?;
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let store = storage::open(config, clock, entropy).await?;
        let claim = claim(&store, person).await?;
        if let Some(to) = to {
            export(&store, config, &claim, to).await?;
            return Ok(format!("written: {}", to.display()));
        }
        store.note_erasure(&claim).await.map_err(said)?;
        store.erase(claim.person).await.map_err(said)?;
        Ok("erased".to_owned())
    })
}

fn said(error: StoreError) -> String {
    match error {
        StoreError::Full => "no room is left on the disk; nothing was kept of the file".to_owned(),
        other => format!("it could not be finished ({other}); run it again"),
    }
}

async fn claim(store: &Store, person: &str) -> Result<Claim, String> {
    let person: PersonId = person.parse().map_err(|_| "--person is no account number".to_owned())?;
    let claim = store.claim_by_operator(person).await.map_err(said)?;
    claim.ok_or_else(|| "there is no such account, or it is closed".to_owned())
}

/// A file that grows on the disk.
struct Growing(File);

impl Sink for Growing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.write_all(bytes).map_err(StoreError::from)
    }
}

async fn export(store: &Store, config: &Config, claim: &Claim, to: &Path) -> Result<(), String> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(to).map_err(|error| format!("cannot write {}: {error}", to.display()))?;
    let mut growing = Growing(file);
    let written = match store.write_copy(claim, &controller(config), &mut growing).await {
        Ok(()) => growing.0.sync_all().map_err(StoreError::from),
        Err(error) => Err(error),
    };
    written.map_err(|error| {
        // Half a copy would pass for a whole one.
        match std::fs::remove_file(to) {
            Ok(()) => said(error),
            Err(left) => format!("{}; remove {} by hand: {left}", said(error), to.display()),
        }
    })
}
