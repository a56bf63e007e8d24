//! Consents: what was decided, changing it with one switch each, receipts; and the page of a child who has to wait for one.

pub mod page;
pub mod signal;
pub mod waiting;
