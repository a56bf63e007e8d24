//! What a snapshot consists of. It is sealed, so nobody can write another one; it names the hashes of the rest.

use std::io::{BufReader, Read, Write};
use std::path::Path;

use jiayin_domain::provide::Entropy;
use jiayin_privacy::BackupKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::BackupError;
use super::sealed::{SealedReader, SealedWriter, Written, measure};
use super::tables::Counted;

/// Names of the files of a snapshot.
pub(super) const MANIFEST: &str = "manifest.sealed";
pub(super) const TABLES: &str = "tables.sealed";
pub(super) const FILES: &str = "files.sealed";

/// See the module.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Its id; the other files are bound to it.
    pub(super) id: Uuid,
    /// When it was taken, milliseconds since 1970 UTC.
    pub(super) taken_at: i64,
    /// Migrations of the database, in order.
    pub(super) migrations: Vec<String>,
    /// Tables with their rows.
    pub(super) tables: Vec<Counted>,
    /// Number of stored files, and their length together.
    pub(super) files: u64,
    /// Their length together, in bytes.
    pub(super) file_bytes: u64,
    /// The file with all rows.
    pub(super) tables_file: Written,
    /// The file with the list of stored files.
    pub(super) files_file: Written,
}

/// A stored file in the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Its place, the same in the folder of backups and in the file store.
    pub(super) place: String,
    /// Length and hash.
    #[serde(flatten)]
    pub(super) what: Written,
}

impl Manifest {
    pub(super) fn write(&self, folder: &Path, key: &BackupKey, entropy: &dyn Entropy) -> Result<(), BackupError> {
        let path = folder.join(MANIFEST);
        let mut out = SealedWriter::create(&path, (self.id, MANIFEST), &[], key, entropy)?;
        let text = serde_json::to_vec(self).map_err(std::io::Error::other);
        text.and_then(|text| out.write_all(&text)).map_err(BackupError::disk(&path))?;
        out.finish().map(drop)
    }

    /// Reads the manifest of the snapshot in `folder`, and looks whether its files are those that were written.
    pub(super) fn read(folder: &Path, key: &BackupKey) -> Result<Self, BackupError> {
        let path = folder.join(MANIFEST);
        let mut text = Vec::new();
        SealedReader::under(&path, MANIFEST, key)?.read_to_end(&mut text).map_err(BackupError::disk(&path))?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| BackupError::damaged(&path, error.to_string()))?;
        for (name, written) in [(TABLES, &manifest.tables_file), (FILES, &manifest.files_file)] {
            let path = folder.join(name);
            if measure(&path)? != *written {
                return Err(BackupError::damaged(&path, "its length or its hash is not that of the manifest"));
            }
        }
        Ok(manifest)
    }

    /// Opens a file of the snapshot.
    pub(super) fn open(folder: &Path, name: &str, key: &BackupKey) -> Result<BufReader<SealedReader>, BackupError> {
        Ok(BufReader::with_capacity(128 * 1024, SealedReader::under(&folder.join(name), name, key)?))
    }

    /// Goes through the list of stored files.
    pub(super) fn each_file(
        folder: &Path,
        key: &BackupKey,
    ) -> Result<impl Iterator<Item = Result<Kept, BackupError>>, BackupError> {
        let path = folder.join(FILES);
        let lines = serde_json::Deserializer::from_reader(Self::open(folder, FILES, key)?).into_iter();
        Ok(lines.map(move |kept| {
            kept.map_err(|error| match error.io_error_kind() {
                Some(_) => BackupError::disk(&path)(error.into()),
                None => BackupError::damaged(&path, error.to_string()),
            })
        }))
    }
}
