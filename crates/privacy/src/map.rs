//! The data map as data: for the policy page, the export, erasure, the retention sweep, and the test that compares it with
//! the real database.

use std::collections::BTreeSet;

use crate::grant::Relation;
use crate::purpose::{Asked, Basis};

/// A category of personal data.
#[derive(Debug)]
pub struct CategoryEntry {
    /// Its id.
    pub id: &'static str,
    /// What the user reads, in Chinese.
    pub title_zh: &'static str,
    /// What the user reads, in English.
    pub title_en: &'static str,
    /// Whether the law asks for special care (PIPL 28).
    pub sensitive: bool,
}

/// What personal data is opened for.
#[derive(Debug)]
pub struct PurposeEntry {
    /// Its id.
    pub id: &'static str,
    /// What the user reads, in Chinese.
    pub title_zh: &'static str,
    /// What the user reads, in English.
    pub title_en: &'static str,
    /// Its legal basis.
    pub basis: Basis,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
    /// Ids of the categories that it may open.
    pub categories: &'static [&'static str],
    /// Who may open for it.
    pub relations: &'static [Relation],
    /// Whether it goes on when the subject has had processing restricted.
    pub despite_restriction: bool,
    /// Whether the guardian of a child is asked.
    pub asked_of_child: Asked,
    /// Whether an adult is asked.
    pub asked_of_adult: Asked,
    /// Whether a browser that sends Global Privacy Control has said no to it.
    pub signal: bool,
    /// What there is not without it, in Chinese; for what is asked.
    pub without_zh: Option<&'static str>,
    /// What there is not without it, in English.
    pub without_en: Option<&'static str>,
}

/// How long something is kept.
#[derive(Debug)]
pub struct RetentionEntry {
    /// Its id.
    pub id: &'static str,
    /// What the user reads, in Chinese.
    pub title_zh: &'static str,
    /// What the user reads, in English.
    pub title_en: &'static str,
    /// The column or event from which the days are counted; without days, the event that ends it.
    pub start: &'static str,
    /// Days after the start.
    pub days: Option<u32>,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

/// What a table is called.
#[derive(Debug)]
pub struct TableEntry {
    /// Its name.
    pub table: &'static str,
    /// What the user reads, in Chinese.
    pub title_zh: &'static str,
    /// What the user reads, in English.
    pub title_en: &'static str,
    /// Columns without personal data that are shown all the same, since the others say little without them: column,
    /// label in Chinese, in English.
    pub also: &'static [(&'static str, &'static str, &'static str)],
    /// Its rows go with those of another table when these expire: its column, and the table whose id stands there.
    pub goes_with: Option<(&'static str, &'static str)>,
}

/// The way from a value to a person that another table knows: the rows of `table` whose `column` has the value name the
/// person in `person`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Via {
    /// The other table.
    pub table: &'static str,
    /// Its column with the same value.
    pub column: &'static str,
    /// Its column with the person.
    pub person: &'static str,
}

/// What erasing the subject does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Erase {
    /// The subject's key is destroyed; the value is noise from then on.
    Key,
    /// The row is deleted.
    Row,
    /// The value is emptied.
    Blank,
    /// It stays, for the reason given.
    Kept,
}

/// A column with personal data. Only the map makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct ColumnEntry {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// Id of its category.
    pub category: &'static str,
    /// Whether it is sealed under the subject's key.
    pub sealed: bool,
    /// Whether it is a keyed blind index.
    pub index: bool,
    /// The column of the same table that says whom it is about.
    pub subject: &'static str,
    /// How to come from there to the person, where it is not the person's id.
    pub via: Option<Via>,
    /// The column with the id of the row to which a sealed value is bound.
    pub row: &'static str,
    /// What is shown in place of an id: `.column` of the same row, then `table.column` of the row with that id.
    pub shown: &'static [&'static str],
    /// Ids of the purposes that may open its category.
    pub purposes: &'static [&'static str],
    /// Id of its retention.
    pub retention: &'static str,
    /// What erasing the subject does.
    pub erase: Erase,
    /// Why it stays, if it stays.
    pub reason: Option<&'static str>,
    /// The same in Chinese.
    pub reason_zh: Option<&'static str>,
    /// What the export calls it, in Chinese; `None` if it only ties rows together.
    pub export_zh: Option<&'static str>,
    /// What the export calls it, in English.
    pub export_en: Option<&'static str>,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

/// Columns without personal data.
#[derive(Debug)]
pub struct PlainEntry {
    /// Their table.
    pub table: &'static str,
    /// Their names.
    pub columns: &'static [&'static str],
    /// Why they are about nobody.
    pub reason: &'static str,
}

/// A kind of stored file. Only the map makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct BlobEntry {
    /// Its id.
    pub kind: &'static str,
    /// Id of its category.
    pub category: &'static str,
    /// The column, with its table, that says whom it is about; the file has the id of that row.
    pub subject: &'static str,
    /// The column of that table that tells this kind from others.
    pub only: Option<&'static str>,
    /// Whether it is kept in parts, whose ids are made of the id of the row and the place where each begins.
    pub parts: bool,
    /// Columns that point to the row and are emptied when it goes.
    pub unlink: &'static [&'static str],
    /// Whether the export holds it.
    pub in_export: bool,
    /// Id of its retention.
    pub retention: &'static str,
    /// What erasing the subject does.
    pub erase: Erase,
    /// What the export calls it, in Chinese.
    pub export_zh: &'static str,
    /// What the export calls it, in English.
    pub export_en: &'static str,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

