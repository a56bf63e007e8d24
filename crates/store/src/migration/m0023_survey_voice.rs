//! Answers to surveys that are said aloud: the answer that a file belongs to.

use sea_orm_migration::prelude::*;

use super::table::index;

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Alias::new("reply_id")).uuid().null().to_owned();
        manager.alter_table(Table::alter().table(Alias::new("media")).add_column(column).to_owned()).await?;
        index(manager, "media", &["reply_id"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what people have said is not thrown away by going back".to_owned()))
    }
}
