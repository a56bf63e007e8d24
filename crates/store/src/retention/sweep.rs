//! The sweep: rule by rule, batch by batch, with a report that the privacy officer can read. It may break off anywhere and
//! begin again.

use std::time::Duration;

use jiayin_domain::id::SweepId;
use jiayin_domain::role::Role;
use jiayin_privacy::plan::{self, Expiry};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entity::{job, sweep};
use crate::jobs::{Leased, SWEEP};
use crate::{Store, StoreError, Viewer, time};

/// Between two batches, so that whoever else wants to write comes to it.
const PAUSE: Duration = Duration::from_millis(4);
/// Reports that are shown at a time.
const SHOWN: u64 = 30;
/// The rule of accounts that are closed.
const ACCOUNT: &str = "account";

/// Who had the sweep done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The program, every night.
    Schedule,
    /// The operator, from the command line.
    Operator,
}

impl Origin {
    /// The word in the table and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Operator => "operator",
        }
    }
}

/// What a rule took away, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// The rule's id in the data map.
    pub rule: String,
    /// The table.
    pub table: String,
    /// Rows, with those that went along.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Rows that would have gone, but for a legal hold.
    pub held: u64,
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rule by rule, those that found something.
    pub rules: Vec<Swept>,
    /// People's keys destroyed since the sweep before.
    pub keys: u64,
}

impl Outcome {
    fn sum(&self, of: impl Fn(&Swept) -> u64) -> i64 {
        i64::try_from(self.rules.iter().map(of).sum::<u64>()).unwrap_or(i64::MAX)
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `schedule` or `operator`.
    pub origin: String,
    /// When it began.
    pub started: Timestamp,
    /// When it was done; `None` if it broke off, or is still at it.
    pub finished: Option<Timestamp>,
    /// What it did.
    pub outcome: Outcome,
}

impl Store {
    /// Says what a sweep would take away now, and takes nothing.
    ///
    /// # Errors
    /// If it cannot be counted.
    pub async fn sweep_dry(&self) -> Result<Outcome, StoreError> {
        let held = self.held().await?;
        let mut outcome = Outcome::default();
        for rule in plan::expiries() {
            let (rows, kept) = self.count_expired(&rule, &held).await?;
            let files = self.count_expired_files(&rule, &held).await?;
            outcome.rules.push(swept(&rule, rows, files, kept));
        }
        let overdue = self.overdue_erasures(&held).await?.len() as u64;
        outcome.rules.push(Swept {
            rule: ACCOUNT.to_owned(),
            table: "person".to_owned(),
            rows: overdue,
            files: 0,
            held: 0,
        });
        outcome.rules.retain(|it| it.rows + it.held > 0);
        Ok(outcome)
    }

