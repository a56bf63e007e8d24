//! The Rust that follows from the map. Only called with a map that holds together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::model::Map;

/// Keeps an implementation out of the compiler's suggestions: who may not open something is told so, not what else there is.
const QUIET: &str = "#[diagnostic::do_not_recommend]\n";

/// `course_voice` → `CourseVoice`.
fn camel(id: &str) -> String {
    let mut name = String::new();
    for part in id.split('_') {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.extend(letters);
    }
    name
}

/// A type for each category.
pub(crate) fn categories(map: &Map) -> String {
    let mut code = String::new();
    for (id, category) in &map.category {
        let name = camel(id);
        code += &format!(
            "/// {}.\npub struct {name};\n{QUIET}impl Closed for {name} {{}}\n{QUIET}impl Category for {name} {{\n    \
             const ID: &'static str = {id:?};\n    const SENSITIVE: bool = {:?};\n}}\n",
            category.title_en, category.sensitive
        );
    }
    code
}

/// A type for each purpose, and what it may open.
pub(crate) fn purposes(map: &Map) -> String {
    let mut code = String::new();
    for (id, purpose) in &map.purpose {
        let name = camel(id);
        let relations: Vec<String> =
            purpose.relations.iter().map(|relation| format!("Relation::{relation:?}")).collect();
        code += &format!(
            "/// {}.\npub struct {name};\n{QUIET}impl Closed for {name} {{}}\n{QUIET}impl Purpose for {name} {{\n    \
             const ID: &'static str = {id:?};\n    const BASIS: Basis = Basis::{:?};\n    \
             const CATEGORIES: &'static [&'static str] = &{:?};\n    \
             const DESPITE_RESTRICTION: bool = {:?};\n    \
             const ASKED_OF_CHILD: Asked = Asked::{:?};\n    \
             const ASKED_OF_ADULT: Asked = Asked::{:?};\n    \
             fn relations() -> &'static [Relation] {{\n        &[{}]\n    }}\n}}\n",
            purpose.title_en,
            purpose.basis,
            purpose.categories,
            purpose.despite_restriction,
            purpose.asked_of_child,
            purpose.asked_of_adult,
            relations.join(", ")
        );
        for category in &purpose.categories {
            code += &format!("{QUIET}impl Allows<category::{}> for {name} {{}}\n", camel(category));
        }
    }
    code
}

/// A module for each table with sealed columns or blind indexes.
pub(crate) fn columns(map: &Map) -> String {
    let mut tables: BTreeMap<&str, String> = BTreeMap::new();
    for column in map.column.iter().filter(|column| column.sealed || column.index) {
        let (table, name) = (&column.table, &column.column);
        let what = if column.sealed {
            format!("Column<crate::category::{}> = Column", camel(&column.category))
        } else {
            "IndexColumn = IndexColumn".to_owned()
        };
        *tables.entry(table).or_default() += &format!(
            "    /// `{table}.{name}`.\n    pub const {}: {what}::new({table:?}, {name:?});\n",
            name.to_uppercase()
        );
    }
    let mut code = String::new();
    for (table, constants) in tables {
        code += &format!(
            "/// Columns of the table `{table}`.\npub mod {table} {{\n    #[allow(unused_imports)]\n    \
             use crate::seal::{{Column, IndexColumn}};\n\n{constants}}}\n"
        );
    }
    code
}

/// A constant for each kind of file.
pub(crate) fn blobs(map: &Map) -> String {
    let mut code = String::new();
    for blob in &map.blob {
        code += &format!(
            "/// {}.\npub const {}: BlobKind<crate::category::{}> = BlobKind::new({:?});\n",
            blob.export_en,
            blob.kind.to_uppercase(),
            camel(&blob.category),
            blob.kind
        );
    }
    code
}

fn table<T>(code: &mut String, doc: &str, name: &str, kind: &str, entries: &[T], entry: impl Fn(&T) -> String) {
    let _ = write!(code, "/// {doc}\npub static {name}: &[{kind}] = &[\n");
    for one in entries {
        let _ = writeln!(code, "    {kind} {{ {} }},", entry(one));
    }
    code.push_str("];\n");
}

/// The map itself.
pub(crate) fn map(map: &Map) -> String {
    let mut code = String::new();
    let categories: Vec<_> = map.category.iter().collect();
    table(&mut code, "The categories of personal data.", "CATEGORIES", "CategoryEntry", &categories, |(id, it)| {
        format!("id: {id:?}, title_zh: {:?}, title_en: {:?}, sensitive: {:?}", it.title_zh, it.title_en, it.sensitive)
    });
    let purposes: Vec<_> = map.purpose.iter().collect();
    table(&mut code, "What personal data is opened for.", "PURPOSES", "PurposeEntry", &purposes, |(id, it)| {
        let relations: Vec<String> = it.relations.iter().map(|relation| format!("Relation::{relation:?}")).collect();
        format!(
            "id: {id:?}, title_zh: {:?}, title_en: {:?}, basis: Basis::{:?}, clauses: &{:?}, categories: &{:?}, \
             relations: &[{}], despite_restriction: {:?}, asked_of_child: Asked::{:?}, asked_of_adult: Asked::{:?}, \
             signal: {:?}, without_zh: {:?}, without_en: {:?}",
            it.title_zh,
            it.title_en,
            it.basis,
            it.clauses,
            it.categories,
            relations.join(", "),
            it.despite_restriction,
            it.asked_of_child,
            it.asked_of_adult,
            it.signal,
            it.without_zh,
            it.without_en
        )
    });
    let retention: Vec<_> = map.retention.iter().collect();
    table(&mut code, "How long things are kept.", "RETENTION", "RetentionEntry", &retention, |(id, it)| {
        format!(
            "id: {id:?}, title_zh: {:?}, title_en: {:?}, start: {:?}, days: {:?}, clauses: &{:?}",
            it.title_zh, it.title_en, it.start, it.days, it.clauses
        )
    });
    let tables: Vec<_> = map.table.iter().collect();
    table(
        &mut code,
        "What the tables are called, and what of them is shown besides.",
        "TABLES",
        "TableEntry",
        &tables,
        |(id, it)| {
            let also: Vec<_> = it.also.iter().map(|also| (&also.column, &also.zh, &also.en)).collect();
            let goes_with = it.goes_with.as_ref().map(|with| (&with.column, &with.table));
            format!(
                "table: {id:?}, title_zh: {:?}, title_en: {:?}, also: &{also:?}, goes_with: {goes_with:?}",
                it.title_zh, it.title_en
            )
        },
    );
    stored(&mut code, map);
    outside(&mut code, map);
    code
}

