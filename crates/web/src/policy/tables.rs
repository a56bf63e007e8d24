//! The tables of the policy, made from the data map in Markdown. Each stands between two marks that a reader does not see
//! (link definitions without a link), so that they can be renewed in a text that was edited.

use std::collections::BTreeMap;

use jiayin_privacy::map::{self, PurposeEntry};
use jiayin_privacy::snapshot::{Recipient, Snapshot};

use crate::locale::{Locale, Localizer};

/// The tables by name; the name is a part of the marks.
pub const TABLES: [&str; 5] = ["kept", "purposes", "browser", "recipients", "permissions"];

/// Those that stand in the policy itself, and in the rules for children.
pub const OF_CHILDREN: [&str; 1] = ["kept"];

fn begin(name: &str) -> String {
    format!("[table-{name}]: #from-the-data-map")
}

fn end(name: &str) -> String {
    format!("[end-of-{name}]: #from-the-data-map")
}

/// A table with its marks. An unknown name makes an empty one.
pub fn table(l: &Localizer, name: &str) -> String {
    let body = match name {
        "kept" => kept(l),
        "purposes" => purposes(l),
        "browser" => browser(l),
        "recipients" => recipients(l, &Snapshot::current().recipients),
        "permissions" => permissions(l),
        _ => String::new(),
    };
    format!("{}\n\n{body}\n{}", begin(name), end(name))
}

/// The text with these tables as they are now; `None` if one of them has lost its marks.
pub fn renewed(l: &Localizer, text: &str, tables: &[&str]) -> Option<String> {
    let mut text = text.to_owned();
    for name in tables {
        let (from, mark) = (text.find(&begin(name))?, end(name));
        let to = from + text[from..].find(&mark)? + mark.len();
        text.replace_range(from..to, &table(l, name));
    }
    Some(text)
}

/// Text for a cell: nothing in it ends the cell or the row, or begins a mark-up.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '|' | '\\' | '*' | '_' | '`' | '<' | '[' | ']') {
            safe.push('\\');
        }
        safe.push(if letter.is_control() { ' ' } else { letter });
    }
    safe
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn head(l: &Localizer, keys: &[&str]) -> String {
    let titles: Vec<String> = keys.iter().map(|key| cell(&l.of("policy-column", key))).collect();
    format!("{}{}", row(&titles), row(&vec!["---".to_owned(); keys.len()]))
}

fn pick<'a>(l: &Localizer, zh: &'a str, en: &'a str) -> &'a str {
    if l.locale() == Locale::ZhCn { zh } else { en }
}

/// Several words as one: “a、b” or “a, b”.
fn list(l: &Localizer, words: &[String]) -> String {
    words.join(pick(l, "、", ", "))
}

fn clauses(ids: &[&str]) -> String {
    let mut ids: Vec<&str> = ids.to_vec();
    ids.sort_by_key(|id| id.split_once('.').map(|(chapter, number)| (number_of(chapter), number_of(number))));
    ids.dedup();
    ids.join(", ")
}

