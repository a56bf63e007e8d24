//! Marketing may not open the files either.

use jiayin_privacy::{BlobOpener, Grant, SubjectKey, blob, purpose};

fn open(key: &SubjectKey, id: uuid::Uuid, grant: &Grant<purpose::Marketing>) {
    let _ = BlobOpener::new(key, blob::RECORDING, id, &[], grant);
}

fn main() {}
