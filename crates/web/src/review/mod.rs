//! The teacher hears recordings, one after the other.

pub mod bank;
pub mod form;
pub mod hear;
pub mod list;
pub mod page;
pub mod phrases;
pub mod queue;
pub mod voice;
