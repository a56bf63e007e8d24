//! The root key: where it comes from, what happens without it, and how it is changed while the server runs.

use std::path::Path;

use jiayin::providers::SystemEntropy;
use jiayin_domain::id::PersonId;
use jiayin_privacy::{RootKey, SubjectKey, WrappedKey};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use uuid::Uuid;

use crate::program::{Running, Server, done, jiayin, refused};

/// Keys of invented people, so that a rotation takes long enough to be killed.
const MANY: u128 = 20_000;

async fn key_ring(folder: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.join("data/keys/keys.sqlite")).connect().await.unwrap()
}

fn root(file: &Path) -> RootKey {
    RootKey::from_text(&std::fs::read_to_string(file).unwrap()).unwrap()
}

async fn add_many(folder: &Path, root: &RootKey) {
    let mut ring = key_ring(folder).await;
    let mut tx = ring.begin().await.unwrap();
    for number in 0..MANY {
        let person = PersonId(Uuid::from_u128((0x0199 << 112) + (0x7 << 76) + number));
        let key = SubjectKey::generate(person, &SystemEntropy);
        sqlx::query("INSERT INTO subject_key (subject_id, wrapped, created_at) VALUES (?, ?, 0)")
            .bind(person.0.as_bytes().to_vec())
            .bind(root.wrap(&key, &SystemEntropy).unwrap().into_bytes())
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    ring.close().await.unwrap();
}

/// How many keys are under this root key, and how many under others.
async fn under(folder: &Path, root: &RootKey) -> (usize, usize) {
    let mut ring = key_ring(folder).await;
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT wrapped FROM subject_key WHERE wrapped IS NOT NULL UNION ALL SELECT wrapped FROM system_key",
    )
    .fetch_all(&mut ring)
    .await
    .unwrap();
    ring.close().await.unwrap();
    let all = rows.len();
    let these =
        rows.into_iter().filter(|bytes| WrappedKey::from_bytes(bytes.clone()).root_id() == Ok(root.id())).count();
    (these, all - these)
}

#[tokio::test]
async fn clause_7_3_the_root_key_is_changed_while_the_server_runs_and_survives_being_killed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("data/keys");
    let server = Server::demo(folder.path());
    let old = root(&keys.join("root.key"));
    add_many(folder.path(), &old).await;
    server.home_of("learner11@demo.example").await;

    let mut rotation = Running::start(&mut jiayin(folder.path(), &["admin", "rotate-root-key"]));
    assert!(rotation.line().ends_with("keys so far"));
    rotation.kill();
    let new = root(&keys.join("root.key"));
    assert_ne!(new.id(), old.id());
    assert_eq!(root(&keys.join("root.key.previous")).id(), old.id(), "the old one is kept until the end");
    let (these, others) = under(folder.path(), &new).await;
    assert!(these > 0 && others > 0, "killed half-way: {these} and {others}");
    // People whose keys this server has not read yet, under either root key.
    server.home_of("learner12@demo.example").await;
    server.home_of("learner13@demo.example").await;

    let mut rotation = Running::start(&mut jiayin(folder.path(), &["admin", "rotate-root-key"]));
    while rotation.line().ends_with("keys so far") {
        server.home_of("learner14@demo.example").await;
    }
    assert_eq!(rotation.exit_code().0, Some(0));
    assert_eq!(under(folder.path(), &new).await.1, 0, "none is under the old one");
    assert!(!keys.join("root.key.previous").exists() && !keys.join("root.key.next").exists());
    server.home_of("learner21@demo.example").await;
    drop(server);

    let server = Server::demo(folder.path());
    server.home_of("learner22@demo.example").await;
    drop(server);
    std::fs::write(keys.join("root.key"), old.to_text().as_bytes()).unwrap();
    let said = refused(&mut jiayin(folder.path(), &["serve", "--demo"]));
    assert!(said.contains("another root key"), "{said}");
}

