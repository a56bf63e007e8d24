//! `jiayin backup`, `restore` and `drill`: what is kept, out to a folder and back again. What they do is in the store
//! (`jiayin_store::backup`); here they are told where, and tell what came of it.

mod drill;
mod restore;
mod take;

use std::sync::Arc;

use jiayin_store::StoreError;
use jiayin_store::backup::BackupError;

use crate::config::Config;
use crate::providers::{Clock, Entropy, SystemClock, SystemEntropy};

pub use drill::DrillArgs;
pub use restore::RestoreArgs;
pub use take::BackupArgs;

/// One of the three commands.
pub enum Task {
    /// `jiayin backup`.
    Backup(BackupArgs),
    /// `jiayin restore`.
    Restore(RestoreArgs),
    /// `jiayin drill`.
    Drill(DrillArgs),
}

/// Does it.
///
/// # Errors
/// A line for the operator.
pub fn run(config: Config, task: Task) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no threads to work with: {error}"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    runtime.block_on(async {
        match task {
            Task::Backup(args) => take::run(&config, args, clock, entropy).await,
            Task::Restore(args) => restore::run(config, args, clock, entropy).await,
            Task::Drill(args) => drill::run(config, args, clock, entropy).await,
        }
    })
}

/// What the operator reads.
fn told(error: BackupError) -> String {
    match error {
        BackupError::Store(error @ StoreError::Keys(_)) => crate::storage::told(&error),
        error => error.to_string(),
    }
}

fn tell(line: &str) {
    anstream::println!("{line}");
}

/// Seconds since `began`, for people.
fn seconds(clock: &dyn Clock, began: std::time::Duration) -> String {
    format!("{:.1} s", clock.monotonic().saturating_sub(began).as_secs_f64())
}

/// Bytes in megabytes, for people.
fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
