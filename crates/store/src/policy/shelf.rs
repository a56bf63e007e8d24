//! All versions without their texts, remembered for some seconds: every page asks for the one in force.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiayin_domain::id::{PersonId, PolicyVersionId};
use jiayin_privacy::changes::{changes, touched};
use jiayin_privacy::snapshot::Snapshot;
use quick_cache::sync::Cache;
use sea_orm::{DerivePartialModel, EntityTrait, QueryOrder};
use uuid::Uuid;

use super::{PolicyHead, PolicyRef, moment, unreadable};
use crate::entity::policy_version;
use crate::{Store, StoreError, time};

/// How long the list is believed before the database is asked again; what another process publishes shows after that.
const FRESH: Duration = Duration::from_secs(5);
/// People of whom it is remembered what they have seen.
const PEOPLE: usize = 20_000;

/// What is remembered of the versions.
pub(crate) struct Shelf {
    list: Mutex<Remembered>,
    /// For each person the newest version that they have seen, or need not see.
    pub(super) seen: Cache<PersonId, u32>,
}

#[derive(Default)]
struct Remembered {
    /// What was read last.
    heads: Option<Arc<Vec<PolicyHead>>>,
    /// When; `None` if something has changed since.
    read: Option<Duration>,
    /// For a version the purposes that this program has beyond it.
    undeclared: Option<(PolicyVersionId, Arc<Vec<String>>)>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { list: Mutex::default(), seen: Cache::new(PEOPLE) }
    }
}

impl Shelf {
    fn with<T>(&self, work: impl FnOnce(&mut Remembered) -> T) -> T {
        work(&mut self.list.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next question goes to the database.
    pub(super) fn forget(&self) {
        self.with(|list| list.read = None);
    }
}

/// The columns of a head.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "policy_version::Entity")]
struct HeadRow {
    id: Uuid,
    created_by: Option<Uuid>,
    number: i64,
    notice_at: i64,
    effective_at: i64,
    cancelled_at: Option<i64>,
    touches: String,
    digest: Vec<u8>,
}

impl HeadRow {
    fn head(self) -> Result<PolicyHead, StoreError> {
        let version = PolicyRef {
            id: PolicyVersionId(self.id),
            number: u32::try_from(self.number).map_err(unreadable)?,
            digest: self.digest.try_into().map_err(|_| unreadable("its digest is not 32 bytes"))?,
        };
        Ok(PolicyHead {
            version,
            notice_at: time(self.notice_at),
            effective_at: time(self.effective_at),
            cancelled_at: moment(self.cancelled_at),
            touches: serde_json::from_str(&self.touches).map_err(unreadable)?,
            created_by: self.created_by.map(PersonId),
        })
    }
}

/// The head of a whole row.
pub(super) fn head(row: &policy_version::Model) -> Result<PolicyHead, StoreError> {
    HeadRow {
        id: row.id,
        created_by: row.created_by,
        number: row.number,
        notice_at: row.notice_at,
        effective_at: row.effective_at,
        cancelled_at: row.cancelled_at,
        touches: row.touches.clone(),
        digest: row.digest.clone(),
    }
    .head()
}

impl Store {
    /// All versions, the first one first; those taken back among them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn policies(&self) -> Result<Arc<Vec<PolicyHead>>, StoreError> {
        let now = self.clock.monotonic();
        let fresh = |list: &mut Remembered| list.read.is_some_and(|read| now.saturating_sub(read) < FRESH);
        let known = self.policies.with(|list| if fresh(list) { list.heads.clone() } else { None });
        if let Some(heads) = known {
            return Ok(heads);
        }
        let rows: Vec<HeadRow> = policy_version::Entity::find()
            .order_by_asc(policy_version::Column::Number)
            .into_partial_model()
            .all(&self.db)
            .await?;
        let heads = Arc::new(rows.into_iter().map(HeadRow::head).collect::<Result<Vec<_>, _>>()?);
        self.policies.with(|list| (list.heads, list.read) = (Some(Arc::clone(&heads)), Some(now)));
        Ok(heads)
    }

    /// The version in force as far as it is remembered: for what must be answered even if the database is gone.
    pub fn known_policy(&self) -> Option<PolicyRef> {
        let now = self.clock.now();
        let heads = self.policies.with(|list| list.heads.clone())?;
        heads.iter().rev().find(|head| head.is_effective(now)).map(|head| head.version)
    }

    /// Ids of the purposes for which this program does more than the version in force says. None, unless the program was
    /// replaced by a newer one and the officer has not published what it does.
    ///
    /// # Errors
    /// As [`Store::current_policy`].
    pub async fn undeclared(&self) -> Result<Arc<Vec<String>>, StoreError> {
        let current = self.current_policy().await?;
        let known = self.policies.with(|list| {
            list.undeclared.as_ref().filter(|(id, _)| *id == current.id).map(|(_, purposes)| Arc::clone(purposes))
        });
        if let Some(purposes) = known {
            return Ok(purposes);
        }
        let said = self.policy(current.number).await?.ok_or(StoreError::NoPolicy)?.snapshot;
        let done = Snapshot::current();
        let purposes = Arc::new(touched(&changes(&said, &done), &done));
        self.policies.with(|list| list.undeclared = Some((current.id, Arc::clone(&purposes))));
        Ok(purposes)
    }
}
