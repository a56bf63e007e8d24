//! Workbooks (ISO/IEC 29500). The library that reads them gets an archive of our own making, with what was unpacked within
//! bounds, and is asked cell by cell: a workbook may say that its last cell is the seventeen billionth.

use std::io::{Cursor, Write};

use calamine::{DataRef, Reader, Xlsx};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::unpack::Files;
use super::{COLUMNS_MAX, FileError, List, ROWS_MAX, Rows, cell, columns};

/// The day before the first of the calendar of workbooks, which takes 1900 for a leap year.
const DAY_ZERO: Date = Date::constant(1899, 12, 30);
/// Sheets that are looked at.
const SHEETS_MAX: usize = 60;

/// Reads the sheets that have a header. Where a sheet has no column for the class, its name is the class: many schools keep
/// a sheet for each.
pub(super) fn read(files: &Files) -> Result<List, FileError> {
    let mut book = Xlsx::new(Cursor::new(packed(files)?)).map_err(|_| FileError::Unreadable)?;
    let mut list = List::default();
    let mut failed = FileError::Empty;
    for name in book.sheet_names().into_iter().take(SHEETS_MAX) {
        match rows(&mut book, &name).and_then(|rows| columns::read(rows, Some(&name))) {
            Ok(sheet) => {
                list.entries.extend(sheet.entries);
                for column in sheet.ignored {
                    if !list.ignored.contains(&column) {
                        list.ignored.push(column);
                    }
                }
            }
            Err(FileError::TooLarge) => return Err(FileError::TooLarge),
            Err(FileError::Empty) => {}
            Err(error) => failed = error,
        }
        if list.entries.len() > ROWS_MAX {
            return Err(FileError::TooLarge);
        }
    }
    if list.entries.is_empty() { Err(failed) } else { Ok(list) }
}

/// An archive without compression.
fn packed(files: &Files) -> Result<Vec<u8>, FileError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, contents) in files {
        writer.start_file(name.as_str(), stored).map_err(|_| FileError::Unreadable)?;
        writer.write_all(contents).map_err(|_| FileError::Unreadable)?;
    }
    Ok(writer.finish().map_err(|_| FileError::Unreadable)?.into_inner())
}

fn rows(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Rows, FileError> {
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| FileError::Unreadable)?;
    let mut rows = Rows::new();
    while let Some(found) = reader.next_cell().map_err(|_| FileError::Unreadable)? {
        let (row, column) = found.get_position();
        let (line, column) = (row.saturating_add(1), column as usize);
        let text = cell(&shown(found.get_value()));
        if text.is_empty() || column >= COLUMNS_MAX {
            continue;
        }
        if rows.last().is_none_or(|(last, _)| *last != line) {
            if rows.len() > ROWS_MAX {
                return Err(FileError::TooLarge);
            }
            rows.push((line, Vec::new()));
        }
        if let Some((_, cells)) = rows.last_mut() {
            cells.resize(cells.len().max(column + 1), String::new());
            if let Some(place) = cells.get_mut(column) {
                *place = text;
            }
        }
    }
    Ok(rows)
}

/// A cell as a reader sees it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        // Student numbers are kept as numbers, and written without a fraction.
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTime(day) => day_of(day.as_f64()).map(|date| date.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn day_of(number: f64) -> Option<Date> {
    let days = number.floor();
    let days: Span = (1.0..100_000.0).contains(&days).then_some((days as i64).days())?;
    DAY_ZERO.checked_add(days).ok()
}
