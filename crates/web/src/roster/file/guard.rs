//! Cells that a spreadsheet would take for formulas (CWE-1236): they are written with an apostrophe before them, and read
//! without it.

/// What makes a spreadsheet calculate, and the apostrophe itself, so that reading gives back what was written.
const RISKY: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// A cell as it is written.
pub fn guarded(text: &str) -> String {
    if text.starts_with(RISKY) { format!("'{text}") } else { text.to_owned() }
}

/// The cell that was written so.
pub(super) fn unguarded(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(RISKY) => rest.to_owned(),
        _ => text.to_owned(),
    }
}
