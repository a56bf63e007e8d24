//! The privacy engine from outside: what seals, opens, is granted and refused, and what does not compile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests")]

mod backup;
mod blobs;
mod common;
mod grants;
mod identifiers;
mod keys;
mod map;
mod plan;
mod seal;
mod snapshot;
mod ui;

/// The build script's own checks, to be tried on broken maps.
#[path = "../../build/check.rs"]
mod check;
#[allow(dead_code, reason = "the checks do not look at every field")]
#[path = "../../build/model.rs"]
mod model;
