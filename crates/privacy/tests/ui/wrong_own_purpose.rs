//! There are no purposes but those in the data map.

use jiayin_privacy::{Basis, Purpose, Relation};

struct Curiosity;

impl Purpose for Curiosity {
    const ID: &'static str = "curiosity";
    const BASIS: Basis = Basis::Contract;
    const CATEGORIES: &'static [&'static str] = &["voice"];
    const DESPITE_RESTRICTION: bool = true;

    fn relations() -> &'static [Relation] {
        &[Relation::System]
    }
}

fn main() {}
