//! Messages to people, what each wants to be told and how, announcements, and the links of calendars.

use sea_orm_migration::prelude::*;

use super::table::{bare, index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("message")
            .ids(&["school_id", "person_id"])
            .maybe_id("about_id")
            .ids(&["target_id"])
            .texts(&["class", "kind"])
            .numbers(&["created_at"])
            .maybe_numbers(&["read_at", "mailed_at"])
            .create(manager)
            .await?;
        index(manager, "message", &["target_id", "kind"], false).await?;
        index(manager, "message", &["about_id"], false).await?;
        index(manager, "message", &["person_id", "read_at"], false).await?;
        index(manager, "message", &["person_id", "created_at"], false).await?;
        table("announcement")
            .ids(&["school_id", "author_id"])
            .maybe_id("class_id")
            .maybe_id("campus_id")
            .texts(&["class", "title", "body"])
            .numbers(&["created_at"])
            .maybe_numbers(&["withdrawn_at"])
            .create(manager)
            .await?;
        index(manager, "announcement", &["author_id"], false).await?;
        table("message_choice")
            .ids(&["school_id", "person_id"])
            .texts(&["class", "channel"])
            .numbers(&["wanted", "since"])
            .create(manager)
            .await?;
        index(manager, "message_choice", &["person_id", "class", "channel"], true).await?;
        bare("message_setting")
            .key("person_id")
            .ids(&["school_id"])
            .numbers(&["quiet_from", "quiet_until"])
            .maybe_numbers(&["mail_refused_at"])
            .create(manager)
            .await?;
        bare("calendar_link")
            .key("person_id")
            .ids(&["school_id"])
            .bytes(&["token_hash"])
            .numbers(&["created_at"])
            .create(manager)
            .await?;
        index(manager, "calendar_link", &["token_hash"], true).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration(
            "what people were told, and what they want to be told, is not thrown away by going back".to_owned(),
        ))
    }
}
