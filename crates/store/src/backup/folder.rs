//! A folder of backups. A file in it says what it holds, so that data and keys never come into the same one.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use uuid::Uuid;

use super::BackupError;

/// The file that says what a folder holds.
const MARKER: &str = "jiayin-backup.txt";
const SNAPSHOTS: &str = "snapshots";
/// Begins the names of what is not whole yet.
const PARTIAL: &str = ".partial-";

/// What a folder of backups holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Tables and files, sealed.
    Data,
    /// The key ring.
    Keys,
}

impl Holds {
    fn says(self) -> &'static str {
        match self {
            Self::Data => "jiayin: backups of data. Backups of keys belong elsewhere.\n",
            Self::Keys => "jiayin: backups of the key ring. Backups of data belong elsewhere.\n",
        }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    holds: Holds,
}

impl Folder {
    /// A folder that is one already.
    ///
    /// # Errors
    /// If it is none, or holds something else.
    pub fn open(path: &Path, holds: Holds) -> Result<Self, BackupError> {
        match fs::read_to_string(path.join(MARKER)) {
            Ok(says) if says == holds.says() => Ok(Self { path: path.to_owned(), holds }),
            Ok(_) => Err(BackupError::folder(path, "it holds backups of another kind: data and keys are kept apart")),
            Err(_) => Err(BackupError::folder(path, "it is no folder of backups of this kind")),
        }
    }

    /// The same, made if need be. An empty folder becomes one; one with other things in it does not, nor one that lies inside
    /// a folder of backups.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn make(path: &Path, holds: Holds) -> Result<Self, BackupError> {
        if path.join(MARKER).exists() {
            return Self::open(path, holds);
        }
        fs::create_dir_all(path).map_err(BackupError::disk(path))?;
        let real = path.canonicalize().map_err(BackupError::disk(path))?;
        if real.ancestors().skip(1).any(|above| above.join(MARKER).exists()) {
            return Err(BackupError::folder(path, "it lies inside a folder of backups: data and keys are kept apart"));
        }
        if fs::read_dir(path).map_err(BackupError::disk(path))?.next().is_some() {
            return Err(BackupError::folder(path, "there are other things in it: name an empty folder or a new one"));
        }
        let folder = Self { path: path.to_owned(), holds };
        let mut marker = File::create(path.join(MARKER)).map_err(BackupError::disk(path))?;
        let written = marker.write_all(holds.says().as_bytes()).and_then(|()| marker.sync_all());
        written.map_err(BackupError::disk(path))?;
        flush(path)?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where whole backups lie.
    fn place(&self) -> PathBuf {
        if self.holds == Holds::Data { self.path.join(SNAPSHOTS) } else { self.path.clone() }
    }

    /// Keeps other programs from writing here until the answer is dropped, and removes what one that was killed has left.
    pub(super) fn lock(&self) -> Result<File, BackupError> {
        let path = self.path.join(".lock");
        let lock = File::create(&path).map_err(BackupError::disk(&path))?;
        lock.try_lock().map_err(|_| BackupError::folder(&self.path, "another backup is being written here"))?;
        let place = self.place();
        fs::create_dir_all(&place).map_err(BackupError::disk(&place))?;
        for name in names(&place)? {
            if name.starts_with(PARTIAL) {
                let left = place.join(name);
                let removed = if left.is_dir() { fs::remove_dir_all(&left) } else { fs::remove_file(&left) };
                removed.map_err(BackupError::disk(&left))?;
            }
        }
        Ok(lock)
    }

    /// Where a backup of this moment is written before it is whole, and its name.
    pub(super) fn begin(&self, now: Timestamp, id: Uuid) -> (PathBuf, String) {
        let tail: String = id.simple().to_string().chars().skip(24).collect();
        let name = format!("{}-{tail}", now.strftime("%Y%m%dT%H%M%SZ"));
        (self.place().join(format!("{PARTIAL}{name}")), name)
    }

    /// Gives what is whole its name. Before this it does not exist for any reader.
    pub(super) fn keep(&self, partial: &Path, name: &str) -> Result<(), BackupError> {
        let place = self.place();
        let whole = place.join(name);
        fs::rename(partial, &whole).map_err(BackupError::disk(&whole))?;
        flush(&place)
    }

    /// Names of the backups, oldest first: the time of each in UTC, and four bytes of its id.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn backups(&self) -> Result<Vec<String>, BackupError> {
        let mut names = names(&self.place())?;
        names.retain(|name| name.as_bytes().first().is_some_and(u8::is_ascii_digit));
        names.sort();
        Ok(names)
    }

    /// The newest backup, or the newest that is not later than `at`, the beginning of a name: `20261122`, `20261122T1830`.
    pub(super) fn choose(&self, at: Option<&str>) -> Result<PathBuf, BackupError> {
        let fits = |name: &&String| at.is_none_or(|at| name.as_str() <= at || name.starts_with(at));
        match self.backups()?.iter().rev().find(fits) {
            Some(name) => Ok(self.place().join(name)),
            None => Err(BackupError::folder(&self.path, "there is no backup of that time")),
        }
    }
}

fn names(folder: &Path) -> Result<Vec<String>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(BackupError::disk(folder))?,
    };
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().into_string().unwrap_or_default());
    entries.map(name).collect::<Result<_, _>>().map_err(BackupError::disk(folder))
}

/// A new name is on the disk only when its folder is.
pub(super) fn flush(folder: &Path) -> Result<(), BackupError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupError::disk(folder))
}
