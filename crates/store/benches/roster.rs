//! How long a list takes: `cargo bench -p jiayin-store --bench roster [-- DATABASE_URL KEY_RING_URL]`, in empty databases,
//! without them SQLite in a folder of the system's for such things. 1,000 learners in 25 classes: all new, and then all in.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on breaks off")]
#![allow(clippy::disallowed_methods, reason = "it measures")]

mod common;

use std::sync::Arc;
use std::time::Instant;

use common::{Now, Root, School, sqlite, store};
use jiayin_domain::id::SessionId;
use jiayin_domain::provide::Clock;
use jiayin_domain::role::Role;
use jiayin_domain::roster::{Elsewhere, Entry};
use jiayin_store::accounts::NewPerson;
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::roster_import::{Imported, Roster};
use jiayin_store::{Store, Viewer};

const CLASSES: usize = 25;
const LEARNERS: usize = 1_000;

fn entry(n: usize) -> Entry {
    Entry {
        line: u32::try_from(n + 2).unwrap(),
        name: format!("Learner {n}"),
        class: format!("Class {}", n % CLASSES),
        number: format!("S{n:06}"),
        ..Entry::default()
    }
}

/// Looks at the list and imports it.
async fn import(store: &Store, manager: &Viewer, entries: &[Entry], what: &str) {
    let roster = Roster { entries, elsewhere: Elsewhere::Move, today: jiff::civil::date(2026, 9, 1) };
    let began = Instant::now();
    let preview = store.preview_roster(manager, &roster).await.unwrap().unwrap();
    let shown = began.elapsed();
    let done = store.import_roster(manager, &roster, &preview.plan).await.unwrap().unwrap();
    let Imported::Done { prepared, .. } = done else { return };
    let count = preview.plan.count();
    println!(
        "{what}: {:.2?} ({shown:.2?} of it to show); {} new, {} changed, {} left alone, {} invitations",
        began.elapsed(),
        count.create,
        count.change,
        count.alone,
        prepared.len()
    );
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = std::env::args().skip(1).filter(|word| word.contains(':'));
    let or_file = |url: Option<String>, name| url.unwrap_or_else(|| sqlite(folder.path(), name));
    let (data, keys) = (or_file(urls.next(), "data.sqlite"), or_file(urls.next(), "keys.sqlite"));
    let clock = Arc::new(Now::start());
    let store = store(folder.path(), (data, keys), &clock, &Root::source()).await;
    let school = School::found(&store).await.guardian.school;
    let campus = store.create_campus(school, "East").await.unwrap();
    let new = NewPerson {
        school,
        campus: Some(campus),
        role: Role::CampusManager,
        name: "Manager",
        identifiers: Vec::new(),
        password: None,
    };
    let person = store.create_person(new).await.unwrap().unwrap();
    let session = SessionId::new(&*clock as &dyn Clock, &common::Random);
    let manager = Viewer { session, person, school, campus: Some(campus), role: Role::CampusManager };
    let entries: Vec<Entry> = (0..LEARNERS).map(entry).collect();
    import(&store, &manager, &entries, "nobody has an account").await;
    import(&store, &manager, &entries, "the same again").await;
    everyone(&store, &manager, campus).await;
    let within = |kind: &str| -> Vec<Entry> {
        entries
            .iter()
            .enumerate()
            .map(|(n, it)| Entry { class: format!("{kind} {}", n % CLASSES), ..it.clone() })
            .collect()
    };
    import(&store, &manager, &within("Room"), "everyone has an account, numbers are noted").await;
    import(&store, &manager, &within("Next"), "everyone goes to a new class").await;
    let last = store.last_import(&manager).await.unwrap().unwrap();
    let began = Instant::now();
    store.undo_import(&manager, last.id).await.unwrap().unwrap();
    println!("undone: {:.2?}", began.elapsed());
}

/// Accounts for everyone on the list, with consent.
async fn everyone(store: &Store, manager: &Viewer, campus: jiayin_domain::id::CampusId) {
    let school = manager.school;
    let guardian = NewPerson {
        school,
        campus: None,
        role: Role::Guardian,
        name: "Guardian",
        identifiers: Vec::new(),
        password: None,
    };
    let person = store.create_person(guardian).await.unwrap().unwrap();
    let guardian = Viewer { person, role: Role::Guardian, campus: None, ..*manager };
    let mut classes = Vec::new();
    for n in 0..CLASSES {
        classes.push(store.create_class(school, campus, &format!("Room {n}")).await.unwrap());
    }
    let shown =
        Shown { version: 1, digest: [7; 32], language: "zh-CN", surface: jiayin_domain::consent::Surface::Settings };
    for n in 0..LEARNERS {
        let name = format!("Learner {n}");
        let role = Role::Learner;
        let new = NewPerson { school, campus: None, role, name: &name, identifiers: Vec::new(), password: None };
        let child = store.create_person(new).await.unwrap().unwrap();
        store.join_class(school, classes[n % CLASSES], child, role).await.unwrap();
        store.tie_guardian(school, person, child).await.unwrap();
        let decision = jiayin_domain::consent::Decision::Given;
        let choice = Choice { subject: child, purpose: "teaching", decision };
        assert!(store.decide(&guardian, &[choice], &shown).await.unwrap());
    }
}
