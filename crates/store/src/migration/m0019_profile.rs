//! How a person wants the pages, and how they are drawn beside their name.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        for new in [
            column("look").text().null().to_owned(),
            column("drawing").text().null().to_owned(),
            column("portrait_id").uuid().null().to_owned(),
        ] {
            let mut alter = Table::alter();
            manager.alter_table(alter.table(Alias::new("person")).add_column(new).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what people have chosen is not thrown away by going back".to_owned()))
    }
}
