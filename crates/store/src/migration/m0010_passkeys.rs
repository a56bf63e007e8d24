//! Passkeys: public keys by which people sign in without a password.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("passkey")
            .ids(&["school_id", "person_id"])
            .bytes(&["lookup", "credential", "public_key", "name", "state"])
            .numbers(&["ceremony", "created_at"])
            .maybe_numbers(&["used_at"])
            .create(manager)
            .await?;
        index(manager, "passkey", &["lookup"], true).await?;
        index(manager, "passkey", &["person_id"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("passkeys are not thrown away by going back".to_owned()))
    }
}
