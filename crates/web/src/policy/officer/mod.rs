//! The privacy officer's pages: versions, the draft of the next one, requests, questions, measures, the audit log, what
//! expires and what is held.

pub mod draft;
pub mod front;
pub mod log;
pub mod log_check;
pub mod measures;
pub mod questions;
pub mod request;
pub mod requests;
pub mod retention;
