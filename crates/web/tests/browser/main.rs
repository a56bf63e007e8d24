//! The page in a real browser. Needs chromium, chromedriver and `npm ci`; `make setup` brings them.

#![allow(unreachable_pub, reason = "helpers are shared with the other test binary")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on breaks off")]

mod api;
mod app_shell;
#[path = "../common/mod.rs"]
mod common;
mod driver;
mod everywhere;
mod exercises;
mod help_desk;
mod looks;
mod network;
mod permissions;
mod progress;
mod pushes;
mod requests;
mod rosters;
mod story;
mod surveys;
mod tryout;
mod voices;
mod ways_in;
mod week;