/// A cookie.
#[derive(Debug)]
pub struct CookieEntry {
    /// Its name.
    pub name: &'static str,
    /// Who sets it: "own", or a partner.
    pub owner: &'static str,
    /// Whether the service needs it; others wait for consent.
    pub essential: bool,
    /// What it says, in Chinese.
    pub says_zh: &'static str,
    /// What it says, in English.
    pub says_en: &'static str,
    /// What it is for, in Chinese.
    pub why_zh: &'static str,
    /// What it is for, in English.
    pub why_en: &'static str,
    /// Id of its retention.
    pub retention: &'static str,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

/// What the browser stores besides cookies.
#[derive(Debug)]
pub struct BrowserEntry {
    /// `localStorage`, `sessionStorage`, `indexedDB`, `caches`.
    pub store: &'static str,
    /// The key or the name in it.
    pub key: &'static str,
    /// What it says, in Chinese.
    pub says_zh: &'static str,
    /// What it says, in English.
    pub says_en: &'static str,
    /// What it is for, in Chinese.
    pub why_zh: &'static str,
    /// What it is for, in English.
    pub why_en: &'static str,
    /// Id of its retention.
    pub retention: &'static str,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

/// A field of a log line.
#[derive(Debug)]
pub struct LogEntry {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// What it is for.
    pub why: &'static str,
    /// Id of its retention.
    pub retention: &'static str,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

/// Something of the device that pages may use, when the user lets them. What is not listed, browsers are told to refuse.
#[derive(Debug)]
pub struct PermissionEntry {
    /// Its name in the `Permissions-Policy` header.
    pub name: &'static str,
    /// What the user reads, in Chinese.
    pub title_zh: &'static str,
    /// What the user reads, in English.
    pub title_en: &'static str,
    /// What it is for, in Chinese.
    pub why_zh: &'static str,
    /// What it is for, in English.
    pub why_en: &'static str,
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

/// What a recipient is to the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecipientKind {
    /// A company of the same group.
    Affiliate,
    /// Does something for the operator, on its instructions.
    Supplier,
    /// Works with the operator, for purposes of its own.
    Partner,
}

/// Someone outside who is sent something.
#[derive(Debug)]
pub struct RecipientEntry {
    /// Its id.
    pub id: &'static str,
    /// What it is to the operator.
    pub kind: RecipientKind,
    /// What the user reads, in Chinese.
    pub title_zh: &'static str,
    /// What the user reads, in English.
    pub title_en: &'static str,
    /// Country (ISO 3166-1) in which it works.
    pub region: &'static str,
    /// Ids of the purposes it is sent things for.
    pub purposes: &'static [&'static str],
    /// Ids of the categories of what it is sent.
    pub categories: &'static [&'static str],
    /// The fields of what it is sent: these, and no other.
    pub fields: &'static [&'static str],
    /// Clauses of the policy behind it.
    pub clauses: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/map.rs"));

/// What the map says of a personal column; `None` for one that is plain or not mapped.
pub fn column(table: &str, column: &str) -> Option<&'static ColumnEntry> {
    COLUMNS.iter().find(|entry| entry.table == table && entry.column == column)
}

impl ColumnEntry {
    /// Whether it is a moment, in milliseconds since 1970 UTC: such a column is called `at`, `since` or `…_at`.
    pub fn is_time(&self) -> bool {
        is_time(self.column)
    }
}

impl BlobEntry {
    /// The table and the column of [`Self::subject`].
    pub fn place(&self) -> (&'static str, &'static str) {
        self.subject.split_once('.').unwrap_or((self.subject, ""))
    }
}

/// Whether a column of this name is a moment.
pub fn is_time(column: &str) -> bool {
    matches!(column, "at" | "since") || column.ends_with("_at")
}

/// The kind of file with this id.
pub fn blob(kind: &str) -> Option<&'static BlobEntry> {
    BLOBS.iter().find(|entry| entry.kind == kind)
}

/// The category with this id.
pub fn category(id: &str) -> Option<&'static CategoryEntry> {
    CATEGORIES.iter().find(|entry| entry.id == id)
}

/// The purpose with this id.
pub fn purpose(id: &str) -> Option<&'static PurposeEntry> {
    PURPOSES.iter().find(|entry| entry.id == id)
}

/// The retention with this id.
pub fn retention(id: &str) -> Option<&'static RetentionEntry> {
    RETENTION.iter().find(|entry| entry.id == id)
}

/// The recipient with this id.
pub fn recipient(id: &str) -> Option<&'static RecipientEntry> {
    RECIPIENTS.iter().find(|entry| entry.id == id)
}

/// Compares the map with the tables and columns that there really are, of all databases together. One complaint for each
/// column that the map lacks, and for each that only the map has; none if they agree.
pub fn compare(actual: &[(String, Vec<String>)]) -> Vec<String> {
    let there: BTreeSet<(&str, &str)> =
        actual.iter().flat_map(|(table, columns)| columns.iter().map(|column| (&**table, &**column))).collect();
    let plain = PLAIN.iter().flat_map(|entry| entry.columns.iter().map(|column| (entry.table, *column)));
    let mapped: BTreeSet<(&str, &str)> = COLUMNS.iter().map(|entry| (entry.table, entry.column)).chain(plain).collect();
    let lacking = there.difference(&mapped).map(|(table, column)| {
        format!("{table}.{column} is not in the data map: say what it is about, or why about nobody")
    });
    let idle = mapped
        .difference(&there)
        .map(|(table, column)| format!("{table}.{column} is in the data map, but there is no such column"));
    lacking.chain(idle).collect()
}
