//! A key cannot be written to a log.

use jiayin_privacy::SubjectKey;

fn log(key: &SubjectKey) -> String {
    format!("{key:?}")
}

fn main() {}
