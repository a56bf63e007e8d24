//! A person is marked in every column and every file, exported, erased, and sought: in the databases, the key ring, the
//! files, and a backup that was taken before.

use std::collections::BTreeMap;
use std::io::Read;

use jiayin_privacy::map::{BLOBS, COLUMNS, Erase};
use jiayin_privacy::plan::{self, About};
use jiayin_store::rights::{Closing, CopyState};
use jiayin_store::{Store, StoreError};

use super::planted::{MARK, Planted, kind, work};
use super::raw::{Raw, copy_folder, count_files, files_below, holds};
use crate::databases::{TestSchool, TestStore, both};

/// The files of the archive by name.
async fn unpacked(store: &Store, planted: &Planted) -> BTreeMap<String, Vec<u8>> {
    let claim = store.own_claim(&planted.viewer).await.unwrap();
    let copy = store.copy(&claim, planted.copy).await.unwrap().unwrap();
    assert_eq!(copy.state, CopyState::Ready);
    let file = store.open_file(&claim, kind("export"), planted.copy).await.unwrap().unwrap();
    assert_eq!(file.length, copy.bytes);
    let bytes = store.read_file(&file, 0..file.length).await.unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut contents = Vec::new();
        file.read_to_end(&mut contents).unwrap();
        files.insert(name, contents);
    }
    files
}

fn fits_the_schema(data: &serde_json::Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/export.schema.json");
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let schema = compiler.compile(path, &mut schemas).unwrap();
    if let Err(error) = schemas.validate(data, schema) {
        panic!("{error:#}");
    }
}

#[tokio::test]
async fn clause_6_1_the_copy_holds_every_labelled_column_and_every_file() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let planted = Planted::new(test, &school).await;
        let files = unpacked(&test.store, &planted).await;
        let data: serde_json::Value = serde_json::from_slice(&files["data.json"]).unwrap();
        fits_the_schema(&data);
        let (json, html) = (&files["data.json"], &files["index.html"]);
        for entry in COLUMNS.iter().filter(|entry| entry.export_en.is_some()) {
            let tables = data["tables"].as_array().unwrap();
            let columns = tables
                .iter()
                .filter(|table| table["table"] == entry.table)
                .flat_map(|table| table["columns"].as_array().unwrap());
            let listed = columns.clone().any(|column| column["name"] == entry.column);
            assert!(listed, "{}.{} is not in the copy", entry.table, entry.column);
            if let Some(mark) = planted.marks.get(&format!("{}.{}", entry.table, entry.column)) {
                // The state of the copy itself is marked after the copy that is looked at.
                let shown = entry.table == "export" || (holds(json, mark) && holds(html, mark));
                assert!(shown, "{mark} is not in the copy");
            }
        }
        for blob in BLOBS.iter().filter(|blob| blob.in_export) {
            let found = files.iter().find(|(path, _)| path.contains(&format!("/{}-", blob.kind)));
            let (path, contents) = found.unwrap_or_else(|| panic!("no {} in the copy", blob.kind));
            assert_eq!(contents, &planted.files[blob.kind], "{path}");
            assert!(holds(json, path), "{path} is not listed");
        }
        assert!(!String::from_utf8_lossy(html).contains("<script"));
        let others = test.store.own_claim(&school.classmate).await.unwrap();
        assert!(test.store.copy(&others, planted.copy).await.unwrap().is_none(), "nobody else's");
        assert!(test.store.open_file(&others, kind("export"), planted.copy).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn clause_6_3_an_erased_person_is_nowhere_not_even_in_a_backup() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        let planted = Planted::new(test, &school).await;
        let person = planted.viewer.person;
        let backup = Backup::of(test).await;
        let before = count_files(&test.folder.path().join("files"));
        let claim = test.store.claim_for_child(&school.guardian, person).await.unwrap().unwrap();
        test.store.cancel(&claim, Closing::Now).await.unwrap().unwrap();
        work(&test.store).await;

        let mut raw = Raw::open(&test.url).await;
        nothing_left(&mut raw, &planted).await;
        for url in [&test.url, &test.key_ring_url] {
            let everything = Raw::open(url).await.everything(url).await;
            assert!(!everything.is_empty());
            assert!(!holds(&everything, MARK), "a mark is left in a database");
        }
        let files = test.folder.path().join("files");
        assert!(!holds(&files_below(&files), MARK));
        // Recording, spoken comment, course audio, two pictures, portrait, spoken answer, one part, two copies.
        assert_eq!(before - count_files(&files), 10, "every file of the person is gone");
        assert!(test.store.profile(school.classmate.person).await.unwrap().is_some(), "others are as they were");

        backup.is_shut(test, &planted).await;
    })
    .await;
}

