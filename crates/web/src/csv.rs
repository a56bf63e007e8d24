//! Tables as files that spreadsheets open: UTF-8 with a byte order mark, so that Chinese names are not taken for another
//! encoding, every cell in quotation marks (RFC 4180), and none that a spreadsheet would take for a formula (CWE-1236): those
//! are written with an apostrophe before them, and read without it.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::error::AppError;

/// What makes a spreadsheet calculate, and the apostrophe itself, so that reading gives back what was written.
const RISKY: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '\n', '\''];

/// A cell as it is written.
fn guarded(text: &str) -> String {
    if text.starts_with(RISKY) { format!("'{text}") } else { text.to_owned() }
}

/// The cell that was written so.
pub fn unguarded(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(RISKY) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// A table under construction.
pub struct Csv(csv::Writer<Vec<u8>>);

impl Csv {
    /// A table with its first row.
    ///
    /// # Errors
    /// [`AppError::Internal`] if it cannot be written, which memory always can.
    pub fn new<S: AsRef<str>>(head: impl IntoIterator<Item = S>) -> Result<Self, AppError> {
        let begun = "\u{feff}".as_bytes().to_vec();
        let mut writer = csv::WriterBuilder::new();
        writer.terminator(csv::Terminator::CRLF).quote_style(csv::QuoteStyle::Always);
        let mut table = Self(writer.from_writer(begun));
        table.row(head)?;
        Ok(table)
    }

    /// One more row, as long as the first.
    ///
    /// # Errors
    /// As for [`Csv::new`].
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> Result<(), AppError> {
        let cells = cells.into_iter().map(|cell| guarded(cell.as_ref()));
        self.0.write_record(cells).map_err(|error| AppError::Internal(error.to_string()))
    }

    /// The file, to be saved under this name.
    ///
    /// # Errors
    /// As for [`Csv::new`].
    pub fn answer(self, name: &str) -> Result<Response, AppError> {
        let headers = [
            (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        Ok((headers, self.bytes()?).into_response())
    }

    fn bytes(self) -> Result<Vec<u8>, AppError> {
        self.0.into_inner().map_err(|error| AppError::Internal(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_breaks_out_or_becomes_a_formula() {
        let mut csv = Csv::new(["Name", "Mean"]).unwrap();
        csv.row(["=HYPERLINK(\"http://x\")", "a,b\"c\nd"]).unwrap();
        csv.row(["@x", "-1"]).unwrap();
        let expected =
            "\u{feff}\"Name\",\"Mean\"\r\n\"'=HYPERLINK(\"\"http://x\"\")\",\"a,b\"\"c\nd\"\r\n\"'@x\",\"'-1\"\r\n";
        assert_eq!(String::from_utf8(csv.bytes().unwrap()).unwrap(), expected);
    }

    #[test]
    fn guarded_cells_are_read_as_they_were_written() {
        for text in ["=1+1", "+86", "-", "@name", "'", "'=", "''x", "it's", "陈思远", "\n=1", ""] {
            assert_eq!(unguarded(&guarded(text)), text, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_guarded_comes_back(text in "[=+@'\na-c-]{0,6}") {
            prop_assert_eq!(unguarded(&guarded(&text)), text);
        }
    }
}
