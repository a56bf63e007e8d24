//! Teachers' own phrases for comments; what learners' sounds and words are like; recordings made for practice.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("phrase")
            .ids(&["school_id", "teacher_id"])
            .bytes(&["text"])
            .numbers(&["created_at"])
            .create(manager)
            .await?;
        index(manager, "phrase", &["teacher_id"], false).await?;
        table("progress")
            .ids(&["school_id", "learner_id"])
            .bytes(&["skills"])
            .numbers(&["updated_at"])
            .create(manager)
            .await?;
        index(manager, "progress", &["learner_id"], true).await?;
        let practice = ColumnDef::new(Alias::new("practice")).big_integer().not_null().default(0).to_owned();
        manager.alter_table(Table::alter().table(Alias::new("recording")).add_column(practice).to_owned()).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what learners have practised is not thrown away by going back".to_owned()))
    }
}
