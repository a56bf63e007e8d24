//! The page in a real browser. Needs chromium, chromedriver and `npm ci`; `make setup` brings them.

#![allow(unreachable_pub, reason = "helpers are shared with the other test binary")]

#[path = "../common/mod.rs"]
mod common;
mod driver;
mod looks;
mod tryout;
