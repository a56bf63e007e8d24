//! Browsers that show messages, and what was sent to them and to phones.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("push_address")
            .ids(&["school_id", "person_id", "session_id"])
            .bytes(&["lookup", "endpoint", "keys"])
            .numbers(&["created_at"])
            .create(manager)
            .await?;
        index(manager, "push_address", &["lookup"], true).await?;
        index(manager, "push_address", &["session_id"], true).await?;
        index(manager, "push_address", &["person_id"], false).await?;
        for name in ["pushed_at", "texted_at"] {
            let column = ColumnDef::new(Alias::new(name)).big_integer().to_owned();
            manager.alter_table(Table::alter().table(Alias::new("message")).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("where people want to be told is not thrown away by going back".to_owned()))
    }
}
