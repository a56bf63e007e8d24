//! What an entry of the audit log costs, how long a check of it takes, and finding what concerns one person in it: `cargo bench -p
//! jiayin-store --bench audit`. On SQLite in a folder of the system's for such things: one who comes alone, a crowd of 64, then a log of
//! nearly 100,000 entries. Each look at the log for a person writes an entry and reads one.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on breaks off")]
#![allow(clippy::disallowed_methods, reason = "it measures")]

mod common;

use std::sync::Arc;
use std::time::Instant;

use common::{Now, Random, Root, School, sqlite, store};
use jiayin_domain::id::PersonId;
use jiayin_domain::role::Role;
use jiayin_store::audit::{Asked, PAGE};
use jiayin_store::{Store, Viewer};

const ALONE: usize = 2_000;
const CROWD: usize = 64;
const EACH: usize = 1_500;

async fn look(store: &Store, officer: &Viewer, times: usize) {
    for _ in 0..times {
        // About somebody else each time, so that little is found.
        let asked = Asked { person: Some(PersonId::new(&Now::start(), &Random)), ..Asked::default() };
        store.log_entries(officer, &asked, 1).await.unwrap().unwrap();
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (clock, root) = (Arc::new(Now::start()), Root::source());
    let store = store(here, (sqlite(here, "data.sqlite"), sqlite(here, "keys.sqlite")), &clock, &root).await;
    let school = School::found(&store).await;
    let officer = Viewer { role: Role::PrivacyOfficer, ..school.guardian };

    let began = Instant::now();
    look(&store, &officer, ALONE).await;
    println!("alone: {:.1?} a look", began.elapsed() / u32::try_from(ALONE).unwrap());
    let began = Instant::now();
    let crowd: Vec<_> = (0..CROWD)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { look(&store, &officer, EACH).await })
        })
        .collect();
    for one in crowd {
        one.await.unwrap();
    }
    println!("a crowd of {CROWD}: {:.0} looks/s", (CROWD * EACH) as f64 / began.elapsed().as_secs_f64());
    let began = Instant::now();
    let checked = store.check_log(None).await.unwrap().unwrap();
    println!("a check of {} entries: {:.2?}", checked.entries, began.elapsed());
    let asked = Asked { person: Some(school.learner.person), ..Asked::default() };
    let began = Instant::now();
    let found = store.log_entries(&officer, &asked, PAGE).await.unwrap().unwrap();
    println!("{} entries about one learner among them: {:.2?}", found.len(), began.elapsed());
}
