//! Sealed columns: what goes in comes out, in its own place only.

use jiayin_privacy::{OpenError, Personal, SealError, Sealed, SubjectKey, category, column, purpose};
use proptest::prelude::*;

use crate::common::{Seeded, key, own, person, row};

fn sealed_name() -> Sealed<category::Name> {
    key(person(1)).seal(column::person::NAME, row(1), "林小雨", &Seeded::new(1)).unwrap()
}

fn why<T, C>(opened: Result<Personal<T, C>, OpenError>) -> OpenError {
    opened.err().expect("it opened")
}

proptest! {
    #[test]
    fn what_is_sealed_opens(text in ".{0,200}", seed: u64, number: u128, subject: u128) {
        let key = key(person(subject));
        let sealed = key.seal(column::review::COMMENT, row(number), &text, &Seeded::new(seed)).unwrap();
        prop_assert_eq!(&key.open::<String, _>(column::review::COMMENT, row(number), &sealed).unwrap()
            .into_inner(&own::<purpose::Teaching>(person(subject))).unwrap(), &text);
        let bytes = sealed.as_bytes();
        prop_assert!(text.len() < 4 || !bytes.windows(text.len()).any(|window| window == text.as_bytes()));
    }

    #[test]
    fn noise_does_not_open(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        let sealed = Sealed::from_bytes(bytes);
        prop_assert!(key(person(1)).open::<String, _>(column::person::NAME, row(1), &sealed).is_err());
    }
}

#[test]
fn clause_7_11_edited_ciphertext_is_rejected() {
    let (key, sealed) = (key(person(1)), sealed_name());
    assert!(key.open::<String, _>(column::person::NAME, row(1), &sealed).is_ok());
    for place in 0..sealed.as_bytes().len() {
        for bit in 0..8 {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[place] ^= 1 << bit;
            let error = why(key.open::<String, _>(column::person::NAME, row(1), &Sealed::from_bytes(bytes)));
            assert_eq!(error, if place == 0 { OpenError::UnknownVersion } else { OpenError::Damaged });
        }
    }
    for len in 0..sealed.as_bytes().len() {
        let cut = Sealed::from_bytes(sealed.as_bytes()[..len].to_vec());
        assert_eq!(why(key.open::<String, _>(column::person::NAME, row(1), &cut)), OpenError::Damaged);
    }
}

#[test]
fn clause_7_11_ciphertext_moved_to_another_place_is_rejected() {
    let (alone, sealed) = (key(person(1)), sealed_name());
    // Another row.
    assert_eq!(why(alone.open::<String, _>(column::person::NAME, row(2), &sealed)), OpenError::Damaged);
    // Another person whose key happens to be the same bytes: `key` makes the same key for everyone.
    assert_eq!(why(key(person(2)).open::<String, _>(column::person::NAME, row(1), &sealed)), OpenError::Damaged);
    // Another column, of the same category.
    let score = alone.seal(column::review::SCORE, row(1), &80, &Seeded::new(1)).unwrap();
    assert_eq!(why(alone.open::<u8, _>(column::evaluation::TOTAL, row(1), &score)), OpenError::Damaged);
    // Another column, of another category, as only the database could do it.
    let comment = Sealed::<category::Comment>::from_bytes(sealed.as_bytes().to_vec());
    assert_eq!(why(alone.open::<String, _>(column::review::COMMENT, row(1), &comment)), OpenError::Damaged);
    // Another key.
    let other = SubjectKey::generate(person(1), &Seeded::new(99));
    assert_eq!(why(other.open::<String, _>(column::person::NAME, row(1), &sealed)), OpenError::Damaged);
}

#[test]
fn the_same_value_never_looks_the_same() {
    let (key, entropy) = (key(person(1)), Seeded::new(1));
    let seal = || key.seal(column::person::NAME, row(1), "林小雨", &entropy).unwrap().into_bytes();
    assert_ne!(seal(), seal());
}

#[test]
fn errors_and_debug_tell_nothing_of_the_value() {
    let (key, sealed) = (key(person(1)), sealed_name());
    let error = why(key.open::<u8, _>(column::person::NAME, row(1), &sealed));
    assert_eq!(error, OpenError::Shape);
    assert!(!error.to_string().contains("林"));
    assert_eq!(format!("{sealed:?}"), "Sealed(52 bytes)");
}

#[test]
fn what_has_no_json_is_an_error() {
    let odd = std::collections::HashMap::from([((1, 2), 3)]);
    let error = key(person(1)).seal(column::person::NAME, row(1), &odd, &Seeded::new(1)).unwrap_err();
    assert_eq!(error, SealError::Shape);
}

#[test]
fn a_personal_value_is_sealed_for_its_own_person_only() {
    let value = Personal::<_, category::Name>::new(person(1), "Lin");
    let seal = |key: SubjectKey| key.seal_personal(column::person::NAME, row(1), &value, &Seeded::new(1));
    assert!(seal(key(person(1))).is_ok());
    assert_eq!(seal(key(person(2))).unwrap_err(), SealError::Subject);
}

#[test]
fn columns_know_their_place() {
    assert_eq!((column::person::NAME.table(), column::person::NAME.name()), ("person", "name"));
    assert_eq!((column::identifier::LOOKUP.table(), column::identifier::LOOKUP.name()), ("identifier", "lookup"));
}
