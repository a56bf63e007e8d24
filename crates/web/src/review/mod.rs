//! The teacher hears recordings, one after the other.

pub mod form;
pub mod hear;
pub mod page;
pub mod queue;
