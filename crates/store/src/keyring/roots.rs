//! The root keys that this process knows, and which of them the key ring is under.
//!
//! While the ring is rotated, some keys are under the old root key and some under the new one. A process that meets a root
//! key it does not know asks its source again: that is how a running server learns of a new one.

use std::sync::{Arc, PoisonError, RwLock};

use jiayin_privacy::{RootKey, RootKeyId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::StoreError;
use crate::entity::root_key;

/// Name of the one row.
const CURRENT: &str = "current";

/// Where root keys come from: asked at the start, and again when the key ring is under one that is not known.
pub trait RootKeySource: Send + Sync {
    /// The root keys that are there at this moment; the first is taken for a ring that has none yet. It may block.
    ///
    /// # Errors
    /// A line for the operator.
    fn read(&self) -> Result<Vec<RootKey>, String>;
}

/// The root keys that are known.
pub(crate) struct Roots {
    source: Arc<dyn RootKeySource>,
    known: RwLock<Vec<Arc<RootKey>>>,
}

impl Roots {
    pub(crate) async fn open(source: Arc<dyn RootKeySource>) -> Result<Self, StoreError> {
        let roots = Self { source, known: RwLock::default() };
        roots.reload().await?;
        Ok(roots)
    }

    /// Asks the source again, and answers which keys it gives. Those known before stay known: what is being read at this moment
    /// may still be under one of them.
    pub(crate) async fn reload(&self) -> Result<Vec<RootKeyId>, StoreError> {
        let source = Arc::clone(&self.source);
        let read = tokio::task::spawn_blocking(move || source.read()).await;
        let keys = read.map_err(|_| StoreError::Keys("the root key could not be asked for".to_owned()))?;
        let keys = keys.map_err(StoreError::Keys)?;
        let given = keys.iter().map(RootKey::id).collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if !known.iter().any(|other| other.id() == key.id()) {
                known.push(Arc::new(key));
            }
        }
        Ok(given)
    }

    /// All of them, the source's first one first.
    pub(crate) fn known(&self) -> Vec<Arc<RootKey>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, id: RootKeyId) -> Option<Arc<RootKey>> {
        self.known().into_iter().find(|key| key.id() == id)
    }

    /// The root key `id`, from the source if need be.
    pub(crate) async fn get(&self, id: RootKeyId) -> Result<Arc<RootKey>, StoreError> {
        if let Some(key) = self.find(id) {
            return Ok(key);
        }
        self.reload().await?;
        self.find(id).ok_or_else(|| {
            let known: Vec<String> = self.known().iter().map(|key| key.id().to_string()).collect();
            StoreError::Keys(format!(
                "made with another root key: the key ring is under {id}, and the one that was given is {}",
                known.join(", ")
            ))
        })
    }
}

/// Which root key the ring is under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Under {
    /// All new keys are wrapped by it.
    pub(crate) id: RootKeyId,
    /// While the ring is rotated: some keys are still under this one.
    pub(crate) previous: Option<RootKeyId>,
}

/// What the ring says; with `lock`, nobody can change it before the transaction ends.
pub(crate) async fn under(db: &impl ConnectionTrait, lock: bool) -> Result<Option<Under>, StoreError> {
    let find = root_key::Entity::find_by_id(CURRENT.to_owned());
    let row = if lock { find.lock_shared().one(db).await? } else { find.one(db).await? };
    let Some(row) = row else { return Ok(None) };
    let previous = row.previous_id.as_deref().map(str::parse).transpose()?;
    Ok(Some(Under { id: row.id.parse()?, previous }))
}

/// Notes it for a ring that says nothing yet; of two processes that start at once, one has been the first.
pub(crate) async fn note(db: &impl ConnectionTrait, id: RootKeyId, now_ms: i64) -> Result<(), StoreError> {
    let row = root_key::ActiveModel {
        name: Set(CURRENT.to_owned()),
        id: Set(id.to_string()),
        previous_id: Set(None),
        since: Set(now_ms),
    };
    let unless_there = OnConflict::column(root_key::Column::Name).do_nothing().to_owned();
    root_key::Entity::insert(row).on_conflict(unless_there).exec_without_returning(db).await?;
    Ok(())
}

/// Changes what the ring says from `from` to `to`; `false` if it says something else by now.
pub(crate) async fn change(db: &impl ConnectionTrait, from: Under, to: Under, now_ms: i64) -> Result<bool, StoreError> {
    let changed = root_key::Entity::update_many()
        .col_expr(root_key::Column::Id, Expr::value(to.id.to_string()))
        .col_expr(root_key::Column::PreviousId, Expr::value(to.previous.map(|id| id.to_string())))
        .col_expr(root_key::Column::Since, Expr::value(now_ms))
        .filter(root_key::Column::Name.eq(CURRENT))
        .filter(root_key::Column::Id.eq(from.id.to_string()))
        .exec(db)
        .await?;
    Ok(changed.rows_affected == 1)
}
