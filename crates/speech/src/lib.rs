//! The ear: pronunciation evaluation on an ordinary CPU.
//!
//! Bytes of a recording → [`audio::Audio`] → features → encoder → forced alignment → scores. This crate knows no
//! database, no web and no async; it holds no global state, and the same input gives the same output on any number of
//! threads.

pub mod audio;
pub mod decode;
pub mod evaluation;
pub mod phone;
pub mod prompt;
pub mod scorer;

pub use audio::Audio;
pub use evaluation::Evaluation;
pub use prompt::Prompt;
pub use scorer::Scorer;
