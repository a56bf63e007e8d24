//! The words of the data map as people read them.

use jiayin_privacy::{Basis, map};
use serde_json::Value;

use crate::locale::{Locale, Localizer};
use crate::preferences::look::Saver;
use crate::school_time::wall;

/// The one of two texts that is in the visitor's language.
pub fn in_language<'t>(l: &Localizer, (zh, en): (&'t str, &'t str)) -> &'t str {
    match l.locale() {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

/// Key of the name of a legal basis.
pub fn basis_key(basis: Basis) -> &'static str {
    match basis {
        Basis::Contract => "basis-contract",
        Basis::Consent => "basis-consent",
        Basis::LegalObligation => "basis-law",
    }
}

/// A day and a time, in full: lists of what is kept go back for years.
pub fn moment(at: jiff::Timestamp) -> String {
    wall(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A day.
pub fn day(at_ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default();
    wall(at).strftime("%Y-%m-%d").to_string()
}

/// A value of a column; what is not a plain value is told apart by [`detail`].
pub fn value(l: &Localizer, (table, column): (&str, &str), value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) if map::is_time(column) => text.parse().map_or_else(|_| text.clone(), moment),
        Value::String(text) => word(l, table, column, text),
        Value::Bool(true) => l.t("value-yes"),
        Value::Bool(false) => l.t("value-no"),
        other => other.to_string(),
    }
}

/// A value with parts of its own, as text with line breaks.
pub fn detail(value: &Value) -> Option<String> {
    matches!(value, Value::Object(_) | Value::Array(_)).then(|| serde_json::to_string_pretty(value).unwrap_or_default())
}

/// A word that the program keeps, in the visitor's language; any other text as it is.
fn word(l: &Localizer, table: &str, column: &str, text: &str) -> String {
    let family = match (table, column) {
        ("person" | "membership", "role") => "role",
        ("person", "theme") => "theme",
        ("person", "drawing") => "drawing",
        ("person", "look") => return look(l, text),
        ("submission", "state") => "homework",
        ("recording", "state") => "attempt-state",
        ("export", "state") => "copy-state",
        ("review", "decision") => "decision",
        ("rights_request", "kind") => "request-kind",
        ("rights_request", "state") | ("rights_step", "before" | "after") => "request-state",
        ("rights_step", "deed") => "request-deed",
        ("audit", "purpose") => {
            let purpose = map::PURPOSES.iter().find(|purpose| purpose.id == text);
            return purpose.map_or(text, |it| in_language(l, (it.title_zh, it.title_en))).to_owned();
        }
        ("audit", "category") => return categories(l, text),
        ("media" | "upload", "kind") => {
            return map::blob(text).map_or(text, |it| in_language(l, (it.export_zh, it.export_en))).to_owned();
        }
        _ => return text.to_owned(),
    };
    l.of(family, text)
}

/// How the pages are wanted, a word for each choice.
fn look(l: &Localizer, tag: &str) -> String {
    let word = |word: &str| match Saver::from_tag(word) {
        Some(_) => format!("{}: {}", l.t("saver-title"), l.of("saver", word)),
        None => l.of("look", word),
    };
    let words: Vec<String> = tag.split('.').map(word).collect();
    words.join(in_language(l, ("、", ", ")))
}

fn categories(l: &Localizer, ids: &str) -> String {
    let title = |id: &str| {
        let category = map::category(id);
        category.map_or(id, |it| in_language(l, (it.title_zh, it.title_en))).to_owned()
    };
    let titles: Vec<String> = ids.split(',').map(title).collect();
    titles.join(in_language(l, ("、", ", ")))
}
