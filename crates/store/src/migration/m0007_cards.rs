//! Cards by which children sign in.

use sea_orm_migration::prelude::*;

use super::table::{bare, index};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        bare("card")
            .key("learner_id")
            .ids(&["school_id", "created_by"])
            .bytes(&["token_hash"])
            .numbers(&["created_at"])
            .maybe_numbers(&["used_at"])
            .create(manager)
            .await?;
        index(manager, "card", &["token_hash"], true).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("children's cards are not thrown away by going back".to_owned()))
    }
}
