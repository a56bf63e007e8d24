//! People's rights: processing restricted, an account that is to be closed, copies that were asked for.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["restricted_at", "closing_at"] {
            let mut column = ColumnDef::new(Alias::new(name));
            column.big_integer().null();
            // One at a time: SQLite adds no two columns at once.
            let mut alter = Table::alter();
            manager.alter_table(alter.table(Alias::new("person")).add_column(column).to_owned()).await?;
        }
        table("export")
            .ids(&["school_id", "person_id", "asked_by"])
            .texts(&["state"])
            .numbers(&["done", "total", "bytes", "created_at"])
            .maybe_numbers(&["finished_at"])
            .create(manager)
            .await?;
        index(manager, "export", &["person_id", "created_at"], false).await?;
        index(manager, "audit", &["actor_id", "at"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what people asked for is not thrown away by going back".to_owned()))
    }
}
