//! `jiayin restore`: data, keys or both, into a new place. Until everything is back there is nothing at that place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiayin_store::backup::folder::{Folder, Holds};
use jiayin_store::backup::keys;
use jiayin_store::backup::restore::{Target, restore};

use super::{megabytes, seconds, tell, told};
use crate::config::Config;
use crate::providers::{Clock, Entropy};
use crate::root_key::Source;
use crate::storage::Places;

/// What can be said to it.
#[derive(Args)]
pub struct RestoreArgs {
    /// Folder with backups of the data.
    #[arg(long, value_name = "DIR", required_unless_present = "keys_from")]
    from: Option<PathBuf>,
    /// Folder with backups of the key ring. Without it the key ring of the configuration is copied.
    #[arg(long, value_name = "DIR")]
    keys_from: Option<PathBuf>,
    /// The newest backup that is not later than this: the beginning of its name, such as 20261122 or 20261122T1830.
    #[arg(long, value_name = "TIME", requires = "from")]
    at: Option<String>,
    /// New `data_dir`. Without --from: an old one, whose key ring is gone.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
}

pub(super) async fn run(
    config: Config,
    args: RestoreArgs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<(), String> {
    let began = clock.monotonic();
    let source = Places::new(&config);
    let Some(from) = &args.from else {
        return keys_alone(config, &args, &source).await;
    };
    let from = Folder::open(from, Holds::Data).map_err(told)?;
    let building = building(&args.data_dir)?;
    let target = Places::new(&Config { data_dir: building.clone(), ..config.clone() });
    let made = async {
        fs::create_dir_all(&building).map_err(|error| format!("cannot make {}: {error}", building.display()))?;
        prepare_keys(&config, &source, &target, args.keys_from.as_deref(), &*clock, &entropy).await?;
        let ring = target.key_ring(&*clock, Arc::clone(&entropy)).await?;
        let place = Target { database_url: target.database_url.clone(), files: target.files.clone() };
        let restored = restore(&from, args.at.as_deref(), &ring, &place).await.map_err(told)?;
        ring.close().await.map_err(|error| told(error.into()))?;
        Ok::<_, String>(restored)
    };
    let restored = match made.await {
        Ok(restored) => restored,
        Err(reason) => {
            // What is not whole is not left lying about.
            let _ = fs::remove_dir_all(&building);
            return Err(reason);
        }
    };
    fs::rename(&building, &args.data_dir)
        .map_err(|error| format!("cannot move {} to {}: {error}", building.display(), args.data_dir.display()))?;
    tell(&format!(
        "{} is back in {}: {} rows, {} files ({}), {} erased stay erased, in {}. Everybody signs in again.",
        restored.name,
        args.data_dir.display(),
        restored.rows,
        restored.files,
        megabytes(restored.file_bytes),
        restored.erased,
        seconds(&*clock, began)
    ));
    Ok(())
}

/// Where the new folder grows before it has its name.
fn building(data_dir: &Path) -> Result<PathBuf, String> {
    let empty = |path: &Path| fs::read_dir(path).map_or(!path.exists(), |mut entries| entries.next().is_none());
    if !empty(data_dir) {
        return Err(format!("{} is there already: data is restored into a new folder", data_dir.display()));
    }
    let mut name = data_dir.file_name().ok_or("--data-dir must name a folder")?.to_owned();
    name.push(".restoring");
    let building = data_dir.with_file_name(name);
    match fs::remove_dir_all(&building) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove what an earlier restore has left in {}: {error}", building.display()))
        }
        _ => Ok(building),
    }
}

/// Puts the key ring and, where it is the file of `data_dir`, the root key to the new place.
pub(super) async fn prepare_keys(
    config: &Config,
    source: &Places,
    target: &Places,
    keys_from: Option<&Path>,
    clock: &dyn Clock,
    entropy: &Arc<dyn Entropy>,
) -> Result<(), String> {
    target.make_key_folder()?;
    if let (Source::Files(from), Source::Files(to)) = (&source.root, &target.root)
        && config.root_key_file.as_os_str().is_empty()
    {
        from.copy_to(to)?;
    }
    match keys_from {
        Some(folder) => {
            let folder = Folder::open(folder, Holds::Keys).map_err(told)?;
            keys::restore(&folder, None, &source.root, &target.key_ring_url).await.map_err(told)
        }
        // A key ring that has a place of its own is used where it is.
        None if source.key_ring_url == target.key_ring_url => Ok(()),
        None if source.is_new => {
            Err("there is no key ring in `data_dir`: name the folder of its backups with --keys-from".to_owned())
        }
        None => {
            let ring = source.key_ring(clock, Arc::clone(entropy)).await?;
            ring.copy_to(&target.key_ring_url).await.map_err(told)
        }
    }
}

/// Only the key ring, into the place where it has been lost.
async fn keys_alone(config: Config, args: &RestoreArgs, source: &Places) -> Result<(), String> {
    let target = Places::new(&Config { data_dir: args.data_dir.clone(), ..config });
    let folder = Folder::open(args.keys_from.as_deref().unwrap_or(Path::new("")), Holds::Keys).map_err(told)?;
    target.make_key_folder()?;
    keys::restore(&folder, None, &source.root, &target.key_ring_url).await.map_err(told)?;
    tell(
        "the key ring is back. Whoever came after its backup has no key; whoever was erased after it has to be erased again",
    );
    Ok(())
}
