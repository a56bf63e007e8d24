//! Terms, leaving a class without losing it, the school's own numbers of learners, and what an import has made.

use sea_orm_migration::prelude::*;

use super::table::{index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table("term")
            .ids(&["school_id", "campus_id"])
            .texts(&["name", "first_day", "last_day"])
            .numbers(&["created_at"])
            .maybe_id("import_id")
            .create(manager)
            .await?;
        table("learner_number")
            .ids(&["school_id", "campus_id", "learner_id"])
            .bytes(&["lookup", "value"])
            .numbers(&["created_at"])
            .maybe_id("import_id")
            .create(manager)
            .await?;
        table("roster_import")
            .ids(&["school_id", "campus_id", "created_by"])
            .numbers(&["created_at"])
            .maybe_numbers(&["undone_at"])
            .create(manager)
            .await?;
        for (table, column) in IDS {
            let mut id = ColumnDef::new(Alias::new(*column));
            id.uuid().null();
            manager.alter_table(Table::alter().table(Alias::new(*table)).add_column(id).to_owned()).await?;
        }
        let mut left_at = ColumnDef::new(Alias::new("left_at"));
        left_at.big_integer().null();
        manager.alter_table(Table::alter().table(Alias::new("membership")).add_column(left_at).to_owned()).await?;
        for (table, columns, unique) in INDEXES {
            index(manager, table, columns, *unique).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("terms and numbers are not thrown away by going back".to_owned()))
    }
}

/// Columns for ids that tables get: the import by which a row came, or was changed.
const IDS: &[(&str, &str)] = &[
    ("class", "term_id"),
    ("class", "term_by"),
    ("class", "import_id"),
    ("membership", "import_id"),
    ("membership", "left_by"),
    ("invitation", "import_id"),
];

/// Table, columns, unique.
const INDEXES: &[(&str, &[&str], bool)] = &[
    ("term", &["campus_id"], false),
    ("learner_number", &["lookup"], true),
    ("learner_number", &["learner_id"], false),
    ("learner_number", &["campus_id"], false),
    ("learner_number", &["import_id"], false),
    ("roster_import", &["campus_id", "created_at"], false),
    ("membership", &["import_id"], false),
    ("membership", &["left_by"], false),
    ("invitation", &["import_id"], false),
];
