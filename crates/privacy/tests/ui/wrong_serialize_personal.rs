//! A personal value cannot be sent as JSON.

use jiayin_privacy::{Personal, category};

fn send(name: &Personal<String, category::Name>) {
    let _ = serde_json::to_string(name);
}

fn main() {}
