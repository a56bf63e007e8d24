//! The draft of the next version: one for all officers, until it is scheduled.

use jiayin_domain::id::new_uuid;
use jiayin_domain::role::Role;
use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use super::PolicyTexts;
use crate::entity::policy_draft;
use crate::{Store, StoreError, Viewer, time, write};

/// The draft.
pub struct Draft {
    /// What it says.
    pub texts: PolicyTexts,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Store {
    /// The draft of the next version, if there is one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn policy_draft(&self) -> Result<Option<Draft>, StoreError> {
        let row = policy_draft::Entity::find().one(&self.db).await?;
        Ok(row.map(|row| Draft {
            updated_at: time(row.updated_at),
            texts: PolicyTexts { zh: row.zh, en: row.en, children_zh: row.children_zh, children_en: row.children_en },
        }))
    }

    /// Keeps the draft in place of what was there. Whether the viewer may.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn save_policy_draft(&self, viewer: &Viewer, texts: &PolicyTexts) -> Result<bool, StoreError> {
        if viewer.role != Role::PrivacyOfficer {
            return Ok(false);
        }
        let row = policy_draft::ActiveModel {
            id: Set(new_uuid(&*self.clock, &*self.entropy)),
            updated_by: Set(viewer.person.0),
            updated_at: Set(self.now_ms()),
            zh: Set(texts.zh.clone()),
            en: Set(texts.en.clone()),
            children_zh: Set(texts.children_zh.clone()),
            children_en: Set(texts.children_en.clone()),
        };
        let transaction = write::begin(&self.db).await?;
        policy_draft::Entity::delete_many().exec(&transaction).await?;
        policy_draft::Entity::insert(row).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Throws the draft away.
    ///
    /// # Errors
    /// If it cannot be stored.
    pub async fn drop_policy_draft(&self, viewer: &Viewer) -> Result<(), StoreError> {
        if viewer.role == Role::PrivacyOfficer {
            policy_draft::Entity::delete_many().exec(&self.db).await?;
        }
        Ok(())
    }
}
