//! A personal value does not behave like what is in it.

use jiayin_privacy::{Personal, category};

fn length(name: &Personal<String, category::Name>) -> usize {
    name.len()
}

fn main() {}
