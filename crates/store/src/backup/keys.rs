//! The key ring's own backup. Keys are wrapped by the root key as they are in the ring; the file around them is sealed under a
//! key of its own, wrapped by the root key of that day.

use std::io::BufReader;
use std::path::Path;

use jiayin_domain::id::new_uuid;
use jiayin_domain::provide::{Clock, Entropy};
use jiayin_privacy::{BackupKey, WrappedKey};
use sea_orm::EntityTrait;

use super::folder::{Folder, flush};
use super::sealed::{SealedReader, SealedWriter};
use super::{BackupError, tables};
use crate::entity::system_key;
use crate::keyring::{KeyRing, RootKeySource};
use crate::{StoreError, connect, write};

/// The name under which such a file opens, and its key is wrapped.
const NAME: &str = "key-ring-backup";
/// Length of a wrapped key.
const WRAPPED: usize = 81;

impl KeyRing {
    /// Saves the ring in a folder of such backups. Answers the name of the file.
    ///
    /// # Errors
    /// If it cannot be read or written; then there is no new backup.
    pub async fn back_up(&self, to: &Folder, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<String, BackupError> {
        let _lock = to.lock()?;
        let id = new_uuid(clock, entropy);
        let (partial, name) = to.begin(clock.now(), id);
        let key = BackupKey::generate(entropy);
        let root = self.root().await?;
        let wrapped = key.wrap(&root, NAME, entropy).map_err(StoreError::from)?;
        let mut out = SealedWriter::create(&partial, (id, NAME), wrapped.as_bytes(), &key, entropy)?;
        let tx = write::snapshot(self.db()).await?;
        tables::dump(&tx, &mut out).await.map_err(tables::Trouble::with(&partial))?;
        tx.rollback().await?;
        out.finish()?;
        to.keep(&partial, &name)?;
        Ok(name)
    }

    /// Copies the ring, as it is, into an empty database.
    ///
    /// # Errors
    /// If that is not empty, or one of them cannot be used.
    pub async fn copy_to(&self, url: &str) -> Result<(), BackupError> {
        let mut lines = Vec::new();
        let nowhere = Path::new("the key ring");
        let tx = write::snapshot(self.db()).await?;
        tables::dump(&tx, &mut lines).await.map_err(tables::Trouble::with(nowhere))?;
        tx.rollback().await?;
        fill(url, &mut lines.as_slice(), nowhere).await
    }
}

/// Brings a key ring back from its backup, the newest or the newest not later than `at`, into an empty database.
///
/// # Errors
/// If the backup is damaged, its root key is not there, or the database is not empty.
pub async fn restore(
    from: &Folder,
    at: Option<&str>,
    source: &dyn RootKeySource,
    url: &str,
) -> Result<(), BackupError> {
    let path = from.choose(at)?;
    let roots = source.read().map_err(StoreError::Keys)?;
    let key = |wrapped: [u8; WRAPPED]| {
        let wrapped = WrappedKey::from_bytes(wrapped.to_vec());
        let id = wrapped.root_id().map_err(|error| BackupError::damaged(&path, error.to_string()))?;
        let root = roots.iter().find(|root| root.id() == id).ok_or_else(|| {
            StoreError::Keys(format!("{} was made with another root key ({id}): give that one", path.display()))
        })?;
        BackupKey::unwrap(root, NAME, &wrapped).map_err(|error| BackupError::damaged(&path, error.to_string()))
    };
    let mut lines = BufReader::new(SealedReader::open(&path, NAME, key)?);
    fill(url, &mut lines, &path).await
}

async fn fill(url: &str, lines: &mut impl std::io::BufRead, from: &Path) -> Result<(), BackupError> {
    let db = connect::key_ring(url).await?;
    let tx = write::begin(&db).await?;
    if system_key::Entity::find().one(&tx).await?.is_some() {
        return Err(StoreError::Keys("there are keys already where they should be restored to".to_owned()).into());
    }
    tables::load(&tx, lines).await.map_err(tables::Trouble::with(from))?;
    tx.commit().await?;
    db.close().await?;
    if let Some(folder) = url.strip_prefix("sqlite:").map(Path::new).and_then(Path::parent) {
        flush(folder)?;
    }
    Ok(())
}
