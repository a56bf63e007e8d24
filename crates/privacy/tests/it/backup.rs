//! What backups are sealed with, and how a backup is examined by somebody who may not read it.

use jiayin_privacy::blob::HEADER;
use jiayin_privacy::{BackupKey, OpenError, RootKey, blob, column};

use crate::common::{Seeded, key, person, row};

#[test]
fn a_file_of_a_backup_opens_under_its_name_in_its_backup_only() {
    let root = RootKey::generate(&Seeded::new(1));
    let wrapped = BackupKey::generate(&Seeded::new(2)).wrap(&root, "backup", &Seeded::new(3)).unwrap();
    let backup = BackupKey::unwrap(&root, "backup", &wrapped).unwrap();
    assert!(BackupKey::unwrap(&root, "another", &wrapped).is_err());

    let mut sealer = backup.sealer(row(1), "tables", &Seeded::new(4));
    let (header, sealed) = (sealer.header(), sealer.chunk(b"rows", true).unwrap());
    assert_eq!(header.len(), HEADER);
    let open = |id, name: &str| backup.opener(id, name, &header).unwrap().chunk(0, true, &sealed);
    assert_eq!(open(row(1), "tables").unwrap(), b"rows");
    assert_eq!(open(row(2), "tables"), Err(OpenError::Damaged));
    assert_eq!(open(row(1), "files"), Err(OpenError::Damaged));
}

#[test]
fn the_system_keys_and_peoples_keys_are_taken_over_by_another_root_key() {
    let (old, new) = (RootKey::generate(&Seeded::new(1)), RootKey::generate(&Seeded::new(2)));
    let wrapped = old.wrap(&key(person(1)), &Seeded::new(3)).unwrap();
    let over = new.take_over(&old, person(1), &wrapped, &Seeded::new(4)).unwrap();
    assert_eq!((wrapped.root_id(), over.root_id()), (Ok(old.id()), Ok(new.id())));
    assert!(new.unwrap(person(1), &over).is_ok() && old.unwrap(person(1), &over).is_err());
    assert!(new.take_over(&old, person(2), &wrapped, &Seeded::new(5)).is_err(), "of this person only");
    let system = BackupKey::generate(&Seeded::new(6)).wrap(&old, "backup", &Seeded::new(7)).unwrap();
    let over = new.take_over_system_key(&old, "backup", &system, &Seeded::new(8)).unwrap();
    assert!(BackupKey::unwrap(&new, "backup", &over).is_ok());
    assert_eq!(old.id().to_string().parse(), Ok(old.id()));
    assert!("nonsense, of 16!".parse::<jiayin_privacy::RootKeyId>().is_err());
}

#[test]
fn whole_and_damaged_are_told_apart_without_reading() {
    let (key, other) = (key(person(1)), key(person(2)));
    let sealed = key.seal(column::person::NAME, row(1), "Lin", &Seeded::new(1)).unwrap().into_bytes();
    assert_eq!(key.check("person", "name", row(1), &sealed), Ok(()));
    assert_eq!(key.check("person", "name", row(2), &sealed), Err(OpenError::Damaged));
    assert_eq!(other.check("person", "name", row(1), &sealed), Err(OpenError::Damaged));
    let file = blob::seal_all(&key, blob::RECORDING, row(1), &[7; 100_000], &Seeded::new(2)).unwrap();
    assert_eq!(key.check_file("recording", row(1), &file), Ok(()));
    assert_eq!(key.check_file("course_audio", row(1), &file), Err(OpenError::Damaged));
    assert_eq!(key.check_file("recording", row(1), &file[..file.len() - 1]), Err(OpenError::Damaged));
}
