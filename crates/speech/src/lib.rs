//! The ear: pronunciation evaluation on an ordinary CPU.
//!
//! Bytes of a recording → [`audio::Audio`] → features → encoder → forced alignment → scores. This crate knows no
//! database, no web and no async; it holds no global state, and the same input gives the same output on any number of
//! threads.

mod align;
pub mod audio;
pub mod decode;
mod departures;
pub mod evaluation;
mod features;
#[cfg(test)]
mod golden;
mod inference;
mod model;
pub mod phone;
mod phone_features;
pub mod prompt;
mod quality;
mod report;
pub mod scorer;
mod statistics;
pub mod take;
pub mod text;

pub use audio::{Audio, SAMPLE_RATE};
pub use evaluation::Evaluation;
pub use prompt::Prompt;
pub use scorer::Scorer;
