//! Work that improves the service asks for its own grant; the one of teaching does not serve.

use jiayin_privacy::{Grant, purpose};

fn improve(_: &Grant<purpose::Improvement>) {}

fn teach(grant: &Grant<purpose::Teaching>) {
    improve(grant);
}

fn main() {}
