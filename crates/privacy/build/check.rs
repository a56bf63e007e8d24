//! Whether the map holds together. Each complaint names the entry.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Asked, Basis, Column, Erase, Map};

/// Everything that is wrong with the map.
pub(crate) fn complaints(map: &Map) -> Vec<String> {
    let mut found = Vec::new();
    check_words(map, &mut found);
    check_purposes(map, &mut found);
    check_retention(map, &mut found);
    check_tables(map, &mut found);
    for column in &map.column {
        check_column(map, column, &mut found);
        check_ways(map, column, &mut found);
    }
    check_erasure(map, &mut found);
    check_rest(map, &mut found);
    check_recipients(map, &mut found);
    found
}

/// A clause id: the chapter (I, or 1 to 12), a dot, a number.
fn is_clause(id: &str) -> bool {
    let Some((chapter, number)) = id.split_once('.') else { return false };
    let in_range = |text: &str, last: u8| {
        !text.starts_with('0') && text.parse::<u8>().is_ok_and(|number| (1..=last).contains(&number))
    };
    (chapter == "I" || in_range(chapter, 12)) && in_range(number, 99)
}

/// A word that may become the name of a module, type or constant.
fn is_word(id: &str) -> bool {
    id.len() <= 40
        && id.starts_with(|letter: char| letter.is_ascii_lowercase())
        && id.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn clauses(entry: &str, ids: &[String], found: &mut Vec<String>) {
    if ids.is_empty() {
        found.push(format!("{entry}: names no clause"));
    }
    found.extend(ids.iter().filter(|id| !is_clause(id)).map(|id| format!("{entry}: {id:?} is no clause id")));
}

fn known<T>(entry: &str, kind: &str, id: &str, all: &BTreeMap<String, T>, found: &mut Vec<String>) {
    if !all.contains_key(id) {
        found.push(format!("{entry}: there is no {kind} {id:?}"));
    }
}

fn check_words(map: &Map, found: &mut Vec<String>) {
    let columns = map.column.iter().flat_map(|column| [&column.table, &column.column]);
    let plain = map.plain.iter().flat_map(|plain| plain.columns.iter().chain([&plain.table]));
    let ids = map.category.keys().chain(map.purpose.keys()).chain(map.retention.keys());
    for word in columns.chain(plain).chain(ids).chain(map.blob.iter().map(|blob| &blob.kind)) {
        if !is_word(word) {
            found.push(format!("{word:?}: a name is at most 40 small letters, digits and underscores"));
        }
    }
}

fn check_purposes(map: &Map, found: &mut Vec<String>) {
    for (id, purpose) in &map.purpose {
        let entry = format!("purpose.{id}");
        clauses(&entry, &purpose.clauses, found);
        if purpose.categories.is_empty() || purpose.relations.is_empty() {
            found.push(format!("{entry}: opens nothing, or for nobody"));
        }
        for category in &purpose.categories {
            known(&entry, "category", category, &map.category, found);
        }
        let asked = [purpose.asked_of_child, purpose.asked_of_adult];
        let is_asked = asked.iter().any(|asked| *asked != Asked::No);
        if purpose.basis == Basis::Consent && (!is_asked || asked.contains(&Asked::Required)) {
            found.push(format!("{entry}: rests on consent, so it is asked for, and refusing it must be possible"));
        }
        if purpose.signal && (purpose.basis != Basis::Consent || purpose.asked_of_adult == Asked::No) {
            found.push(format!(
                "{entry}: a signal refuses what rests on consent and is asked of adults, whose browser it is"
            ));
        }
        if purpose.without_zh.is_some() != is_asked || purpose.without_en.is_some() != is_asked {
            found.push(format!("{entry}: what is asked for, and nothing else, says what is lost without it"));
        }
    }
    for (id, category) in &map.category {
        let entry = format!("category.{id}");
        for never in &category.never_for {
            known(&entry, "purpose", never, &map.purpose, found);
            if map.purpose.get(never).is_some_and(|purpose| purpose.categories.contains(id)) {
                found.push(format!("{entry}: purpose.{never} opens it, though it is never for that"));
            }
        }
        if !map.purpose.values().any(|purpose| purpose.categories.contains(id)) {
            found.push(format!("{entry}: no purpose opens it; why is it kept?"));
        }
    }
}

fn check_retention(map: &Map, found: &mut Vec<String>) {
    for (id, retention) in &map.retention {
        let entry = format!("retention.{id}");
        clauses(&entry, &retention.clauses, found);
        if !is_word(&retention.start) {
            found.push(format!("{entry}: {:?} is no moment", retention.start));
        }
    }
}

/// Each column stands in the map once.
fn check_tables(map: &Map, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    let plain = map.plain.iter().flat_map(|plain| plain.columns.iter().map(|column| (&plain.table, column)));
    for (table, column) in map.column.iter().map(|column| (&column.table, &column.column)).chain(plain) {
        if !seen.insert((table, column)) {
            found.push(format!("{table}.{column}: stands in the map twice"));
        }
    }
    for plain in map.plain.iter().filter(|plain| plain.reason.trim().is_empty()) {
        found.push(format!("{}: plain without a reason", plain.table));
    }
}

fn has_column(map: &Map, table: &str, name: &str) -> bool {
    map.column.iter().any(|column| column.table == table && column.column == name)
}

fn check_column(map: &Map, column: &Column, found: &mut Vec<String>) {
    let entry = format!("{}.{}", column.table, column.column);
    known(&entry, "category", &column.category, &map.category, found);
    known(&entry, "retention", &column.retention, &map.retention, found);
    clauses(&entry, &column.clauses, found);
    if !has_column(map, &column.table, &column.subject) {
        found.push(format!("{entry}: its subject {:?} is no mapped column of the table", column.subject));
    }
    if column.sealed && column.index {
        found.push(format!("{entry}: sealed and a blind index at once"));
    }
    if column.sealed != (column.erase == Erase::Key) {
        found.push(format!("{entry}: what is sealed, and nothing else, is erased with the key"));
    }
    if (column.erase == Erase::Kept) != column.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty()) {
        found.push(format!("{entry}: what is kept after an erasure, and nothing else, has a reason"));
    }
    if column.reason.is_some() != column.reason_zh.is_some() {
        found.push(format!("{entry}: a reason in one language only"));
    }
    if column.export_zh.is_some() != column.export_en.is_some() {
        found.push(format!("{entry}: a label in one language only"));
    }
    // A secret by which one signs in is of no use in a copy, and a danger there.
    if column.sealed && column.export_en.is_none() && column.category != "credential" {
        found.push(format!("{entry}: sealed, but without a label for the export"));
    }
}

