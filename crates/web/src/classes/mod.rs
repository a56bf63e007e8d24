//! A teacher's classes, and how far each has come.

pub mod list;
pub mod page;
