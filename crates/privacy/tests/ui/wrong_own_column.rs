//! There are no columns but those in the data map.

use jiayin_privacy::{Column, category};

fn main() {
    let _ = Column::<category::Account>::new("person", "name");
}
