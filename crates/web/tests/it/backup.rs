//! `jiayin backup`, `restore` and `drill`, as an operator uses them, beside the running server.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use crate::program::{Running, Server, done, ended, jiayin, refused};

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_in(&path)) } else { files.push(path) }
    }
    files
}

#[tokio::test]
async fn clause_7_10_a_backup_taken_while_serving_is_drilled_and_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let server = Server::demo(here);
    let home = server.home_of("learner11@demo.example").await;
    let taken = done(&mut jiayin(here, &["backup", "--to", "out"]));
    assert!(taken.contains(" rows, ") && taken.contains("0 erased"), "{taken}");
    let again = done(&mut jiayin(here, &["backup", "--to", "out"]));
    assert!(again.contains(" 0 of them copied now"), "stored files are copied once: {again}");
    let keys = refused(&mut jiayin(here, &["backup", "--keys", "--to", "out"]));
    assert!(keys.contains("kept apart"), "{keys}");
    done(&mut jiayin(here, &["backup", "--keys", "--to", "keys-out"]));
    let data = refused(&mut jiayin(here, &["backup", "--to", "keys-out"]));
    assert!(data.contains("kept apart"), "{data}");
    assert!(done(&mut jiayin(here, &["backup", "--tombstones", "--to", "out"])).contains("0 erased"));

    fs::create_dir(here.join("scratch")).unwrap();
    let drill = ["drill", "--from", "out", "--scratch", "scratch"];
    let drilled = done(&mut jiayin(here, &drill));
    assert!(drilled.contains("is whole") && drilled.contains(" s\n"), "{drilled}");
    done(&mut jiayin(here, &[&drill[..], &["--keys-from", "keys-out"]].concat()));
    assert_eq!(files_in(&here.join("scratch")), Vec::<PathBuf>::new(), "the drill clears up");

    // The machine is lost, but for the two folders and the root key.
    drop(server);
    fs::rename(here.join("data/keys/root.key"), here.join("root.key")).unwrap();
    fs::remove_dir_all(here.join("data")).unwrap();
    let restore = |more: &[&str]| {
        let mut program = jiayin(here, &[&["restore", "--from", "out", "--data-dir", "new/data"], more].concat());
        program.env("JIAYIN_ROOT_KEY_FILE", here.join("root.key"));
        program
    };
    let without = refused(&mut restore(&[]));
    assert!(without.contains("--keys-from"), "{without}");
    let unknown = refused(&mut restore(&["--keys-from", "keys-out", "--at", "2001"]));
    assert!(unknown.contains("no backup of that time"), "{unknown}");
    fs::create_dir_all(here.join("new")).unwrap();
    let restored = done(&mut restore(&["--keys-from", "keys-out"]));
    assert!(restored.contains("0 erased stay erased"), "{restored}");
    assert!(refused(&mut restore(&["--keys-from", "keys-out"])).contains("there already"));
    let mut program = jiayin(&here.join("new"), &["serve", "--demo"]);
    let server = Server::start(program.env("JIAYIN_ROOT_KEY_FILE", here.join("root.key")));
    let again = server.home_of("learner11@demo.example").await;
    let greeting = |page: &str| page.split_once("class=\"greeting\">").unwrap().1.split_once('<').unwrap().0.to_owned();
    assert_eq!(greeting(&again), greeting(&home), "as if nothing had happened");
}

#[tokio::test]
async fn clause_7_3_a_backup_holds_nothing_in_the_open() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let server = Server::demo(here);
    let home = server.home_of("learner11@demo.example").await;
    assert!(home.contains("<main"));
    done(&mut jiayin(here, &["backup", "--to", "out"]));
    done(&mut jiayin(here, &["backup", "--keys", "--to", "keys-out"]));
    let planted = ["learner11", "demo.example", "Li Ming", "subject_key", "guardianship", "webm", "OggS"];
    for path in [files_in(&here.join("out")), files_in(&here.join("keys-out"))].concat() {
        let bytes = fs::read(&path).unwrap();
        for word in planted {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} stands in {}", path.display());
        }
    }
    let root = fs::read(here.join("data/keys/root.key")).unwrap();
    let all = files_in(&here.join("keys-out"));
    assert!(all.iter().all(|path| !fs::read(path).unwrap().windows(root.len()).any(|window| window == root)));
}

