//! The root key in a file. While it is rotated there are up to two more beside it: `….next`, the new one before it has taken
//! its place, and `….previous`, the old one until no key is wrapped by it any more. A key is written beside its place,
//! flushed to the disk and moved there, so that at every moment each key that is in use lies in a whole file.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiayin_domain::provide::Entropy;
use jiayin_privacy::{RootKey, RootKeyId};

/// The file of the root key, and those beside it.
#[derive(Clone)]
pub struct KeyFiles {
    file: PathBuf,
    next: PathBuf,
    previous: PathBuf,
}

impl KeyFiles {
    /// `file` holds the root key in use.
    pub fn new(file: PathBuf) -> Self {
        let beside = |ending: &str| {
            let mut name = file.file_name().unwrap_or_default().to_owned();
            name.push(ending);
            file.with_file_name(name)
        };
        Self { next: beside(".next"), previous: beside(".previous"), file }
    }

    /// Where the root key in use lies.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether there is no root key at all.
    pub fn is_missing(&self) -> bool {
        !self.file.exists() && !self.previous.exists() && !self.next.exists()
    }

    /// The root keys that are there, the one in use first.
    ///
    /// # Errors
    /// A line for the operator if there is none, or one cannot be read.
    pub fn read(&self) -> Result<Vec<RootKey>, String> {
        let mut keys = Vec::new();
        for file in [&self.file, &self.previous, &self.next] {
            keys.extend(read(file)?);
        }
        if keys.is_empty() {
            return Err(format!(
                "the root key {} is missing, and without it nothing that is stored can be read: put it back from its \
                 safe place, or name it with `root_key_file` or JIAYIN_ROOT_KEY",
                self.file.display()
            ));
        }
        Ok(keys)
    }

    /// Makes the first root key. One that is there is never overwritten.
    ///
    /// # Errors
    /// A line for the operator.
    pub fn make(&self, entropy: &dyn Entropy) -> Result<(), String> {
        write(&self.file, &RootKey::generate(entropy))
    }

    /// Copies those that are there to where there are none.
    ///
    /// # Errors
    /// A line for the operator if there is none, or they cannot be read or written.
    pub fn copy_to(&self, to: &Self) -> Result<(), String> {
        self.read()?;
        let pairs = [(&self.file, &to.file), (&self.previous, &to.previous), (&self.next, &to.next)];
        for (from, to) in pairs {
            if let Some(key) = read(from)? {
                write(to, &key)?;
            }
        }
        Ok(())
    }

    /// The next root key: the one that lies there already from a rotation that was broken off, else `given`, else a new one.
    ///
    /// # Errors
    /// A line for the operator.
    pub fn next(&self, given: Option<RootKey>, entropy: &dyn Entropy) -> Result<RootKeyId, String> {
        if let Some(next) = read(&self.next)? {
            if given.is_some_and(|given| given.id() != next.id()) {
                return Err(format!(
                    "{} holds another new root key, from a rotation that was broken off: remove it, or leave the new key \
                     out",
                    self.next.display()
                ));
            }
            return Ok(next.id());
        }
        let next = given.unwrap_or_else(|| RootKey::generate(entropy));
        write(&self.next, &next)?;
        Ok(next.id())
    }

    /// Puts the root key `id` into its place; the one that lies there becomes the previous one. May be repeated.
    ///
    /// # Errors
    /// A line for the operator.
    pub fn switch(&self, id: RootKeyId) -> Result<(), String> {
        match read(&self.file)? {
            Some(current) if current.id() == id => return Ok(()),
            Some(current) => match read(&self.previous)? {
                Some(previous) if previous.id() == current.id() => {}
                Some(_) => {
                    let other = self.previous.display();
                    return Err(format!("{other} holds yet another root key: move it away, to where you can find it"));
                }
                None => write(&self.previous, &current)?,
            },
            None => {}
        }
        match read(&self.next)? {
            Some(next) if next.id() == id => {}
            _ => return Err(format!("{} does not hold the new root key {id}", self.next.display())),
        }
        std::fs::rename(&self.next, &self.file).map_err(|error| cannot("move", &self.next, &error))?;
        flush_folder(&self.file)
    }

    /// Whether an old root key still lies beside.
    pub fn has_previous(&self) -> bool {
        self.previous.exists()
    }

    /// Removes the old root key.
    ///
    /// # Errors
    /// A line for the operator.
    pub fn forget_previous(&self) -> Result<(), String> {
        match std::fs::remove_file(&self.previous) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(cannot("remove", &self.previous, &error)),
            _ => flush_folder(&self.file),
        }
    }
}

/// The root key in a file; `None` if there is no such file.
///
/// # Errors
/// A line for the operator.
pub fn read(file: &Path) -> Result<Option<RootKey>, String> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => zeroize::Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot("read", file, &error)),
    };
    RootKey::from_text(&text).map(Some).map_err(|_| {
        format!("{} holds no root key (32 bytes in Base64): put the right one back from its safe place", file.display())
    })
}

/// Writes a root key that only this user may read, whole or not at all, and never over another one.
fn write(file: &Path, key: &RootKey) -> Result<(), String> {
    let mut beside = tempfile::NamedTempFile::new_in(folder(file)).map_err(|error| cannot("write", file, &error))?;
    let written = beside.write_all(key.to_text().as_bytes()).and_then(|()| beside.as_file().sync_all());
    written.map_err(|error| cannot("write", file, &error))?;
    beside.persist_noclobber(file).map_err(|error| cannot("write", file, &error.error))?;
    flush_folder(file)
}

/// A new name is on the disk only when its folder is.
fn flush_folder(file: &Path) -> Result<(), String> {
    let folder = folder(file);
    let flushed = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    flushed.map_err(|error| cannot("flush", folder, &error))
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn cannot(what: &str, file: &Path, error: &std::io::Error) -> String {
    format!("cannot {what} the root key {}: {error}", file.display())
}
