//! What a purpose may open is said in the data map, and nowhere else.

use jiayin_privacy::{Allows, category, purpose};

impl Allows<category::Voice> for purpose::Marketing {}

fn main() {}
