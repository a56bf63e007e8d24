//! A store on each database, with a clock that the test moves and a school to begin with.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::id::{AssignmentId, CampusId, ClassId, ExerciseId, LessonId, PersonId, SchoolId};
use jiayin_domain::provide::{Clock, Entropy};
use jiayin_domain::role::Role;
use jiayin_privacy::{Identifier, Purpose, RootKey, purpose};
use jiayin_store::accounts::NewPerson;
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::keyring::RootKeySource;
use jiayin_store::policy::PolicyTexts;
use jiayin_store::{Settings, Store, Viewer};
use jiff::Timestamp;
use jiff::tz::Offset;
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor};

use crate::postgres;

/// A clock that moves only when told to.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst) as u64)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Bytes that never come twice.
pub struct TestEntropy(AtomicU64);

impl TestEntropy {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for TestEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        let mut stream = Vec::new();
        for block in 0u64.. {
            if stream.len() >= bytes.len() {
                break;
            }
            stream
                .extend(Sha256::new().chain_update(number.to_be_bytes()).chain_update(block.to_be_bytes()).finalize());
        }
        bytes.copy_from_slice(&stream[..bytes.len()]);
    }
}

/// A store under test.
pub struct TestStore {
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub url: String,
    pub folder: tempfile::TempDir,
    pub kind: &'static str,
    pub key_ring_url: String,
    root: String,
}

impl TestStore {
    async fn on(kind: &'static str) -> Self {
        let test = Self::without_policy(kind).await;
        let text = || "What is kept, and why.".to_owned();
        let texts = PolicyTexts { zh: text(), en: text(), children_zh: text(), children_en: text() };
        test.store.ensure_first_policy(&texts).await.unwrap();
        test
    }

    async fn without_policy(kind: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (url, key_ring_url) = if kind == "sqlite" {
            let file = |name| format!("sqlite:{}", folder.path().join(name).display());
            (file("jiayin.sqlite"), file("keys.sqlite"))
        } else {
            (postgres::new_database().await, postgres::new_database().await)
        };
        let clock = Arc::new(TestClock(AtomicI64::new(1_772_438_400_000)));
        let root = RootKey::generate(&TestEntropy(AtomicU64::new(1 << 40))).to_text().to_string();
        let store = open(&url, &key_ring_url, &folder, &root, &clock, 0).await.unwrap();
        Self { store, clock, url, folder, kind, key_ring_url, root }
    }

    /// On SQLite alone, for what only it does.
    pub async fn sqlite() -> Self {
        Self::on("sqlite").await
    }

    /// What the clock shows.
    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Changes the data behind the store's back.
    pub async fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.kind == "sqlite" {
            sqlx::SqliteConnection::connect(&self.url).await.unwrap().execute(sql).await.unwrap();
        } else {
            sqlx::PgConnection::connect(&self.url).await.unwrap().execute(sql).await.unwrap();
        }
    }

    /// The number of rows of a table.
    pub async fn count(&self, table: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        if self.kind == "sqlite" {
            let mut database = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap()
        } else {
            let mut database = sqlx::PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap()
        }
    }

    /// The same data opened again, as after a restart.
    pub async fn again(&self, run: u64) -> Store {
        open(&self.url, &self.key_ring_url, &self.folder, &self.root, &self.clock, run << 32).await.unwrap()
    }

    /// A backup of the data, opened with the key ring as it is now.
    pub async fn elsewhere(&self, url: &str, files: &std::path::Path) -> Store {
        let settings = Settings {
            database_url: url.to_owned(),
            key_ring_url: self.key_ring_url.clone(),
            files: files.to_owned(),
            root: self.source(),
        };
        let entropy = Arc::new(TestEntropy::new(5 << 48));
        Store::open(settings, Arc::clone(&self.clock) as Arc<dyn Clock>, entropy).await.unwrap()
    }

    /// Where the root key comes from.
    pub fn source(&self) -> Arc<dyn RootKeySource> {
        Arc::new(Root(self.root.clone()))
    }

    /// The root key.
    pub fn root_key(&self) -> RootKey {
        RootKey::from_text(&self.root).unwrap()
    }

    /// The same data opened with another root key.
    pub async fn with_another_root_key(&self) -> Result<Store, jiayin_store::StoreError> {
        let other = RootKey::generate(&TestEntropy(AtomicU64::new(7))).to_text().to_string();
        open(&self.url, &self.key_ring_url, &self.folder, &other, &self.clock, 3 << 32).await
    }
}

async fn open(
    url: &str,
    key_ring_url: &str,
    folder: &tempfile::TempDir,
    root: &str,
    clock: &Arc<TestClock>,
    seed: u64,
) -> Result<Store, jiayin_store::StoreError> {
    let settings = Settings {
        database_url: url.to_owned(),
        key_ring_url: key_ring_url.to_owned(),
        files: folder.path().join("files"),
        root: Arc::new(Root(root.to_owned())),
    };
    Store::open(settings, Arc::clone(clock) as Arc<dyn Clock>, Arc::new(TestEntropy(AtomicU64::new(seed)))).await
}

