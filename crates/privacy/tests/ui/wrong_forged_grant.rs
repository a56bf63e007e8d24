//! A grant cannot be made up.

use std::marker::PhantomData;

use jiayin_domain::id::PersonId;
use jiayin_privacy::{Grant, Scope, purpose};

fn forge(person: PersonId) -> Grant<purpose::Teaching> {
    Grant { scope: Scope::One(person), categories: &["voice"], purpose: PhantomData }
}

fn main() {}
