//! Work that follows from a change: written in the change's own transaction, done by whoever takes the lease.
//!
//! A job is a kind and the id of what it is about. A worker that dies loses its lease, and another takes over; what a job
//! does is therefore safe to begin again. What fails is tried later, and later still; what fails for good stays as a dead
//! letter that the operator sees.

use jiayin_domain::homework::RecordingState;
use jiayin_domain::id::{EvaluationId, JobId, PersonId, RecordingId, SchoolId};
use jiayin_privacy::{blob, column};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde::Serialize;
use uuid::Uuid;

use crate::entity::{evaluation, exercise, job, media, recording};
use crate::error::is_duplicate;
use crate::{Store, StoreError, write};

/// A recording is to be heard by the ear.
pub const EVALUATE: &str = "evaluate";
/// A copy of everything that is kept about a person is to be made.
pub const EXPORT: &str = "export";
/// A person is to be erased.
pub const ERASE: &str = "erase";
/// What has expired is to be deleted.
pub const SWEEP: &str = "sweep";

pub(crate) const READY: &str = "ready";
pub(crate) const DEAD: &str = "dead";
/// Waits for consent.
const HELD: &str = "held";
/// A worker has so long for a job before another may take it.
const LEASE_MS: i64 = 20_000;
/// How often a job is tried before it is a dead letter.
const TRIES: i64 = 8;
/// The first pause after a failure; each one after it is twice as long.
const FIRST_PAUSE_MS: i64 = 2_000;

/// A job that this worker may do until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The job.
    pub job: JobId,
    /// What is to be done: [`EVALUATE`], [`EXPORT`], [`ERASE`], [`SWEEP`], or one of [`crate::messages`].
    pub kind: String,
    /// What it is about.
    pub target: Uuid,
    lease: Uuid,
    attempts: i64,
}

/// A recording that waits to be heard.
pub struct Waiting {
    /// The recording.
    pub recording: RecordingId,
    /// What was to be said.
    pub text: String,
    /// The file.
    pub audio: Vec<u8>,
}

/// What came out of hearing a recording.
pub enum Outcome<'a, T: Serialize> {
    /// The ear has heard it.
    Heard {
        /// Version of the model that heard it.
        model: &'a str,
        /// The total, 0–100; `None` if the recording could not be scored.
        total: Option<u8>,
        /// All that the ear said.
        detail: &'a T,
    },
    /// The file is no recording that can be read.
    Unreadable,
}

