//! The store on both databases: every test runs on SQLite and on a real PostgreSQL that it starts itself.
#![allow(unreachable_pub, reason = "modules of one binary share their helpers")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on breaks off")]
#![allow(clippy::print_stderr, reason = "a failing test says on which database")]

mod accounts;
mod audit;
mod backup;
mod consent;
mod course_audio;
mod courses;
mod data_map;
mod databases;
mod exercises;
mod homework;
mod inquiries;
mod jobs;
mod policy;
mod postgres;
mod progress;
mod requests;
mod retention;
mod rights;
mod rosters;
mod rotation;
mod support;
mod surveys;
mod uploads;
mod voice_comments;
mod ways_in;
