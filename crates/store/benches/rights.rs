//! How long people's rights and the sweep take: `cargo bench -p jiayin-store --bench rights [-- DATABASE_URL KEY_RING_URL]`, in
//! empty databases, without them SQLite in a folder of the system's for such things. A learner with 200 recordings is copied and
//! erased, 100,000 entries of the audit log expire, and somebody signs in.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on breaks off")]
#![allow(clippy::disallowed_methods, reason = "it measures")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use common::{Now, Root, School, TEACHER, sqlite, store};
use jiayin_domain::provide::Clock;
use jiayin_privacy::Identifier;
use jiayin_store::Store;
use jiayin_store::jobs::{ERASE, EVALUATE, EXPORT, Outcome};
use jiayin_store::retention::Origin;
use jiayin_store::rights::{Closing, Controller};
use sqlx::{AssertSqlSafe, Connection, Executor};

const RECORDINGS: usize = 200;
/// Bytes of a recording of five seconds as browsers send it.
const BYTES: usize = 40_000;
const ENTRIES: usize = 100_000;
const SIGN_INS: usize = 20;

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort();
    took[took.len() / 2]
}

/// Does the jobs that wait; the time that those of one kind took.
async fn work(store: &Store, kind: &str) -> Duration {
    let mut took = Duration::ZERO;
    while let Some(leased) = store.take_job().await.unwrap() {
        let began = Instant::now();
        match leased.kind.as_str() {
            EVALUATE => {
                let outcome = Outcome::Heard { model: "bench", total: Some(80), detail: &"all well" };
                store.finish_evaluation(&leased, outcome).await.unwrap();
            }
            EXPORT => store.make_copy(&leased, &Controller::default()).await.unwrap(),
            _ => store.erase_for(&leased).await.unwrap(),
        }
        if leased.kind == kind {
            took += began.elapsed();
        }
    }
    took
}

/// Entries of the audit log as they are written, all of one moment: every number of five digits stands for one.
fn entries(url: &str, at_ms: i64) -> String {
    let digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 \
                  UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let id = if url.starts_with("sqlite") { "randomblob(16)" } else { "gen_random_uuid()" };
    format!(
        "INSERT INTO audit (id, school_id, at, relation, purpose, category, scope_kind, subjects) \
         SELECT {id}, {id}, {at_ms}, 'teacher', 'teaching', 'name', 'class', 40 \
         FROM {digits} a, {digits} b, {digits} c, {digits} d, {digits} e"
    )
}

async fn run(url: &str, sql: String) {
    if url.starts_with("sqlite") {
        sqlx::SqliteConnection::connect(url).await.unwrap().execute(AssertSqlSafe(sql)).await.unwrap();
    } else {
        sqlx::PgConnection::connect(url).await.unwrap().execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = std::env::args().skip(1).filter(|word| word.contains(':'));
    let or_file = |url: Option<String>, name| url.unwrap_or_else(|| sqlite(folder.path(), name));
    let (data, keys) = (or_file(urls.next(), "data.sqlite"), or_file(urls.next(), "keys.sqlite"));
    let (clock, root) = (Arc::new(Now::start()), Root::source());
    let store = store(folder.path(), (data.clone(), keys), &clock, &root).await;
    let school = School::found(&store).await;
    school.record(&store, RECORDINGS, BYTES).await;
    work(&store, EVALUATE).await;

    let claim = store.claim_for_child(&school.guardian, school.learner.person).await.unwrap().unwrap();
    store.ask_for_copy(&claim).await.unwrap();
    println!("copy of a learner with {RECORDINGS} recordings: {:.2?}", work(&store, EXPORT).await);
    store.cancel(&claim, Closing::Now).await.unwrap();
    println!("erasure of the learner: {:.2?}", work(&store, ERASE).await);

    run(&data, entries(&data, clock.now().as_millisecond())).await;
    clock.advance(1096);
    let began = Instant::now();
    let outcome = store.sweep(Origin::Operator, None).await.unwrap();
    let (took, rows) = (began.elapsed(), outcome.rules.iter().map(|it| it.rows).sum::<u64>());
    assert!(rows >= ENTRIES as u64);
    println!("sweep: {rows} rows in {took:.2?}, {:.0} rows/s", rows as f64 / took.as_secs_f64());

    let identifier = Identifier::parse(TEACHER.0).unwrap();
    let mut took = Vec::new();
    for _ in 0..SIGN_INS {
        let began = Instant::now();
        store.sign_in(&identifier, TEACHER.1.to_owned(), true).await.unwrap();
        took.push(began.elapsed());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::default(), Params::default());
    let mut alone = Vec::new();
    for _ in 0..SIGN_INS {
        let began = Instant::now();
        argon2.hash_password_into(TEACHER.1.as_bytes(), b"a salt of some bytes", &mut [0; 32]).unwrap();
        alone.push(began.elapsed());
    }
    println!("sign-in: {:.2?}, of which Argon2id alone {:.2?} (medians)", median(took), median(alone));
}
