//! Backups on both databases: what comes back is what was written, what was altered is found, the erased stay erased.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiayin_domain::id::PersonId;
use jiayin_domain::provide::Clock;
use jiayin_store::backup::drill::{Drilled, drill};
use jiayin_store::backup::folder::{Folder, Holds};
use jiayin_store::backup::restore::{Target, restore};
use jiayin_store::backup::{BackupError, keys, tombstones};
use jiayin_store::keyring::KeyRing;
use jiayin_store::{Settings, Store, StoreError};
use sqlx::{Connection, Executor};

use crate::databases::{TestEntropy, TestSchool, TestStore, both};
use crate::postgres;
use crate::rights::raw::count_files;
use crate::uploads::{announced, send};

/// Folders beside those of the store.
struct Places<'a> {
    test: &'a TestStore,
    seed: u64,
}

impl Places<'_> {
    fn folder(&self, name: &str) -> PathBuf {
        self.test.folder.path().join(name)
    }

    fn data(&self) -> Folder {
        Folder::make(&self.folder("backups"), Holds::Data).unwrap()
    }

    fn keys(&self) -> Folder {
        Folder::make(&self.folder("key-backups"), Holds::Keys).unwrap()
    }

    fn clock(&self) -> &dyn Clock {
        &*self.test.clock
    }

    async fn ring(&self, url: &str) -> KeyRing {
        let entropy = Arc::new(TestEntropy::new(self.seed << 32));
        KeyRing::at(url, self.test.source(), self.clock(), entropy).await.unwrap()
    }

    /// A place to restore to, and one for a key ring.
    async fn target(&self, name: &str, kind: &str) -> (Target, String) {
        let folder = self.folder(name);
        fs::create_dir(&folder).unwrap();
        let database_url = if kind == "sqlite" {
            format!("sqlite:{}", folder.join("data.sqlite").display())
        } else {
            postgres::new_database().await
        };
        let ring = format!("sqlite:{}", folder.join("keys.sqlite").display());
        (Target { database_url, files: folder.join("files") }, ring)
    }

    async fn drill(&self, name: &str) -> Result<Drilled, BackupError> {
        let (target, url) = self.target(name, "sqlite").await;
        self.ring(&self.test.key_ring_url).await.copy_to(&url).await.unwrap();
        drill(&self.data(), None, &self.ring(&url).await, &target).await
    }

    async fn open(&self, target: &Target, key_ring_url: String) -> Result<Store, StoreError> {
        let settings = Settings {
            database_url: target.database_url.clone(),
            key_ring_url,
            files: target.files.clone(),
            root: self.test.source(),
        };
        let clock = Arc::clone(&self.test.clock) as Arc<dyn Clock>;
        Store::open(settings, clock, Arc::new(TestEntropy::new((self.seed + 1) << 32))).await
    }
}

/// Sends a recording of the learner, so that there is a stored file. Answers what it sounds like.
async fn record(test: &TestStore, school: &TestSchool, number: u8) -> Vec<u8> {
    let sound = vec![number; 150_000];
    send(&test.store, &school.learner, &announced(school, number.into(), &sound), &sound).await;
    sound
}

/// Runs a statement on the rows of a person in a database of the kind of the test; answers how many they were.
async fn on_rows(test: &TestStore, url: &str, statement: &str, person: PersonId) -> u64 {
    let sqlite = test.kind == "sqlite";
    let id = if sqlite { format!("x'{}'", person.0.simple()) } else { format!("'{person}'") };
    let sql = sqlx::AssertSqlSafe(format!("{statement} = {id}"));
    if sqlite {
        sqlx::SqliteConnection::connect(url).await.unwrap().execute(sql).await.unwrap().rows_affected()
    } else {
        sqlx::PgConnection::connect(url).await.unwrap().execute(sql).await.unwrap().rows_affected()
    }
}

/// What erasing does in the key ring, by another process.
async fn destroy_key(test: &TestStore, person: PersonId) {
    let destroy = "UPDATE subject_key SET wrapped = NULL, destroyed_at = 5 WHERE subject_id";
    assert_eq!(on_rows(test, &test.key_ring_url, destroy, person).await, 1);
}

type Alter = fn(&Path);

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(all_files(&path)) } else { files.push(path) }
    }
    files.retain(|path| path.extension().is_none_or(|ending| ending != "txt") && !path.ends_with(".lock"));
    files
}

#[tokio::test]
async fn clause_7_10_what_comes_back_is_what_was_written_on_either_database() {
    both(async |test| {
        let places = Places { test, seed: 100 };
        let school = TestSchool::new(&test.store).await;
        let sound = record(test, &school, 1).await;
        let first = test.store.back_up(&places.data()).await.unwrap();
        assert_eq!((first.files, first.copied), (1, 1));
        record(test, &school, 2).await;
        test.clock.advance(std::time::Duration::from_secs(60));
        let second = test.store.back_up(&places.data()).await.unwrap();
        assert_eq!((second.files, second.copied), (2, 1), "a stored file is copied once");
        assert_eq!(places.data().backups().unwrap(), [first.name.clone(), second.name.clone()]);

        let drilled = places.drill("drill").await.unwrap();
        assert_eq!((drilled.rows, drilled.files, drilled.erased), (second.rows, 2, 0));
        assert!(drilled.opened > 10, "{drilled:?}");

        for (kind, at, files) in [("sqlite", &first.name, 1), ("postgres", &second.name, 2)] {
            let (target, url) = places.target(kind, kind).await;
            places.ring(&test.key_ring_url).await.copy_to(&url).await.unwrap();
            let back = restore(&places.data(), Some(at), &places.ring(&url).await, &target).await.unwrap();
            assert_eq!((&back.name, back.files), (at, files));
            let store = places.open(&target, url).await.unwrap();
            let page = store.class_page(&school.teacher, school.class, None).await.unwrap();
            assert!(page.is_some(), "all names open");
            let id = announced(&school, 1, &sound).id.0;
            let audio = store.recording_audio(&school.learner, id.into(), None).await.unwrap().unwrap();
            assert_eq!(audio.bytes, sound);
            let again = restore(&places.data(), None, &places.ring(&test.key_ring_url).await, &target).await;
            assert!(again.unwrap_err().to_string().contains("empty"), "never over what is there");
        }
    })
    .await;
}

