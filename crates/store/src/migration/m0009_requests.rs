//! Requests that a person must decide, and what was done with each.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("rights_request")
            .ids(&["school_id", "person_id", "subject_id"])
            .maybe_id("owner_id")
            .texts(&["kind", "state"])
            .numbers(&["received_at", "due_at"])
            .maybe_numbers(&["extended_at", "closed_at", "seen_at"])
            .bytes(&["text"])
            .maybe_bytes(&["extension", "outcome"])
            .create(manager)
            .await?;
        table("rights_step")
            .ids(&["school_id", "request_id", "person_id", "actor_id"])
            .texts(&["deed"])
            .maybe_text("before")
            .texts(&["after"])
            .numbers(&["at"])
            .create(manager)
            .await?;
        index(manager, "rights_request", &["person_id"], false).await?;
        index(manager, "rights_request", &["school_id", "closed_at", "due_at"], false).await?;
        index(manager, "rights_step", &["request_id"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what people have asked for is not thrown away by going back".to_owned()))
    }
}
