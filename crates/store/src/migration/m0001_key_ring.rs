//! The key ring: a wrapped key for each person, and the system's own keys.

use sea_orm_migration::prelude::*;

use super::table::bare;

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        bare("subject_key")
            .key("subject_id")
            .maybe_bytes(&["wrapped"])
            .numbers(&["created_at"])
            .maybe_numbers(&["destroyed_at"])
            .create(manager)
            .await?;
        bare("system_key").name_key("name").bytes(&["wrapped"]).numbers(&["created_at"]).create(manager).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("keys are not thrown away by going back".to_owned()))
    }
}
