//! Archives, unpacked within bounds: what an archive says of its own sizes is not believed.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{FileError, UNPACKED_MAX};

/// Most files of an archive.
const FILES_MAX: usize = 500;

/// Files by name, without the folder in which all of them may lie.
pub(super) type Files = HashMap<String, Vec<u8>>;

/// Unpacks the files that a list can be in: XML and CSV.
pub(super) fn unpack(bytes: &[u8]) -> Result<Files, FileError> {
    let unreadable = |_| FileError::Unreadable;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    if archive.len() > FILES_MAX {
        return Err(FileError::TooLarge);
    }
    let mut left = UNPACKED_MAX;
    let mut files = Files::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.replace('\\', "/");
        let wanted = [".xml", ".rels", ".csv"].iter().any(|end| name.to_lowercase().ends_with(end));
        if !wanted || entry.is_dir() || name.starts_with("__MACOSX/") {
            continue;
        }
        let mut contents = Vec::new();
        entry.take(left + 1).read_to_end(&mut contents).map_err(|_| FileError::Unreadable)?;
        left = left.checked_sub(contents.len() as u64).ok_or(FileError::TooLarge)?;
        files.insert(name, contents);
    }
    Ok(files)
}
