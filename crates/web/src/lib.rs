//! The product's outside: web pages, command line, configuration. What it decides, it asks of the crates beneath.
//!
//! A library as well as a binary, so that a test can start the whole of it in milliseconds.

pub mod accounts;
pub mod admin;
pub mod api;
pub mod app;
pub mod app_shell;
pub mod assets;
pub mod backup;
pub mod campus;
pub mod classes;
pub mod codes;
pub mod config;
pub mod consent;
pub mod courses;
pub mod csv;
pub mod demo;
pub mod ear;
pub mod egress;
pub mod error;
pub mod faces;
pub mod family;
pub mod forms_in;
pub mod home;
pub mod homework;
pub mod join;
pub mod limits;
pub mod locale;
pub mod messages;
pub mod model;
pub mod network;
pub mod ops;
pub mod pictures_in;
pub mod policy;
pub mod pool;
pub mod practice;
pub mod preferences;
pub mod privacy;
pub mod providers;
pub mod recordings;
pub mod requests;
pub mod review;
pub mod root_key;
pub mod roster;
pub mod routes;
pub mod school_time;
pub mod score;
pub mod session;
pub mod start;
pub mod storage;
pub mod support;
pub mod surveys;
pub mod tls;
pub mod tryout;
pub mod uploads;
pub mod visitor;
pub mod worker;

mod guard;
mod serve;

pub use serve::serve;
