//! What was sealed as a comment does not pass for a name.

use jiayin_domain::provide::Entropy;
use jiayin_privacy::{SealError, Sealed, SubjectKey, category, column};

fn seal(key: &SubjectKey, row: uuid::Uuid, entropy: &dyn Entropy) -> Result<Sealed<category::Name>, SealError> {
    key.seal(column::review::COMMENT, row, "well done", entropy)
}

fn main() {}
