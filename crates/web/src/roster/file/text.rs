//! Text files: which encoding, which separator, which rows.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{COLUMNS_MAX, FileError, ROWS_MAX, Rows, cell};

/// Lines beyond the rows that are looked at: titles above the header, blank lines.
const SPARE: usize = 1_000;

/// The text of a file: as its mark says (UTF-8, UTF-16), else UTF-8 if it is that, else GB18030, which contains GBK.
pub(super) fn decoded(bytes: &[u8]) -> Result<String, FileError> {
    let (encoding, marked) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, length),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0),
        None => (GB18030, 0),
    };
    let (text, wrong) = encoding.decode_without_bom_handling(bytes.get(marked..).unwrap_or_default());
    // A picture or a sound can be decoded in some way too, but text has no such characters.
    if wrong || text.contains('\0') {
        return Err(FileError::Unreadable);
    }
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    Ok(text.into_owned())
}

/// The rows of a text with separated values (RFC 4180), whatever separates them.
pub(super) fn rows(text: &str) -> Result<Rows, FileError> {
    // Lines are counted where a reader sees them end.
    let text = &*text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut rows = Rows::new();
    for record in reader.records() {
        let record = record.map_err(|_| FileError::Unreadable)?;
        let line = record.position().map_or(0, |position| position.line() + blank_lines(text, position.byte()));
        let cells: Vec<String> = record.iter().take(COLUMNS_MAX).map(cell).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if rows.len() >= ROWS_MAX + SPARE {
            return Err(FileError::TooLarge);
        }
        rows.push((u32::try_from(line).unwrap_or(u32::MAX), cells));
    }
    Ok(rows)
}

/// Blank lines before a record, which its position does not count.
fn blank_lines(text: &str, byte: u64) -> u64 {
    let rest = usize::try_from(byte).ok().and_then(|byte| text.as_bytes().get(byte..)).unwrap_or_default();
    rest.iter().take_while(|byte| **byte == b'\n').count() as u64
}

/// The separator that the first lines have most of.
fn separator(text: &str) -> u8 {
    let head: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(10).collect();
    let count = |separator: char| head.iter().map(|line| line.matches(separator).count()).sum::<usize>();
    let all = [(',', b','), (';', b';'), ('\t', b'\t')];
    let best = all.into_iter().rev().max_by_key(|(separator, _)| count(*separator));
    best.map_or(b',', |(_, byte)| byte)
}
