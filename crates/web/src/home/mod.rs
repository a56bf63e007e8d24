//! The learner's home.

pub mod page;
