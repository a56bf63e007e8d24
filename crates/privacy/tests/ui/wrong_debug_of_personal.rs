//! A personal value cannot be written to a log.

use jiayin_privacy::{Personal, category};

fn log(name: &Personal<String, category::Name>) -> String {
    format!("{name:?}")
}

fn main() {}
