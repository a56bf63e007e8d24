//! `jiayin backup`: data to one folder, keys to another.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiayin_store::backup::folder::{Folder, Holds};
use jiayin_store::backup::tombstones;

use super::{megabytes, seconds, tell, told};
use crate::config::Config;
use crate::providers::{Clock, Entropy};
use crate::storage::{self, Places};

/// What can be said to it.
#[derive(Args)]
pub struct BackupArgs {
    /// Folder of backups; made if it is not there. Data and keys need one each.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Back up the key ring, and nothing else.
    #[arg(long)]
    keys: bool,
    /// Only bring the list of the erased up to date: to be run after an erasure, in a moment.
    #[arg(long, conflicts_with = "keys")]
    tombstones: bool,
}

pub(super) async fn run(
    config: &Config,
    args: BackupArgs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<(), String> {
    let began = clock.monotonic();
    let places = Places::new(config);
    if places.is_new {
        return Err("there is nothing here to back up (`data_dir`)".to_owned());
    }
    let holds = if args.keys { Holds::Keys } else { Holds::Data };
    let folder = Folder::make(&args.to, holds).map_err(told)?;
    if args.keys {
        let ring = places.key_ring(&*clock, Arc::clone(&entropy)).await?;
        let name = ring.back_up(&folder, &*clock, &*entropy).await.map_err(told)?;
        tell(&format!(
            "key ring saved as {name}; it opens with today's root key, which belongs in another place again"
        ));
    } else if args.tombstones {
        let ring = places.key_ring(&*clock, Arc::clone(&entropy)).await?;
        let count = tombstones::bring_up_to_date(&folder, &ring, &*clock, &*entropy).await.map_err(told)?;
        tell(&format!("{count} erased"));
    } else {
        let store = storage::open(config, Arc::clone(&clock), entropy).await?;
        let taken = store.back_up(&folder).await.map_err(told)?;
        tell(&format!(
            "{}: {} rows, {} files ({}, {} of them copied now), {} erased, in {}",
            taken.name,
            taken.rows,
            taken.files,
            megabytes(taken.file_bytes),
            taken.copied,
            taken.tombstones,
            seconds(&*clock, began)
        ));
    }
    Ok(())
}
