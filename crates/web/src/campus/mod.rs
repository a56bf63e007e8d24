//! The campus manager's view.

pub mod page;
pub mod run;
