//! The teacher hears recordings, one after the other.

pub mod form;
pub mod page;
