//! Tables as files that spreadsheets open: UTF-8 with a byte order mark, so that Chinese names are not taken for another
//! encoding, every cell in quotation marks (RFC 4180), and none that a spreadsheet would take for a formula.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A table under construction.
pub struct Csv(String);

impl Csv {
    /// A table with its first row.
    pub fn new<S: AsRef<str>>(head: &[S]) -> Self {
        let mut csv = Self("\u{feff}".to_owned());
        csv.row(head);
        csv
    }

    /// One more row.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            self.0.push('"');
            let cell = cell.as_ref();
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
                self.0.push('\'');
            }
            self.0.push_str(&cell.replace('"', "\"\""));
            self.0.push('"');
        }
        self.0.push_str("\r\n");
    }

    /// The file, to be saved under this name.
    pub fn answer(self, name: &'static str) -> Response {
        let mut response = self.0.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
            headers.insert(CONTENT_DISPOSITION, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_breaks_out_or_becomes_a_formula() {
        let mut csv = Csv::new(&["Name", "Mean"]);
        csv.row(&["=HYPERLINK(\"http://x\")", "a,b\"c\nd"]);
        csv.row(&["@x", "-1"]);
        let expected =
            "\u{feff}\"Name\",\"Mean\"\r\n\"'=HYPERLINK(\"\"http://x\"\")\",\"a,b\"\"c\nd\"\r\n\"'@x\",\"'-1\"\r\n";
        assert_eq!(csv.0, expected);
    }
}
