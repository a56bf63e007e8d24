//! How long a backup and a drill take: `cargo bench -p jiayin-store --bench backup -- [FILES] [BYTES]`. Makes that many recordings of
//! that length (5,000 of 200,000 bytes, 1 GB) in a folder of the system's for such things, and removes them again.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on breaks off")]
#![allow(clippy::disallowed_methods, reason = "it measures")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::id::{SessionId, UploadId};
use jiayin_domain::provide::{Clock, Entropy};
use jiayin_domain::role::Role;
use jiayin_privacy::{Purpose, RootKey, purpose};
use jiayin_store::accounts::NewPerson;
use jiayin_store::backup::drill::drill;
use jiayin_store::backup::folder::{Folder, Holds};
use jiayin_store::backup::restore::Target as Place;
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::keyring::{KeyRing, RootKeySource};
use jiayin_store::policy::PolicyTexts;
use jiayin_store::uploads::{Announced, Target};
use jiayin_store::{Settings, Store, Viewer};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

struct Now(Instant);

impl Clock for Now {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

struct Root(String);

impl RootKeySource for Root {
    fn read(&self) -> Result<Vec<RootKey>, String> {
        Ok(vec![RootKey::from_text(&self.0).unwrap()])
    }
}

/// A teacher's sentence and the learner who reads it.
async fn school(store: &Store) -> (Viewer, Target) {
    let school = store.create_school("A school").await.unwrap();
    let campus = store.create_campus(school, "North").await.unwrap();
    let class = store.create_class(school, campus, "3B").await.unwrap();
    let mut people = Vec::new();
    for role in [Role::Teacher, Role::Learner, Role::Guardian] {
        let new = NewPerson { school, campus: None, role, name: "Somebody", identifiers: Vec::new(), password: None };
        let person = store.create_person(new).await.unwrap().unwrap();
        if role != Role::Guardian {
            store.join_class(school, class, person, role).await.unwrap();
        }
        people.push(Viewer { session: SessionId(person.0), person, school, campus: None, role });
    }
    let (child, guardian) = (people[1].person, &people[2]);
    store.tie_guardian(school, guardian.person, child).await.unwrap();
    let shown = Shown { version: 1, digest: [7; 32], language: "zh-CN", surface: Surface::Settings };
    let given = Choice { subject: child, purpose: <purpose::Teaching as Purpose>::ID, decision: Decision::Given };
    assert!(store.decide(guardian, &[given], &shown).await.unwrap());
    let course = store.create_course(&people[0], "Course").await.unwrap();
    let lesson = store.create_lesson(&people[0], course, "Lesson").await.unwrap().unwrap();
    let texts = ["We call it bear.".to_owned()];
    let exercise = store.add_sentences(&people[0], lesson, &texts).await.unwrap().unwrap()[0];
    let assignment = store.assign(&people[0], class, lesson, Timestamp::MAX).await.unwrap().unwrap();
    (people[1], Target::Recording { assignment, exercise })
}

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<usize>().ok());
    let (files, bytes) = (numbers.next().unwrap_or(5_000), numbers.next().unwrap_or(200_000));
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let clock: Arc<dyn Clock> = Arc::new(Now(Instant::now()));
    let root: Arc<dyn RootKeySource> = Arc::new(Root(RootKey::generate(&Random).to_text().to_string()));
    let sqlite = |name: &str| format!("sqlite:{}", here.join(name).display());
    let settings = Settings {
        database_url: sqlite("data.sqlite"),
        key_ring_url: sqlite("keys.sqlite"),
        files: here.join("files"),
        root: Arc::clone(&root),
    };
    let store = Store::open(settings, Arc::clone(&clock), Arc::new(Random)).await.unwrap();
    let text = || "What is kept, and why.".to_owned();
    let texts = PolicyTexts { zh: text(), en: text(), children_zh: text(), children_en: text() };
    store.ensure_first_policy(&texts).await.unwrap();
    let (learner, target) = school(&store).await;
    let mut sound = vec![0; bytes];
    for number in 0..files {
        Random.fill(&mut sound);
        let id = UploadId(Uuid::from_u128((0x0199 << 112) + (0x7 << 76) + (0x8 << 60) + number as u128));
        let sha256 = Sha256::digest(&sound).into();
        let new = Announced { id, target, mime: "audio/webm".to_owned(), size: bytes as u64, sha256 };
        store.announce(&learner, &new).await.unwrap();
        store.append(&learner, id, 0, &sound).await.unwrap();
    }
    println!("{files} recordings of {bytes} bytes");

    let to = Folder::make(&here.join("backups"), Holds::Data).unwrap();
    for what in ["first backup", "second backup"] {
        let began = Instant::now();
        let taken = store.back_up(&to).await.unwrap();
        println!("{what}: {:.2?}, {} copied, {} rows", began.elapsed(), taken.copied, taken.rows);
    }
    let ring = KeyRing::at(&sqlite("keys.sqlite"), Arc::clone(&root), &*clock, Arc::new(Random)).await.unwrap();
    ring.copy_to(&sqlite("drill-keys.sqlite")).await.unwrap();
    let ring = KeyRing::at(&sqlite("drill-keys.sqlite"), root, &*clock, Arc::new(Random)).await.unwrap();
    let began = Instant::now();
    let place = Place { database_url: sqlite("drill.sqlite"), files: here.join("drill-files") };
    let found = drill(&to, None, &ring, &place).await.unwrap();
    println!(
        "drill: {:.2?}, {} files, {} bytes, {} opened",
        began.elapsed(),
        found.files,
        found.file_bytes,
        found.opened
    );
}
