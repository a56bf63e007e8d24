//! The campus manager's view.

pub mod class;
pub mod page;
pub mod run;
pub mod terms;
