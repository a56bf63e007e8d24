//! Steps: what writer and desk do with a conversation, one line of it each.

use jiayin_domain::id::{MediaId, PersonId, TicketEntryId};
use jiayin_domain::support::{Deed, State};
use jiayin_privacy::{Sealed, SubjectKey, column};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Moved, state};
use crate::entity::ticket::{Column, Model};
use crate::entity::{ticket, ticket_entry};
use crate::messages::TELL_HELPED;
use crate::{Store, StoreError, write};

/// How often a step is tried that goes with whatever stands there.
const TRIES: u32 = 5;

/// Something that is done with a conversation.
pub(super) struct Step<'a> {
    /// What.
    pub(super) deed: Deed,
    /// By whom at the desk; `None` for the writer.
    pub(super) staff: Option<PersonId>,
    /// What is said.
    pub(super) text: Option<&'a str>,
    /// A picture that is kept already.
    pub(super) picture: Option<MediaId>,
    /// Until when it is to be answered, if it waits for the desk from now on.
    pub(super) due_at: Option<Timestamp>,
    /// What changes besides.
    pub(super) changes: Vec<(Column, SimpleExpr)>,
}

impl Step<'_> {
    /// A step of the writer's without words.
    pub(super) fn of(deed: Deed) -> Self {
        Self { deed, staff: None, text: None, picture: None, due_at: None, changes: Vec::new() }
    }
}

impl Store {
    /// Does a step with a conversation as it was read. Two who come at once do not both succeed: the second finds it other
    /// than they knew it.
    pub(super) async fn step(&self, row: &Model, step: &Step<'_>, key: &SubjectKey) -> Result<Moved, StoreError> {
        let before = state(row)?;
        let Some(after) = before.after(step.deed) else { return Ok(Moved::Stale) };
        let now = self.now_ms();
        let mut update = ticket::Entity::update_many()
            .col_expr(Column::State, Expr::value(after.tag()))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(now));
        if before != after {
            update = update
                .col_expr(Column::Since, Expr::value(now))
                .col_expr(Column::ClosedAt, Expr::value((after == State::Closed).then_some(now)));
            if let Some(due_at) = step.due_at {
                update = update.col_expr(Column::DueAt, Expr::value(due_at.as_millisecond()));
            }
        }
        for (column, value) in &step.changes {
            update = update.col_expr(*column, value.clone());
        }
        let transaction = write::begin(&self.db).await?;
        let as_known = update.filter(Column::Id.eq(row.id)).filter(Column::Version.eq(row.version));
        if as_known.exec(&transaction).await?.rows_affected == 0 {
            transaction.rollback().await?;
            return Ok(Moved::Stale);
        }
        let line = self.write_line(&transaction, row, step, key).await?;
        if step.staff.is_some() && matches!(step.deed, Deed::Answer | Deed::Close) {
            // Of each line once: the one before may not have been told yet.
            self.enqueue(&transaction, row.school_id, TELL_HELPED, line.0).await?;
        }
        transaction.commit().await?;
        Ok(Moved::Done)
    }

    /// Does a step of the writer's, which goes with whatever the desk has done meanwhile.
    pub(super) async fn step_as_it_stands(
        &self,
        mut row: Model,
        step: &Step<'_>,
        key: &SubjectKey,
    ) -> Result<Moved, StoreError> {
        for _ in 0..TRIES {
            let known = row.version;
            match self.step(&row, step, key).await? {
                Moved::Stale => {}
                moved => return Ok(moved),
            }
            match ticket::Entity::find_by_id(row.id).one(&self.db).await? {
                Some(found) => row = found,
                None => return Ok(Moved::Missing),
            }
            if row.version == known {
                return Ok(Moved::Stale);
            }
        }
        Err(StoreError::Busy)
    }

    /// Writes the line of a step; its id.
    pub(super) async fn write_line<D: ConnectionTrait>(
        &self,
        db: &D,
        row: &Model,
        step: &Step<'_>,
        key: &SubjectKey,
    ) -> Result<TicketEntryId, StoreError> {
        let id = TicketEntryId::new(&*self.clock, &*self.entropy).0;
        let seal = |text: &str| key.seal(column::ticket_entry::TEXT, id, &text, &*self.entropy);
        let line = ticket_entry::ActiveModel {
            id: Set(id),
            school_id: Set(row.school_id),
            ticket_id: Set(row.id),
            person_id: Set(row.person_id),
            staff_id: Set(step.staff.map(|staff| staff.0)),
            media_id: Set(step.picture.map(|picture| picture.0)),
            deed: Set(step.deed.tag().to_owned()),
            text: Set(step.text.map(seal).transpose()?.map(Sealed::into_bytes)),
            at: Set(self.now_ms()),
        };
        ticket_entry::Entity::insert(line).exec_without_returning(db).await?;
        Ok(TicketEntryId(id))
    }
}
