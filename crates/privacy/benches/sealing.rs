//! How fast values and files are sealed and opened: `cargo bench -p jiayin-privacy`.

#![allow(clippy::expect_used, reason = "a bench that cannot run should stop")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use jiayin_domain::id::PersonId;
use jiayin_domain::provide::Entropy;
use jiayin_privacy::blob::{self, CHUNK};
use jiayin_privacy::{BlobSealer, IndexKey, RootKey, SubjectKey, column};
use uuid::Uuid;

struct System;

impl Entropy for System {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system gives randomness");
    }
}

const ROW: Uuid = Uuid::from_u128(1);

fn key() -> SubjectKey {
    SubjectKey::generate(PersonId(ROW), &System)
}

fn main() {
    divan::main();
}

#[divan::bench]
fn seal_and_open_a_name(bencher: Bencher<'_, '_>) {
    let key = key();
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        let sealed = key.seal(column::person::NAME, ROW, black_box("林小雨"), &System).expect("it is sealed");
        key.open::<String, _>(column::person::NAME, ROW, &sealed).expect("it opens")
    });
}

#[divan::bench]
fn open_a_name(bencher: Bencher<'_, '_>) {
    let key = key();
    let sealed = key.seal(column::person::NAME, ROW, "林小雨", &System).expect("it is sealed");
    bencher
        .counter(ItemsCount::new(1u32))
        .bench_local(|| key.open::<String, _>(column::person::NAME, ROW, black_box(&sealed)).expect("it opens"));
}

#[divan::bench]
fn unwrap_a_key(bencher: Bencher<'_, '_>) {
    let root = RootKey::generate(&System);
    let wrapped = root.wrap(&key(), &System).expect("it is wrapped");
    bencher
        .counter(ItemsCount::new(1u32))
        .bench_local(|| root.unwrap(PersonId(ROW), black_box(&wrapped)).expect("it is unwrapped"));
}

#[divan::bench]
fn look_up_a_phone_number(bencher: Bencher<'_, '_>) {
    let index = IndexKey::generate(&System);
    bencher
        .counter(ItemsCount::new(1u32))
        .bench_local(|| index.lookup(column::identifier::LOOKUP, black_box("+8613800138000")));
}

#[divan::bench]
fn seal_a_chunk(bencher: Bencher<'_, '_>) {
    let (key, plain) = (key(), vec![7; CHUNK]);
    bencher
        .counter(BytesCount::new(CHUNK))
        .with_inputs(|| BlobSealer::new(&key, blob::RECORDING, ROW, &System))
        .bench_local_values(|mut sealer| sealer.chunk(black_box(&plain), true).expect("it is sealed"));
}
