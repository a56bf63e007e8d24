//! Copies of everything that is kept of a person: asked for, made by a worker, fetched within seven days.

use jiayin_domain::id::PersonId;
use jiayin_privacy::Relation;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use uuid::Uuid;

use super::Claim;
use super::sink::{SealedFile, Sink};
use crate::entity::export;
use crate::jobs::{EXPORT, Leased};
use crate::{Store, StoreError, time, write};

/// After so many rows and files it is written down how far the work has come.
const TELL_EVERY: i64 = 25;
/// A copy can be fetched for seven days, as the map says.
const KEPT_DAYS: i64 = 7;

/// Who answers for the data, as far as it is configured.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Controller {
    /// Legal name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Phone number of the privacy officer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Mailbox of the privacy officer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
}

/// Where a copy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyState {
    /// It is being made.
    Working,
    /// It can be fetched.
    Ready,
    /// There was no room left on the disk.
    Full,
    /// It could not be made.
    Failed,
}

impl CopyState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Working, Self::Ready, Self::Full, Self::Failed];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Ready => "ready",
            Self::Full => "full",
            Self::Failed => "failed",
        }
    }

    fn from_tag(tag: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.tag() == tag).unwrap_or(Self::Failed)
    }
}

/// A copy that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its id, and that of its file of the kind "export".
    pub id: Uuid,
    /// Where it stands.
    pub state: CopyState,
    /// Rows and files that are in it…
    pub done: u64,
    /// …of so many.
    pub total: u64,
    /// Size of the ZIP in bytes.
    pub bytes: u64,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when it can be fetched.
    pub until: Timestamp,
}

fn until_ms(row: &export::Model) -> i64 {
    row.created_at.saturating_add(KEPT_DAYS * 24 * 3600 * 1000)
}

fn copied(row: &export::Model) -> Copied {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Copied {
        id: row.id,
        state: CopyState::from_tag(&row.state),
        done: count(row.done),
        total: count(row.total),
        bytes: count(row.bytes),
        asked_at: time(row.created_at),
        until: time(until_ms(row)),
    }
}

/// How far the work has come, told to whoever waits, and the lease kept meanwhile.
pub(super) struct Progress<'a> {
    store: &'a Store,
    job: Option<(&'a Leased, Uuid)>,
    done: i64,
    told: i64,
}

impl Progress<'_> {
    /// There will be so many rows and files.
    pub(super) async fn begin(&self, total: u64) -> Result<(), StoreError> {
        let Some((_, id)) = self.job else { return Ok(()) };
        export::Entity::update_many()
            .col_expr(export::Column::Total, Expr::value(i64::try_from(total).unwrap_or(i64::MAX)))
            .filter(export::Column::Id.eq(id))
            .exec(&self.store.db)
            .await?;
        Ok(())
    }

    /// One more is written.
    pub(super) async fn advance(&mut self) -> Result<(), StoreError> {
        self.done += 1;
        if self.done < self.told + TELL_EVERY {
            return Ok(());
        }
        self.told = self.done;
        let Some((leased, id)) = self.job else { return Ok(()) };
        export::Entity::update_many()
            .col_expr(export::Column::Done, Expr::value(self.done))
            .filter(export::Column::Id.eq(id))
            .exec(&self.store.db)
            .await?;
        // Another worker has taken over: two must not write the same file.
        if self.store.keep_job(leased).await? { Ok(()) } else { Err(StoreError::Busy) }
    }
}