#[tokio::test]
async fn clause_7_3_without_its_keys_the_server_refuses_to_start_and_says_how_to_restore_them() {
    let folder = tempfile::tempdir().unwrap();
    drop(Server::demo(folder.path()));
    let keys = folder.path().join("data/keys");
    let (root_file, ring_file) = (keys.join("root.key"), keys.join("keys.sqlite"));
    // So that everything is in the one file.
    let mut ring = key_ring(folder.path()).await;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut ring).await.unwrap();
    ring.close().await.unwrap();
    let (root_before, ring_before) = (std::fs::read(&root_file).unwrap(), std::fs::read(&ring_file).unwrap());
    let refusal = |expected: &[&str]| {
        let said = refused(&mut jiayin(folder.path(), &["serve", "--demo"]));
        for part in expected {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    };
    std::fs::remove_file(&root_file).unwrap();
    refusal(&["root.key is missing", "safe place"]);
    std::fs::write(&root_file, RootKey::generate(&SystemEntropy).to_text().as_bytes()).unwrap();
    refusal(&["another root key", "root_key_file"]);
    std::fs::write(&root_file, "no key").unwrap();
    refusal(&["holds no root key", "safe place"]);
    std::fs::write(&root_file, &root_before).unwrap();

    for damage in [ring_before[..ring_before.len() / 2].to_vec(), b"no database at all".repeat(300), Vec::new()] {
        std::fs::write(&ring_file, damage).unwrap();
        refusal(&["key ring", "jiayin restore --keys-from"]);
    }
    std::fs::remove_file(&ring_file).unwrap();
    refusal(&["key ring", "jiayin restore --keys-from"]);

    let _ = std::fs::remove_file(keys.join("keys.sqlite-wal"));
    let _ = std::fs::remove_file(keys.join("keys.sqlite-shm"));
    std::fs::write(&ring_file, &ring_before).unwrap();
    drop(Server::demo(folder.path()));
}

#[tokio::test]
async fn the_root_key_comes_from_the_environment_or_a_command_and_is_changed_there_too() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (RootKey::generate(&SystemEntropy), RootKey::generate(&SystemEntropy));
    let store = folder.path().join("secret");
    let command = format!("[\"cat\", \"{}\"]", store.display());
    let with = |arguments: &[&str]| {
        let mut program = jiayin(folder.path(), arguments);
        program.env("JIAYIN_ROOT_KEY_COMMAND", &command);
        program
    };
    let wrong = refused(&mut with(&["serve", "--demo"]));
    assert!(wrong.contains("root_key_command"), "{wrong}");
    std::fs::write(&store, old.to_text().as_bytes()).unwrap();
    let server = Server::start(&mut with(&["serve", "--demo"]));
    assert!(!folder.path().join("data/keys/root.key").exists());
    let alone = refused(&mut with(&["admin", "rotate-root-key"]));
    assert!(alone.contains("the old root key and the new one"), "{alone}");

    std::fs::write(&store, format!("{}\n{}\n", *old.to_text(), *new.to_text())).unwrap();
    done(&mut with(&["admin", "rotate-root-key"]));
    std::fs::write(&store, new.to_text().as_bytes()).unwrap();
    server.home_of("learner11@demo.example").await;
    drop(server);

    // The same key in the environment.
    let mut program = jiayin(folder.path(), &["serve", "--demo"]);
    let server = Server::start(program.env("JIAYIN_ROOT_KEY", &*new.to_text()));
    server.home_of("learner12@demo.example").await;
    drop(server);
    let mut program = jiayin(folder.path(), &["serve", "--demo"]);
    let said = refused(program.env("JIAYIN_ROOT_KEY", &*old.to_text()));
    assert!(said.contains("another root key"), "{said}");
}

#[test]
fn a_school_is_founded_once_and_its_first_people_join_by_invitation() {
    let folder = tempfile::tempdir().unwrap();
    let said = done(&mut jiayin(folder.path(), &["admin", "found", "--school", "A school", "--campus", "North"]));
    for who in ["campus manager", "privacy officer"] {
        assert!(said.contains(&format!("{who}: http://127.0.0.1:8080/join/")), "{said}");
    }
    let again = refused(&mut jiayin(folder.path(), &["admin", "found", "--school", "B", "--campus", "South"]));
    assert!(again.contains("a school already"), "{again}");
    let nameless = refused(&mut jiayin(folder.path(), &["admin", "found", "--school", " ", "--campus", "South"]));
    assert!(nameless.contains("--school"), "{nameless}");
}
