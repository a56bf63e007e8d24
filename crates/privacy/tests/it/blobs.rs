//! Sealed files: any range of bytes, and nothing but the genuine file.

use std::ops::Range;

use jiayin_privacy::blob::{self, CHUNK, HEADER, open_all, plain_len, seal_all, sealed_len};
use jiayin_privacy::{BlobOpener, BlobSealer, Grant, OpenError, OutOfScope, SealError, blob::cover, purpose};
use proptest::prelude::*;
use uuid::Uuid;

use crate::common::{Seeded, key, own, person, row};

const SEALED_CHUNK: usize = CHUNK + 16;

fn plain(len: usize) -> Vec<u8> {
    (0..len).map(|place| (place * 31 % 251) as u8).collect()
}

fn sealed(len: usize) -> Vec<u8> {
    seal_all(&key(person(1)), blob::RECORDING, row(1), &plain(len), &Seeded::new(1)).unwrap()
}

fn teaching() -> Grant<purpose::Teaching> {
    own(person(1))
}

fn open(id: Uuid, bytes: &[u8]) -> Result<Vec<u8>, OpenError> {
    open_all(&key(person(1)), blob::RECORDING, id, bytes, &teaching())
}

/// Lengths about the borders of chunks, and some between.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(CHUNK - 1),
        Just(CHUNK),
        Just(CHUNK + 1),
        Just(2 * CHUNK),
        Just(3 * CHUNK),
        0..4 * CHUNK
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whole_files_come_back(len in lengths()) {
        let bytes = sealed(len);
        prop_assert_eq!(bytes.len() as u64, sealed_len(len as u64));
        prop_assert_eq!(plain_len(bytes.len() as u64), Some(len as u64));
        prop_assert!(open(row(1), &bytes).unwrap() == plain(len));
    }

    #[test]
    fn a_range_is_the_slice_of_the_plain_text(len in lengths(), start in 0..5 * CHUNK, more in 0..5 * CHUNK) {
        let bytes = sealed(len);
        let opener =
            BlobOpener::new(&key(person(1)), blob::RECORDING, row(1), &bytes[..HEADER], &teaching()).unwrap();
        let cover = cover(start as u64..(start + more) as u64, len as u64);
        let Range { start: from, end: to } = cover.sealed.clone();
        let range = opener.range(&cover, &bytes[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]).unwrap();
        prop_assert!(range == plain(len)[start.min(len)..(start + more).min(len)]);
        prop_assert!((to - from) as usize <= more + 2 * SEALED_CHUNK);
    }

    #[test]
    fn an_edited_or_cut_file_is_rejected(len in lengths(), place: prop::sample::Index, bit in 0..8) {
        let mut bytes = sealed(len);
        let cut = place.index(bytes.len());
        prop_assert!(open(row(1), &bytes[..cut]).is_err());
        bytes[cut] ^= 1u8 << bit;
        prop_assert!(open(row(1), &bytes).is_err());
    }

    #[test]
    fn lengths_fit_each_other(len in 0u64..1 << 50) {
        prop_assert_eq!(plain_len(sealed_len(len)), Some(len));
    }
}

#[test]
fn clause_7_11_chunks_left_out_swapped_or_repeated_are_rejected() {
    let bytes = sealed(3 * CHUNK);
    assert!(open(row(1), &bytes).is_ok());
    let chunk = |number: usize| &bytes[HEADER + number * SEALED_CHUNK..HEADER + (number + 1) * SEALED_CHUNK];
    for order in [&[0, 1][..], &[0, 2], &[1, 0, 2], &[0, 1, 1], &[0, 1, 2, 2], &[2], &[]] {
        let mut moved = bytes[..HEADER].to_vec();
        moved.extend(order.iter().flat_map(|number| chunk(*number)));
        assert_eq!(open(row(1), &moved), Err(OpenError::Damaged), "{order:?}");
    }
    let opener = BlobOpener::new(&key(person(1)), blob::RECORDING, row(1), &bytes[..HEADER], &teaching()).unwrap();
    assert!(opener.chunk(1, false, chunk(1)).is_ok());
    assert_eq!(opener.chunk(0, false, chunk(1)), Err(OpenError::Damaged));
    assert_eq!(opener.chunk(1, true, chunk(1)), Err(OpenError::Damaged));
    assert_eq!(opener.chunk(2, false, chunk(2)), Err(OpenError::Damaged));
}

#[test]
fn clause_7_11_a_chunk_of_another_file_is_rejected() {
    let (key, entropy) = (key(person(1)), Seeded::new(1));
    let other = seal_all(&key, blob::RECORDING, row(1), &plain(2 * CHUNK), &Seeded::new(2)).unwrap();
    let mut mixed = sealed(2 * CHUNK);
    mixed[HEADER + SEALED_CHUNK..].copy_from_slice(&other[HEADER + SEALED_CHUNK..]);
    assert_eq!(open(row(1), &mixed), Err(OpenError::Damaged));
    // Under another id, as another kind, for another person: the bytes alone are not enough.
    assert_eq!(open(row(2), &sealed(10)), Err(OpenError::Damaged));
    let part = seal_all(&key, blob::UPLOAD_PART, row(1), &plain(10), &entropy).unwrap();
    assert_eq!(open(row(1), &part), Err(OpenError::Damaged));
    let theirs = seal_all(&crate::common::key(person(2)), blob::RECORDING, row(1), &plain(10), &entropy).unwrap();
    assert_eq!(open(row(1), &theirs), Err(OpenError::Damaged));
}

#[test]
fn a_file_opens_within_the_scope_of_the_grant_only() {
    let bytes = seal_all(&key(person(2)), blob::RECORDING, row(1), b"x", &Seeded::new(1)).unwrap();
    let opened = open_all(&key(person(2)), blob::RECORDING, row(1), &bytes, &teaching());
    assert_eq!(opened, Err(OpenError::OutOfScope(OutOfScope::Subject)));
}

#[test]
fn the_sealer_takes_chunks_in_their_size_and_one_end() {
    let mut sealer = BlobSealer::new(&key(person(1)), blob::COURSE_AUDIO, row(1), &Seeded::new(1));
    assert_eq!(sealer.header().len(), HEADER);
    assert_eq!(sealer.chunk(&plain(10), false).unwrap_err(), SealError::Chunk);
    assert_eq!(sealer.chunk(&plain(CHUNK + 1), true).unwrap_err(), SealError::Chunk);
    assert!(sealer.chunk(&plain(CHUNK), false).is_ok());
    assert_eq!(sealer.chunk(&[], true).unwrap_err(), SealError::Chunk);
    assert!(sealer.chunk(&plain(10), true).is_ok());
    assert_eq!(sealer.chunk(&plain(10), true).unwrap_err(), SealError::Chunk);
}

#[test]
fn covers_are_cut_to_the_file() {
    let beyond = cover(u64::MAX - 1..u64::MAX, 10);
    assert_eq!((beyond.first_chunk, beyond.last_chunk, beyond.take), (0, 0, 0));
    #[allow(clippy::reversed_empty_ranges, reason = "a browser may ask for it")]
    let backwards = cover(8..2, 10);
    assert_eq!((backwards.skip, backwards.take), (8, 0));
    let whole = cover(0..u64::MAX, 2 * CHUNK as u64);
    assert_eq!((whole.first_chunk, whole.last_chunk, whole.take), (0, 1, 2 * CHUNK));
    assert!(whole.to_the_end);
    assert_eq!(whole.sealed, HEADER as u64..sealed_len(2 * CHUNK as u64));
}
