//! Opens what is kept, as the configuration says: the databases, the files, the root key.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiayin_privacy::RootKey;
use jiayin_store::{Settings, Store};

use crate::config::Config;
use crate::policy;
use crate::providers::{Clock, Entropy};

/// Opens the store; at the first start it makes the folders, the root key and the first version of the policy.
///
/// # Errors
/// A line for the operator that says what is missing or wrong, and which setting to look at.
pub async fn open(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Store, String> {
    let keys = config.data_dir.join("keys");
    folder(&config.data_dir)?;
    private_folder(&keys)?;
    let database_url = or_file(&config.database_url, &config.data_dir.join("jiayin.sqlite"));
    let ring_file = keys.join("keys.sqlite");
    let key_ring_url = or_file(&config.key_ring_url, &ring_file);
    let first_start = config.key_ring_url.is_empty() && !ring_file.exists();
    let root = root_key(config, &keys, first_start, &*entropy)?;
    let settings = Settings { database_url, key_ring_url, files: config.data_dir.join("files"), root };
    let store = Store::open(settings, clock, entropy).await.map_err(|error| {
        format!("cannot open what is stored ({error}); see `data_dir`, `database_url`, `key_ring_url`, `root_key_file`")
    })?;
    policy::first(&store, config).await?;
    Ok(store)
}

fn or_file(url: &str, file: &Path) -> String {
    if url.is_empty() { format!("sqlite:{}", file.display()) } else { url.to_owned() }
}

fn folder(path: &Path) -> Result<(), String> {
    std::fs::create_dir_all(path)
        .map_err(|error| format!("cannot make the folder {} (`data_dir`): {error}", path.display()))
}

/// A folder that only this user may enter.
fn private_folder(path: &Path) -> Result<(), String> {
    folder(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .map_err(|error| format!("cannot close the folder {} to others: {error}", path.display()))?;
    }
    Ok(())
}

fn root_key(config: &Config, keys: &Path, first_start: bool, entropy: &dyn Entropy) -> Result<RootKey, String> {
    if !config.root_key.is_empty() {
        return RootKey::from_text(&config.root_key)
            .map_err(|_| "`root_key` (JIAYIN_ROOT_KEY) is not a root key: 32 bytes in Base64".to_owned());
    }
    let given = !config.root_key_file.as_os_str().is_empty();
    let file: PathBuf = if given { config.root_key_file.clone() } else { keys.join("root.key") };
    match std::fs::read_to_string(&file) {
        Ok(text) => RootKey::from_text(text.trim()).map_err(|_| {
            format!(
                "{} holds no root key (32 bytes in Base64): put the right one back from its safe place",
                file.display()
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && first_start => make_root_key(&file, entropy),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(format!(
            "the root key {} is missing, and without it nothing that is stored can be read: put it back from its safe \
             place, or name it with `root_key_file` or JIAYIN_ROOT_KEY",
            file.display()
        )),
        Err(error) => Err(format!("cannot read the root key {}: {error}", file.display())),
    }
}

fn make_root_key(file: &Path, entropy: &dyn Entropy) -> Result<RootKey, String> {
    let problem = |error: std::io::Error| format!("cannot write the root key {}: {error}", file.display());
    let root = RootKey::generate(entropy);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut out = options.open(file).map_err(problem)?;
    out.write_all(root.to_text().as_bytes()).and_then(|()| out.sync_all()).map_err(problem)?;
    Ok(root)
}
