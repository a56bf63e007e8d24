//! Tokens by which programs act for people.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("api_token")
            .ids(&["school_id", "person_id", "made_by"])
            .bytes(&["token_hash", "name"])
            .texts(&["scopes"])
            .numbers(&["created_at", "expires_at"])
            .maybe_numbers(&["used_at"])
            .create(manager)
            .await?;
        index(manager, "api_token", &["token_hash"], true).await?;
        index(manager, "api_token", &["person_id"], false).await?;
        index(manager, "api_token", &["made_by"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("tokens are not thrown away by going back".to_owned()))
    }
}
