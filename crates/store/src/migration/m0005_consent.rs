//! The ledger of consents, where consent stands now, invitations, the month of birth.

use sea_orm_migration::prelude::*;

use super::table::{bare, index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let birth_month = ColumnDef::new(Alias::new("birth_month")).blob().null().to_owned();
        manager.alter_table(Table::alter().table(Alias::new("person")).add_column(birth_month).to_owned()).await?;
        bare("chain").name_key("name").numbers(&["number"]).bytes(&["hash"]).create(manager).await?;
        table("consent")
            .ids(&["school_id", "actor_id", "subject_id"])
            .texts(&["purpose", "decision", "language", "surface"])
            .numbers(&["number", "version", "at"])
            .bytes(&["digest", "previous", "hash"])
            .create(manager)
            .await?;
        table("consent_state")
            .ids(&["school_id", "subject_id", "entry_id"])
            .texts(&["purpose", "decision"])
            .numbers(&["version", "at"])
            .create(manager)
            .await?;
        table("invitation")
            .ids(&["school_id"])
            .maybe_id("created_by")
            .maybe_id("campus_id")
            .maybe_id("class_id")
            .maybe_id("learner_id")
            .maybe_id("used_by")
            .texts(&["kind"])
            .maybe_text("role")
            .bytes(&["token_hash"])
            .numbers(&["created_at", "expires_at"])
            .maybe_numbers(&["used_at"])
            .create(manager)
            .await?;
        for (table, columns, unique) in INDEXES {
            index(manager, table, columns, *unique).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("consents are not thrown away by going back".to_owned()))
    }
}

/// Table, columns, unique.
const INDEXES: &[(&str, &[&str], bool)] = &[
    ("consent", &["number"], true),
    ("consent", &["subject_id", "at"], false),
    ("consent", &["actor_id"], false),
    ("consent_state", &["subject_id", "purpose"], true),
    ("invitation", &["token_hash"], true),
    ("invitation", &["class_id"], false),
    ("invitation", &["campus_id"], false),
    ("invitation", &["learner_id"], false),
    ("invitation", &["created_by"], false),
    ("invitation", &["expires_at"], false),
];
