//! A grant cannot be copied and kept.

use jiayin_privacy::{Grant, purpose};

fn keep(grant: &Grant<purpose::Teaching>) -> Grant<purpose::Teaching> {
    grant.clone()
}

fn main() {}
