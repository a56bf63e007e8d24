//! A store for measurements, with a school to begin with.
#![allow(dead_code, reason = "each bench uses what it needs")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::id::{SessionId, UploadId};
use jiayin_domain::provide::{Clock, Entropy};
use jiayin_domain::role::Role;
use jiayin_privacy::{Identifier, Purpose, RootKey, purpose};
use jiayin_store::accounts::NewPerson;
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::keyring::RootKeySource;
use jiayin_store::policy::PolicyTexts;
use jiayin_store::uploads::{Announced, Target};
use jiayin_store::{Settings, Store, Viewer};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The clock of this machine, which a bench may set forward by milliseconds.
pub(crate) struct Now(Instant, AtomicI64);

impl Now {
    /// The machine's.
    pub(crate) fn start() -> Self {
        Self(Instant::now(), AtomicI64::new(0))
    }

    /// Sets it forward.
    pub(crate) fn advance(&self, days: i64) {
        self.1.fetch_add(days * 24 * 3600 * 1000, Ordering::Relaxed);
    }
}

impl Clock for Now {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_millis(self.1.load(Ordering::Relaxed))
    }
}

/// The machine's randomness.
pub(crate) struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// A root key.
pub(crate) struct Root(String);

impl Root {
    /// A new one.
    pub(crate) fn source() -> Arc<dyn RootKeySource> {
        Arc::new(Self(RootKey::generate(&Random).to_text().to_string()))
    }
}

impl RootKeySource for Root {
    fn read(&self) -> Result<Vec<RootKey>, String> {
        Ok(vec![RootKey::from_text(&self.0).unwrap()])
    }
}

/// Address of a database in a folder.
pub(crate) fn sqlite(folder: &Path, name: &str) -> String {
    format!("sqlite:{}", folder.join(name).display())
}

/// A store with a policy.
pub(crate) async fn store(
    folder: &Path,
    (database_url, key_ring_url): (String, String),
    clock: &Arc<Now>,
    root: &Arc<dyn RootKeySource>,
) -> Store {
    let settings = Settings { database_url, key_ring_url, files: folder.join("files"), root: Arc::clone(root) };
    let clock: Arc<dyn Clock> = clock.clone();
    let store = Store::open(settings, clock, Arc::new(Random)).await.unwrap();
    let text = || "What is kept, and why.".to_owned();
    let texts = PolicyTexts { zh: text(), en: text(), children_zh: text(), children_en: text() };
    store.ensure_first_policy(&texts).await.unwrap();
    store
}

/// By which the teacher signs in.
pub(crate) const TEACHER: (&str, &str) = ("teacher@school.example", "correct horse battery staple");

/// A learner, the guardian, and the sentence that the learner is to read.
pub(crate) struct School {
    pub(crate) learner: Viewer,
    pub(crate) guardian: Viewer,
    pub(crate) target: Target,
}

impl School {
    /// A teacher's sentence and the learner who reads it.
    pub(crate) async fn found(store: &Store) -> Self {
        let school = store.create_school("A school").await.unwrap();
        let campus = store.create_campus(school, "North").await.unwrap();
        let class = store.create_class(school, campus, "3B").await.unwrap();
        let mut people = Vec::new();
        for role in [Role::Teacher, Role::Learner, Role::Guardian] {
            let teaches = role == Role::Teacher;
            let identifiers = teaches.then(|| Identifier::parse(TEACHER.0).unwrap()).into_iter().collect();
            let password = teaches.then_some(TEACHER.1);
            let new = NewPerson { school, campus: None, role, name: "Somebody", identifiers, password };
            let person = store.create_person(new).await.unwrap().unwrap();
            if role != Role::Guardian {
                store.join_class(school, class, person, role).await.unwrap();
            }
            people.push(Viewer { session: SessionId(person.0), person, school, campus: None, role });
        }
        let (child, guardian) = (people[1].person, people[2]);
        store.tie_guardian(school, guardian.person, child).await.unwrap();
        let shown = Shown { version: 1, digest: [7; 32], language: "zh-CN", surface: Surface::Settings };
        let given = Choice { subject: child, purpose: <purpose::Teaching as Purpose>::ID, decision: Decision::Given };
        assert!(store.decide(&guardian, &[given], &shown).await.unwrap());
        let course = store.create_course(&people[0], "Course").await.unwrap();
        let lesson = store.create_lesson(&people[0], course, "Lesson").await.unwrap().unwrap();
        let texts = ["We call it bear.".to_owned()];
        let exercise = store.add_sentences(&people[0], lesson, &texts).await.unwrap().unwrap()[0];
        assert!(store.publish_lesson(&people[0], lesson).await.unwrap());
        let assignment = store.assign(&people[0], class, lesson, Timestamp::MAX).await.unwrap().unwrap();
        Self { learner: people[1], guardian, target: Target::Recording { assignment, exercise } }
    }

    /// Sends so many recordings of so many bytes; each waits to be heard.
    pub(crate) async fn record(&self, store: &Store, files: usize, bytes: usize) {
        let mut sound = vec![0; bytes];
        for number in 0..files {
            Random.fill(&mut sound);
            let id = UploadId(Uuid::from_u128((0x0199 << 112) + (0x7 << 76) + (0x8 << 60) + number as u128));
            let (target, sha256) = (self.target, Sha256::digest(&sound).into());
            let new = Announced { id, target, mime: "audio/webm".to_owned(), size: bytes as u64, sha256 };
            store.announce(&self.learner, &new).await.unwrap();
            store.append(&self.learner, id, 0, &sound).await.unwrap();
        }
    }
}
