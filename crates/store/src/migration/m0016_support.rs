//! Conversations with the help desk, what was said in them, and the answers that a desk keeps ready.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("ticket")
            .ids(&["school_id", "person_id"])
            .maybe_id("campus_id")
            .maybe_id("owner_id")
            .texts(&["topic", "state", "desk"])
            .numbers(&["version", "opened_at", "since", "due_at", "updated_at"])
            .maybe_numbers(&["closed_at"])
            .maybe_text("rating")
            .maybe_bytes(&["remark"])
            .create(manager)
            .await?;
        table("ticket_entry")
            .ids(&["school_id", "ticket_id", "person_id"])
            .maybe_id("staff_id")
            .maybe_id("media_id")
            .texts(&["deed"])
            .maybe_bytes(&["text"])
            .numbers(&["at"])
            .create(manager)
            .await?;
        table("canned_answer")
            .ids(&["school_id", "author_id"])
            .maybe_id("campus_id")
            .texts(&["title", "text"])
            .numbers(&["created_at"])
            .create(manager)
            .await?;
        index(manager, "ticket", &["person_id"], false).await?;
        index(manager, "ticket", &["school_id", "desk", "state", "since"], false).await?;
        index(manager, "ticket", &["updated_at"], false).await?;
        index(manager, "ticket_entry", &["ticket_id"], false).await?;
        index(manager, "ticket_entry", &["person_id"], false).await?;
        index(manager, "ticket_entry", &["media_id"], false).await?;
        index(manager, "canned_answer", &["school_id"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what people have asked the help desk is not thrown away by going back".to_owned()))
    }
}