fn stored(code: &mut String, map: &Map) {
    table(code, "The columns with personal data.", "COLUMNS", "ColumnEntry", &map.column, |it| {
        let purposes: BTreeSet<&String> = map
            .purpose
            .iter()
            .filter(|(_, purpose)| purpose.categories.contains(&it.category))
            .map(|(id, _)| id)
            .collect();
        let purposes: Vec<_> = purposes.into_iter().collect();
        format!(
            "table: {:?}, column: {:?}, category: {:?}, sealed: {:?}, index: {:?}, subject: {:?}, via: {}, row: {:?}, \
             shown: &{:?}, purposes: &{:?}, retention: {:?}, erase: Erase::{:?}, reason: {:?}, reason_zh: {:?}, \
             export_zh: {:?}, export_en: {:?}, clauses: &{:?}",
            it.table,
            it.column,
            it.category,
            it.sealed,
            it.index,
            it.subject,
            via(it.via.as_deref()),
            it.row,
            it.shown,
            purposes,
            it.retention,
            it.erase,
            it.reason,
            it.reason_zh,
            it.export_zh,
            it.export_en,
            it.clauses
        )
    });
    table(code, "The columns without personal data.", "PLAIN", "PlainEntry", &map.plain, |it| {
        format!("table: {:?}, columns: &{:?}, reason: {:?}", it.table, it.columns, it.reason)
    });
    table(code, "The kinds of stored files.", "BLOBS", "BlobEntry", &map.blob, |it| {
        format!(
            "kind: {:?}, category: {:?}, subject: {:?}, only: {:?}, parts: {:?}, unlink: &{:?}, in_export: {:?}, \
             retention: {:?}, erase: Erase::{:?}, export_zh: {:?}, export_en: {:?}, clauses: &{:?}",
            it.kind,
            it.category,
            it.subject,
            it.only,
            it.parts,
            it.unlink,
            it.in_export,
            it.retention,
            it.erase,
            it.export_zh,
            it.export_en,
            it.clauses
        )
    });
}

/// `table.column.person column`, which the check has looked at.
fn via(text: Option<&str>) -> String {
    match text.map(|text| text.split('.').collect::<Vec<_>>()).as_deref() {
        Some([table, column, person]) => {
            format!("Some(Via {{ table: {table:?}, column: {column:?}, person: {person:?} }})")
        }
        _ => "None".to_owned(),
    }
}

fn outside(code: &mut String, map: &Map) {
    table(code, "The cookies.", "COOKIES", "CookieEntry", &map.cookie, |it| {
        format!(
            "name: {:?}, owner: {:?}, essential: {:?}, says_zh: {:?}, says_en: {:?}, why_zh: {:?}, why_en: {:?}, \
             retention: {:?}, clauses: &{:?}",
            it.name, it.owner, it.essential, it.says_zh, it.says_en, it.why_zh, it.why_en, it.retention, it.clauses
        )
    });
    table(code, "What else the browser stores.", "BROWSER", "BrowserEntry", &map.browser, |it| {
        format!(
            "store: {:?}, key: {:?}, says_zh: {:?}, says_en: {:?}, why_zh: {:?}, why_en: {:?}, retention: {:?}, \
             clauses: &{:?}",
            it.store, it.key, it.says_zh, it.says_en, it.why_zh, it.why_en, it.retention, it.clauses
        )
    });
    table(code, "The fields of a log line.", "LOG_FIELDS", "LogEntry", &map.log, |it| {
        format!(
            "name: {:?}, says: {:?}, why: {:?}, retention: {:?}, clauses: &{:?}",
            it.name, it.says, it.why, it.retention, it.clauses
        )
    });
    table(code, "What pages may ask the device for.", "PERMISSIONS", "PermissionEntry", &map.permission, |it| {
        format!(
            "name: {:?}, title_zh: {:?}, title_en: {:?}, why_zh: {:?}, why_en: {:?}, clauses: &{:?}",
            it.name, it.title_zh, it.title_en, it.why_zh, it.why_en, it.clauses
        )
    });
    let doc = "Whom anything is sent to; nobody else is sent anything.";
    table(code, doc, "RECIPIENTS", "RecipientEntry", &map.recipient, |it| {
        format!(
            "id: {:?}, kind: RecipientKind::{:?}, title_zh: {:?}, title_en: {:?}, region: {:?}, purposes: &{:?}, \
             categories: &{:?}, fields: &{:?}, clauses: &{:?}",
            it.id, it.kind, it.title_zh, it.title_en, it.region, it.purposes, it.categories, it.fields, it.clauses
        )
    });
}
