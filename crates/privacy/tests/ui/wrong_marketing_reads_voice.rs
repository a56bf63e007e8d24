//! Marketing may not open recordings.

use jiayin_privacy::{Grant, Personal, category, purpose};

fn read(voice: &Personal<String, category::Voice>, grant: &Grant<purpose::Marketing>) {
    let _ = voice.read(grant);
}

fn main() {}
