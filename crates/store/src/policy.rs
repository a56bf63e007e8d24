//! Versions of the policy: the first one, the one in force, the next; what each changed, and which consent still counts.
//! Who has seen a version stands in `policy/seen.rs`.

mod draft;
mod seen;
mod shelf;

use jiayin_domain::id::{PersonId, PolicyVersionId};
use jiayin_domain::revision::{self, NoticeError};
use jiayin_domain::role::Role;
use jiayin_privacy::changes::{changes, touched};
use jiayin_privacy::snapshot::{Snapshot, digest};
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::{policy_draft, policy_version};
use crate::error::is_duplicate;
use crate::{Store, StoreError, Viewer, time, write};

pub use draft::Draft;
pub(crate) use shelf::Shelf;

/// What people read: Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyTexts {
    /// The policy in Chinese.
    pub zh: String,
    /// The policy in English.
    pub en: String,
    /// The rules for children under fourteen in Chinese.
    pub children_zh: String,
    /// The rules for children under fourteen in English.
    pub children_en: String,
}

/// A version, as a consent names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyRef {
    /// Its row.
    pub id: PolicyVersionId,
    /// Its number, from 1.
    pub number: u32,
    /// SHA-256 over its texts and the data map of that time.
    pub digest: [u8; 32],
}

/// A version without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyHead {
    /// Which one.
    pub version: PolicyRef,
    /// When it was announced.
    pub notice_at: Timestamp,
    /// When it takes, or took, effect.
    pub effective_at: Timestamp,
    /// When it was taken back, before it took effect.
    pub cancelled_at: Option<Timestamp>,
    /// Ids of the purposes for which it asks for consent again; empty if nothing material changed.
    pub touches: Vec<String>,
    /// Who published it; `None` is the program itself.
    pub created_by: Option<PersonId>,
}

impl PolicyHead {
    /// Whether it has ever been in force by then.
    pub fn is_effective(&self, now: Timestamp) -> bool {
        self.cancelled_at.is_none() && self.effective_at <= now
    }

    /// Whether it is announced, and not in force yet.
    pub fn is_scheduled(&self, now: Timestamp) -> bool {
        self.cancelled_at.is_none() && self.effective_at > now
    }
}

/// A version with all that it says.
pub struct PolicyVersion {
    /// When and by whom.
    pub head: PolicyHead,
    /// What people read.
    pub texts: PolicyTexts,
    /// The data map of that time.
    pub snapshot: Snapshot,
}

