//! Surveys: what is asked, named answers by person, anonymous ones all in one sealed row.

use sea_orm_migration::prelude::*;

use super::table::{bare, index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("survey")
            .ids(&["school_id", "author_id"])
            .texts(&["title", "intro", "questions"])
            .maybe_id("class_id")
            .maybe_id("campus_id")
            .maybe_text("role")
            .numbers(&["anonymous", "invited", "created_at"])
            .maybe_numbers(&["published_at", "closes_at", "closed_at"])
            .create(manager)
            .await?;
        index(manager, "survey", &["author_id"], false).await?;
        index(manager, "survey", &["school_id", "published_at"], false).await?;
        table("survey_reply")
            .ids(&["school_id", "survey_id", "person_id"])
            .bytes(&["answers"])
            .numbers(&["created_at"])
            .create(manager)
            .await?;
        index(manager, "survey_reply", &["survey_id", "person_id"], true).await?;
        index(manager, "survey_reply", &["person_id"], false).await?;
        // One row for all anonymous answers of a survey, and none for each: see store/surveys/ballot.rs.
        bare("survey_box").key("survey_id").ids(&["school_id"]).bytes(&["answers"]).create(manager).await?;
        table("survey_taken").ids(&["school_id", "survey_id", "person_id"]).by_key(manager).create(manager).await?;
        index(manager, "survey_taken", &["survey_id", "person_id"], true).await?;
        index(manager, "survey_taken", &["person_id"], false).await
    }
}
