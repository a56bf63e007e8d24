//! People's rights: the export holds everything, the erasure leaves nothing, and what broke off goes on.

mod canary;
mod planted;
mod raw;
mod steps;
