//! Devices on which people have signed in, the sessions on them, and the second step of signing in.

use sea_orm_migration::prelude::*;

use super::table::{bare, index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("device")
            .ids(&["school_id", "person_id"])
            .bytes(&["token_hash", "browser", "system", "model"])
            .numbers(&["created_at", "seen_at"])
            .create(manager)
            .await?;
        index(manager, "device", &["person_id", "token_hash"], true).await?;
        bare("second_step")
            .key("person_id")
            .ids(&["school_id"])
            .bytes(&["secret"])
            .numbers(&["last_step", "created_at"])
            .create(manager)
            .await?;
        table("recovery_code")
            .ids(&["school_id", "person_id"])
            .bytes(&["code_hash"])
            .numbers(&["created_at"])
            .create(manager)
            .await?;
        index(manager, "recovery_code", &["person_id", "code_hash"], true).await?;
        let session = || Table::alter().table(Alias::new("session")).to_owned();
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        manager.alter_table(session().add_column(column("device_id").uuid().null()).to_owned()).await?;
        manager.alter_table(session().add_column(column("notice_at").big_integer().null()).to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("devices are not forgotten by going back".to_owned()))
    }
}