impl Store {
    /// Asks for a copy. One that is being made already is not begun again.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn ask_for_copy(&self, claim: &Claim) -> Result<Uuid, StoreError> {
        if let Some(working) = self.copies(claim).await?.into_iter().find(|copy| copy.state == CopyState::Working) {
            return Ok(working.id);
        }
        let id = jiayin_domain::id::new_uuid(&*self.clock, &*self.entropy);
        self.note_claim(claim, "export", id).await?;
        let transaction = write::begin(&self.db).await?;
        let row = export::ActiveModel {
            id: Set(id),
            school_id: Set(claim.school.0),
            person_id: Set(claim.person.0),
            asked_by: Set(claim.actor.unwrap_or(claim.person).0),
            state: Set(CopyState::Working.tag().to_owned()),
            done: Set(0),
            total: Set(0),
            bytes: Set(0),
            created_at: Set(self.now_ms()),
            finished_at: Set(None),
        };
        export::Entity::insert(row).exec_without_returning(&transaction).await?;
        self.enqueue(&transaction, claim.school.0, EXPORT, id).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The copies that can be fetched or are being made, the newest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn copies(&self, claim: &Claim) -> Result<Vec<Copied>, StoreError> {
        let rows = export::Entity::find()
            .filter(export::Column::PersonId.eq(claim.person.0))
            .order_by_desc(export::Column::CreatedAt)
            .all(&self.db)
            .await?;
        let now = self.now_ms();
        Ok(rows.iter().filter(|row| until_ms(row) > now).map(copied).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn copy(&self, claim: &Claim, id: Uuid) -> Result<Option<Copied>, StoreError> {
        Ok(self.copies(claim).await?.into_iter().find(|copy| copy.id == id))
    }

    /// Does an [`EXPORT`] job. A full disk ends it with a word that the person reads; nothing half made is left.
    ///
    /// # Errors
    /// If it cannot be done now; it may be tried again.
    pub async fn make_copy(&self, leased: &Leased, controller: &Controller) -> Result<(), StoreError> {
        let row = export::Entity::find_by_id(leased.target).one(&self.db).await?;
        let Some(row) = row.filter(|row| row.state == CopyState::Working.tag()) else {
            self.end_job(&self.db, leased).await?;
            return Ok(());
        };
        let Some(claim) = self.claim_of(&row).await? else {
            return self.end_copy(leased, &row, CopyState::Failed, 0).await;
        };
        match self.sealed_copy(&claim, &row, leased, controller).await {
            Ok(bytes) => self.end_copy(leased, &row, CopyState::Ready, bytes).await,
            Err(StoreError::Full) => self.end_copy(leased, &row, CopyState::Full, 0).await,
            Err(error) => Err(error),
        }
    }

    /// Tells that a copy could not be made, after the last try.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn give_up_copy(&self, leased: &Leased) -> Result<(), StoreError> {
        export::Entity::update_many()
            .col_expr(export::Column::State, Expr::value(CopyState::Failed.tag()))
            .filter(export::Column::Id.eq(leased.target))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Lets a copy that was given up be made after all.
    pub(crate) async fn expect_copy<D: ConnectionTrait>(&self, db: &D, copy: Uuid) -> Result<(), StoreError> {
        export::Entity::update_many()
            .col_expr(export::Column::State, Expr::value(CopyState::Working.tag()))
            .filter(export::Column::Id.eq(copy))
            .filter(export::Column::State.eq(CopyState::Failed.tag()))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Whether who asked may still have the copy: a guardian may no longer be one.
    async fn claim_of(&self, row: &export::Model) -> Result<Option<Claim>, StoreError> {
        let (person, asked_by) = (PersonId(row.person_id), PersonId(row.asked_by));
        let own = Claim {
            person,
            school: row.school_id.into(),
            decides: false,
            relation: Relation::Own,
            actor: Some(person),
        };
        if person == asked_by {
            return Ok(Some(own));
        }
        let still = self.guards(asked_by, person).await?;
        Ok(still.then_some(Claim { relation: Relation::Guardian, actor: Some(asked_by), ..own }))
    }

    async fn sealed_copy(
        &self,
        claim: &Claim,
        row: &export::Model,
        leased: &Leased,
        controller: &Controller,
    ) -> Result<u64, StoreError> {
        let key = self.keys.key(claim.person).await?;
        let mut file = SealedFile::begin(self, &key, row.id).await?;
        let progress = Progress { store: self, job: Some((leased, row.id)), done: 0, told: 0 };
        match self.write_archive(claim, controller, &mut file, progress).await {
            Ok(()) => file.finish().await,
            Err(error) => Err(file.give_up(error).await),
        }
    }

    async fn end_copy(
        &self,
        leased: &Leased,
        row: &export::Model,
        state: CopyState,
        bytes: u64,
    ) -> Result<(), StoreError> {
        let transaction = write::begin(&self.db).await?;
        if !self.end_job(&transaction, leased).await? {
            transaction.rollback().await?;
            return Ok(());
        }
        export::Entity::update_many()
            .col_expr(export::Column::State, Expr::value(state.tag()))
            .col_expr(export::Column::Bytes, Expr::value(i64::try_from(bytes).unwrap_or(i64::MAX)))
            .col_expr(export::Column::FinishedAt, Expr::value(self.now_ms()))
            .filter(export::Column::Id.eq(row.id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes a copy into a sink of the caller's, without a job: for the command line.
    ///
    /// # Errors
    /// If anything cannot be read, or the sink takes no more.
    pub async fn write_copy<S: Sink>(
        &self,
        claim: &Claim,
        controller: &Controller,
        sink: &mut S,
    ) -> Result<(), StoreError> {
        self.note_claim(claim, "export", claim.person.0).await?;
        self.write_archive(claim, controller, sink, Progress { store: self, job: None, done: 0, told: 0 }).await
    }
}
