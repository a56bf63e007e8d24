//! The audit log as a chain: the place of an entry, and digests of it and of the one before. Entries that were written earlier
//! are in no chain.

use sea_orm_migration::prelude::*;

use super::table::index;

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column at a time.
        for column in [
            ColumnDef::new(Alias::new("number")).big_integer().null().to_owned(),
            ColumnDef::new(Alias::new("previous")).blob().null().to_owned(),
            ColumnDef::new(Alias::new("hash")).blob().null().to_owned(),
        ] {
            manager.alter_table(Table::alter().table(Alias::new("audit")).add_column(column).to_owned()).await?;
        }
        index(manager, "audit", &["number"], true).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what shows that the log was not altered is not thrown away by going back".to_owned()))
    }
}
