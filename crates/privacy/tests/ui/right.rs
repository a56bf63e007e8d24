//! What is right compiles: the other files differ from this in one thing each.

use jiayin_privacy::{Grant, OutOfScope, Personal, category, purpose};

fn read<'a>(voice: &'a Personal<String, category::Voice>, grant: &Grant<purpose::Teaching>) -> Result<&'a str, OutOfScope> {
    voice.read(grant).map(String::as_str)
}

fn main() {
    let _ = read;
}
