//! Lists as schools have them: CSV in UTF-8, UTF-16 or GBK, workbooks (XLSX), OneRoster 1.2 bundles. Bytes in, rows out; no
//! input or output of its own, and nothing of a list in an error.
//!
//! What is read is bounded before it is unpacked: bytes, rows, columns, and the length of a cell.

mod bundle;
mod columns;
mod text;
mod unpack;
mod workbook;

#[cfg(test)]
mod tests;

use jiayin_domain::roster::Entry;

pub use columns::Column;
pub(crate) use columns::part_word;

use crate::csv::unguarded;

/// Largest file that is taken, in bytes.
pub const FILE_MAX: usize = 4_000_000;
/// Most rows of a list.
pub const ROWS_MAX: usize = 5_000;
/// Most columns that are looked at.
const COLUMNS_MAX: usize = 64;
/// Longest cell in characters; the rest is cut off, which makes it too long for anything it could be.
const CELL_MAX: usize = 300;
/// Largest size of an archive when unpacked, in bytes.
const UNPACKED_MAX: u64 = 32_000_000;

/// Why a file cannot be read. Each has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is nothing in it.
    #[error("an empty file")]
    Empty,
    /// Neither text nor a workbook nor a bundle.
    #[error("not a list")]
    Unreadable,
    /// A workbook of before 2007, or one with a password.
    #[error("an old or encrypted workbook")]
    OldWorkbook,
    /// More rows, or more when unpacked, than is taken.
    #[error("too large")]
    TooLarge,
    /// No line in it names its columns.
    #[error("no header")]
    NoHeader,
    /// There are names, but no class.
    #[error("no column for the class")]
    NoClass,
    /// A OneRoster bundle of changes only, or of another version.
    #[error("not a bulk bundle of OneRoster 1.2")]
    NotBulk,
}

impl FileError {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Empty,
        Self::Unreadable,
        Self::OldWorkbook,
        Self::TooLarge,
        Self::NoHeader,
        Self::NoClass,
        Self::NotBulk,
    ];

    /// Key of the text that says what is wrong and what to do.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "roster-file-empty",
            Self::Unreadable => "roster-file-unreadable",
            Self::OldWorkbook => "roster-file-old",
            Self::TooLarge => "roster-file-large",
            Self::NoHeader => "roster-file-no-header",
            Self::NoClass => "roster-file-no-class",
            Self::NotBulk => "roster-file-not-bulk",
        }
    }
}

/// A list as it was read.
#[derive(Default)]
pub struct List {
    /// Its rows.
    pub entries: Vec<Entry>,
    /// The names of columns that were not read.
    pub ignored: Vec<String>,
}

/// A table as it stands in a file: each row with its line, counted from 1.
type Rows = Vec<(u32, Vec<String>)>;

/// Reads a list.
///
/// # Errors
/// [`FileError`].
pub fn read(bytes: &[u8]) -> Result<List, FileError> {
    if bytes.len() > FILE_MAX {
        return Err(FileError::TooLarge);
    }
    // The first bytes of a compound file (MS-CFB 2.2): old workbooks, and encrypted new ones.
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(FileError::OldWorkbook);
    }
    let list = if bytes.starts_with(b"PK\x03\x04") {
        let files = unpack::unpack(bytes)?;
        if files.contains_key("xl/workbook.xml") { workbook::read(&files)? } else { bundle::read(&files)? }
    } else {
        columns::read(text::rows(&text::decoded(bytes)?)?, None)?
    };
    match list.entries.len() {
        0 => Err(FileError::Empty),
        1..=ROWS_MAX => Ok(list),
        _ => Err(FileError::TooLarge),
    }
}

/// A cell as it is kept: trimmed, without what a spreadsheet's guard put before it, and no longer than makes sense.
fn cell(text: &str) -> String {
    let short: String = text.trim().chars().filter(|letter| !letter.is_control()).take(CELL_MAX + 1).collect();
    unguarded(short.trim())
}