    /// Takes away what has expired, and keeps a report of it. While it works it holds the lease of the job that asked for
    /// it, if one did; when it has lost that, another is at it, and it stops.
    ///
    /// # Errors
    /// If something cannot be deleted; what is gone is gone, and the report says so far.
    pub async fn sweep(&self, origin: Origin, leased: Option<&Leased>) -> Result<Outcome, StoreError> {
        let id = SweepId::new(&*self.clock, &*self.entropy);
        let keys = self.keys_destroyed_since_last_sweep().await?;
        let mut outcome = Outcome { keys, ..Outcome::default() };
        self.begin_report(id, origin, &outcome).await?;
        let held = self.held().await?;
        for person in self.overdue_erasures(&held).await? {
            self.erase(person).await?;
            outcome.keys += 1;
            add(
                &mut outcome.rules,
                Swept { rule: ACCOUNT.to_owned(), table: "person".to_owned(), rows: 1, files: 0, held: 0 },
            );
        }
        for rule in plan::expiries() {
            let mut done = swept(&rule, 0, 0, 0);
            if !held.is_empty() {
                done.held = self.count_expired(&rule, &held).await?.1;
            }
            loop {
                let taken = self.expire_batch(&rule, &held).await?;
                done.rows += taken.rows;
                done.files += taken.files;
                if let Some(leased) = leased
                    && !self.keep_job(leased).await?
                {
                    return Ok(outcome);
                }
                if !taken.more {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
            if done.rows + done.held > 0 {
                add(&mut outcome.rules, done);
                self.write_report(id, &outcome, None).await?;
            }
        }
        self.write_report(id, &outcome, Some(self.now_ms())).await?;
        Ok(outcome)
    }

    async fn keys_destroyed_since_last_sweep(&self) -> Result<u64, StoreError> {
        let last = sweep::Entity::find().order_by_desc(sweep::Column::StartedAt).one(&self.db).await?;
        self.keys.destroyed_since(last.map_or(i64::MIN, |row| row.started_at)).await
    }

    async fn begin_report(&self, id: SweepId, origin: Origin, outcome: &Outcome) -> Result<(), StoreError> {
        let row = sweep::ActiveModel {
            id: Set(id.0),
            origin: Set(origin.tag().to_owned()),
            detail: Set(written(outcome)?),
            rows: Set(0),
            files: Set(0),
            held: Set(0),
            keys: Set(i64::try_from(outcome.keys).unwrap_or(i64::MAX)),
            started_at: Set(self.now_ms()),
            finished_at: Set(None),
        };
        sweep::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    async fn write_report(&self, id: SweepId, outcome: &Outcome, finished: Option<i64>) -> Result<(), StoreError> {
        sweep::Entity::update_many()
            .col_expr(sweep::Column::Detail, Expr::value(written(outcome)?))
            .col_expr(sweep::Column::Rows, Expr::value(outcome.sum(|it| it.rows)))
            .col_expr(sweep::Column::Files, Expr::value(outcome.sum(|it| it.files)))
            .col_expr(sweep::Column::Held, Expr::value(outcome.sum(|it| it.held)))
            .col_expr(sweep::Column::Keys, Expr::value(i64::try_from(outcome.keys).unwrap_or(i64::MAX)))
            .col_expr(sweep::Column::FinishedAt, Expr::value(finished))
            .filter(sweep::Column::Id.eq(id.0))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// The latest reports, the newest first. `None` for anybody but a privacy officer.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn sweep_reports(&self, viewer: &Viewer) -> Result<Option<Vec<Report>>, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(None);
        }
        let rows = sweep::Entity::find().order_by_desc(sweep::Column::StartedAt).limit(SHOWN).all(&self.db).await?;
        let report = |row: sweep::Model| {
            let rules = serde_json::from_str(&row.detail).map_err(|error| StoreError::Damaged(error.to_string()))?;
            Ok(Report {
                origin: row.origin,
                started: time(row.started_at),
                finished: row.finished_at.map(time),
                outcome: Outcome { rules, keys: u64::try_from(row.keys).unwrap_or(0) },
            })
        };
        rows.into_iter().map(report).collect::<Result<_, StoreError>>().map(Some)
    }

    /// Sees to it that a sweep will be done at this moment, if none is on its way. One that had failed for good is on its
    /// way again.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn schedule_sweep(&self, at: Timestamp) -> Result<(), StoreError> {
        self.revive_jobs(SWEEP).await?;
        let row = self.new_job(Uuid::nil(), SWEEP, Uuid::nil(), at.as_millisecond());
        let known = OnConflict::columns([job::Column::Kind, job::Column::TargetId]).do_nothing().to_owned();
        job::Entity::insert(row).on_conflict(known).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Does the sweep that a job asks for, ends the job, and sees to the next one.
    ///
    /// # Errors
    /// If it broke off; the job may be tried again.
    pub async fn sweep_for(&self, leased: &Leased, next: Timestamp) -> Result<Outcome, StoreError> {
        let outcome = self.sweep(Origin::Schedule, Some(leased)).await?;
        if self.end_job(&self.db, leased).await? {
            self.schedule_sweep(next).await?;
        }
        Ok(outcome)
    }
}

fn swept(rule: &Expiry, rows: u64, files: u64, held: u64) -> Swept {
    Swept { rule: rule.retention.id.to_owned(), table: rule.table.to_owned(), rows, files, held }
}

/// Adds to what is known of a rule and a table.
fn add(rules: &mut Vec<Swept>, more: Swept) {
    match rules.iter_mut().find(|it| (&it.rule, &it.table) == (&more.rule, &more.table)) {
        Some(known) => {
            known.rows += more.rows;
            known.files += more.files;
            known.held += more.held;
        }
        None => rules.push(more),
    }
}

fn written(outcome: &Outcome) -> Result<String, StoreError> {
    serde_json::to_string(&outcome.rules).map_err(|error| StoreError::Damaged(error.to_string()))
}
