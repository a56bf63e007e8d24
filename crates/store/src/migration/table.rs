//! Short words for the few kinds of column there are. Times are milliseconds since 1970 UTC, ids UUIDv7, sealed values
//! and digests bytes; nothing here differs between the databases.

use sea_orm_migration::prelude::*;

use crate::connect;

/// A table under construction.
pub(super) struct Columns(TableCreateStatement);

/// Begins a table whose rows have an id.
pub(super) fn table(name: &'static str) -> Columns {
    let mut columns = bare(name);
    columns.0.col(ColumnDef::new(Alias::new("id")).uuid().not_null().primary_key());
    columns
}

/// Begins a table without an id of its own.
pub(super) fn bare(name: &'static str) -> Columns {
    let mut create = Table::create();
    create.table(Alias::new(name)).if_not_exists();
    Columns(create)
}

impl Columns {
    fn with(mut self, name: &'static str, shape: impl FnOnce(&mut ColumnDef) -> &mut ColumnDef) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        shape(&mut column);
        self.0.col(column);
        self
    }

    /// Ids of other rows.
    pub(super) fn ids(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |table, name| table.with(name, |column| column.uuid().not_null()))
    }

    /// An id that may be missing.
    pub(super) fn maybe_id(self, name: &'static str) -> Self {
        self.with(name, |column| column.uuid().null())
    }

    /// The primary key of a table without an id.
    pub(super) fn key(self, name: &'static str) -> Self {
        self.with(name, |column| column.uuid().not_null().primary_key())
    }

    /// The primary key of a table whose rows have names.
    pub(super) fn name_key(self, name: &'static str) -> Self {
        self.with(name, |column| column.text().not_null().primary_key())
    }

    /// Texts.
    pub(super) fn texts(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |table, name| table.with(name, |column| column.text().not_null()))
    }

    /// A text that may be missing.
    pub(super) fn maybe_text(self, name: &'static str) -> Self {
        self.with(name, |column| column.text().null())
    }

    /// Sealed values, digests.
    pub(super) fn bytes(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |table, name| table.with(name, |column| column.blob().not_null()))
    }

    /// Sealed values that may be missing.
    pub(super) fn maybe_bytes(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |table, name| table.with(name, |column| column.blob().null()))
    }

    /// Whole numbers and times.
    pub(super) fn numbers(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |table, name| table.with(name, |column| column.big_integer().not_null()))
    }

    /// Numbers and times that may be missing.
    pub(super) fn maybe_numbers(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |table, name| table.with(name, |column| column.big_integer().null()))
    }

    /// Keeps the rows by their key alone, so that their places do not tell in which order they came.
    pub(super) fn by_key(mut self, manager: &SchemaManager<'_>) -> Self {
        if let Some(words) = connect::rows_by_key(manager.get_database_backend()) {
            self.0.extra(words);
        }
        self
    }

    /// Makes the table.
    pub(super) async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.0).await
    }
}

/// Makes an index over columns of a table; its name follows from them.
pub(super) async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    let mut create = Index::create();
    create.name(format!("{table}_{}", columns.join("_"))).table(Alias::new(table)).if_not_exists();
    for column in columns {
        create.col(Alias::new(*column));
    }
    if unique {
        create.unique();
    }
    manager.create_index(create).await
}
