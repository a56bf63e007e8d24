//! A personal value cannot be written into a page.

use jiayin_privacy::{Personal, category};

fn page(name: &Personal<String, category::Name>) -> String {
    format!("{name}")
}

fn main() {}
