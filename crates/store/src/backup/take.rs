//! Taking a backup, while everything runs.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use jiayin_domain::id::new_uuid;
use jiayin_privacy::blob::UPLOAD_PART;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::folder::{Folder, flush};
use super::manifest::{FILES, Kept, Manifest, TABLES};
use super::sealed::{SealedWriter, Written};
use super::{BackupError, tables, tombstones};
use crate::{Store, connect, write};

/// Files copied at the same time: one is read while others wait for the disk.
const AT_ONCE: usize = 4;
/// The folder of stored files.
pub(super) const STORED: &str = "files";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its name in the folder.
    pub name: String,
    /// Rows of all tables.
    pub rows: u64,
    /// Stored files, and their length together.
    pub files: u64,
    /// Their length together, in bytes.
    pub file_bytes: u64,
    /// Files that had to be copied; the others were there from earlier backups.
    pub copied: u64,
    /// People in the list of the erased.
    pub tombstones: usize,
}

impl Store {
    /// Puts everything but the keys into a folder of backups.
    ///
    /// # Errors
    /// If something cannot be read or written. Then there is no new backup; the earlier ones are as they were.
    pub async fn back_up(&self, to: &Folder) -> Result<Taken, BackupError> {
        let _lock = to.lock()?;
        // First, so that no snapshot stands beside an older list.
        let tombstones = tombstones::bring_up_to_date(to, &self.keys, &*self.clock, &*self.entropy).await?;
        let earlier = self.earlier(to);
        let id = new_uuid(&*self.clock, &*self.entropy);
        let (partial, name) = to.begin(self.clock.now(), id);
        fs::create_dir_all(&partial).map_err(BackupError::disk(&partial))?;
        let taken_at = self.now_ms();
        let (migrations, tables, tables_file) = self.take_tables(id, &partial).await?;
        let list = self.take_files(id, &partial, to, earlier).await?;
        let manifest = Manifest {
            id,
            taken_at,
            migrations,
            tables,
            files: list.files,
            file_bytes: list.bytes,
            tables_file,
            files_file: list.written,
        };
        manifest.write(&partial, self.keys.backup_key(), &*self.entropy)?;
        flush(&partial)?;
        to.keep(&partial, &name)?;
        let rows = manifest.tables.iter().map(|table| table.rows).sum();
        Ok(Taken { name, rows, files: list.files, file_bytes: list.bytes, copied: list.copied, tombstones })
    }

    /// What the newest backup says of its files. A list that cannot be read is none: then all are looked at anew.
    fn earlier(&self, to: &Folder) -> HashMap<String, Written> {
        let files = to.choose(None).and_then(|newest| {
            Manifest::each_file(&newest, self.keys.backup_key())?
                .map(|kept| kept.map(|kept| (kept.place, kept.what)))
                .collect::<Result<_, _>>()
        });
        files.unwrap_or_default()
    }

    async fn take_tables(
        &self,
        id: Uuid,
        partial: &Path,
    ) -> Result<(Vec<String>, Vec<tables::Counted>, Written), BackupError> {
        let path = partial.join(TABLES);
        let mut out = SealedWriter::create(&path, (id, TABLES), &[], self.keys.backup_key(), &*self.entropy)?;
        let tx = write::snapshot(&self.db).await?;
        let migrations = connect::migrations(&tx).await?;
        let counted = tables::dump(&tx, &mut out).await.map_err(tables::Trouble::with(&path))?;
        tx.rollback().await?;
        Ok((migrations, counted, out.finish()?))
    }

    async fn take_files(
        &self,
        id: Uuid,
        partial: &Path,
        to: &Folder,
        earlier: HashMap<String, Written>,
    ) -> Result<List, BackupError> {
        let path = partial.join(FILES);
        let mut out = SealedWriter::create(&path, (id, FILES), &[], self.keys.backup_key(), &*self.entropy)?;
        let stored = to.path().join(STORED);
        let mut list = ListSoFar::default();
        let kept = self.blobs.all().map_err(BackupError::from).map_ok(|(place, bytes)| {
            let known = earlier.get(&place).filter(|known| known.bytes == bytes).cloned();
            self.take_file(place, known, &stored)
        });
        let mut kept = std::pin::pin!(kept.try_buffer_unordered(AT_ONCE));
        while let Some(kept) = kept.next().await {
            let Some((kept, copied)) = kept? else { continue };
            list.add(&kept, copied.then(|| stored.join(&kept.place)));
            let line = serde_json::to_vec(&kept).map_err(std::io::Error::other);
            line.and_then(|line| out.write_all(&line)).map_err(BackupError::disk(&path))?;
        }
        for folder in &list.folders {
            flush(folder)?;
        }
        Ok(List { files: list.files, bytes: list.bytes, copied: list.copied, written: out.finish()? })
    }

    /// Copies a file unless it is there from an earlier backup; `None` if it has gone meanwhile.
    async fn take_file(
        &self,
        place: String,
        known: Option<Written>,
        stored: &Path,
    ) -> Result<Option<(Kept, bool)>, BackupError> {
        let path = stored.join(&place);
        let part = place.split('/').next() == Some(UPLOAD_PART.id());
        if let Some(what) = known
            && !part
            && fs::metadata(&path).is_ok_and(|there| there.len() == what.bytes)
        {
            return Ok(Some((Kept { place, what }, false)));
        }
        let Some(sealed) = self.blobs.sealed(&place).await? else { return Ok(None) };
        let written = tokio::task::spawn_blocking(move || copy(&path, &sealed)).await;
        let what = written.map_err(|_| BackupError::folder(stored, "copying broke off"))??;
        Ok(Some((Kept { place, what }, true)))
    }
}

/// The list of stored files, written.
struct List {
    files: u64,
    bytes: u64,
    copied: u64,
    written: Written,
}

#[derive(Default)]
struct ListSoFar {
    files: u64,
    bytes: u64,
    copied: u64,
    /// Folders in which there are new names.
    folders: BTreeSet<PathBuf>,
}

impl ListSoFar {
    fn add(&mut self, kept: &Kept, copied_to: Option<PathBuf>) {
        self.files += 1;
        self.bytes += kept.what.bytes;
        if let Some(path) = copied_to {
            self.copied += 1;
            self.folders.extend(path.ancestors().skip(1).take(3).map(Path::to_owned));
        }
    }
}

/// Writes a file beside its place, flushes it and moves it there.
fn copy(path: &Path, sealed: &Bytes) -> Result<Written, BackupError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(BackupError::disk(folder))?;
    }
    let partial = path.with_extension("partial");
    let written = fs::File::create(&partial).and_then(|mut file| {
        file.write_all(sealed)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&partial, path)).map_err(BackupError::disk(path))?;
    Ok(Written { bytes: sealed.len() as u64, sha256: hex::encode(Sha256::digest(sealed)) })
}
