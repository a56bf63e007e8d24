//! Dead letters: work that was tried as often as it may be, and failed each time. Who runs a campus or keeps the policy sees
//! what kind of work it was, since when and how often it was tried, and nothing of whom it was for.

use jiayin_domain::id::JobId;
use jiayin_domain::policy::{Action, may};
use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::job;
use crate::jobs::{DEAD, ERASE, EVALUATE, EXPORT, READY, SWEEP};
use crate::messages::{
    MAIL, PUSH, TELL_ANNOUNCED, TELL_ANSWERED, TELL_ASSIGNED, TELL_DUE, TELL_HELPED, TELL_REVIEWED, TEXT,
};
use crate::{Store, StoreError, Viewer, time, write};

/// Failures that are shown at a time.
const SHOWN: u64 = 200;
/// What can be let go: nobody waits for it, or it can be asked for again. A recording that is not evaluated, or a person who
/// is not erased, cannot.
const LOSABLE: [&str; 10] =
    [MAIL, PUSH, TEXT, EXPORT, TELL_ANNOUNCED, TELL_ANSWERED, TELL_ASSIGNED, TELL_DUE, TELL_HELPED, TELL_REVIEWED];

/// The kinds of work that there are.
pub const KINDS: [&str; 13] = [
    EVALUATE,
    EXPORT,
    ERASE,
    SWEEP,
    MAIL,
    PUSH,
    TEXT,
    TELL_ANNOUNCED,
    TELL_ANSWERED,
    TELL_ASSIGNED,
    TELL_DUE,
    TELL_HELPED,
    TELL_REVIEWED,
];

/// Work that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The work.
    pub job: JobId,
    /// What it was: one of [`KINDS`].
    pub kind: String,
    /// Since when it was to be done.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong the last time: a fixed word of ours.
    pub reason: String,
    /// Whether it can be let go.
    pub can_be_dropped: bool,
}

/// The dead letters of the viewer's school; `None` for who does not look after them.
fn of_school(viewer: &Viewer) -> Option<Condition> {
    let mine = may(Some(viewer.role), Action::SeeFailures);
    mine.then(|| Condition::all().add(job::Column::SchoolId.eq(viewer.school.0)).add(job::Column::State.eq(DEAD)))
}

impl Store {
    /// What failed for good in the viewer's school, the latest first. `None` for who does not look after it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn failures(&self, viewer: &Viewer) -> Result<Option<Vec<Failure>>, StoreError> {
        let Some(mine) = of_school(viewer) else { return Ok(None) };
        let rows = job::Entity::find()
            .filter(mine)
            .order_by_desc(job::Column::CreatedAt)
            .order_by_desc(job::Column::Id)
            .limit(SHOWN)
            .all(&self.db)
            .await?;
        let failure = |row: job::Model| Failure {
            job: JobId(row.id),
            can_be_dropped: LOSABLE.contains(&row.kind.as_str()),
            kind: row.kind,
            since: time(row.created_at),
            attempts: row.attempts,
            reason: row.error.unwrap_or_default(),
        };
        Ok(Some(rows.into_iter().map(failure).collect()))
    }

    /// Has something that failed tried again, as if for the first time. False if there is no such.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn retry_failure(&self, viewer: &Viewer, id: JobId) -> Result<bool, StoreError> {
        let Some(mine) = of_school(viewer) else { return Ok(false) };
        let found = job::Entity::find().filter(mine.clone()).filter(job::Column::Id.eq(id.0)).one(&self.db).await?;
        let Some(row) = found else { return Ok(false) };
        let transaction = write::begin(&self.db).await?;
        if row.kind == EXPORT {
            self.expect_copy(&transaction, row.target_id).await?;
        }
        let revived = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(READY))
            .col_expr(job::Column::Attempts, Expr::value(0_i64))
            .col_expr(job::Column::RunAt, Expr::value(self.now_ms()))
            .filter(mine)
            .filter(job::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(revived.rows_affected == 1)
    }

    /// Lets something go that failed. False if there is no such, or it cannot be let go.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn drop_failure(&self, viewer: &Viewer, id: JobId) -> Result<bool, StoreError> {
        let Some(mine) = of_school(viewer) else { return Ok(false) };
        let gone = job::Entity::delete_many()
            .filter(mine)
            .filter(job::Column::Id.eq(id.0))
            .filter(job::Column::Kind.is_in(LOSABLE))
            .exec(&self.db)
            .await?;
        Ok(gone.rows_affected == 1)
    }
}