#[tokio::test]
async fn clause_7_10_a_backup_that_was_killed_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    drop(Server::demo(here));
    done(&mut jiayin(here, &["backup", "--to", "out"]));
    let snapshots = here.join("out/snapshots");
    let partial = || {
        fs::read_dir(&snapshots)
            .unwrap()
            .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with(".partial-"))
    };
    // Everything has to be copied again, which takes a while.
    fs::remove_dir_all(here.join("out/files")).unwrap();
    let mut backup = Running::start(&mut jiayin(here, &["backup", "--to", "out"]));
    while !partial() {
        std::thread::yield_now();
    }
    backup.kill();
    assert!(partial(), "killed half-way");
    let said = ended(&mut jiayin(here, &["drill", "--from", "out"]));
    assert_eq!(said.status.code(), Some(1), "the folder is short of files, and that is noticed");
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("out/files/") && said.contains("it is missing"), "{said}");
    done(&mut jiayin(here, &["backup", "--to", "out"]));
    assert!(!partial(), "what the killed one left is gone");
    assert_eq!(fs::read_dir(&snapshots).unwrap().count(), 2);
    assert!(done(&mut jiayin(here, &["drill", "--from", "out"])).contains("is whole"));
}

async fn open(file: PathBuf) -> SqliteConnection {
    SqliteConnectOptions::new().filename(file).connect().await.unwrap()
}

async fn count(file: PathBuf, question: &'static str, person: &[u8]) -> i64 {
    let mut db = open(file).await;
    sqlx::query_scalar(question).bind(person).fetch_one(&mut db).await.unwrap()
}

#[tokio::test]
async fn clause_7_10_whoever_was_erased_stays_erased_though_all_backups_are_older() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    drop(Server::demo(here));
    done(&mut jiayin(here, &["backup", "--to", "out"]));
    done(&mut jiayin(here, &["backup", "--keys", "--to", "keys-out"]));
    let person: Vec<u8> = sqlx::query_scalar("SELECT person_id FROM identifier LIMIT 1")
        .fetch_one(&mut open(here.join("data/jiayin.sqlite")).await)
        .await
        .unwrap();
    let numbers = "SELECT count(*) FROM identifier WHERE person_id = ?";
    assert_eq!(count(here.join("data/jiayin.sqlite"), numbers, &person).await, 1);
    // What an erasure leaves in the key ring.
    sqlx::query("UPDATE subject_key SET wrapped = NULL, destroyed_at = 1 WHERE subject_id = ?")
        .bind(&person)
        .execute(&mut open(here.join("data/keys/keys.sqlite")).await)
        .await
        .unwrap();
    assert!(done(&mut jiayin(here, &["backup", "--tombstones", "--to", "out"])).contains("1 erased"));

    fs::rename(here.join("data"), here.join("old")).unwrap();
    let mut program =
        jiayin(here, &["restore", "--from", "out", "--keys-from", "keys-out", "--data-dir", "data", "--at", "2"]);
    let restored = done(program.env("JIAYIN_ROOT_KEY_FILE", here.join("old/keys/root.key")));
    assert!(restored.contains("1 erased stay erased"), "{restored}");
    assert_eq!(count(here.join("data/jiayin.sqlite"), numbers, &person).await, 0);
    let keys = "SELECT count(*) FROM subject_key WHERE subject_id = ? AND wrapped IS NULL";
    assert_eq!(count(here.join("data/keys/keys.sqlite"), keys, &person).await, 1);
    let mut program = jiayin(here, &["serve", "--demo"]);
    drop(Server::start(program.env("JIAYIN_ROOT_KEY_FILE", here.join("old/keys/root.key"))));
}
