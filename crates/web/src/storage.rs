//! Opens what is kept, as the configuration says: the databases, the files, the root key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiayin_store::keyring::KeyRing;
use jiayin_store::{Settings, Store, StoreError};

use crate::config::Config;
use crate::policy;
use crate::providers::{Clock, Entropy};
use crate::root_key::Source;

/// Where everything lies, as the configuration says.
pub struct Places {
    /// The school's data.
    pub database_url: String,
    /// The key ring.
    pub key_ring_url: String,
    /// Folder of the sealed files.
    pub files: PathBuf,
    /// Folder of key ring and root key, unless they are elsewhere.
    pub keys: PathBuf,
    /// Where the root key comes from.
    pub root: Source,
    /// Whether nothing is kept here yet, as far as can be told without asking a database.
    pub is_new: bool,
}

impl Places {
    /// As the configuration says.
    pub fn new(config: &Config) -> Self {
        let keys = config.data_dir.join("keys");
        let (ring_file, data_file) = (keys.join("keys.sqlite"), config.data_dir.join("jiayin.sqlite"));
        Self {
            database_url: or_file(&config.database_url, &data_file),
            key_ring_url: or_file(&config.key_ring_url, &ring_file),
            files: config.data_dir.join("files"),
            root: Source::new(config, &keys),
            is_new: config.key_ring_url.is_empty() && !ring_file.exists() && !data_file.exists(),
            keys,
        }
    }

    /// Whether nothing is kept here yet; asks the databases, where they are not files of their usual places.
    ///
    /// # Errors
    /// A line for the operator if one does not answer.
    async fn is_unused(&self) -> Result<bool, String> {
        let unused = async |url| jiayin_store::is_unused(url).await.map_err(|error| told(&error));
        Ok(unused(&self.key_ring_url).await? && unused(&self.database_url).await?)
    }

    /// Makes the folders.
    ///
    /// # Errors
    /// A line for the operator.
    pub fn make_folders(&self, config: &Config) -> Result<(), String> {
        folder(&config.data_dir)?;
        self.make_key_folder()
    }

    /// Makes the folder of the keys, which only this user may enter.
    ///
    /// # Errors
    /// A line for the operator.
    pub fn make_key_folder(&self) -> Result<(), String> {
        private_folder(&self.keys)
    }

    /// Opens the key ring alone.
    ///
    /// # Errors
    /// A line for the operator that says what is wrong and how to restore it.
    pub async fn key_ring(&self, clock: &dyn Clock, entropy: Arc<dyn Entropy>) -> Result<KeyRing, String> {
        let ring = KeyRing::at(&self.key_ring_url, Arc::new(self.root.clone()), clock, entropy).await;
        ring.map_err(|error| told(&error))
    }
}

/// Opens the store; at the first start it makes the folders, the root key and the first version of the policy.
///
/// # Errors
/// A line for the operator that says what is missing or wrong, and which setting to look at.
pub async fn open(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Store, String> {
    let places = Places::new(config);
    places.make_folders(config)?;
    if let Source::Files(files) = &places.root
        && files.is_missing()
        && (places.is_new || places.is_unused().await?)
    {
        // Only here: a root key made beside what another one has sealed would hide what is missing.
        files.make(&*entropy)?;
    }
    let settings = Settings {
        database_url: places.database_url,
        key_ring_url: places.key_ring_url,
        files: places.files,
        root: Arc::new(places.root),
    };
    let store = Store::open(settings, clock, entropy).await.map_err(|error| told(&error))?;
    policy::first(&store, config).await?;
    Ok(store)
}

/// What the operator reads, and what there is to do.
pub(crate) fn told(error: &StoreError) -> String {
    match error {
        StoreError::Keys(_) => format!(
            "cannot open the key ring ({error}). Put the root key that belongs to it back (`root_key_file`, `root_key` or \
             `root_key_command`), or, where the key ring itself is damaged or lost, move it away and bring it back from its \
             backup: jiayin restore --keys-from FOLDER --data-dir FOLDER; see README.md"
        ),
        _ => format!(
            "cannot open what is stored ({error}); see `data_dir`, `database_url`, `key_ring_url`, `root_key_file`"
        ),
    }
}

fn or_file(url: &str, file: &Path) -> String {
    if url.is_empty() { format!("sqlite:{}", file.display()) } else { url.to_owned() }
}

fn folder(path: &Path) -> Result<(), String> {
    std::fs::create_dir_all(path)
        .map_err(|error| format!("cannot make the folder {} (`data_dir`): {error}", path.display()))
}

/// A folder that only this user may enter.
pub(crate) fn private_folder(path: &Path) -> Result<(), String> {
    folder(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .map_err(|error| format!("cannot close the folder {} to others: {error}", path.display()))?;
    }
    Ok(())
}
