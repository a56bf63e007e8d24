//! The drill: a backup is brought back for trial, and what came back is compared with what was written.

use std::path::{Path, PathBuf};

use jiayin_domain::id::PersonId;
use jiayin_privacy::map;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use uuid::Uuid;

use super::BackupError;
use super::folder::Folder;
use super::manifest::TABLES;
use super::restore::{Restoring, Target};
use super::tables::{self, Trouble};
use crate::blobs::Blobs;
use crate::keyring::KeyRing;
use crate::{StoreError, write};

/// Values that are opened of each sealed column, and files of each kind.
const SAMPLE: u64 = 25;

/// What a drill found, all of it well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drilled {
    /// Name of the backup.
    pub name: String,
    /// Tables, all with the rows and the hash of the manifest after they were brought back.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Stored files, all with the length and the hash of the list.
    pub files: u64,
    /// Their length together, in bytes.
    pub file_bytes: u64,
    /// Sealed values and files that were opened for trial.
    pub opened: usize,
    /// People who have been erased.
    pub erased: usize,
}

/// Brings a backup back into an empty target and examines it. `ring` is a copy of the key ring, for the drill alone.
///
/// # Errors
/// [`BackupError::Damaged`] names what is not as it was; otherwise as [`restore`](super::restore::restore).
pub async fn drill(from: &Folder, at: Option<&str>, ring: &KeyRing, target: &Target) -> Result<Drilled, BackupError> {
    let restoring = Restoring::begin(from, at, ring, target).await?;
    let path = restoring.snapshot.join(TABLES);
    let tx = write::snapshot(&restoring.db).await?;
    let again = tables::dump(&tx, &mut std::io::sink()).await.map_err(Trouble::with(&path))?;
    tx.rollback().await?;
    if again != restoring.manifest.tables {
        return Err(BackupError::damaged(&path, "the rows that came back are not those that were written"));
    }
    let erased = restoring.finish(ring).await?;
    let opened = values(&restoring.db, ring, &path).await? + files(&restoring.db, &restoring.blobs, ring).await?;
    Ok(Drilled {
        name: restoring.snapshot.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        tables: again.len(),
        rows: restoring.rows(),
        files: restoring.manifest.files,
        file_bytes: restoring.manifest.file_bytes,
        opened,
        erased,
    })
}

/// Opens some values of each sealed column; nothing is learnt of them but that they open.
async fn values(db: &DatabaseConnection, ring: &KeyRing, path: &Path) -> Result<usize, BackupError> {
    let mut opened = 0;
    for entry in map::COLUMNS.iter().filter(|entry| entry.sealed) {
        let query = Query::select()
            .expr_as(Expr::col(Alias::new("id")), Alias::new("row_id"))
            .expr_as(Expr::col(Alias::new(entry.subject)), Alias::new("subject"))
            .expr_as(Expr::col(Alias::new(entry.column)), Alias::new("sealed"))
            .from(Alias::new(entry.table))
            .and_where(Expr::col(Alias::new(entry.column)).is_not_null())
            .limit(SAMPLE)
            .to_owned();
        for row in db.query_all(&query).await? {
            let (id, subject): (Uuid, Uuid) = (row.try_get("", "row_id")?, row.try_get("", "subject")?);
            let sealed: Vec<u8> = row.try_get("", "sealed")?;
            let Some(key) = ring.keys(&[PersonId(subject)]).await?.remove(&PersonId(subject)) else { continue };
            key.check(entry.table, entry.column, id, &sealed).map_err(|error| {
                BackupError::damaged(
                    path,
                    format!("a value of {}.{} does not open: {error}", entry.table, entry.column),
                )
            })?;
            opened += 1;
        }
    }
    Ok(opened)
}

/// Opens some stored files.
async fn files(db: &DatabaseConnection, blobs: &Blobs, ring: &KeyRing) -> Result<usize, BackupError> {
    let mut opened = 0;
    let owners = Query::select()
        .columns([Alias::new("id"), Alias::new("subject_id"), Alias::new("kind")])
        .from(Alias::new("media"))
        .limit(SAMPLE)
        .to_owned();
    for row in db.query_all(&owners).await? {
        let (id, subject): (Uuid, Uuid) = (row.try_get("", "id")?, row.try_get("", "subject_id")?);
        let kind: String = row.try_get("", "kind")?;
        let Some(key) = ring.keys(&[PersonId(subject)]).await?.remove(&PersonId(subject)) else { continue };
        let place = Blobs::place(&kind, id);
        let sealed = blobs.sealed(&place).await?.ok_or(StoreError::Lost)?;
        key.check_file(&kind, id, &sealed)
            .map_err(|error| BackupError::damaged(&PathBuf::from(place), format!("it does not open: {error}")))?;
        opened += 1;
    }
    Ok(opened)
}