#[tokio::test]
async fn clause_7_11_whatever_is_altered_in_a_backup_is_found_and_named() {
    both(async |test| {
        let places = Places { test, seed: 200 };
        let school = TestSchool::new(&test.store).await;
        record(test, &school, 1).await;
        test.store.back_up(&places.data()).await.unwrap();
        let files = all_files(places.data().path());
        assert_eq!(files.len(), 5, "manifest, tables, list of files, the erased, a recording: {files:?}");
        let alter: [(&str, Alter); 3] = [
            ("edited", damage),
            ("cut", |path| {
                let bytes = fs::read(path).unwrap();
                fs::write(path, &bytes[..bytes.len() - 20]).unwrap();
            }),
            ("removed", |path| fs::remove_file(path).unwrap()),
        ];
        for (number, path) in files.iter().enumerate() {
            let before = fs::read(path).unwrap();
            for (how, alter) in alter {
                if how == "removed" && path.ends_with("tombstones.sealed") {
                    continue;
                }
                alter(path);
                let error = places.drill(&format!("{how}-{number}")).await.unwrap_err();
                let BackupError::Damaged { path: named, .. } = &error else { panic!("{how}: {error}") };
                assert_eq!(named, path, "{how}: {error}");
                fs::write(path, &before).unwrap();
            }
        }
        places.drill("whole-again").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn clause_7_10_the_erased_stay_erased_though_data_and_keys_were_saved_before() {
    both(async |test| {
        let places = Places { test, seed: 300 };
        let school = TestSchool::new(&test.store).await;
        let sound = record(test, &school, 1).await;
        let before = test.store.back_up(&places.data()).await.unwrap();
        let ring = places.ring(&test.key_ring_url).await;
        ring.back_up(&places.keys(), places.clock(), &TestEntropy::new(7)).await.unwrap();
        destroy_key(test, school.learner.person).await;
        let listed = tombstones::bring_up_to_date(&places.data(), &ring, places.clock(), &TestEntropy::new(8)).await;
        assert_eq!(listed.unwrap(), 1);

        let (target, url) = places.target("restored", test.kind).await;
        keys::restore(&places.keys(), None, &*test.source(), &url).await.unwrap();
        let twice = keys::restore(&places.keys(), None, &*test.source(), &url).await.unwrap_err();
        assert!(twice.to_string().contains("already"), "{twice}");
        let old_ring = places.ring(&url).await;
        let back = restore(&places.data(), Some(&before.name), &old_ring, &target).await.unwrap();
        assert_eq!(back.erased, 1);
        let store = places.open(&target, url).await.unwrap();
        let id = announced(&school, 1, &sound).id.0;
        let heard = store.recording_audio(&school.learner, id.into(), None).await;
        assert!(!matches!(heard, Ok(Some(_))), "the recording is noise");
        assert_eq!(count_files(&test.folder.path().join("files/recording")), 1);
        assert_eq!(count_files(&target.files.join("recording")), 0, "and its file is gone");
        assert!(store.claim_by_operator(school.learner.person).await.unwrap().is_none(), "the account is closed");
        assert!(store.profile(school.classmate.person).await.unwrap().is_some(), "the others are there");
        let forget = "DELETE FROM identifier WHERE person_id";
        assert_eq!(on_rows(test, &target.database_url, forget, school.learner.person).await, 0, "gone already");
        assert_eq!(on_rows(test, &target.database_url, forget, school.classmate.person).await, 1);
    })
    .await;
}

#[tokio::test]
async fn data_and_keys_never_share_a_folder_and_what_is_not_whole_does_not_count() {
    let test = TestStore::sqlite().await;
    let places = Places { test: &test, seed: 400 };
    let data = places.data();
    let refused = |path: &Path, holds| Folder::make(path, holds).unwrap_err().to_string();
    assert!(refused(data.path(), Holds::Keys).contains("kept apart"));
    assert!(refused(&data.path().join("inside"), Holds::Keys).contains("kept apart"));
    assert!(refused(test.folder.path(), Holds::Data).contains("other things"));
    assert!(Folder::open(test.folder.path(), Holds::Data).is_err());

    let taken = test.store.back_up(&data).await.unwrap();
    let left = data.path().join("snapshots/.partial-20990101T000000Z-00000000");
    fs::create_dir(&left).unwrap();
    fs::copy(data.path().join("snapshots").join(&taken.name).join("tables.sealed"), left.join("tables.sealed"))
        .unwrap();
    assert_eq!(data.backups().unwrap(), std::slice::from_ref(&taken.name));
    assert_eq!(places.drill("drill").await.unwrap().name, taken.name);
    test.clock.advance(std::time::Duration::from_secs(60));
    test.store.back_up(&data).await.unwrap();
    assert!(!left.exists(), "the next backup clears it away");
}
