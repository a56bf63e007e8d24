//! A personal value is not copied.

use jiayin_privacy::{Personal, category};

fn copy(name: &Personal<String, category::Name>) -> Personal<String, category::Name> {
    name.clone()
}

fn main() {}
