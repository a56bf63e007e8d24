//! Versions of the policy, the draft of the next, who has seen which, and questions about them.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// The four texts of a version: the policy and the rules for children, in Chinese and English.
const TEXTS: [&str; 4] = ["zh", "en", "children_zh", "children_en"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("policy_version")
            .maybe_id("created_by")
            .numbers(&["number", "notice_at", "effective_at"])
            .maybe_numbers(&["cancelled_at"])
            .texts(&TEXTS)
            .texts(&["snapshot", "touches"])
            .bytes(&["digest"])
            .create(manager)
            .await?;
        table("policy_draft").ids(&["updated_by"]).numbers(&["updated_at"]).texts(&TEXTS).create(manager).await?;
        table("policy_seen").ids(&["school_id", "person_id"]).numbers(&["number", "seen_at"]).create(manager).await?;
        table("policy_question")
            .ids(&["school_id", "person_id"])
            .maybe_id("answered_by")
            .numbers(&["asked_at"])
            .maybe_numbers(&["answered_at"])
            .bytes(&["text"])
            .maybe_bytes(&["answer"])
            .create(manager)
            .await?;
        index(manager, "policy_version", &["number"], true).await?;
        index(manager, "policy_seen", &["person_id", "number"], true).await?;
        index(manager, "policy_seen", &["number"], false).await?;
        index(manager, "policy_question", &["person_id"], false).await?;
        index(manager, "policy_question", &["school_id", "asked_at"], false).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("what people were told is not thrown away by going back".to_owned()))
    }
}
