//! What people may ask for by right: to see all that is kept of them, to take it along, to have it corrected, restricted,
//! deleted. What is shown, exported and erased follows from the data map ([`jiayin_privacy::plan`]); here it is carried
//! out over the names of tables and columns.

mod archive;
mod closing;
mod erase;
mod export;
mod html;
mod name;
mod restrict;
mod rows;
mod see;
mod single;
mod sink;
mod zip;

use jiayin_domain::id::{PersonId, SchoolId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, Relation, Scope, purpose};
use sea_orm::EntityTrait;
use uuid::Uuid;

pub(crate) use erase::Eraser;

pub use closing::{Cancellation, Closing};
pub use export::{Controller, Copied, CopyState};
pub use name::RestrictedChildren;
pub use rows::Row;
pub use see::{File, Kind};
pub use single::Deletable;
pub use sink::Sink;

use crate::audit::{Details, asking};
use crate::entity::person;
use crate::{Store, StoreError, Viewer};

/// Whose rights, and who exercises them. That it is so, the query has established that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub person: PersonId,
    /// Their school.
    pub school: SchoolId,
    /// Whether who exercises them may also restrict, delete and cancel: a child leaves that to the guardian.
    pub decides: bool,
    relation: Relation,
    actor: Option<PersonId>,
}

impl Claim {
    /// Whether someone claims for themselves.
    pub fn is_own(&self) -> bool {
        self.relation == Relation::Own
    }
}

impl Store {
    /// One's own rights. A learner who has a guardian is a child, and does not decide alone.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn own_claim(&self, viewer: &Viewer) -> Result<Claim, StoreError> {
        let child = viewer.role == Role::Learner && self.has_guardian(viewer.person).await?;
        Ok(Claim {
            person: viewer.person,
            school: viewer.school,
            decides: !child,
            relation: Relation::Own,
            actor: Some(viewer.person),
        })
    }

    /// A guardian's claim for a child. `None` if the child is not theirs.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn claim_for_child(&self, viewer: &Viewer, child: PersonId) -> Result<Option<Claim>, StoreError> {
        if viewer.role != Role::Guardian || !self.is_guardian(viewer, child).await? {
            return Ok(None);
        }
        let (relation, actor) = (Relation::Guardian, Some(viewer.person));
        Ok(Some(Claim { person: child, school: viewer.school, decides: true, relation, actor }))
    }

    /// The claim of a person whom the operator serves from the command line. `None` if there is no such person, or no
    /// longer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn claim_by_operator(&self, of: PersonId) -> Result<Option<Claim>, StoreError> {
        let row = person::Entity::find_by_id(of.0).one(&self.db).await?.filter(|row| row.closed_at.is_none());
        let school = row.map(|row| SchoolId(row.school_id));
        Ok(school.map(|school| Claim { person: of, school, decides: true, relation: Relation::System, actor: None }))
    }

    /// Opens what is kept of the person; the entry is in the audit log, but where people look at themselves.
    pub(crate) async fn open_claim(
        &self,
        claim: &Claim,
        object: Option<(&'static str, Uuid)>,
    ) -> Result<Grant<purpose::Rights>, StoreError> {
        let request = asking(claim.actor, claim.school, claim.relation, Scope::One(claim.person));
        self.grant(match object {
            Some((kind, id)) => request.about(kind, id),
            None => request,
        })
        .await
    }

    /// Notes in the audit log that a right was exercised, by oneself too: it must be possible to show that it was done.
    pub(crate) async fn note_claim(&self, claim: &Claim, what: &'static str, id: Uuid) -> Result<(), StoreError> {
        let request = asking(claim.actor, claim.school, claim.relation, Scope::One(claim.person)).about(what, id);
        let pending = jiayin_privacy::decide::<purpose::Rights>(request).map_err(StoreError::Refused)?;
        self.write_entry(pending.entry()).await
    }
}
