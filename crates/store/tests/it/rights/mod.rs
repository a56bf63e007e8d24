//! People's rights: the export holds everything, the erasure leaves nothing, and what broke off goes on.

mod canary;
pub mod planted;
pub mod raw;
mod steps;
