//! Legal holds, runs of the sweep, and entries of the ledger of consents that name nobody any more.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("legal_hold")
            .ids(&["school_id", "person_id", "placed_by"])
            .maybe_id("lifted_by")
            .bytes(&["reason"])
            .numbers(&["placed_at", "ends_at"])
            .maybe_numbers(&["lifted_at"])
            .create(manager)
            .await?;
        table("sweep")
            .texts(&["origin", "detail"])
            .numbers(&["rows", "files", "held", "keys", "started_at"])
            .maybe_numbers(&["finished_at"])
            .create(manager)
            .await?;
        let blanked_at = ColumnDef::new(Alias::new("blanked_at")).big_integer().null().to_owned();
        manager.alter_table(Table::alter().table(Alias::new("consent")).add_column(blanked_at).to_owned()).await?;
        for (table, columns) in INDEXES {
            index(manager, table, columns, false).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("legal holds are not thrown away by going back".to_owned()))
    }
}

/// Table, columns: by the moment from which the days of a rule are counted, where tables grow large.
const INDEXES: &[(&str, &[&str])] = &[
    ("legal_hold", &["school_id", "ends_at"]),
    ("legal_hold", &["person_id"]),
    ("sweep", &["started_at"]),
    ("audit", &["at"]),
    ("media", &["kind", "created_at"]),
    ("recording", &["created_at"]),
    ("evaluation", &["created_at"]),
    ("review", &["created_at"]),
];