/// Whether a column stands in the map at all, personal or not.
fn is_known(map: &Map, table: &str, name: &str) -> bool {
    has_column(map, table, name)
        || map.plain.iter().any(|plain| plain.table == table && plain.columns.iter().any(|column| column == name))
}

/// The ways from a column to other rows: whom it is about, what it is sealed for, what is shown of what it points to.
fn check_ways(map: &Map, column: &Column, found: &mut Vec<String>) {
    let entry = format!("{}.{}", column.table, column.column);
    if let Some(via) = &column.via {
        let parts: Vec<&str> = via.split('.').collect();
        let fits =
            matches!(parts[..], [table, at, person] if has_column(map, table, at) && has_column(map, table, person));
        if !fits {
            found.push(format!("{entry}: {via:?} is no table.column.person column of the map"));
        }
    }
    if column.sealed && !is_known(map, &column.table, &column.row) {
        found.push(format!("{entry}: sealed for {:?}, which is no column of the table", column.row));
    }
    for (place, step) in column.shown.iter().enumerate() {
        let (table, name) = step.split_once('.').unwrap_or((step, ""));
        let table = if table.is_empty() && place == 0 { &column.table } else { table };
        let sealed = map.column.iter().any(|other| other.table == table && other.column == name && other.sealed);
        if sealed || !is_known(map, table, name) {
            found.push(format!("{entry}: what is shown of it, {step:?}, is no open column of the map"));
        }
    }
}

