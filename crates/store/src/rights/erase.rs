//! Erasing a person, step by step as [`plan::erasure`] says. Every step can be repeated, so that a job which broke off
//! begins again from the front and finds what is left to be done.

use jiayin_domain::id::PersonId;
use jiayin_privacy::map::BlobEntry;
use jiayin_privacy::plan::{self, Step};
use jiff::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Claim;
use super::archive::files_of;
use super::rows::is_about;
use crate::blobs::Blobs;
use crate::entity::person;
use crate::jobs::Leased;
use crate::{Store, StoreError};

/// So often it is looked whether a legal hold still stands in the way of an erasure, in milliseconds: every day.
const LOOK_AGAIN_MS: i64 = 24 * 3600 * 1000;

impl Store {
    /// Notes in the audit log that the operator erases a person.
    ///
    /// # Errors
    /// [`Refusal::Held`](jiayin_privacy::Refusal::Held) under a legal hold; if it cannot be stored.
    pub async fn note_erasure(&self, claim: &Claim) -> Result<(), StoreError> {
        self.must_not_be_held(claim.person).await?;
        self.note_claim(claim, "erasure", claim.person.0).await
    }

    /// Erases a person for good.
    ///
    /// # Errors
    /// If a step fails; what was done is done, and all of it may be repeated.
    pub async fn erase(&self, person: PersonId) -> Result<(), StoreError> {
        for step in plan::erasure() {
            self.erase_step(person, &step).await?;
        }
        Ok(())
    }

    /// Does an erasure that a job asks for, and ends the job. Where the account was kept after all, nothing happens.
    ///
    /// # Errors
    /// If a step fails; the job may be tried again.
    pub async fn erase_for(&self, leased: &Leased) -> Result<(), StoreError> {
        let row = person::Entity::find_by_id(leased.target).one(&self.db).await?;
        // Closed and not to be closed: an erasure that broke off after the columns were blanked.
        let due = |row: &person::Model| row.closing_at.is_some_and(|at| at <= self.now_ms()) || row.closed_at.is_some();
        if row.as_ref().is_some_and(due) {
            if let Some(until) = self.held_until(PersonId(leased.target)).await? {
                return self.wait_for_hold(leased, until).await;
            }
            for step in plan::erasure() {
                self.erase_step(PersonId(leased.target), &step).await?;
                if !self.keep_job(leased).await? {
                    return Ok(());
                }
            }
        }
        self.end_job(&self.db, leased).await?;
        Ok(())
    }

    /// Puts an erasure off until the law allows it, or the hold may have been lifted: it is looked at every day. Until then
    /// the data is stored and not used (PIPL 47).
    async fn wait_for_hold(&self, leased: &Leased, until: Timestamp) -> Result<(), StoreError> {
        let now = self.now_ms();
        person::Entity::update_many()
            .col_expr(person::Column::RestrictedAt, Expr::value(now))
            .filter(person::Column::Id.eq(leased.target))
            .filter(person::Column::RestrictedAt.is_null())
            .exec(&self.db)
            .await?;
        self.put_off(leased, Ord::min(until.as_millisecond(), now.saturating_add(LOOK_AGAIN_MS))).await
    }

    /// One step of an erasure.
    ///
    /// # Errors
    /// If it cannot be done now.
    pub async fn erase_step(&self, person: PersonId, step: &Step) -> Result<(), StoreError> {
        let now_ms = self.now_ms();
        if matches!(step, Step::Key) {
            self.keys.destroy(person, now_ms).await?;
        }
        Eraser { db: &self.db, blobs: &self.blobs }.step(person, step, now_ms).await
    }
}

/// Tables and files from which people are erased; their keys lie elsewhere, and are destroyed before.
pub(crate) struct Eraser<'a> {
    pub(crate) db: &'a DatabaseConnection,
    pub(crate) blobs: &'a Blobs,
}

impl Eraser<'_> {
    /// Does all steps but that of the key; the account counts as closed at `at_ms`.
    pub(crate) async fn erase(&self, person: PersonId, at_ms: i64) -> Result<(), StoreError> {
        for step in plan::erasure() {
            self.step(person, &step, at_ms).await?;
        }
        Ok(())
    }

    async fn step(&self, person: PersonId, step: &Step, at_ms: i64) -> Result<(), StoreError> {
        match step {
            Step::Key => {}
            Step::Close => self.close(person, at_ms).await?,
            Step::Files(kind) => self.remove_files(kind, person).await?,
            Step::Rows(about) => {
                let mut delete = Query::delete();
                delete.from_table(Alias::new(about.table)).and_where(is_about(about, person));
                self.db.execute(&delete).await?;
            }
            Step::Blank(about, column) => {
                let mut update = Query::update();
                update.table(Alias::new(about.table)).and_where(is_about(about, person));
                update.value(Alias::new(*column), Expr::cust("NULL"));
                self.db.execute(&update).await?;
            }
        }
        Ok(())
    }

    /// The tombstone among the data; the key ring has its own.
    async fn close(&self, person: PersonId, at_ms: i64) -> Result<(), StoreError> {
        person::Entity::update_many()
            .col_expr(person::Column::ClosedAt, Expr::value(at_ms))
            .filter(person::Column::Id.eq(person.0))
            .filter(person::Column::ClosedAt.is_null())
            .exec(self.db)
            .await?;
        Ok(())
    }

    async fn remove_files(&self, kind: &BlobEntry, person: PersonId) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = files_of(self.db, kind, person).await?.into_iter().map(|(id, _)| id).collect();
        for id in &ids {
            self.blobs.remove_parts(kind, *id).await?;
        }
        for link in kind.unlink {
            let Some((table, column)) = link.split_once('.') else { continue };
            let mut update = Query::update();
            update.table(Alias::new(table)).value(Alias::new(column), Expr::cust("NULL"));
            update.and_where(Expr::col(Alias::new(column)).is_in(ids.clone()));
            self.db.execute(&update).await?;
        }
        Ok(())
    }
}
