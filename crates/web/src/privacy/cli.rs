//! `jiayin privacy`: what the operator does for a person who asks on paper or by telephone, and with what has expired.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use jiayin_domain::id::PersonId;
use jiayin_privacy::Refusal;
use jiayin_store::audit::Mark;
use jiayin_store::retention::{Origin, Outcome, Swept};
use jiayin_store::rights::{Claim, Sink};
use jiayin_store::{Store, StoreError, audit, ledger};

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
    /// Look whether the audit log and the ledger of consents are as they were written.
    Check {
        /// A mark noted at an earlier check: whether the log up to there is still there.
        #[arg(long, value_name = "MARK")]
        mark: Option<String>,
    },
    /// Delete what has expired, now and not in the coming night; the server may go on meanwhile.
    Sweep {
        /// Only say what would be deleted.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Does it. The line that is to be shown.
///
/// # Errors
/// A line for the operator that says what went wrong.
pub fn run(config: &Config, command: &PrivacyCommand) -> Result<String, String> {
    if let PrivacyCommand::Map(args) = command {
        return record(config, args);
    }
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no threads to work with: {error}"))?;
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let store = storage::open(config, clock, entropy).await?;
        match command {
            PrivacyCommand::Map(args) => record(config, args),
            PrivacyCommand::Export { person, to } => {
                export(&store, config, &claim(&store, person).await?, to).await?;
                Ok(format!("written: {}", to.display()))
            }
            PrivacyCommand::Erase { person } => {
                let claim = claim(&store, person).await?;
                store.note_erasure(&claim).await.map_err(said)?;
                store.erase(claim.person).await.map_err(said)?;
                Ok("erased; now run jiayin backup --tombstones, so that no backup brings anything back".to_owned())
            }
            PrivacyCommand::Check { mark } => check(&store, mark.as_deref()).await,
            PrivacyCommand::Sweep { dry_run: true } => {
                Ok(table(&store.sweep_dry().await.map_err(said)?, "would be deleted"))
            }
            PrivacyCommand::Sweep { dry_run: false } => {
                Ok(table(&store.sweep(Origin::Operator, None).await.map_err(said)?, "deleted"))
            }
        }
    })
}

/// Checks the log and the ledger; an error if one of them is not as it was written.
async fn check(store: &Store, mark: Option<&str>) -> Result<String, String> {
    let noted = mark.map(str::parse::<Mark>).transpose();
    let noted = noted.map_err(|()| "--mark is no mark: a number, a hyphen, and 16 digits and letters from a to f")?;
    let log =
        match store.check_log(noted.as_ref()).await.map_err(said)? {
            Ok(log) => log,
            Err(audit::Broken::At(number)) => {
                return Err(format!("the audit log is not as it was written, from entry {number} on"));
            }
            Err(audit::Broken::Unchained) => {
                return Err("the audit log has entries that this program did not write".to_owned());
            }
            Err(audit::Broken::Noted) => return Err(
                "the entry of the mark is not in the audit log: its end was cut off, or an older backup was restored"
                    .to_owned(),
            ),
        };
    let mut lines = vec![format!("audit log: {} entries, as they were written", log.entries)];
    if log.unchained > 0 {
        lines.push(format!("audit log: {} entries are older than the chain and cannot be checked", log.unchained));
    }
    if log.noted_expired {
        lines.push("audit log: the entry of the mark has expired since".to_owned());
    }
    if let Some(end) = &log.end {
        lines.push(format!("audit log ends with {end}: note it, apart from the server"));
    }
    match store.check_ledger().await.map_err(said)? {
        Ok(count) => lines.push(format!("ledger of consents: {count} decisions, as they were written")),
        Err(ledger::Broken::At(number)) => {
            return Err(format!("the ledger of consents is not as it was written, from decision {number} on"));
        }
        Err(ledger::Broken::End) => return Err("the end of the ledger of consents is not as it was written".to_owned()),
    }
    Ok(lines.join("\n"))
}

/// What a sweep did or would do, a line for each rule that finds something.
fn table(outcome: &Outcome, what: &str) -> String {
    let mut lines = vec![format!("{:12} {:18} {:>10} {:>8} {:>8}", "rule", "table", "rows", "files", "held")];
    for it in &outcome.rules {
        lines.push(format!("{:12} {:18} {:10} {:8} {:8}", it.rule, it.table, it.rows, it.files, it.held));
    }
    let sum = |of: fn(&Swept) -> u64| outcome.rules.iter().map(of).sum::<u64>();
    lines.push(format!("{what}: {} rows, {} files", sum(|it| it.rows), sum(|it| it.files)));
    lines.join("\n")
}

fn said(error: StoreError) -> String {
    match error {
        StoreError::Refused(Refusal::Held) => {
            "a legal hold keeps this person's data: it ends by itself, or the privacy officer lifts it".to_owned()
        }
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
