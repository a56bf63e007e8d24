//! The data map as it stands in the file.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Map {
    pub(crate) category: BTreeMap<String, Category>,
    pub(crate) purpose: BTreeMap<String, Purpose>,
    pub(crate) retention: BTreeMap<String, Retention>,
    #[serde(default)]
    pub(crate) table: BTreeMap<String, Table>,
    pub(crate) column: Vec<Column>,
    pub(crate) plain: Vec<Plain>,
    pub(crate) blob: Vec<Blob>,
    #[serde(default)]
    pub(crate) cookie: Vec<Cookie>,
    #[serde(default)]
    pub(crate) browser: Vec<Browser>,
    #[serde(default)]
    pub(crate) log: Vec<Log>,
    #[serde(default)]
    pub(crate) permission: Vec<Permission>,
    #[serde(default)]
    pub(crate) recipient: Vec<Recipient>,
}

/// `[category.<id>]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) never_for: Vec<String>,
}

/// `[purpose.<id>]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Purpose {
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    pub(crate) basis: Basis,
    pub(crate) clauses: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) relations: Vec<Relation>,
    #[serde(default)]
    pub(crate) despite_restriction: bool,
    #[serde(default)]
    pub(crate) asked_of_child: Asked,
    #[serde(default)]
    pub(crate) asked_of_adult: Asked,
    #[serde(default)]
    pub(crate) signal: bool,
    pub(crate) without_zh: Option<String>,
    pub(crate) without_en: Option<String>,
}

/// Whether people are asked before a purpose is followed. Its Debug is the name of the variant that the crate itself has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    #[default]
    No,
    Optional,
    Required,
}

/// The legal basis of a purpose. Its Debug is the name of the variant that the crate itself has.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Basis {
    Contract,
    Consent,
    LegalObligation,
}

/// Who may open. Its Debug is the name of the variant that the crate itself has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Relation {
    Own,
    Guardian,
    Teacher,
    Member,
    Manager,
    Officer,
    System,
}

/// `[retention.<id>]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retention {
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    pub(crate) start: String,
    pub(crate) days: Option<u32>,
    pub(crate) clauses: Vec<String>,
}

/// `[table.<name>]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    #[serde(default)]
    pub(crate) also: Vec<Also>,
    pub(crate) goes_with: Option<GoesWith>,
}

/// `goes_with` of `[table.<name>]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoesWith {
    pub(crate) column: String,
    pub(crate) table: String,
}

/// `[[table.<name>.also]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Also {
    pub(crate) column: String,
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// What erasing does. Its Debug is the name of the variant that the crate itself has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Erase {
    Key,
    Row,
    Blank,
    Kept,
}

/// `[[column]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) category: String,
    #[serde(default)]
    pub(crate) sealed: bool,
    #[serde(default)]
    pub(crate) index: bool,
    pub(crate) subject: String,
    pub(crate) via: Option<String>,
    #[serde(default = "id")]
    pub(crate) row: String,
    #[serde(default)]
    pub(crate) shown: Vec<String>,
    pub(crate) retention: String,
    pub(crate) erase: Erase,
    pub(crate) reason: Option<String>,
    pub(crate) reason_zh: Option<String>,
    pub(crate) export_zh: Option<String>,
    pub(crate) export_en: Option<String>,
    pub(crate) clauses: Vec<String>,
}

/// `[[plain]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plain {
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
    pub(crate) reason: String,
}

/// `[[blob]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blob {
    pub(crate) kind: String,
    pub(crate) category: String,
    pub(crate) subject: String,
    pub(crate) only: Option<String>,
    #[serde(default)]
    pub(crate) parts: bool,
    #[serde(default)]
    pub(crate) unlink: Vec<String>,
    #[serde(default = "yes")]
    pub(crate) in_export: bool,
    pub(crate) retention: String,
    pub(crate) erase: Erase,
    pub(crate) export_zh: String,
    pub(crate) export_en: String,
    pub(crate) clauses: Vec<String>,
}

/// `[[cookie]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) owner: String,
    pub(crate) essential: bool,
    pub(crate) says_zh: String,
    pub(crate) says_en: String,
    pub(crate) why_zh: String,
    pub(crate) why_en: String,
    pub(crate) retention: String,
    pub(crate) clauses: Vec<String>,
}

/// `[[browser]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Browser {
    pub(crate) store: String,
    pub(crate) key: String,
    pub(crate) says_zh: String,
    pub(crate) says_en: String,
    pub(crate) why_zh: String,
    pub(crate) why_en: String,
    pub(crate) retention: String,
    pub(crate) clauses: Vec<String>,
}

/// `[[log]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) name: String,
    pub(crate) says: String,
    pub(crate) why: String,
    pub(crate) retention: String,
    pub(crate) clauses: Vec<String>,
}

/// `[[permission]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    pub(crate) name: String,
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    pub(crate) why_zh: String,
    pub(crate) why_en: String,
    pub(crate) clauses: Vec<String>,
}

/// `[[recipient]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipient {
    pub(crate) id: String,
    pub(crate) kind: RecipientKind,
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    pub(crate) region: String,
    pub(crate) purposes: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) fields: Vec<String>,
    pub(crate) clauses: Vec<String>,
}

/// What a recipient is to the operator. Its Debug is the name of the variant that the crate itself has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecipientKind {
    Affiliate,
    Supplier,
    Partner,
}

fn id() -> String {
    "id".to_owned()
}

fn yes() -> bool {
    true
}