/// Why a version cannot be scheduled.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// Not at that moment.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Another version is announced already; people read one at a time.
    #[error("another version is scheduled")]
    Pending,
    /// A text is missing.
    #[error("a text is empty")]
    Empty,
    /// Only who answers for the policy may.
    #[error("not allowed")]
    NotAllowed,
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for ScheduleError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Makes the first version, if there is none: in force at once, since nobody uses the service yet.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn ensure_first_policy(&self, texts: &PolicyTexts) -> Result<PolicyRef, StoreError> {
        if let Ok(current) = self.current_policy().await {
            return Ok(current);
        }
        let now = self.clock.now();
        let row = self.row(1, texts, &Snapshot::current(), (now, now), None, &[])?;
        match policy_version::Entity::insert(row).exec_without_returning(&self.durable).await {
            // Another process was quicker.
            Err(error) if !is_duplicate(&error) => return Err(error.into()),
            _ => {}
        }
        self.policies.forget();
        self.current_policy().await
    }

    /// The version in force. Cheap: remembered for some seconds.
    ///
    /// # Errors
    /// [`StoreError::NoPolicy`] if there is none yet, or if the database does not answer.
    pub async fn current_policy(&self) -> Result<PolicyRef, StoreError> {
        let now = self.clock.now();
        let heads = self.policies().await?;
        // Before the first one there was none: it holds for whatever is told of the time before it.
        let in_force = heads.iter().rev().find(|head| head.is_effective(now)).or(heads.first());
        in_force.map(|head| head.version).ok_or(StoreError::NoPolicy)
    }

    /// A version with all that it says.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn policy(&self, number: u32) -> Result<Option<PolicyVersion>, StoreError> {
        let found = policy_version::Entity::find()
            .filter(policy_version::Column::Number.eq(i64::from(number)))
            .one(&self.db)
            .await?;
        let Some(row) = found else { return Ok(None) };
        let snapshot = read_snapshot(&row.snapshot)?;
        let head = shelf::head(&row)?;
        let texts = PolicyTexts { zh: row.zh, en: row.en, children_zh: row.children_zh, children_en: row.children_en };
        Ok(Some(PolicyVersion { head, texts, snapshot }))
    }

    /// Announces a new version, with the data map of this program, to take effect at a moment. The draft is used up.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub async fn schedule_policy(
        &self,
        viewer: &Viewer,
        texts: &PolicyTexts,
        effective_at: Timestamp,
        notice_days: u16,
    ) -> Result<PolicyRef, ScheduleError> {
        if viewer.role != Role::PrivacyOfficer {
            return Err(ScheduleError::NotAllowed);
        }
        if [&texts.zh, &texts.en, &texts.children_zh, &texts.children_en].iter().any(|text| text.trim().is_empty()) {
            return Err(ScheduleError::Empty);
        }
        let now = self.clock.now();
        revision::check(now, effective_at, notice_days)?;
        let transaction = write::begin(&self.durable).await?;
        let rows =
            policy_version::Entity::find().order_by_asc(policy_version::Column::Number).all(&transaction).await?;
        let heads = rows.iter().map(shelf::head).collect::<Result<Vec<_>, _>>()?;
        if heads.iter().any(|head| head.is_scheduled(now)) {
            return Err(ScheduleError::Pending);
        }
        let before = rows.iter().rev().find(|row| row.cancelled_at.is_none()).ok_or(StoreError::NoPolicy)?;
        let snapshot = Snapshot::current();
        let found = changes(&read_snapshot(&before.snapshot)?, &snapshot);
        let touches = touched(&found, &snapshot);
        let number = heads.last().map_or(1, |head| head.version.number.saturating_add(1));
        let row = self.row(number, texts, &snapshot, (now, effective_at), Some(viewer.person), &touches)?;
        match policy_version::Entity::insert(row).exec_without_returning(&transaction).await {
            Err(error) if is_duplicate(&error) => return Err(ScheduleError::Pending),
            other => other?,
        };
        policy_draft::Entity::delete_many().exec(&transaction).await?;
        transaction.commit().await?;
        self.policies.forget();
        let heads = self.policies().await?;
        let kept = heads.iter().find(|head| head.version.number == number);
        Ok(kept.map(|head| head.version).ok_or(StoreError::NoPolicy)?)
    }

    /// Takes a version back that is announced and not in force yet. Whether there was one.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn cancel_policy(&self, viewer: &Viewer, number: u32) -> Result<bool, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(false);
        }
        let now = self.now_ms();
        let done = policy_version::Entity::update_many()
            .col_expr(policy_version::Column::CancelledAt, Expr::value(Some(now)))
            .filter(policy_version::Column::Number.eq(i64::from(number)))
            .filter(policy_version::Column::CancelledAt.is_null())
            .filter(policy_version::Column::EffectiveAt.gt(now))
            .exec(&self.durable)
            .await?;
        self.policies.forget();
        Ok(done.rows_affected > 0)
    }

    /// The number of the version under which consent to a purpose must have been given, or a later one, to count: the last
    /// one in force that changed something material about the purpose; 1 if none did. If this program does what the version
    /// in force does not say, no consent counts for what it touches: the number is beyond every version in force.
    ///
    /// # Errors
    /// As [`Store::current_policy`].
    pub async fn consent_floor(&self, purpose: &str) -> Result<u32, StoreError> {
        let current = self.current_policy().await?;
        if self.undeclared().await?.iter().any(|touched| touched == purpose) {
            return Ok(current.number.saturating_add(1));
        }
        let now = self.clock.now();
        let heads = self.policies().await?;
        let asked =
            |head: &&PolicyHead| head.is_effective(now) && head.touches.iter().any(|touched| touched == purpose);
        Ok(heads.iter().rev().find(asked).map_or(1, |head| head.version.number))
    }

    fn row(
        &self,
        number: u32,
        texts: &PolicyTexts,
        snapshot: &Snapshot,
        (notice_at, effective_at): (Timestamp, Timestamp),
        created_by: Option<PersonId>,
        touches: &[String],
    ) -> Result<policy_version::ActiveModel, StoreError> {
        let snapshot = snapshot.to_json().map_err(unreadable)?;
        let all = [&texts.zh, &texts.en, &texts.children_zh, &texts.children_en, &snapshot].map(String::as_str);
        Ok(policy_version::ActiveModel {
            id: Set(PolicyVersionId::new(&*self.clock, &*self.entropy).0),
            created_by: Set(created_by.map(|person| person.0)),
            number: Set(i64::from(number)),
            notice_at: Set(notice_at.as_millisecond()),
            effective_at: Set(effective_at.as_millisecond()),
            cancelled_at: Set(None),
            zh: Set(texts.zh.clone()),
            en: Set(texts.en.clone()),
            children_zh: Set(texts.children_zh.clone()),
            children_en: Set(texts.children_en.clone()),
            digest: Set(digest(&all).to_vec()),
            snapshot: Set(snapshot),
            touches: Set(serde_json::to_string(touches).map_err(unreadable)?),
        })
    }
}

fn read_snapshot(json: &str) -> Result<Snapshot, StoreError> {
    Snapshot::from_json(json).map_err(unreadable)
}

/// A row of ours that cannot be read: somebody else wrote into the database.
fn unreadable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Database(sea_orm::DbErr::Custom(format!("a version of the policy: {error}")))
}

/// The moment of a column.
fn moment(milliseconds: Option<i64>) -> Option<Timestamp> {
    milliseconds.map(time)
}
