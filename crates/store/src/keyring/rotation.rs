//! Going over to another root key while everything runs.
//!
//! 1. The ring says that it is under the new key ([`KeyRing::go_over`]). From here on no key is wrapped by the old one: who
//!    makes a key looks at what the ring says in the same transaction.
//! 2. All keys are taken over, batch after batch ([`KeyRing::take_over`]). Each wrapped key carries the id of its root key,
//!    so this can be broken off anywhere and begun again.
//! 3. When none is under the old key, the ring forgets it.

use jiayin_domain::id::PersonId;
use jiayin_privacy::{RootKey, RootKeyId, WrappedKey};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::KeyRing;
use super::roots::{self, Under};
use crate::StoreError;
use crate::entity::{subject_key, system_key};
use crate::{connect, write};

/// Keys taken over in one transaction: some milliseconds in which others wait to write.
const BATCH: u64 = 200;

impl KeyRing {
    /// The root key the ring is under, and the one it is leaving.
    ///
    /// # Errors
    /// If the ring cannot be read.
    pub async fn root_keys(&self) -> Result<(RootKeyId, Option<RootKeyId>), StoreError> {
        let under = self.under().await?;
        Ok((under.id, under.previous))
    }

    /// The ids of the root keys that the source gives.
    ///
    /// # Errors
    /// If the source gives none.
    pub async fn given(&self) -> Result<Vec<RootKeyId>, StoreError> {
        self.roots.reload().await
    }

    /// From now on all new keys are wrapped by the root key `id`, which the source must give already. Nothing happens if that
    /// is so already.
    ///
    /// # Errors
    /// If the source does not give it, or a rotation to another one has not been finished.
    pub async fn go_over(&self, id: RootKeyId, now_ms: i64) -> Result<(), StoreError> {
        self.roots.get(id).await?;
        let under = self.under().await?;
        if under.id == id {
            return Ok(());
        }
        if under.previous.is_some() {
            return Err(StoreError::Keys("an earlier rotation has not been finished".to_owned()));
        }
        let to = Under { id, previous: Some(under.id) };
        if roots::change(&self.db, under, to, now_ms).await? {
            Ok(())
        } else {
            Err(StoreError::Keys("another rotation has begun at this moment".to_owned()))
        }
    }

    /// Takes all keys over, calls `told` with their number after each batch, and has the ring forget the old root key.
    /// Answers how many were taken over.
    ///
    /// # Errors
    /// If a key cannot be unwrapped; those taken over before stay so.
    pub async fn take_over(&self, now_ms: i64, mut told: impl FnMut(u64)) -> Result<u64, StoreError> {
        let under = self.under().await?;
        let Some(previous) = under.previous else { return Ok(0) };
        let (new, old) = (self.roots.get(under.id).await?, self.roots.get(previous).await?);
        let mut done = self.system_keys(&old, &new).await?;
        let mut after = Uuid::nil();
        while let Some(last) = self.batch(&old, &new, after, &mut done).await? {
            after = last;
            told(done);
        }
        roots::change(&self.db, under, Under { id: under.id, previous: None }, now_ms).await?;
        connect::forget_old_pages(&self.db).await?;
        Ok(done)
    }

    async fn system_keys(&self, old: &RootKey, new: &RootKey) -> Result<u64, StoreError> {
        let tx = write::begin(&self.db).await?;
        let mut done = 0;
        for row in system_key::Entity::find().all(&tx).await? {
            let wrapped = WrappedKey::from_bytes(row.wrapped);
            if wrapped.root_id()? == new.id() {
                continue;
            }
            let over = new.take_over_system_key(old, &row.name, &wrapped, &*self.entropy)?;
            system_key::Entity::update_many()
                .col_expr(system_key::Column::Wrapped, Expr::value(over.into_bytes()))
                .filter(system_key::Column::Name.eq(row.name))
                .exec(&tx)
                .await?;
            done += 1;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// The next keys after `after`; the last of them, or `None` if there was none.
    async fn batch(
        &self,
        old: &RootKey,
        new: &RootKey,
        after: Uuid,
        done: &mut u64,
    ) -> Result<Option<Uuid>, StoreError> {
        let tx = write::begin(&self.db).await?;
        let rows = subject_key::Entity::find()
            .filter(subject_key::Column::SubjectId.gt(after))
            .order_by_asc(subject_key::Column::SubjectId)
            .limit(BATCH)
            .all(&tx)
            .await?;
        let last = rows.last().map(|row| row.subject_id);
        for row in rows {
            let Some(bytes) = row.wrapped else { continue };
            let wrapped = WrappedKey::from_bytes(bytes);
            if wrapped.root_id()? == new.id() {
                continue;
            }
            let over = new.take_over(old, PersonId(row.subject_id), &wrapped, &*self.entropy)?;
            // Only where it is still what was read: a key that has been destroyed meanwhile must not come back.
            let changed = subject_key::Entity::update_many()
                .col_expr(subject_key::Column::Wrapped, Expr::value(over.into_bytes()))
                .filter(subject_key::Column::SubjectId.eq(row.subject_id))
                .filter(subject_key::Column::Wrapped.eq(wrapped.into_bytes()))
                .exec(&tx)
                .await?;
            *done += changed.rows_affected;
        }
        tx.commit().await?;
        Ok(last)
    }
}
