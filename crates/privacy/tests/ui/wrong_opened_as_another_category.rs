//! A sealed comment does not open as a name, for which more purposes may ask.

use jiayin_privacy::{Sealed, SubjectKey, category, column};

fn open(key: &SubjectKey, row: uuid::Uuid, comment: &Sealed<category::Comment>) {
    let _ = key.open::<String, _>(column::person::NAME, row, comment);
}

fn main() {}
