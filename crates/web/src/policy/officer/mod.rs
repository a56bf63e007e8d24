//! The privacy officer's pages: versions, the draft of the next one, questions, requests, measures.

pub mod draft;
pub mod front;
pub mod measures;
pub mod questions;
pub mod request;
pub mod requests;
