//! What is kept, and how: entities and migrations, sealed values, blobs, uploads, jobs, the key ring. The same code runs on
//! SQLite and PostgreSQL; what differs between them stays in `connect.rs` and `write.rs`.
//!
//! A method asks for the [`Viewer`] it answers to and returns only what that viewer may see: what one may not see does
//! not exist (`None`). Names, scores and voices come as [`Personal`](jiayin_privacy::Personal) together with the grant
//! that opens them; the grant's entry stands in the audit log before anything is opened.

pub mod accounts;
pub mod answers;
pub mod assignments;
pub mod audit;
pub mod backup;
pub mod bank;
pub mod blobs;
pub mod bulk;
pub mod campus;
pub mod cards;
pub mod class_progress;
pub mod classes;
pub mod consent;
pub mod course_audio;
pub mod course_pictures;
pub mod courses;
pub mod devices;
pub mod enrolment;
pub mod error;
pub mod exercises;
pub mod faces;
pub mod failures;
pub mod family;
pub mod homework;
pub mod inquiries;
pub mod invitations;
pub mod jobs;
pub mod join;
pub mod keyring;
pub mod ledger;
pub mod listened;
pub mod messages;
pub mod passkeys;
pub mod pictures;
pub mod policy;
pub mod progress;
pub mod queue;
pub mod recordings;
pub mod registers;
pub mod replays;
pub mod requests;
pub mod retention;
pub mod reviews;
pub mod rights;
pub mod roster;
pub mod roster_import;
pub mod second_step;
pub mod sentences;
pub mod sessions;
pub mod sign_in;
pub mod signal;
pub mod support;
pub mod surveys;
pub mod terms;
pub mod tokens;
pub mod uploads;
pub mod voice_comments;

mod arrivals;
mod connect;
mod entity;
mod migration;
mod passwords;
mod places;
mod results;
mod write;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use jiayin_domain::id::{CampusId, PersonId, SchoolId, SessionId};
use jiayin_domain::provide::{Clock, Entropy};
use jiayin_domain::role::Role;
use jiayin_privacy::TokenKey;
use sea_orm::DatabaseConnection;

pub use connect::{Settings, is_unused, schema};
pub use error::StoreError;

use blobs::Blobs;
use keyring::KeyRing;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// The session, or the token of a program, by which they are known.
    pub session: SessionId,
    /// The person.
    pub person: PersonId,
    /// Their school.
    pub school: SchoolId,
    /// Their campus, for a campus manager.
    pub campus: Option<CampusId>,
    /// What they are to the school.
    pub role: Role,
}

/// Everything that is kept. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: DatabaseConnection,
    /// The same database, where a commit survives a loss of power: for what is acknowledged to a browser.
    durable: DatabaseConnection,
    keys: Arc<KeyRing>,
    blobs: Arc<Blobs>,
    policies: Arc<policy::Shelf>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    desk: Arc<audit::Desk>,
    /// Passwords looked at since the start.
    checked: Arc<AtomicU64>,
}

impl Store {
    /// The time in milliseconds since 1970 UTC, as the tables keep it.
    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// The same store under another clock, to tell of the past: for the demo school.
    #[must_use]
    pub fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self.clone() }
    }

    /// The key of what is given to browsers to hold.
    pub fn tokens(&self) -> &TokenKey {
        self.keys.tokens()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.ping().await?)
    }
}

/// Milliseconds since 1970 UTC as a point in time; what cannot be one becomes the nearest that can.
fn time(milliseconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(if milliseconds < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}
