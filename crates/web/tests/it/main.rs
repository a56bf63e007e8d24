//! The application from outside, without a network: what it answers, and what it refuses.
#![allow(unreachable_pub, reason = "helpers are shared with the other test binary")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on breaks off")]

#[path = "../common/mod.rs"]
mod common;

mod access;
mod account_security;
mod api;
mod api_fuzz;
mod api_loop;
mod backup;
mod bad_input_cli;
mod bad_input_school;
mod bad_input_web;
mod codes;
mod course_audio;
mod exercises;
mod frame;
mod full_disk;
mod joining;
mod kill;
mod locales;
mod messages;
mod officer_log;
mod pages;
mod passkeys;
mod picture_passwords;
mod policy;
mod policy_versions;
mod profile;
mod program;
mod progress;
mod pushes;
mod requests;
mod results;
mod retention;
mod rights;
mod root_key;
mod rosters;
mod second_step;
mod signal;
mod staff_pages;
mod staff_samples;
mod staff_story;
mod story;
mod support;
mod surveys;
mod tls;
mod voice_comments;
