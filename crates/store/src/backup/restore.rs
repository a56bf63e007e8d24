//! Bringing data back from a backup, into an empty database and an empty folder.
//!
//! The tables are made as they were when the backup was taken, filled in one transaction, and only then brought up to date, as
//! an update of the program would. At the end the list of the erased is replayed, and everybody has to sign in again: a
//! session that was ended after the backup must not come back either.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use jiayin_domain::id::PersonId;
use sea_orm::{DatabaseConnection, EntityTrait};
use sha2::{Digest, Sha256};

use super::folder::Folder;
use super::manifest::{FILES, Kept, Manifest, TABLES};
use super::take::STORED;
use super::tombstones::{self, Tombstones};
use super::{BackupError, tables};
use crate::blobs::Blobs;
use crate::entity::{api_token, session};
use crate::keyring::KeyRing;
use crate::rights::Eraser;
use crate::{connect, write};

/// Files checked and written at the same time.
const AT_ONCE: usize = 4;

/// Where data is brought back to. Both must be empty.
pub struct Target {
    /// The database.
    pub database_url: String,
    /// The folder of the sealed files.
    pub files: PathBuf,
}

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Name of the backup.
    pub name: String,
    /// Rows of all tables.
    pub rows: u64,
    /// Stored files.
    pub files: u64,
    /// Their length together, in bytes.
    pub file_bytes: u64,
    /// People who have been erased, now or at some time before.
    pub erased: usize,
}

/// Brings back the newest backup, or the newest that is not later than `at` (the beginning of its name). `ring` is the key
/// ring that the data will be used with; who is in the list of the erased loses their key there.
///
/// # Errors
/// If the backup is damaged ([`BackupError::Damaged`] names the file), is of a newer program, or the target is not empty.
pub async fn restore(
    from: &Folder,
    at: Option<&str>,
    ring: &KeyRing,
    target: &Target,
) -> Result<Restored, BackupError> {
    let restoring = Restoring::begin(from, at, ring, target).await?;
    let erased = restoring.finish(ring).await?;
    // Before anybody moves the folder.
    restoring.db.close_by_ref().await?;
    let name = restoring.snapshot.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Restored {
        name,
        rows: restoring.rows(),
        files: restoring.manifest.files,
        file_bytes: restoring.manifest.file_bytes,
        erased,
    })
}

/// Data that has been brought back as it was, and not yet brought up to date.
pub(super) struct Restoring {
    pub(super) snapshot: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) db: DatabaseConnection,
    pub(super) blobs: Blobs,
    tombstones: Tombstones,
}

impl Restoring {
    pub(super) async fn begin(
        from: &Folder,
        at: Option<&str>,
        ring: &KeyRing,
        target: &Target,
    ) -> Result<Self, BackupError> {
        let snapshot = from.choose(at)?;
        let manifest = Manifest::read(&snapshot, ring.backup_key())?;
        let tombstones = tombstones::read(from, ring)?;
        let known = connect::known_migrations();
        if !known.starts_with(&manifest.migrations) {
            return Err(BackupError::folder(&snapshot, "it was made by a newer version of jiayin: use that one"));
        }
        let steps = u32::try_from(manifest.migrations.len()).unwrap_or(u32::MAX);
        let db = connect::empty(&target.database_url, steps).await?;
        let restoring = Self { snapshot, manifest, db, blobs: Blobs::folder(&target.files)?, tombstones };
        restoring.tables(ring).await?;
        restoring.files(from, ring).await?;
        Ok(restoring)
    }

    pub(super) fn rows(&self) -> u64 {
        self.manifest.tables.iter().map(|table| table.rows).sum()
    }

    async fn tables(&self, ring: &KeyRing) -> Result<(), BackupError> {
        let path = self.snapshot.join(TABLES);
        let mut lines = Manifest::open(&self.snapshot, TABLES, ring.backup_key())?;
        let tx = write::begin(&self.db).await?;
        let counted = tables::load(&tx, &mut lines).await.map_err(tables::Trouble::with(&path))?;
        if counted != self.manifest.tables {
            return Err(BackupError::damaged(&path, "its rows are not those that the manifest counts"));
        }
        Ok(tx.commit().await?)
    }

    async fn files(&self, from: &Folder, ring: &KeyRing) -> Result<(), BackupError> {
        let stored = from.path().join(STORED);
        let files = Manifest::each_file(&self.snapshot, ring.backup_key())?;
        let brought = stream::iter(files).map_ok(|kept| {
            let path = stored.join(&kept.place);
            async move {
                let sealed =
                    tokio::task::spawn_blocking(move || whole(&path, &kept).map(|sealed| (kept, sealed))).await;
                let (kept, sealed) = sealed.map_err(|_| BackupError::folder(from.path(), "reading broke off"))??;
                let bytes = sealed.len() as u64;
                self.blobs.put_sealed(&kept.place, sealed).await?;
                Ok((1, bytes))
            }
        });
        let sum = |sum: (u64, u64), one: (u64, u64)| async move { Ok((sum.0 + one.0, sum.1 + one.1)) };
        let counted = brought.try_buffer_unordered(AT_ONCE).try_fold((0, 0), sum).await?;
        if counted != (self.manifest.files, self.manifest.file_bytes) {
            return Err(BackupError::damaged(&self.snapshot.join(FILES), "it does not list what the manifest counts"));
        }
        Ok(())
    }

    /// Brings the tables up to date, replays the list of the erased, and ends all sessions and tokens. Answers how many are
    /// erased.
    pub(super) async fn finish(&self, ring: &KeyRing) -> Result<usize, BackupError> {
        connect::bring_up_to_date(&self.db).await?;
        let mut erased = self.tombstones.clone();
        erased.extend(ring.tombstones().await?);
        let eraser = Eraser { db: &self.db, blobs: &self.blobs };
        for (person, at) in &erased {
            ring.destroy(PersonId(*person), *at).await?;
            eraser.erase(PersonId(*person), *at).await?;
        }
        session::Entity::delete_many().exec(&self.db).await?;
        api_token::Entity::delete_many().exec(&self.db).await?;
        Ok(erased.len())
    }
}

/// A stored file of the backup, if it is the one that was written.
fn whole(path: &Path, kept: &Kept) -> Result<Bytes, BackupError> {
    let sealed = std::fs::read(path).map_err(BackupError::disk(path))?;
    if sealed.len() as u64 != kept.what.bytes || hex::encode(Sha256::digest(&sealed)) != kept.what.sha256 {
        return Err(BackupError::damaged(path, "its length or its hash is not that of the list"));
    }
    Ok(sealed.into())
}
