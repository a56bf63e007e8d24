//! A recording that is kept: its sound, and what became of it.

pub mod audio;
pub mod result;
