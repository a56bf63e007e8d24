//! Picture passwords: a code for a class, and for each of its learners a number and a few pictures.

use sea_orm_migration::prelude::*;

use super::table::{bare, index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        bare("class_code")
            .key("class_id")
            .ids(&["school_id"])
            .texts(&["code"])
            .numbers(&["created_at", "tries", "tries_at"])
            .create(manager)
            .await?;
        index(manager, "class_code", &["code"], true).await?;
        table("picture_password")
            .ids(&["school_id", "class_id", "learner_id"])
            .numbers(&["number"])
            .texts(&["hash"])
            .numbers(&["tries", "tries_at", "created_at"])
            .maybe_numbers(&["used_at"])
            .create(manager)
            .await?;
        index(manager, "picture_password", &["class_id", "number"], true).await?;
        index(manager, "picture_password", &["class_id", "learner_id"], true).await?;
        index(manager, "picture_password", &["learner_id"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("picture passwords are not thrown away by going back".to_owned()))
    }
}