fn number_of(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

fn retention(l: &Localizer, id: &str) -> String {
    map::retention(id).map_or_else(String::new, |it| cell(pick(l, it.title_zh, it.title_en)))
}

fn purpose_title(l: &Localizer, it: &PurposeEntry) -> String {
    cell(pick(l, it.title_zh, it.title_en))
}

/// What is kept of one category under one retention.
#[derive(Default)]
struct Kept {
    labels: Vec<String>,
    clauses: Vec<&'static str>,
}

fn kept(l: &Localizer) -> String {
    let mut groups: BTreeMap<(&str, &str), Kept> = BTreeMap::new();
    let columns = map::COLUMNS.iter().map(|it| (it.category, it.retention, it.export_zh, it.export_en, it.clauses));
    let files =
        map::BLOBS.iter().map(|it| (it.category, it.retention, Some(it.export_zh), Some(it.export_en), it.clauses));
    for (category, retention, zh, en, clauses) in columns.chain(files) {
        let group = groups.entry((category, retention)).or_default();
        group.clauses.extend(clauses);
        if let (Some(zh), Some(en)) = (zh, en) {
            let label = cell(pick(l, zh, en));
            if !group.labels.contains(&label) {
                group.labels.push(label);
            }
        }
    }
    let mut text = head(l, &["category", "content", "purposes", "kept", "clauses"]);
    for ((category, kept_for), group) in &groups {
        let Some(entry) = map::CATEGORIES.iter().find(|it| it.id == *category) else { continue };
        let mut title = format!("**{}**", cell(pick(l, entry.title_zh, entry.title_en)));
        if entry.sensitive {
            title += &format!(" ({})", l.t("policy-sensitive"));
        }
        let opening = map::PURPOSES.iter().filter(|it| it.categories.contains(category));
        let purposes: Vec<String> = opening
            .map(|it| {
                l.tn(
                    "policy-purpose-with-basis",
                    &[("purpose", purpose_title(l, it)), ("basis", l.of("basis", it.basis.tag()))],
                )
            })
            .collect();
        let labels = if group.labels.is_empty() { l.t("policy-ties") } else { list(l, &group.labels) };
        text +=
            &row(&[title, labels, purposes.join(pick(l, "；", "; ")), retention(l, kept_for), clauses(&group.clauses)]);
    }
    text
}

fn purposes(l: &Localizer) -> String {
    let mut text = head(l, &["purpose", "basis", "data", "who", "clauses"]);
    for it in map::PURPOSES {
        let categories: Vec<String> = map::CATEGORIES
            .iter()
            .filter(|category| it.categories.contains(&category.id))
            .map(|category| cell(pick(l, category.title_zh, category.title_en)))
            .collect();
        let who: Vec<String> = it.relations.iter().map(|relation| l.of("relation", relation.tag())).collect();
        text += &row(&[
            purpose_title(l, it),
            l.of("basis-long", it.basis.tag()),
            list(l, &categories),
            list(l, &who),
            clauses(it.clauses),
        ]);
    }
    text
}

fn browser(l: &Localizer) -> String {
    let mut text = head(l, &["name", "says", "why", "lasts", "owner", "clauses"]);
    let owner = |owner: &str| if owner == "own" { l.t("policy-owner-own") } else { cell(owner) };
    for it in map::COOKIES {
        text += &row(&[
            format!("Cookie `{}`", it.name),
            cell(pick(l, it.says_zh, it.says_en)),
            cell(pick(l, it.why_zh, it.why_en)),
            retention(l, it.retention),
            owner(it.owner),
            clauses(it.clauses),
        ]);
    }
    for it in map::BROWSER {
        text += &row(&[
            format!("{} `{}`", cell(it.store), it.key),
            cell(pick(l, it.says_zh, it.says_en)),
            cell(pick(l, it.why_zh, it.why_en)),
            retention(l, it.retention),
            owner("own"),
            clauses(it.clauses),
        ]);
    }
    text
}

fn recipients(l: &Localizer, all: &[Recipient]) -> String {
    if all.is_empty() {
        return format!("{}\n", l.t("policy-no-recipients"));
    }
    let mut text = head(l, &["recipient", "purposes", "fields", "region"]);
    for it in all {
        let purposes: Vec<String> = map::PURPOSES
            .iter()
            .filter(|purpose| it.purposes.iter().any(|id| id == purpose.id))
            .map(|purpose| purpose_title(l, purpose))
            .collect();
        let fields: Vec<String> = it.fields.iter().map(|field| format!("`{field}`")).collect();
        text += &row(&[cell(pick(l, &it.zh, &it.en)), list(l, &purposes), list(l, &fields), cell(&it.region)]);
    }
    text
}

fn permissions(l: &Localizer) -> String {
    let mut text = head(l, &["permission", "why", "clauses"]);
    for it in map::PERMISSIONS {
        text +=
            &row(&[cell(pick(l, it.title_zh, it.title_en)), cell(pick(l, it.why_zh, it.why_en)), clauses(it.clauses)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Catalogs;

    #[test]
    fn tables_are_renewed_between_their_marks_and_nothing_else_is_touched() {
        let l = Catalogs::load().unwrap().get(Locale::En);
        let text = format!("Before\n\n{}\n\nxyzzy\n\n{}\n\nAfter", begin("kept"), end("kept"));
        let fresh = renewed(&l, &text, &["kept"]).unwrap();
        assert!(
            fresh.starts_with("Before\n\n[table-kept]") && fresh.ends_with("\n\nAfter") && !fresh.contains("xyzzy")
        );
        assert_eq!(renewed(&l, &fresh, &["kept"]).as_ref(), Some(&fresh), "once is enough");
        assert_eq!(renewed(&l, "no marks", &["kept"]), None);
        assert_eq!(renewed(&l, &format!("{}\n{}", end("kept"), begin("kept")), &["kept"]), None, "in the wrong order");
    }

    #[test]
    fn a_cell_stays_a_cell() {
        assert_eq!(cell("a|b\n*c*"), "a\\|b \\*c\\*");
    }

    #[test]
    fn clause_ids_are_in_the_order_of_the_policy() {
        assert_eq!(clauses(&["11.1", "2.3", "I.4", "2.3", "2.11"]), "I.4, 2.3, 2.11, 11.1");
    }
}
