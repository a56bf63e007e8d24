//! No room left, under the real program: what is there can be read, what is sent is refused with a message that says what
//! to do, nothing is half-written, and with room again it goes on. The operating system limits the size of files, which
//! needs no rights and fails every write beyond it as a full disk does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use jiayin::config::Config;
use jiayin::providers::{Clock, Entropy, SystemClock, SystemEntropy};
use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::id::SchoolId;
use jiayin_domain::role::Role;
use jiayin_privacy::{Purpose, purpose};
use jiayin_store::accounts::NewPerson;
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::{Store, Viewer};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::common::program::{Asker, Server};
use crate::common::{CHINESE, ENGLISH, sound};

const PAGES: [(&str, &str); 2] = [(ENGLISH, "The server has no room left"), (CHINESE, "服务器存满了")];

async fn person(store: &Store, school: SchoolId, role: Role) -> (Viewer, String) {
    let new = NewPerson { school, campus: None, role, name: "Han", identifiers: Vec::new(), password: None };
    let id = store.create_person(new).await.unwrap().unwrap();
    let token = store.start_session(id).await.unwrap().unwrap();
    (store.viewer(&token).await.unwrap().unwrap(), format!("session={}", token.to_text()))
}

/// A school with one learner and one sentence to read: the learner's browser, and the place of the sentence.
async fn school(folder: &Path) -> (Asker, (String, String)) {
    let config = Config { data_dir: folder.to_owned(), ..Config::default() };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let store = jiayin::storage::open(&config, Arc::clone(&clock), entropy).await.unwrap();
    let school = store.create_school("A school").await.unwrap();
    let campus = store.create_campus(school, "North").await.unwrap();
    let class = store.create_class(school, campus, "3B").await.unwrap();
    let (teacher, _) = person(&store, school, Role::Teacher).await;
    let (learner, cookie) = person(&store, school, Role::Learner).await;
    let (guardian, _) = person(&store, school, Role::Guardian).await;
    store.tie_guardian(school, guardian.person, learner.person).await.unwrap();
    let yes =
        Choice { subject: learner.person, purpose: <purpose::Teaching as Purpose>::ID, decision: Decision::Given };
    let shown = Shown { version: 1, digest: [7; 32], language: "en", surface: Surface::Settings };
    assert!(store.decide(&guardian, &[yes], &shown).await.unwrap());
    store.join_class(school, class, teacher.person, Role::Teacher).await.unwrap();
    store.join_class(school, class, learner.person, Role::Learner).await.unwrap();
    let course = store.create_course(&teacher, "Course").await.unwrap();
    let lesson = store.create_lesson(&teacher, course, "Lesson").await.unwrap().unwrap();
    let exercise = store.add_sentences(&teacher, lesson, &["We like milk.".to_owned()]).await.unwrap().unwrap()[0];
    assert!(store.publish_lesson(&teacher, lesson).await.unwrap());
    let due = Timestamp::from_second(clock.now().as_second() + 86_400).unwrap();
    let assignment = store.assign(&teacher, class, lesson, due).await.unwrap().unwrap();
    drop(store);
    settled(folder).await;
    (Asker::new(cookie), (assignment.to_string(), exercise.to_string()))
}

/// Puts the database's log into the file itself, so that the limit meets the database and not what was left of its log.
/// Of two connections that close at the same moment neither is the last, and then the log stays: hence one of our own.
async fn settled(folder: &Path) {
    let options = SqliteConnectOptions::new().filename(folder.join("jiayin.sqlite"));
    for _ in 0..500 {
        let mut database = options.connect().await.unwrap();
        let (busy, ..): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut database).await.unwrap();
        database.close().await.unwrap();
        if busy == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the database is still in use");
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number)
}

