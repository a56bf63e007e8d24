//! The store on both databases: every test runs on SQLite and on a real PostgreSQL that it starts itself.
#![allow(unreachable_pub, reason = "modules of one binary share their helpers")]

mod accounts;
mod courses;
mod data_map;
mod databases;
mod homework;
mod jobs;
mod postgres;
mod uploads;
