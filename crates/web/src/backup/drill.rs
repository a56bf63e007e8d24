//! `jiayin drill`: brings a backup back into a scratch folder, compares, opens a sample, and removes everything again.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiayin_store::backup::drill::drill;
use jiayin_store::backup::folder::{Folder, Holds};
use jiayin_store::backup::restore::Target;

use super::restore::prepare_keys;
use super::{megabytes, seconds, tell, told};
use crate::config::Config;
use crate::providers::{Clock, Entropy};
use crate::storage::Places;

/// What can be said to it.
#[derive(Args)]
pub struct DrillArgs {
    /// Folder with backups of the data.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Folder with backups of the key ring, to try those as well. Without it a copy of the key ring in use.
    #[arg(long, value_name = "DIR")]
    keys_from: Option<PathBuf>,
    /// The newest backup that is not later than this: the beginning of its name.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Where the scratch folder is made; it needs room for everything. Without it the system's folder for such things.
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

pub(super) async fn run(
    config: Config,
    args: DrillArgs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<(), String> {
    let began = clock.monotonic();
    let from = Folder::open(&args.from, Holds::Data).map_err(told)?;
    let mut builder = tempfile::Builder::new();
    let scratch = match &args.scratch {
        Some(folder) => builder.prefix("jiayin-drill-").tempdir_in(folder),
        None => builder.prefix("jiayin-drill-").tempdir(),
    };
    let scratch = scratch.map_err(|error| format!("cannot make a scratch folder (--scratch): {error}"))?;
    let source = Places::new(&config);
    // In files of its own, whatever databases the school uses: the format is the same for all.
    let here = Config {
        data_dir: scratch.path().to_owned(),
        database_url: String::new(),
        key_ring_url: String::new(),
        ..config.clone()
    };
    let target = Places::new(&here);
    prepare_keys(&config, &source, &target, args.keys_from.as_deref(), &*clock, &entropy).await?;
    let ring = target.key_ring(&*clock, Arc::clone(&entropy)).await?;
    let place = Target { database_url: target.database_url.clone(), files: target.files.clone() };
    let found = drill(&from, args.at.as_deref(), &ring, &place).await.map_err(told)?;
    drop(ring);
    scratch.close().map_err(|error| format!("the drill was well, but its scratch folder is left: {error}"))?;
    tell(&format!(
        "{} is whole: {} tables with {} rows and {} files ({}) came back as they were written; {} sealed values and files \
         opened; {} erased stay erased; in {}",
        found.name,
        found.tables,
        found.rows,
        found.files,
        megabytes(found.file_bytes),
        found.opened,
        found.erased,
        seconds(&*clock, began)
    ));
    Ok(())
}