async fn result(browser: &Asker, server: &Server, id: Uuid) -> String {
    for _ in 0..12 {
        let answer = browser.get(server, &format!("/recordings/{id}/result")).await;
        assert_eq!(answer.status, StatusCode::OK);
        if !answer.waiting {
            return answer.text();
        }
    }
    panic!("{id} was not heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_room_refuses_what_is_new_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let (mut browser, place) = school(folder.path()).await;
    let bytes = sound::silence(300);
    let server = Server::limited(folder.path(), 160 * 1024);
    let mut sent = 0;
    let refused = loop {
        let answer = browser.announce(&server.address, id(sent), &place, &bytes).await.unwrap();
        if answer.status != StatusCode::CREATED {
            break answer;
        }
        sent += 1;
        assert!(sent < 500, "the limit is never reached");
    };
    assert_eq!(refused.status, StatusCode::INSUFFICIENT_STORAGE, "{}", refused.text());
    for (language, text) in PAGES {
        browser.language = language;
        let again = browser.announce(&server.address, id(sent), &place, &bytes).await.unwrap();
        assert_eq!(again.status, StatusCode::INSUFFICIENT_STORAGE);
        assert!(again.text().contains(text), "{}", again.text());
    }
    let home = browser.get(&server, "/home").await;
    assert_eq!(home.status, StatusCode::OK, "what is there can be read");
    assert!(home.text().contains("We like milk."));
    drop(server);
    let server = Server::on(folder.path());
    let path = format!("/uploads/{}", id(sent));
    let known = browser.ask(&server.address, Method::HEAD, &path, "text/plain", 0, Vec::new()).await.unwrap();
    assert_eq!(known.status, StatusCode::NOT_FOUND, "nothing half-written");
    assert_eq!(browser.send(&server.address, id(sent), &place, &bytes).await, Some(true));
    assert!(!result(&browser, &server, id(sent)).await.is_empty());
    if sent > 0 {
        assert_eq!(browser.send(&server.address, id(0), &place, &bytes).await, Some(true), "what was begun goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_for_a_recording_keeps_its_parts_and_takes_it_later() {
    let folder = tempfile::tempdir().unwrap();
    let (mut browser, place) = school(folder.path()).await;
    let bytes = sound::silence(100_000);
    let server = Server::limited(folder.path(), 2 * 1024 * 1024);
    let begun = browser.announce(&server.address, id(0), &place, &bytes).await.unwrap();
    assert_eq!(begun.status, StatusCode::CREATED);
    let path = format!("/uploads/{}", id(0));
    let piece = async |browser: &Asker, server: &Server, offset: usize| {
        let bytes = bytes[offset..(offset + 1_000_000).min(bytes.len())].to_vec();
        let kind = "application/octet-stream";
        browser.ask(&server.address, Method::PATCH, &path, kind, offset as u64, bytes).await.unwrap()
    };
    for offset in (0..bytes.len() - 1_000_000).step_by(1_000_000) {
        assert_eq!(piece(&browser, &server, offset).await.status, StatusCode::NO_CONTENT, "{offset}");
    }
    let last = bytes.len() / 1_000_000 * 1_000_000;
    assert_eq!(piece(&browser, &server, last).await.status, StatusCode::INSUFFICIENT_STORAGE);
    for (language, text) in PAGES {
        browser.language = language;
        let again = piece(&browser, &server, bytes.len()).await;
        assert_eq!(again.status, StatusCode::INSUFFICIENT_STORAGE);
        assert!(again.text().contains(text), "{}", again.text());
    }
    let recording = browser.get(&server, &format!("/recordings/{}/result", id(0))).await;
    assert_eq!(recording.status, StatusCode::NOT_FOUND, "no recording without its file");
    drop(server);
    let server = Server::on(folder.path());
    let known = browser.announce(&server.address, id(0), &place, &bytes).await.unwrap();
    assert_eq!(known.offset, bytes.len() as u64, "nothing has to be sent again");
    let whole = piece(&browser, &server, bytes.len()).await;
    assert_eq!(whole.status, StatusCode::OK, "{}", whole.text());
    assert!(!result(&browser, &server, id(0)).await.is_empty());
}

/// The newest copy that was asked for: its page.
async fn newest_copy(browser: &Asker, server: &Server) -> String {
    let page = browser.get(server, "/privacy/mine").await.text();
    let at = page.find("/privacy/mine/copies/").expect("a copy was asked for");
    page[at..].split('"').next().unwrap().to_owned()
}

async fn shown(browser: &Asker, server: &Server, path: &str, text: &str) -> bool {
    for _ in 0..100 {
        if browser.get(server, path).await.text().contains(text) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_finds_no_room_says_so_leaves_nothing_and_is_made_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let (mut browser, place) = school(folder.path()).await;
    let server = Server::on(folder.path());
    for number in 0..3 {
        let bytes = sound::noise(40_000, number);
        let mut sent = None;
        for _ in 0..5 {
            sent = browser.send(&server.address, id(number.into()), &place, &bytes).await;
            if sent == Some(true) {
                break;
            }
        }
        assert_eq!(sent, Some(true));
        assert!(!result(&browser, &server, id(number.into())).await.is_empty());
    }
    drop(server);
    settled(folder.path()).await;
    let ask = async |browser: &Asker, server: &Server| {
        let form = "application/x-www-form-urlencoded";
        let asked =
            browser.ask(&server.address, Method::POST, "/privacy/mine/copies", form, 0, Vec::new()).await.unwrap();
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
    };
    let server = Server::limited(folder.path(), 3 * 1024 * 1024);
    ask(&browser, &server).await;
    let copy = newest_copy(&browser, &server).await;
    for (language, text) in [(ENGLISH, "no room left"), (CHINESE, "存储空间不够")] {
        browser.language = language;
        assert!(shown(&browser, &server, &copy, text).await, "{}", browser.get(&server, &copy).await.text());
    }
    assert_eq!(browser.get(&server, &format!("{copy}/file")).await.status, StatusCode::NOT_FOUND);
    let left = walk(&folder.path().join("files/export"));
    assert_eq!(left, Vec::<std::path::PathBuf>::new(), "nothing half-written");
    drop(server);
    let server = Server::on(folder.path());
    ask(&browser, &server).await;
    let copy = newest_copy(&browser, &server).await;
    assert!(shown(&browser, &server, &copy, &format!("{copy}/file")).await);
    let file = browser.get(&server, &format!("{copy}/file")).await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file.body)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("audio/")).count(), 3, "{names:?}");
    assert!(archive.by_name("data.json").is_ok());
}

/// All files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}
