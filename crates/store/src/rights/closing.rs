//! Cancelling an account: asked for, thought over for a week or not, undone or done; and what will go and what stays.

use jiayin_domain::id::PersonId;
use jiayin_privacy::plan::{self, Kept};
use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Claim;
use crate::entity::{job, person};
use crate::jobs::ERASE;
use crate::{Store, StoreError, time, write};

/// So long a cancellation can be undone, in milliseconds: seven days.
const THINK_OVER_MS: i64 = 7 * 24 * 3600 * 1000;

/// When an account is to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// After a week, in which it can be undone.
    InAWeek,
    /// At once.
    Now,
}

/// What a cancellation means for a person.
pub struct Cancellation {
    /// What goes: what it is called, in Chinese and in English, and how much of it there is.
    pub goes: Vec<((&'static str, &'static str), u64)>,
    /// What stays, and how much of it there is.
    pub stays: Vec<(Kept, u64)>,
}

impl Store {
    /// What goes and what stays when the account is cancelled.
    ///
    /// # Errors
    /// If it cannot be counted.
    pub async fn cancellation(&self, claim: &Claim) -> Result<Cancellation, StoreError> {
        let kept = plan::kept();
        let mut goes = Vec::new();
        for (reading, count) in self.kept(claim).await? {
            if plan::goes(&reading.about) {
                goes.push((reading.titles(), count));
            }
        }
        let mut stays = Vec::new();
        for one in kept {
            let count = self.count_about(&one.about, claim.person).await?;
            if count > 0 {
                stays.push((one, count));
            }
        }
        Ok(Cancellation { goes, stays })
    }

    /// Cancels the account. The moment of the erasure; `None` if that is not the claimant's to decide.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn cancel(&self, claim: &Claim, when: Closing) -> Result<Option<Timestamp>, StoreError> {
        if !claim.decides {
            return Ok(None);
        }
        let now = self.now_ms();
        let at = match when {
            Closing::InAWeek => now.saturating_add(THINK_OVER_MS),
            Closing::Now => now,
        };
        self.note_claim(claim, "cancellation", claim.person.0).await?;
        let transaction = write::begin(&self.db).await?;
        job::Entity::delete_many()
            .filter(job::Column::Kind.eq(ERASE))
            .filter(job::Column::TargetId.eq(claim.person.0))
            .exec(&transaction)
            .await?;
        person::Entity::update_many()
            .col_expr(person::Column::ClosingAt, Expr::value(at))
            .filter(person::Column::Id.eq(claim.person.0))
            .exec(&transaction)
            .await?;
        self.end_tokens(&transaction, claim.person).await?;
        self.enqueue_at(&transaction, claim.school.0, ERASE, claim.person.0, at).await?;
        transaction.commit().await?;
        Ok(Some(time(at)))
    }

    /// Undoes a cancellation. False if there is nothing to be undone, or it is too late.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn keep_account(&self, claim: &Claim) -> Result<bool, StoreError> {
        let transaction = write::begin(&self.db).await?;
        let kept = person::Entity::update_many()
            .col_expr(person::Column::ClosingAt, Expr::value(Option::<i64>::None))
            .filter(person::Column::Id.eq(claim.person.0))
            .filter(person::Column::ClosingAt.gt(self.now_ms()))
            .exec(&transaction)
            .await?;
        if kept.rows_affected == 0 || !claim.decides {
            transaction.rollback().await?;
            return Ok(false);
        }
        job::Entity::delete_many()
            .filter(job::Column::Kind.eq(ERASE))
            .filter(job::Column::TargetId.eq(claim.person.0))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        self.note_claim(claim, "cancellation-undone", claim.person.0).await?;
        Ok(true)
    }

    /// When the account is to be erased, if it is.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn closing_at(&self, person: PersonId) -> Result<Option<Timestamp>, StoreError> {
        let row: Option<person::Model> = person::Entity::find_by_id::<Uuid>(person.0).one(&self.db).await?;
        Ok(row.and_then(|row| row.closing_at).map(time))
    }
}
