//! The audit log: who opened what of whom, and why. The entry is written before anything is opened.
//!
//! Databases write one transaction after the other. Who comes while entries are being written waits, and all who wait are
//! then written together: a crowd costs as many transactions as follow each other, not as many as there are people in it.
//!
//! Entries are chained (`chain`): whoever changes, removes or inserts one is found out. The privacy officer reads and checks
//! the log (`log`).

mod chain;
mod log;

use std::sync::{Mutex, PoisonError};

use jiayin_domain::id::{AuditId, PersonId, SchoolId};
use jiayin_privacy::{AccessRequest, AuditEntry, AuditLog, Consent, Grant, GrantError, Purpose, Relation, Scope};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use uuid::Uuid;

use chain::End;

use crate::entity::audit;
use crate::{Store, StoreError};

pub use chain::{Broken, Checked, Mark};
pub use log::{Asked, Entry, PAGE};

/// The log's table, as the data map names it.
pub const TABLE: &str = "audit";
/// Most entries of one transaction; databases bound the number of values in a statement.
const BATCH: usize = 500;

/// Entries on their way into the log.
#[derive(Default)]
pub(crate) struct Desk {
    waiting: Mutex<Vec<Waiting>>,
    /// Held by the one who writes: where the log ends, if that is known.
    writing: tokio::sync::Mutex<Option<End>>,
}

/// An entry, and who is told when it is written. If nobody tells, it was not.
type Waiting = (audit::Model, oneshot::Sender<()>);

impl Desk {
    fn add(&self, row: audit::Model) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((row, tell));
        told
    }

    fn next(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }
}

impl AuditLog for Store {
    type Error = StoreError;

    /// What people open of themselves is their own affair and leaves no entry.
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        if entry.relation == Relation::Own {
            return Ok(());
        }
        self.write_entry(entry).await
    }
}

impl Store {
    /// Writes an entry, whoever it is about.
    pub(crate) async fn write_entry(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        // An entry that another was to write, and did not, because its visitor left or its try failed, is written here.
        while !self.written(self.desk.add(self.audit_row(entry))).await? {}
        Ok(())
    }

    /// The entry's row; it gets its place in the chain when it is written.
    fn audit_row(&self, entry: &AuditEntry) -> audit::Model {
        audit::Model {
            id: AuditId::new(&*self.clock, &*self.entropy).0,
            school_id: entry.school.0,
            at: self.now_ms(),
            actor_id: entry.actor.map(|person| person.0),
            relation: entry.relation.tag().to_owned(),
            purpose: entry.purpose.to_owned(),
            category: entry.categories.join(","),
            scope_kind: entry.scope_kind.to_owned(),
            scope_id: entry.scope_id,
            subjects: i64::try_from(entry.subjects).unwrap_or(i64::MAX),
            object_kind: entry.object.map(|(kind, _)| kind.to_owned()),
            object_id: entry.object.map(|(_, id)| id),
            number: None,
            previous: None,
            hash: None,
        }
    }

    /// Waits for one's turn, and writes what waits. False if another had taken the entry and dropped it.
    async fn written(&self, mut told: oneshot::Receiver<()>) -> Result<bool, StoreError> {
        let mut end = self.desk.writing.lock().await;
        loop {
            match told.try_recv() {
                Ok(()) => return Ok(true),
                Err(TryRecvError::Closed) => return Ok(false),
                Err(TryRecvError::Empty) => {}
            }
            let (rows, tell): (Vec<_>, Vec<_>) = self.desk.next().into_iter().unzip();
            // Until they are written, where the log ends is not known.
            let known = end.take();
            *end = Some(self.append_chained(rows, known).await?);
            for tell in tell {
                // Who has left meanwhile opens nothing; the entry stays.
                let _ = tell.send(());
            }
        }
    }

    /// Asks the privacy engine for a grant; its entry is in the log when this returns. Where consent stands, and whether
    /// anyone in the scope has had processing restricted, is asked here, so that no caller can forget it.
    pub(crate) async fn grant<P: Purpose>(&self, mut request: AccessRequest) -> Result<Grant<P>, StoreError> {
        (request.consent, request.restricted) = self.standing_of::<P>(request.scope.people()).await?;
        jiayin_privacy::grant::<P, Self>(self, request).await.map_err(|error| match error {
            GrantError::Refused(refusal) => StoreError::Refused(refusal),
            GrantError::Log(error) => error,
        })
    }
}

/// A person's request about themselves.
pub(crate) fn own(person: PersonId, school: SchoolId) -> AccessRequest {
    asking(Some(person), school, Relation::Own, Scope::One(person))
}

/// A request about others.
pub(crate) fn asking(actor: Option<PersonId>, school: SchoolId, relation: Relation, scope: Scope) -> AccessRequest {
    let consent = Consent::NotAsked;
    AccessRequest { actor, school, relation, scope, consent, restricted: false, group: None, object: None }
}

/// What the entry in the audit log says beyond the people.
pub(crate) trait Details {
    /// The people are those of a class or a campus.
    fn in_group(self, kind: &'static str, id: Uuid) -> Self;
    /// One thing is opened.
    fn about(self, kind: &'static str, id: Uuid) -> Self;
}

impl Details for AccessRequest {
    fn in_group(mut self, kind: &'static str, id: Uuid) -> Self {
        self.group = Some((kind, id));
        self
    }

    fn about(mut self, kind: &'static str, id: Uuid) -> Self {
        self.object = Some((kind, id));
        self
    }
}