/// No row is left that should have gone, no value that should have been emptied.
async fn nothing_left(raw: &mut Raw, planted: &Planted) {
    for entry in COLUMNS {
        let about = About { table: entry.table, column: entry.subject, via: entry.via };
        let is_about = raw.about(&about, planted.viewer.person);
        let left = match entry.erase {
            Erase::Row => format!("SELECT count(*) FROM {} WHERE {is_about}", entry.table),
            Erase::Blank => {
                format!("SELECT count(*) FROM {} WHERE {is_about} AND {} IS NOT NULL", entry.table, entry.column)
            }
            Erase::Key | Erase::Kept => continue,
        };
        assert_eq!(raw.count(left).await, 0, "{}.{}", entry.table, entry.column);
    }
    let id = raw.id(planted.viewer.person.0);
    let closed = raw.count(format!("SELECT count(*) FROM person WHERE id = {id} AND closed_at IS NOT NULL")).await;
    assert_eq!(closed, 1, "the tombstone");
}

/// The data and the files as they were; the keys are never with them.
struct Backup {
    url: String,
    files: std::path::PathBuf,
}

impl Backup {
    async fn of(test: &TestStore) -> Self {
        let files = test.folder.path().join("backup-files");
        copy_folder(&test.folder.path().join("files"), &files);
        let mut raw = Raw::open(&test.url).await;
        if test.kind == "sqlite" {
            let file = test.folder.path().join("backup.sqlite");
            raw.run(format!("VACUUM INTO '{}'", file.display())).await;
            return Self { url: format!("sqlite:{}", file.display()), files };
        }
        raw.run("CREATE SCHEMA backup".to_owned()).await;
        for (table, _) in jiayin_store::schema(&test.url).await.unwrap() {
            raw.run(format!("CREATE TABLE backup.{table} AS TABLE public.{table}")).await;
        }
        let sign = if test.url.contains('?') { '&' } else { '?' };
        Self { url: format!("{}{sign}options[search_path]=backup", test.url), files }
    }

    /// The backup with the key ring of today gives nothing away that was sealed, and once its tombstone is replayed,
    /// nothing at all.
    async fn is_shut(&self, test: &TestStore, planted: &Planted) {
        let mut raw = Raw::open(&self.url).await;
        let everything = raw.everything(&self.url).await;
        let plain = files_below(&self.files);
        for entry in COLUMNS.iter().filter(|entry| entry.sealed) {
            let mark = &planted.marks[&format!("{}.{}", entry.table, entry.column)];
            assert!(!holds(&everything, mark) && !holds(&plain, mark), "{mark} is in the backup");
        }
        assert!(!holds(&plain, MARK), "files are sealed");
        let restored = test.elsewhere(&self.url, &self.files).await;
        let person = planted.viewer.person;
        let name = restored.profile(person).await.err().unwrap();
        assert!(matches!(name, StoreError::Keys(_)), "{name}");
        let claim = restored.claim_by_operator(person).await.unwrap().unwrap();
        for reading in plan::readings() {
            let opened = restored.kept_rows(&claim, &reading, (0, 100)).await;
            assert!(matches!(opened, Err(StoreError::Keys(_))), "{}", reading.about.table);
        }
        let sound = restored.open_file(&claim, kind("export"), planted.copy).await;
        assert!(matches!(sound, Err(StoreError::Keys(_))));
        restored.erase(person).await.unwrap();
        let everything = Raw::open(&self.url).await.everything(&self.url).await;
        let left: Vec<_> = planted.marks.values().filter(|mark| holds(&everything, mark)).collect();
        assert!(left.is_empty() && !holds(&everything, MARK), "left in the backup: {left:?}");
    }
}

/// Only the sign-in stays possible to nobody: language and look are the account's, and go with it.
#[tokio::test]
async fn clause_3_4_preferences_go_with_the_account() {
    both(async |test| {
        let school = TestSchool::new(&test.store).await;
        test.store.prefer(&school.teacher, Some("en"), Some("dark")).await.unwrap();
        test.store.prefer_look(&school.teacher, "large.quiet").await.unwrap();
        test.store.choose_drawing(&school.teacher, Some("fox")).await.unwrap();
        let claim = test.store.own_claim(&school.teacher).await.unwrap();
        test.store.cancel(&claim, Closing::Now).await.unwrap().unwrap();
        work(&test.store).await;
        let mut raw = Raw::open(&test.url).await;
        let id = raw.id(school.teacher.person.0);
        let chosen =
            ["language", "theme", "look", "drawing"].map(|column| format!("{column} IS NOT NULL")).join(" OR ");
        let sql = format!("SELECT count(*) FROM person WHERE id = {id} AND ({chosen})");
        assert_eq!(raw.count(sql).await, 0);
    })
    .await;
}
