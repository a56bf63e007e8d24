//! The privacy officer's pages: versions, the draft of the next one, questions, measures.

pub mod draft;
pub mod front;
pub mod measures;
pub mod questions;
