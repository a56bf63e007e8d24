//! What a teacher says aloud of a recording.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        for column in
            [column("voice_id").uuid().null().to_owned(), column("voice_gain").big_integer().null().to_owned()]
        {
            let mut alter = Table::alter();
            manager.alter_table(alter.table(Alias::new("recording")).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what teachers have said is not thrown away by going back".to_owned()))
    }
}
