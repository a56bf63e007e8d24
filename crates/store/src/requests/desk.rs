//! The officer's side of requests: the queue, one request with the names that a decision needs, and the steps. Everything
//! is of the officer's own school; for anybody else there is nothing here, and for officers nothing of their own.

use jiayin_domain::id::{PersonId, RequestId};
use jiayin_domain::request::Deed;
use jiayin_domain::role::Role;
use jiayin_privacy::{Grant, column, purpose};
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::steps::noted;
use super::{Moved, OpenRequest, Request, SHOWN, at_desk, pending, request};
use crate::audit::Details;
use crate::entity::rights_request;
use crate::entity::rights_request::{Column, Model};
use crate::{Store, StoreError, Viewer, time};

/// The requests of a school. Looking at the queue opens nothing of anybody.
pub struct Queue {
    /// Those that wait, the one that is due first at the beginning.
    pub waiting: Vec<Request>,
    /// Those that were closed last.
    pub closed: Vec<Request>,
}

/// What an officer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is done as was asked.
    Granted,
    /// It is refused.
    Refused,
}

impl Verdict {
    fn deed(self) -> Deed {
        match self {
            Self::Granted => Deed::Answer,
            Self::Refused => Deed::Refuse,
        }
    }
}

impl Store {
    /// The queue of the viewer's school; `None` for who is not its officer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn request_queue(&self, viewer: &Viewer) -> Result<Option<Queue>, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(None);
        }
        let of_school = || rights_request::Entity::find().filter(Column::SchoolId.eq(viewer.school.0));
        let waiting = of_school().filter(pending()).order_by_asc(Column::DueAt).order_by_asc(Column::Id);
        let closed = of_school().filter(Column::ClosedAt.is_not_null()).order_by_desc(Column::ClosedAt);
        let lines = |rows: Vec<Model>| rows.iter().map(request).collect::<Result<_, _>>();
        Ok(Some(Queue {
            waiting: lines(waiting.limit(SHOWN).all(&self.db).await?)?,
            closed: lines(closed.limit(SHOWN).all(&self.db).await?)?,
        }))
    }

    /// How many requests of a school wait, and how many of them are overdue.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn waiting_requests(&self, viewer: &Viewer) -> Result<(u64, u64), StoreError> {
        let waiting = rights_request::Entity::find().filter(Column::SchoolId.eq(viewer.school.0)).filter(pending());
        let overdue = waiting.clone().filter(Column::DueAt.lt(self.now_ms()));
        Ok((waiting.count(&self.db).await?, overdue.count(&self.db).await?))
    }

    /// One request with all that was written and the names of those it is about; the audit log has the entry. `None` if
    /// there is none for the viewer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn request_at_desk(&self, viewer: &Viewer, id: RequestId) -> Result<Option<OpenRequest>, StoreError> {
        let Some(row) = self.on_desk(viewer, id).await? else { return Ok(None) };
        let (asker, subject) = (PersonId(row.person_id), PersonId(row.subject_id));
        // Who was erased meanwhile has no key, and what they wrote is noise.
        let Some(key) = self.keys.keys(&[asker]).await?.remove(&asker) else { return Ok(None) };
        let grant = self.grant(at_desk(viewer, &row).about("request-read", row.id)).await?;
        let names = self.names(&[asker, subject]).await?.into_iter().collect();
        Ok(Some(self.open_request(&row, grant, &key, names).await?))
    }

    /// Makes a request the viewer's own; from another officer, too, who may be away.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn take_request(&self, viewer: &Viewer, id: RequestId) -> Result<Moved, StoreError> {
        let Some(row) = self.on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        if row.owner_id == Some(viewer.person.0) {
            return Ok(Moved::Stale);
        }
        self.officers_step(viewer, &row, Deed::Take, vec![(Column::OwnerId, Expr::value(Some(viewer.person.0)))]).await
    }

    /// Puts the last moment off to a `later` one, once, for reasons that the asker reads. Only who has the request may, and
    /// only in time.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn extend_request(
        &self,
        viewer: &Viewer,
        id: RequestId,
        later: impl FnOnce(Timestamp) -> Timestamp,
        reasons: &str,
    ) -> Result<Moved, StoreError> {
        let Some(row) = self.on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        let over = row.extended_at.is_some() || row.due_at < self.now_ms();
        if row.owner_id != Some(viewer.person.0) || over {
            return Ok(Moved::Stale);
        }
        let asker = PersonId(row.person_id);
        let Some(key) = self.keys.keys(&[asker]).await?.remove(&asker) else { return Ok(Moved::Missing) };
        let sealed = key.seal(column::rights_request::EXTENSION, row.id, &reasons, &*self.entropy)?;
        let changes = vec![
            (Column::Extension, Expr::value(Some(sealed.into_bytes()))),
            (Column::ExtendedAt, Expr::value(Some(self.now_ms()))),
            (Column::DueAt, Expr::value(later(time(row.due_at)).as_millisecond())),
            (Column::SeenAt, Expr::value(None::<i64>)),
        ];
        self.officers_step(viewer, &row, Deed::Extend, changes).await
    }

    /// Decides a request, with what was done or the reasons against it. Only who has it may, and what is decided stays so.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn decide_request(
        &self,
        viewer: &Viewer,
        id: RequestId,
        verdict: Verdict,
        text: &str,
    ) -> Result<Moved, StoreError> {
        let Some(row) = self.on_desk(viewer, id).await? else { return Ok(Moved::Missing) };
        if row.owner_id != Some(viewer.person.0) {
            return Ok(Moved::Stale);
        }
        let asker = PersonId(row.person_id);
        let Some(key) = self.keys.keys(&[asker]).await?.remove(&asker) else { return Ok(Moved::Missing) };
        let sealed = key.seal(column::rights_request::OUTCOME, row.id, &text, &*self.entropy)?;
        let changes =
            vec![(Column::Outcome, Expr::value(Some(sealed.into_bytes()))), (Column::SeenAt, Expr::value(None::<i64>))];
        self.officers_step(viewer, &row, verdict.deed(), changes).await
    }

    async fn on_desk(&self, viewer: &Viewer, id: RequestId) -> Result<Option<Model>, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(None);
        }
        // Nobody decides their own affairs.
        let of_others =
            Condition::all().add(Column::PersonId.ne(viewer.person.0)).add(Column::SubjectId.ne(viewer.person.0));
        let found = rights_request::Entity::find_by_id(id.0).filter(Column::SchoolId.eq(viewer.school.0));
        Ok(found.filter(of_others).one(&self.db).await?)
    }

    /// A step whose entry stands in the audit log before it is done.
    async fn officers_step(
        &self,
        viewer: &Viewer,
        row: &Model,
        deed: Deed,
        changes: Vec<(Column, SimpleExpr)>,
    ) -> Result<Moved, StoreError> {
        let _: Grant<purpose::Requests> = self.grant(at_desk(viewer, row).about(noted(deed), row.id)).await?;
        self.advance(row, viewer, deed, changes).await
    }
}
