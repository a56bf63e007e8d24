//! The page to try it: choose a sentence, read it aloud, see how it went. Nothing is stored.

pub mod page;
pub mod samples;
pub mod stage;
pub mod upload;
pub mod view;
