//! The value cannot be reached around the grant.

use jiayin_privacy::{Personal, category};

fn peek(name: &Personal<String, category::Name>) -> &str {
    &name.value
}

fn main() {}
