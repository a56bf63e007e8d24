//! Who has been erased. The list lies beside the snapshots and is always the newest one: a snapshot taken before an erasure
//! and a key ring saved before it are restored together without the person coming back.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::path::Path;

use jiayin_domain::id::new_uuid;
use jiayin_domain::provide::{Clock, Entropy};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::BackupError;
use super::folder::{Folder, flush};
use super::sealed::{SealedReader, SealedWriter};
use crate::keyring::KeyRing;

const NAME: &str = "tombstones.sealed";

/// An erased person.
#[derive(Serialize, Deserialize)]
struct Tombstone {
    person: Uuid,
    /// Milliseconds since 1970 UTC.
    at: i64,
}

/// Erased people, and when.
pub(super) type Tombstones = BTreeMap<Uuid, i64>;

/// Those of a folder; none if it has no list.
pub(super) fn read(folder: &Folder, ring: &KeyRing) -> Result<Tombstones, BackupError> {
    let path = folder.path().join(NAME);
    if !path.exists() {
        return Ok(Tombstones::new());
    }
    let reader = BufReader::new(SealedReader::under(&path, NAME, ring.backup_key())?);
    let lines = serde_json::Deserializer::from_reader(reader).into_iter();
    let lines = lines.map(|line: Result<Tombstone, _>| line.map(|stone| (stone.person, stone.at)));
    lines.collect::<Result<_, _>>().map_err(|error| match error.io_error_kind() {
        Some(_) => BackupError::disk(&path)(error.into()),
        None => BackupError::damaged(&path, error.to_string()),
    })
}

/// Brings the list of a folder up to date: what it has and what the key ring has. Answers how many there are. Quick enough to
/// be run after every erasure.
///
/// # Errors
/// If the list is damaged or cannot be written; the one before then stays.
pub async fn bring_up_to_date(
    folder: &Folder,
    ring: &KeyRing,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<usize, BackupError> {
    let mut all = read(folder, ring)?;
    all.extend(ring.tombstones().await?);
    write(&all, folder.path(), ring, clock, entropy)?;
    Ok(all.len())
}

fn write(
    all: &Tombstones,
    folder: &Path,
    ring: &KeyRing,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<(), BackupError> {
    let partial = folder.join(format!(".partial-{NAME}"));
    let id = new_uuid(clock, entropy);
    let mut out = SealedWriter::create(&partial, (id, NAME), &[], ring.backup_key(), entropy)?;
    for (person, at) in all {
        let line = serde_json::to_vec(&Tombstone { person: *person, at: *at }).map_err(std::io::Error::other);
        line.and_then(|line| out.write_all(&line)).map_err(BackupError::disk(&partial))?;
    }
    out.finish()?;
    let whole = folder.join(NAME);
    std::fs::rename(&partial, &whole).map_err(BackupError::disk(&whole))?;
    flush(folder)
}
