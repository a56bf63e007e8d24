//! Backups: what is kept, read from one consistent snapshot while everything runs, sealed, and put into a folder.
//!
//! A folder of backups holds
//! - `snapshots/NAME/`: `tables.sealed` (all rows), `files.sealed` (the list of stored files), `manifest.sealed` (counts, sizes
//!   and hashes of everything). It is written under another name and moved to its own when it is whole;
//! - `files/`: the stored files, each copied once: they are sealed under the keys of people, and never change;
//! - `tombstones.sealed`: who has been erased, always the newest list, whatever snapshot is restored.
//!
//! The same format serves SQLite and PostgreSQL, so that a drill needs nothing but a folder, and a school can move from one
//! to the other. There are no keys in it: the key ring goes to another folder ([`keys`]). See docs/adr/0007-backup.md.

pub mod drill;
pub mod folder;
pub mod keys;
pub mod restore;
pub mod take;
pub mod tombstones;

mod manifest;
mod sealed;
mod tables;

use std::path::{Path, PathBuf};

use crate::StoreError;

/// Why a backup cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// What is kept, or the key ring, cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder of the backup cannot be read or written.
    #[error("{path}: {source}")]
    Disk {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the backup is not what was written.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// Which one.
        path: PathBuf,
        /// In what way.
        why: String,
    },
    /// The folder cannot be used for this.
    #[error("{path}: {why}")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl BackupError {
    fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        // What seals and opens under a stream tells its own troubles as errors of it.
        move |source| match source.get_ref().and_then(|inner| inner.downcast_ref::<jiayin_privacy::OpenError>()) {
            Some(why) => Self::Damaged { path, why: why.to_string() },
            None if source.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::Damaged { path, why: "it ends too early".to_owned() }
            }
            None if source.kind() == std::io::ErrorKind::NotFound => {
                Self::Damaged { path, why: "it is missing".to_owned() }
            }
            None => Self::Disk { path, source },
        }
    }

    fn damaged(path: &Path, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.into() }
    }

    fn folder(path: &Path, why: impl Into<String>) -> Self {
        Self::Folder { path: path.to_owned(), why: why.into() }
    }
}

impl From<sea_orm::DbErr> for BackupError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}