impl Store {
    /// Writes a job, within the transaction of the change that causes it.
    pub(crate) async fn enqueue<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        kind: &str,
        target: Uuid,
    ) -> Result<(), StoreError> {
        self.enqueue_at(db, school, kind, target, self.now_ms()).await
    }

    /// The same for a job whose time comes at `run_at_ms`.
    pub(crate) async fn enqueue_at<D: ConnectionTrait>(
        &self,
        db: &D,
        school: Uuid,
        kind: &str,
        target: Uuid,
        run_at_ms: i64,
    ) -> Result<(), StoreError> {
        job::Entity::insert(self.new_job(school, kind, target, run_at_ms)).exec_without_returning(db).await?;
        Ok(())
    }

    /// A job that nobody has tried.
    pub(crate) fn new_job(&self, school: Uuid, kind: &str, target: Uuid, run_at_ms: i64) -> job::ActiveModel {
        job::ActiveModel {
            id: Set(JobId::new(&*self.clock, &*self.entropy).0),
            school_id: Set(school),
            target_id: Set(target),
            kind: Set(kind.to_owned()),
            state: Set(READY.to_owned()),
            attempts: Set(0),
            run_at: Set(run_at_ms),
            lease_id: Set(None),
            leased_until: Set(None),
            error: Set(None),
            created_at: Set(self.now_ms()),
        }
    }

    /// Has dead letters of a kind tried again.
    pub(crate) async fn revive_jobs(&self, kind: &str) -> Result<(), StoreError> {
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(READY))
            .col_expr(job::Column::Attempts, Expr::value(0_i64))
            .col_expr(job::Column::RunAt, Expr::value(self.now_ms()))
            .filter(job::Column::State.eq(DEAD))
            .filter(job::Column::Kind.eq(kind))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Ends the lease of a job that cannot be done yet, and has it taken up at another time.
    pub(crate) async fn put_off(&self, leased: &Leased, run_at_ms: i64) -> Result<(), StoreError> {
        job::Entity::update_many()
            .col_expr(job::Column::RunAt, Expr::value(run_at_ms))
            .col_expr(job::Column::Attempts, Expr::value(0_i64))
            .col_expr(job::Column::LeaseId, Expr::value(Option::<Uuid>::None))
            .col_expr(job::Column::LeasedUntil, Expr::value(Option::<i64>::None))
            .filter(job::Column::Id.eq(leased.job.0))
            .filter(job::Column::LeaseId.eq(leased.lease))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Takes the job that has waited longest, if there is one to be done now.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn take_job(&self) -> Result<Option<Leased>, StoreError> {
        let now = self.now_ms();
        let free = Condition::any().add(job::Column::LeasedUntil.is_null()).add(job::Column::LeasedUntil.lt(now));
        let waiting = job::Entity::find()
            .filter(job::Column::State.eq(READY))
            .filter(job::Column::RunAt.lte(now))
            .filter(free)
            .order_by_asc(job::Column::RunAt);
        // Looked at without a lock first: most of the time there is nothing to do.
        if waiting.clone().one(&self.db).await?.is_none() {
            return Ok(None);
        }
        let transaction = write::begin(&self.db).await?;
        let found = waiting.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(&transaction).await?;
        let Some(row) = found else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let lease = jiayin_domain::id::new_uuid(&*self.clock, &*self.entropy);
        job::Entity::update_many()
            .col_expr(job::Column::LeaseId, Expr::value(lease))
            .col_expr(job::Column::LeasedUntil, Expr::value(now.saturating_add(LEASE_MS)))
            .col_expr(job::Column::Attempts, Expr::value(row.attempts.saturating_add(1)))
            .filter(job::Column::Id.eq(row.id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        let attempts = row.attempts.saturating_add(1);
        Ok(Some(Leased { job: JobId(row.id), kind: row.kind, target: row.target_id, lease, attempts }))
    }

    /// The recording that an [`EVALUATE`] job is about, opened. `None` if it is there no longer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn waiting_recording(&self, leased: &Leased) -> Result<Option<Waiting>, StoreError> {
        let Some(row) = recording::Entity::find_by_id(leased.target).one(&self.db).await? else { return Ok(None) };
        let Some(sentence) = exercise::Entity::find_by_id(row.exercise_id).one(&self.db).await? else {
            return Ok(None);
        };
        if media::Entity::find_by_id(row.media_id).one(&self.db).await?.is_none() {
            return Ok(None);
        }
        let learner = PersonId(row.learner_id);
        let grant = self.working(row.school_id, learner, ("recording", row.id)).await?;
        let key = self.keys.key(learner).await?;
        let audio = self.blobs.get(&key, blob::RECORDING, row.media_id, &grant).await?;
        Ok(Some(Waiting { recording: RecordingId(row.id), text: sentence.text, audio }))
    }

    /// Keeps what the ear heard and ends the job, in one transaction. A worker whose lease has ended, and whose job another
    /// has done in the meantime, changes nothing: each recording is evaluated exactly once. Whether it was this worker.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn finish_evaluation<T: Serialize>(
        &self,
        leased: &Leased,
        outcome: Outcome<'_, T>,
    ) -> Result<bool, StoreError> {
        let Some(row) = recording::Entity::find_by_id(leased.target).one(&self.db).await? else {
            self.end_job(&self.db, leased).await?;
            return Ok(false);
        };
        let learner = PersonId(row.learner_id);
        let key = self.keys.key(learner).await?;
        let grant = self.working(row.school_id, learner, ("recording", row.id)).await?;
        let transaction = write::begin(&self.db).await?;
        if !self.end_job(&transaction, leased).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        let state = match outcome {
            Outcome::Unreadable => RecordingState::Unreadable,
            Outcome::Heard { model, total, detail } => {
                let id = EvaluationId::new(&*self.clock, &*self.entropy).0;
                let new = evaluation::ActiveModel {
                    id: Set(id),
                    school_id: Set(row.school_id),
                    recording_id: Set(row.id),
                    learner_id: Set(row.learner_id),
                    model: Set(model.to_owned()),
                    total: Set(key.seal(column::evaluation::TOTAL, id, &total, &*self.entropy)?.into_bytes()),
                    detail: Set(key.seal(column::evaluation::DETAIL, id, detail, &*self.entropy)?.into_bytes()),
                    created_at: Set(self.now_ms()),
                };
                match evaluation::Entity::insert(new).exec_without_returning(&transaction).await {
                    Err(error) if is_duplicate(&error) => {
                        transaction.rollback().await?;
                        self.end_job(&self.db, leased).await?;
                        return Ok(false);
                    }
                    other => drop(other?),
                }
                self.learn(&transaction, &row, detail, &grant).await?;
                RecordingState::Evaluated
            }
        };
        recording::Entity::update_many()
            .col_expr(recording::Column::State, Expr::value(state.tag()))
            .filter(recording::Column::Id.eq(row.id))
            .exec(&transaction)
            .await?;
        self.refresh_results(&transaction, row.submission_id, &grant).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Ends a job that has nothing to be kept with its end.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn finish_job(&self, leased: &Leased) -> Result<(), StoreError> {
        self.end_job(&self.db, leased).await?;
        Ok(())
    }

    /// Removes the job if the lease is still this worker's.
    pub(crate) async fn end_job<D: ConnectionTrait>(&self, db: &D, leased: &Leased) -> Result<bool, StoreError> {
        let removed = job::Entity::delete_many()
            .filter(job::Column::Id.eq(leased.job.0))
            .filter(job::Column::LeaseId.eq(leased.lease))
            .exec(db)
            .await?;
        Ok(removed.rows_affected == 1)
    }

    /// Prolongs the lease of a job that takes long. False if another worker has it by now: this one must stop.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn keep_job(&self, leased: &Leased) -> Result<bool, StoreError> {
        let kept = job::Entity::update_many()
            .col_expr(job::Column::LeasedUntil, Expr::value(self.now_ms().saturating_add(LEASE_MS)))
            .filter(job::Column::Id.eq(leased.job.0))
            .filter(job::Column::LeaseId.eq(leased.lease))
            .exec(&self.db)
            .await?;
        Ok(kept.rows_affected == 1)
    }

    /// Puts a job that failed back, for later; after too many tries it stays as a dead letter. `reason` is a word of ours,
    /// never a message that could quote something. Whether it will be tried again.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn fail_job(&self, leased: &Leased, reason: &'static str) -> Result<bool, StoreError> {
        let again = leased.attempts < TRIES;
        let pause = FIRST_PAUSE_MS << leased.attempts.clamp(1, 12).saturating_sub(1);
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(if again { READY } else { DEAD }))
            .col_expr(job::Column::RunAt, Expr::value(self.now_ms().saturating_add(pause)))
            .col_expr(job::Column::LeaseId, Expr::value(Option::<Uuid>::None))
            .col_expr(job::Column::LeasedUntil, Expr::value(Option::<i64>::None))
            .col_expr(job::Column::Error, Expr::value(reason))
            .filter(job::Column::Id.eq(leased.job.0))
            .filter(job::Column::LeaseId.eq(leased.lease))
            .exec(&self.db)
            .await?;
        Ok(again)
    }

    /// Stops the hearing of a learner's recordings; who is at it now finds the lease gone and keeps nothing.
    pub(crate) async fn hold_jobs<D: ConnectionTrait>(&self, db: &D, learner: PersonId) -> Result<(), StoreError> {
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(HELD))
            .col_expr(job::Column::LeaseId, Expr::value(Option::<Uuid>::None))
            .col_expr(job::Column::LeasedUntil, Expr::value(Option::<i64>::None))
            .filter(job::Column::State.eq(READY))
            .filter(hearing(learner))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Lets the hearing of a learner's recordings go on.
    pub(crate) async fn release_jobs<D: ConnectionTrait>(&self, db: &D, learner: PersonId) -> Result<(), StoreError> {
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(READY))
            .col_expr(job::Column::RunAt, Expr::value(self.now_ms()))
            .filter(job::Column::State.eq(HELD))
            .filter(hearing(learner))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Puts a job aside because there is no consent to it; it goes on when there is.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn hold_job(&self, leased: &Leased) -> Result<(), StoreError> {
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(HELD))
            .col_expr(job::Column::LeaseId, Expr::value(Option::<Uuid>::None))
            .col_expr(job::Column::LeasedUntil, Expr::value(Option::<i64>::None))
            .filter(job::Column::Id.eq(leased.job.0))
            .filter(job::Column::LeaseId.eq(leased.lease))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// How many dead letters of a kind a school has.
    pub(crate) async fn dead_jobs(&self, school: SchoolId, kind: &str) -> Result<u64, StoreError> {
        let dead = job::Entity::find()
            .filter(job::Column::SchoolId.eq(school.0))
            .filter(job::Column::Kind.eq(kind))
            .filter(job::Column::State.eq(DEAD));
        Ok(dead.count(&self.db).await?)
    }

    /// How many jobs wait, and how many are dead letters.
    ///
    /// # Errors
    /// If they cannot be counted.
    pub async fn job_counts(&self) -> Result<(u64, u64), StoreError> {
        let count = |state: &'static str| job::Entity::find().filter(job::Column::State.eq(state)).count(&self.db);
        Ok((count(READY).await?, count(DEAD).await?))
    }
}

/// The jobs that hear a learner's recordings.
fn hearing(learner: PersonId) -> Condition {
    let own = recording::Entity::find()
        .select_only()
        .column(recording::Column::Id)
        .filter(recording::Column::LearnerId.eq(learner.0));
    Condition::all()
        .add(job::Column::Kind.eq(EVALUATE))
        .add(job::Column::TargetId.in_subquery(QueryTrait::into_query(own)))
}
