//! A teacher's classes, and how far each has come.

pub mod cards;
pub mod help;
pub mod invitations;
pub mod list;
pub mod page;
pub mod pictures;
pub mod progress;
