//! A request cannot be narrowed to what the purpose may not open.

use jiayin_privacy::{Pending, category, purpose};

fn narrow(pending: Pending<purpose::Courses>) {
    let _ = pending.only::<category::Voice>();
}

fn main() {}
