//! Kinds of exercise, their pictures and versions; lessons as drafts, in units; answers that are chosen, not
//! spoken.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = |name: &'static str| ColumnDef::new(Alias::new(name));
        for new in [
            ("exercise", column("kind").text().not_null().default("repeat").to_owned()),
            ("exercise", column("content").text().null().to_owned()),
            ("exercise", column("picture_id").uuid().null().to_owned()),
            ("exercise", column("alt").text().null().to_owned()),
            ("exercise", column("successor_id").uuid().null().to_owned()),
            ("lesson", column("unit").text().null().to_owned()),
            ("lesson", column("published_at").big_integer().null().to_owned()),
        ] {
            let (table, column) = new;
            let mut alter = Table::alter();
            manager.alter_table(alter.table(Alias::new(table)).add_column(column).to_owned()).await?;
        }
        // Whoever has a lesson as homework goes on with it: what is there is published.
        manager.get_connection().execute_unprepared("UPDATE lesson SET published_at = created_at").await?;
        table("answer")
            .ids(&["school_id", "submission_id", "exercise_id", "learner_id"])
            .bytes(&["chosen"])
            .numbers(&["created_at"])
            .create(manager)
            .await?;
        index(manager, "answer", &["submission_id", "exercise_id"], false).await?;
        index(manager, "answer", &["exercise_id"], false).await?;
        index(manager, "answer", &["learner_id"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("exercises and answers are not thrown away by going back".to_owned()))
    }
}
