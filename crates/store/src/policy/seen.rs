//! Who has seen which version (clause 12.2). Who is up to date costs no question to the database.

use jiayin_domain::id::new_uuid;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::PolicyHead;
use crate::entity::{person, policy_seen};
use crate::error::is_duplicate;
use crate::{Store, StoreError, Viewer, time};

impl Store {
    /// Keeps that a person has seen a version; the first time counts. Whether there is such a version.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn see_policy(&self, viewer: &Viewer, number: u32) -> Result<bool, StoreError> {
        let heads = self.policies().await?;
        if !heads.iter().any(|head| head.version.number == number && head.cancelled_at.is_none()) {
            return Ok(false);
        }
        let row = policy_seen::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            school_id: Set(viewer.school.0),
            person_id: Set(viewer.person.0),
            number: Set(i64::from(number)),
            seen_at: Set(self.now_ms()),
        };
        match policy_seen::Entity::insert(row).exec_without_returning(&self.db).await {
            Err(error) if !is_duplicate(&error) => return Err(error.into()),
            _ => {}
        }
        let newest = self.policies.seen.get(&viewer.person).unwrap_or(0).max(number);
        self.policies.seen.insert(viewer.person, newest);
        Ok(true)
    }

    /// The newest version that is announced or in force, if the person has yet to see it. Who joined when it was in force
    /// has read it then; the first version changed nothing.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn unseen_policy(&self, viewer: &Viewer) -> Result<Option<PolicyHead>, StoreError> {
        let heads = self.policies().await?;
        let Some(newest) = heads.iter().rev().find(|head| head.cancelled_at.is_none() && head.version.number > 1)
        else {
            return Ok(None);
        };
        let number = newest.version.number;
        if self.policies.seen.get(&viewer.person).is_some_and(|seen| seen >= number) {
            return Ok(None);
        }
        let seen = policy_seen::Entity::find()
            .filter(policy_seen::Column::PersonId.eq(viewer.person.0))
            .filter(policy_seen::Column::Number.eq(i64::from(number)))
            .one(&self.db)
            .await?;
        if seen.is_none() && !self.joined_under(viewer, newest).await? {
            return Ok(Some(newest.clone()));
        }
        self.policies.seen.insert(viewer.person, number);
        Ok(None)
    }

    async fn joined_under(&self, viewer: &Viewer, version: &PolicyHead) -> Result<bool, StoreError> {
        let joined: Option<i64> = person::Entity::find_by_id(viewer.person.0)
            .select_only()
            .column(person::Column::CreatedAt)
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(joined.is_some_and(|joined| time(joined) >= version.effective_at))
    }

    /// How many people have seen a version.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn policy_seen_count(&self, number: u32) -> Result<u64, StoreError> {
        let seen = policy_seen::Entity::find().filter(policy_seen::Column::Number.eq(i64::from(number)));
        Ok(seen.count(&self.db).await?)
    }

    /// When a person has seen a version; `None` if they have not.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn policy_seen_at(&self, viewer: &Viewer, number: u32) -> Result<Option<Timestamp>, StoreError> {
        let seen = policy_seen::Entity::find()
            .filter(policy_seen::Column::PersonId.eq(viewer.person.0))
            .filter(policy_seen::Column::Number.eq(i64::from(number)))
            .one(&self.db)
            .await?;
        Ok(seen.map(|row| time(row.seen_at)))
    }
}
