//! Keys and how they are wrapped; the blind index.

use jiayin_privacy::{IndexKey, KeyError, RootKey, WrappedKey, column};

use crate::common::{Seeded, key, person, row};

fn root(seed: u64) -> RootKey {
    RootKey::generate(&Seeded::new(seed))
}

#[test]
fn a_wrapped_key_opens_what_it_sealed() {
    let (root, key) = (root(1), key(person(1)));
    let wrapped = root.wrap(&key, &Seeded::new(2)).unwrap();
    let sealed = key.seal(column::person::NAME, row(1), "Lin", &Seeded::new(3)).unwrap();
    let again = root.unwrap(person(1), &WrappedKey::from_bytes(wrapped.as_bytes().to_vec())).unwrap();
    assert_eq!(again.subject(), person(1));
    assert!(again.open::<String, _>(column::person::NAME, row(1), &sealed).is_ok());
    assert_eq!(format!("{wrapped:?}"), "WrappedKey(81 bytes)");
}

#[test]
fn another_root_key_is_told_from_damage() {
    let (first, second) = (root(1), root(2));
    let wrapped = first.wrap(&key(person(1)), &Seeded::new(2)).unwrap();
    assert_eq!(second.unwrap(person(1), &wrapped).err(), Some(KeyError::AnotherRoot(first.id())));
    // The key of one person is not taken for another's.
    assert_eq!(first.unwrap(person(2), &wrapped).err(), Some(KeyError::Damaged));
    for place in 0..wrapped.as_bytes().len() {
        let mut bytes = wrapped.as_bytes().to_vec();
        bytes[place] ^= 1;
        let error = first.unwrap(person(1), &WrappedKey::from_bytes(bytes)).err();
        match place {
            0 => assert_eq!(error, Some(KeyError::UnknownVersion)),
            1..9 => assert!(matches!(error, Some(KeyError::AnotherRoot(_)))),
            _ => assert_eq!(error, Some(KeyError::Damaged)),
        }
        let cut = WrappedKey::from_bytes(wrapped.as_bytes()[..place].to_vec());
        assert_eq!(first.unwrap(person(1), &cut).err(), Some(KeyError::Damaged));
    }
}

#[test]
fn a_root_key_goes_through_text() {
    let first = root(1);
    let again = RootKey::from_text(&format!("  {}\n", *first.to_text())).unwrap();
    assert_eq!(again.id(), first.id());
    assert_ne!(root(2).id(), first.id());
    assert_eq!(first.id().to_string().len(), 16);
    for text in ["", "c2hvcnQ=", "not base64 at all, and of some length too ...", &"A".repeat(64)] {
        assert_eq!(RootKey::from_text(text).err(), Some(KeyError::NotAKey), "{text}");
    }
}

#[test]
fn a_system_key_is_wrapped_under_its_name() {
    let (root, index) = (root(1), IndexKey::generate(&Seeded::new(5)));
    let wrapped = index.wrap(&root, "index", &Seeded::new(6)).unwrap();
    let again = IndexKey::unwrap(&root, "index", &wrapped).unwrap();
    let of = |key: &IndexKey| key.lookup(column::identifier::LOOKUP, "+8613800138000");
    assert_eq!(of(&again), of(&index));
    assert_eq!(IndexKey::unwrap(&root, "other", &wrapped).err(), Some(KeyError::Damaged));
    // A system key does not pass for a person's.
    assert_eq!(root.unwrap(person(0), &wrapped).err(), Some(KeyError::Damaged));
}

#[test]
fn a_lookup_depends_on_key_column_and_text() {
    let index = IndexKey::generate(&Seeded::new(5));
    let base = index.lookup(column::identifier::LOOKUP, "a@example.com");
    assert_eq!(index.lookup(column::identifier::LOOKUP, "a@example.com"), base);
    assert_ne!(index.lookup(column::identifier::LOOKUP, "b@example.com"), base);
    assert_ne!(index.lookup(column::sign_in_attempt::LOOKUP, "a@example.com"), base);
    assert_ne!(IndexKey::generate(&Seeded::new(6)).lookup(column::identifier::LOOKUP, "a@example.com"), base);
}