/// Rows about somebody either go or stay.
fn check_erasure(map: &Map, found: &mut Vec<String>) {
    let mut groups: BTreeMap<(&str, &str), Vec<Erase>> = BTreeMap::new();
    for column in &map.column {
        groups.entry((&column.table, &column.subject)).or_default().push(column.erase);
    }
    for ((table, subject), erase) in groups {
        if erase.contains(&Erase::Row) && erase.iter().any(|erase| matches!(erase, Erase::Kept | Erase::Blank)) {
            found.push(format!("{table}: its rows about {subject:?} are deleted, and yet something of them stays"));
        }
    }
    for (name, table) in &map.table {
        for also in
            table.also.iter().filter(|also| !is_known(map, name, &also.column) || has_column(map, name, &also.column))
        {
            found.push(format!("table.{name}: {:?}, shown besides, is no plain column of it", also.column));
        }
        if let Some(with) = &table.goes_with
            && !(is_known(map, name, &with.column) && is_known(map, &with.table, "id"))
        {
            found.push(format!("table.{name}: it cannot go with {:?} by {:?}", with.table, with.column));
        }
    }
}

fn check_rest(map: &Map, found: &mut Vec<String>) {
    for blob in &map.blob {
        let entry = format!("blob {}", blob.kind);
        known(&entry, "category", &blob.category, &map.category, found);
        known(&entry, "retention", &blob.retention, &map.retention, found);
        clauses(&entry, &blob.clauses, found);
        let subject = blob.subject.split_once('.');
        if !subject.is_some_and(|(table, column)| has_column(map, table, column)) {
            found.push(format!("{entry}: its subject {:?} is no mapped column", blob.subject));
        }
        let table = subject.map_or("", |(table, _)| table);
        if blob.only.as_ref().is_some_and(|only| !is_known(map, table, only)) {
            found.push(format!("{entry}: {:?} is no column of {table}", blob.only));
        }
        for link in &blob.unlink {
            if !link.split_once('.').is_some_and(|(table, column)| is_known(map, table, column)) {
                found.push(format!("{entry}: {link:?}, which points to it, is no column of the map"));
            }
        }
        if blob.erase != Erase::Key {
            found.push(format!("{entry}: files are erased with the key"));
        }
    }
    for cookie in &map.cookie {
        let entry = format!("cookie {}", cookie.name);
        known(&entry, "retention", &cookie.retention, &map.retention, found);
        clauses(&entry, &cookie.clauses, found);
    }
    for browser in &map.browser {
        let entry = format!("browser {}", browser.key);
        known(&entry, "retention", &browser.retention, &map.retention, found);
        clauses(&entry, &browser.clauses, found);
    }
    for log in &map.log {
        let entry = format!("log {}", log.name);
        known(&entry, "retention", &log.retention, &map.retention, found);
        clauses(&entry, &log.clauses, found);
    }
    for permission in &map.permission {
        let entry = format!("permission {}", permission.name);
        clauses(&entry, &permission.clauses, found);
        if map.permission.iter().filter(|other| other.name == permission.name).count() > 1 {
            found.push(format!("{entry}: stands in the map twice"));
        }
    }
}

/// Nothing goes out for a purpose that may not open it.
fn check_recipients(map: &Map, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for recipient in &map.recipient {
        let entry = format!("recipient {}", recipient.id);
        clauses(&entry, &recipient.clauses, found);
        if !seen.insert(&recipient.id) {
            found.push(format!("{entry}: stands in the map twice"));
        }
        if recipient.purposes.is_empty() || recipient.fields.is_empty() || recipient.region.is_empty() {
            found.push(format!("{entry}: without a purpose, a field or a region"));
        }
        let fields: BTreeSet<&String> = recipient.fields.iter().collect();
        if fields.len() != recipient.fields.len() || !recipient.fields.iter().all(|field| is_word(field)) {
            found.push(format!("{entry}: a field twice, or one that is no word"));
        }
        for category in &recipient.categories {
            known(&entry, "category", category, &map.category, found);
        }
        for purpose in &recipient.purposes {
            known(&entry, "purpose", purpose, &map.purpose, found);
            let opened = map.purpose.get(purpose).map(|purpose| &purpose.categories[..]).unwrap_or_default();
            for category in recipient.categories.iter().filter(|category| !opened.contains(category)) {
                found.push(format!("{entry}: purpose.{purpose} does not open {category:?}"));
            }
        }
    }
}