/// A root key that never changes.
struct Root(String);

impl RootKeySource for Root {
    fn read(&self) -> Result<Vec<RootKey>, String> {
        Ok(vec![RootKey::from_text(&self.0).map_err(|error| error.to_string())?])
    }
}

/// Runs a test on both databases.
pub async fn both(test: impl AsyncFn(&TestStore)) {
    for kind in ["sqlite", "postgres"] {
        eprintln!("on {kind}");
        test(&TestStore::on(kind).await).await;
    }
}

/// Runs a test on both databases, before there is a policy.
pub async fn both_without_policy(test: impl AsyncFn(&TestStore)) {
    for kind in ["sqlite", "postgres"] {
        eprintln!("on {kind}");
        test(&TestStore::without_policy(kind).await).await;
    }
}

/// A school with a class, a teacher, two learners, a guardian of the first, a manager, a lesson of two sentences, assigned.
pub struct TestSchool {
    pub school: SchoolId,
    pub campus: CampusId,
    pub class: ClassId,
    pub teacher: Viewer,
    pub learner: Viewer,
    pub classmate: Viewer,
    pub guardian: Viewer,
    pub other_guardian: Viewer,
    pub manager: Viewer,
    pub lesson: LessonId,
    pub exercises: Vec<ExerciseId>,
    pub assignment: AssignmentId,
}

pub const PASSWORD: &str = "correct horse battery staple";

impl TestSchool {
    pub async fn new(store: &Store) -> Self {
        let school = store.create_school("A school").await.unwrap();
        let campus = store.create_campus(school, "North").await.unwrap();
        let class = store.create_class(school, campus, "3B").await.unwrap();
        let teacher = person(store, school, Role::Teacher, "Ms Lin", "teacher@school.example", None).await;
        let learner = person(store, school, Role::Learner, "Wang Fang", "13800000001", None).await;
        let classmate = person(store, school, Role::Learner, "Li Lei", "13800000002", None).await;
        let guardian = person(store, school, Role::Guardian, "Wang Jun", "13800000003", None).await;
        let other = person(store, school, Role::Guardian, "Li Hua", "13800000004", None).await;
        let manager = person(store, school, Role::CampusManager, "Zhao", "manager@school.example", Some(campus)).await;
        store.join_class(school, class, teacher.person, Role::Teacher).await.unwrap();
        store.join_class(school, class, learner.person, Role::Learner).await.unwrap();
        store.join_class(school, class, classmate.person, Role::Learner).await.unwrap();
        store.tie_guardian(school, guardian.person, learner.person).await.unwrap();
        store.tie_guardian(school, other.person, classmate.person).await.unwrap();
        for (guardian, child) in [(&guardian, &learner), (&other, &classmate)] {
            assert!(store.decide(guardian, &[teaching(child.person, Decision::Given)], &shown(1)).await.unwrap());
        }
        let course = store.create_course(&teacher, "Course").await.unwrap();
        let lesson = store.create_lesson(&teacher, course, "Lesson").await.unwrap().unwrap();
        let texts = ["We call it bear.".to_owned(), "The cat is on the mat.".to_owned()];
        let exercises = store.add_sentences(&teacher, lesson, &texts).await.unwrap().unwrap();
        assert!(store.publish_lesson(&teacher, lesson).await.unwrap());
        // Due so soon that nothing waits to call it to mind.
        let due = Timestamp::from_millisecond(1_772_506_800_000).unwrap();
        let assignment = store.assign(&teacher, class, lesson, due).await.unwrap().unwrap();
        while let Some(leased) = store.take_job().await.unwrap() {
            store.tell(&leased, Offset::UTC).await.unwrap();
        }
        Self {
            school,
            campus,
            class,
            teacher,
            learner,
            classmate,
            guardian,
            other_guardian: other,
            manager,
            lesson,
            exercises,
            assignment,
        }
    }
}

/// A decision about taking part in the lessons.
pub fn teaching(subject: PersonId, decision: Decision) -> Choice {
    Choice { subject, purpose: <purpose::Teaching as Purpose>::ID, decision }
}

/// A version of the policy, as it was shown.
pub fn shown(version: i64) -> Shown {
    Shown { version, digest: [7; 32], language: "zh-CN", surface: Surface::Settings }
}

/// Makes a person who can sign in, and signs them in.
pub async fn person(
    store: &Store,
    school: SchoolId,
    role: Role,
    name: &str,
    identifier: &str,
    campus: Option<CampusId>,
) -> Viewer {
    let identifiers = vec![Identifier::parse(identifier).unwrap()];
    let new = NewPerson { school, campus, role, name, identifiers, password: None };
    let id: PersonId = store.create_person(new).await.unwrap().unwrap();
    let token = store.start_session(id).await.unwrap().unwrap();
    store.viewer(&token).await.unwrap().unwrap()
}
