//! Which root key the key ring is under, and which one it is leaving while it is rotated.

use sea_orm_migration::prelude::*;

use super::table::bare;

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        bare("root_key")
            .name_key("name")
            .texts(&["id"])
            .maybe_text("previous_id")
            .numbers(&["since"])
            .create(manager)
            .await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("keys are not thrown away by going back".to_owned()))
    }
}
