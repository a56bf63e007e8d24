//! Importing and exporting the lists of a campus: `GET /campus/roster` and what follows from it.
//!
//! A file is read, shown row by row, and carried out when the manager says so. Between the two steps its rows travel in the
//! form, sealed for that person and campus and for half an hour; nothing of them is kept here (docs/adr/0013).

pub mod export;
pub mod file;
mod held;
pub mod page;
pub mod preview;
pub mod sheet;
mod upload;

pub use upload::FORM_MAX;
