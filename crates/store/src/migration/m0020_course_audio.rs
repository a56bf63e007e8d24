//! How the audio of an exercise is played, and what is wrong with it.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        for column in
            [column("audio_gain").big_integer().null().to_owned(), column("audio_faults").text().null().to_owned()]
        {
            let mut alter = Table::alter();
            manager.alter_table(alter.table(Alias::new("exercise")).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what is known of the audio is not thrown away by going back".to_owned()))
    }
}
