//! Steps: what is done with a request, its history, and the entry in the audit log.

use jiayin_domain::id::{PersonId, RequestId, new_uuid};
use jiayin_domain::request::{Deed, State};
use jiayin_privacy::purpose;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Moved, state};
use crate::audit::{Details, own};
use crate::entity::rights_request::{Column, Model};
use crate::entity::{rights_request, rights_step};
use crate::messages::TELL_ANSWERED;
use crate::{Store, StoreError, Viewer, write};

impl Store {
    /// Does a step, with what it changes besides, and writes it into the history. Two who come at once do not both succeed:
    /// the second finds the request other than they knew it.
    pub(super) async fn advance(
        &self,
        row: &Model,
        viewer: &Viewer,
        deed: Deed,
        changes: Vec<(Column, SimpleExpr)>,
    ) -> Result<Moved, StoreError> {
        let before = state(&row.state)?;
        let Some(after) = before.after(deed) else { return Ok(Moved::Stale) };
        let closed_at = (!after.is_pending()).then(|| self.now_ms());
        let mut update = rights_request::Entity::update_many()
            .col_expr(Column::State, Expr::value(after.tag()))
            .col_expr(Column::ClosedAt, Expr::value(closed_at));
        for (column, value) in changes {
            update = update.col_expr(column, value);
        }
        let as_known = Condition::all()
            .add(Column::Id.eq(row.id))
            .add(Column::State.eq(row.state.as_str()))
            .add(Column::DueAt.eq(row.due_at))
            .add(row.owner_id.map_or_else(|| Column::OwnerId.is_null(), |owner| Column::OwnerId.eq(owner)));
        let transaction = write::begin(&self.db).await?;
        if update.filter(as_known).exec(&transaction).await?.rows_affected == 0 {
            transaction.rollback().await?;
            return Ok(Moved::Stale);
        }
        self.remember_step(&transaction, row, deed, (Some(before), after), viewer.person).await?;
        if deed != Deed::Take && viewer.person.0 != row.person_id {
            self.enqueue_anew(&transaction, row.school_id, TELL_ANSWERED, row.id, self.now_ms()).await?;
        }
        transaction.commit().await?;
        Ok(Moved::Done)
    }

    pub(super) async fn remember_step<D: ConnectionTrait>(
        &self,
        db: &D,
        row: &Model,
        deed: Deed,
        (before, after): (Option<State>, State),
        actor: PersonId,
    ) -> Result<(), StoreError> {
        let step = rights_step::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            school_id: Set(row.school_id),
            request_id: Set(row.id),
            person_id: Set(row.person_id),
            actor_id: Set(actor.0),
            deed: Set(deed.tag().to_owned()),
            before: Set(before.map(|state| state.tag().to_owned())),
            after: Set(after.tag().to_owned()),
            at: Set(self.now_ms()),
        };
        rights_step::Entity::insert(step).exec_without_returning(db).await?;
        Ok(())
    }

    /// Notes a step of the asker's own in the audit log, where what people do with their own things leaves no entry else.
    pub(super) async fn note_own_step(&self, viewer: &Viewer, deed: Deed, id: RequestId) -> Result<(), StoreError> {
        let request = own(viewer.person, viewer.school).about(noted(deed), id.0);
        let pending = jiayin_privacy::decide::<purpose::Requests>(request).map_err(StoreError::Refused)?;
        self.write_entry(pending.entry()).await
    }
}

/// What the audit log calls a step.
pub(super) fn noted(deed: Deed) -> &'static str {
    match deed {
        Deed::Receive => "request-received",
        Deed::Take => "request-taken",
        Deed::Extend => "request-extended",
        Deed::Answer => "request-answered",
        Deed::Refuse => "request-refused",
        Deed::Withdraw => "request-withdrawn",
    }
}
