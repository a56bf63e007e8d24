//! `jiayin privacy map`: the record of processing (PIPL 54–55), made from the data map of this program: for people as
//! Markdown, for machines as JSON, as CSV, and as JSON-LD in the terms of the W3C's Data Privacy Vocabulary 2
//! (<https://w3id.org/dpv>).

use clap::{Args, ValueEnum};
use jiayin_domain::operator::Operator;
use jiayin_privacy::snapshot::{Category, Item, Purpose, Recipient, Retention, Snapshot, digest};
use serde_json::{Value, json};

use super::tables::{self, TABLES};
use crate::config::Config;
use crate::locale::{Catalogs, Locale};

/// What the record is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown, in one language.
    Md,
    /// JSON: the operator, the whole map and its digest.
    Json,
    /// A row for each thing that is kept.
    Csv,
    /// JSON-LD in the terms of the Data Privacy Vocabulary.
    Jsonld,
}

/// The language of the record in Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// How the record is wanted.
#[derive(Debug, Args)]
pub struct MapArgs {
    /// What it is written in.
    #[arg(long, value_enum, default_value_t = Format::Md)]
    pub format: Format,
    /// The language, for Markdown.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    pub language: Language,
}

/// The record as text.
///
/// # Errors
/// A line for the operator; none is to be expected.
pub fn record(config: &Config, args: &MapArgs) -> Result<String, String> {
    let map = Snapshot::current();
    let problem = |error: &dyn std::fmt::Display| format!("the record cannot be written: {error}");
    match args.format {
        Format::Md => markdown(&config.operator, args.language).map_err(|error| problem(&error)),
        Format::Json => {
            let map_json = map.to_json().map_err(|error| problem(&error))?;
            let record = json!({
                "operator": config.operator,
                "sha256": hex::encode(digest(&[&map_json])),
                "map": map,
            });
            serde_json::to_string_pretty(&record).map_err(|error| problem(&error))
        }
        Format::Csv => csv(&map).map_err(|error| problem(&error)),
        Format::Jsonld => {
            let linked = linked(&config.operator, &map);
            serde_json::to_string_pretty(&linked).map_err(|error| problem(&error))
        }
    }
}

fn markdown(operator: &Operator, language: Language) -> Result<String, String> {
    let locale = match language {
        Language::Zh => Locale::ZhCn,
        Language::En => Locale::En,
    };
    let l = Catalogs::load()?.get(locale);
    let mut text = format!("# {}\n\n", l.t("record-title"));
    text += &l.tn(
        "record-controller",
        &[
            ("name", operator.legal_name.clone()),
            ("mailbox", operator.officer_mailbox.clone()),
            ("phone", operator.phone.clone()),
        ],
    );
    for name in TABLES {
        text += &format!("\n\n## {}\n\n{}", l.of("record-table", name), tables::table(&l, name));
    }
    text.push('\n');
    Ok(text)
}

/// What the map says of a retention; it always says something, or the build would have failed.
fn retention<'a>(map: &'a Snapshot, id: &str) -> Option<&'a Retention> {
    map.retention.iter().find(|it| it.id == id)
}

fn opening<'a>(map: &'a Snapshot, category: &str) -> impl Iterator<Item = &'a Purpose> {
    map.purposes.iter().filter(move |it| it.categories.iter().any(|id| id == category))
}

fn csv(map: &Snapshot) -> Result<String, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "item",
        "label_zh",
        "label_en",
        "category",
        "sensitive",
        "purposes",
        "legal_bases",
        "retention",
        "days",
        "clauses",
    ])?;
    for item in &map.items {
        let purposes: Vec<&str> = opening(map, &item.category).map(|it| it.id.as_str()).collect();
        let mut bases: Vec<&str> = opening(map, &item.category).map(|it| it.basis.as_str()).collect();
        bases.sort_unstable();
        bases.dedup();
        let sensitive = map.categories.iter().any(|it| it.id == item.category && it.sensitive);
        let days = retention(map, &item.retention).and_then(|it| it.days);
        out.write_record([
            item.id.as_str(),
            item.zh.as_deref().unwrap_or_default(),
            item.en.as_deref().unwrap_or_default(),
            &item.category,
            if sensitive { "yes" } else { "no" },
            &purposes.join(" "),
            &bases.join(" "),
            &item.retention,
            &days.map(|days| days.to_string()).unwrap_or_default(),
            &item.clauses.join(" "),
        ])?;
    }
    let bytes = out.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Namespace of what only we have: our purposes, categories and recipients.
const OWN: &str = "urn:jiayin:map:";

fn titles(zh: &str, en: &str) -> Value {
    json!([{ "@language": "zh-Hans", "@value": zh }, { "@language": "en", "@value": en }])
}

fn linked(operator: &Operator, map: &Snapshot) -> Value {
    json!({
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "dct": "http://purl.org/dc/terms/",
            "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "own": OWN,
        },
        "@id": "own:record",
        "@type": "dpv:DataProcessingRecord",
        "dpv:hasDataController": {
            "@id": "own:operator",
            "@type": "dpv:DataController",
            "dpv:hasName": operator.legal_name,
            "dpv:hasContact": [operator.mailbox, operator.phone],
            "dpv:hasDataProtectionOfficer": {
                "@type": "dpv:DataProtectionOfficer",
                "dpv:hasContact": operator.officer_mailbox,
            },
        },
        "dpv:hasProcess": map.purposes.iter().map(|purpose| process(map, purpose)).collect::<Vec<_>>(),
    })
}

/// One purpose with all that belongs to it.
fn process(map: &Snapshot, purpose: &Purpose) -> Value {
    let opened = |category: &&Category| purpose.categories.contains(&category.id);
    let mut kept: Vec<&str> =
        map.items.iter().filter(|it| purpose.categories.contains(&it.category)).map(key).collect();
    kept.sort_unstable();
    kept.dedup();
    let recipients = map.recipients.iter().filter(|it| it.purposes.contains(&purpose.id));
    json!({
        "@id": format!("own:process-{}", purpose.id),
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": format!("own:purpose-{}", purpose.id),
            "@type": "dpv:Purpose",
            "dct:title": titles(&purpose.zh, &purpose.en),
        },
        "dpv:hasLegalBasis": { "@id": match purpose.basis.as_str() {
            "contract" => "dpv:Contract",
            "consent" => "dpv:Consent",
            _ => "dpv:LegalObligation",
        } },
        "dpv:hasPersonalData": map.categories.iter().filter(opened).map(category).collect::<Vec<_>>(),
        "dpv:hasStorageCondition": kept.iter().filter_map(|id| retention(map, id)).map(storage).collect::<Vec<_>>(),
        "dpv:hasRecipient": recipients.map(recipient).collect::<Vec<_>>(),
    })
}

fn key(item: &Item) -> &str {
    &item.retention
}

fn category(it: &Category) -> Value {
    json!({
        "@id": format!("own:category-{}", it.id),
        "@type": if it.sensitive { "dpv:SensitivePersonalData" } else { "dpv:PersonalData" },
        "dct:title": titles(&it.zh, &it.en),
    })
}

fn storage(it: &Retention) -> Value {
    let duration = match it.days {
        Some(days) => json!({
            "@type": "dpv:TemporalDuration",
            "rdf:value": { "@type": "xsd:duration", "@value": format!("P{days}D") },
        }),
        None => json!({ "@type": "dpv:UntilEventDuration", "rdf:value": it.en }),
    };
    json!({
        "@id": format!("own:retention-{}", it.id),
        "@type": "dpv:StorageDuration",
        "dct:title": titles(&it.zh, &it.en),
        "dpv:hasDuration": duration,
    })
}

fn recipient(it: &Recipient) -> Value {
    json!({
        "@id": format!("own:recipient-{}", it.id),
        "@type": "dpv:Recipient",
        "dct:title": titles(&it.zh, &it.en),
        "dct:spatial": it.region,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn written(format: Format) -> String {
        record(&Config::default(), &MapArgs { format, language: Language::En }).unwrap()
    }

    #[test]
    fn every_format_has_the_whole_map() {
        let map = Snapshot::current();
        let (json, linked) = (written(Format::Json), written(Format::Jsonld));
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::from_value::<Snapshot>(json["map"].clone()).unwrap(), map);
        let rows = written(Format::Csv);
        assert_eq!(csv::Reader::from_reader(rows.as_bytes()).records().map(Result::unwrap).count(), map.items.len());
        let markdown = written(Format::Md);
        for purpose in &map.purposes {
            assert!(markdown.contains(&purpose.en) && linked.contains(&format!("own:purpose-{}\"", purpose.id)));
        }
        for category in &map.categories {
            assert!(markdown.contains(&category.en) && linked.contains(&format!("own:category-{}\"", category.id)));
        }
    }

    #[test]
    fn linked_data_uses_known_terms_only() {
        // Terms of DPV 2 that are used; a new one is looked up before it is added here.
        let known = "Consent Contract DataController DataProcessingRecord DataProtectionOfficer LegalObligation PersonalData \
                     Process Purpose Recipient SensitivePersonalData StorageDuration TemporalDuration UntilEventDuration \
                     hasContact hasDataController hasDataProtectionOfficer hasDuration hasLegalBasis hasName \
                     hasPersonalData hasProcess hasPurpose hasRecipient hasStorageCondition";
        let known: BTreeSet<&str> = known.split_whitespace().collect();
        let text = written(Format::Jsonld);
        let used: BTreeSet<&str> = text.split("\"dpv:").skip(1).filter_map(|part| part.split('"').next()).collect();
        assert!(used.is_subset(&known), "{:?}", used.difference(&known).collect::<Vec<_>>());
        assert!(used.len() > 20);
    }

    #[test]
    fn a_process_reads_so() {
        let map = Snapshot::current();
        let marketing = map.purposes.iter().find(|it| it.id == "marketing").unwrap();
        let told = process(&map, marketing);
        assert_eq!(told["dpv:hasLegalBasis"]["@id"], "dpv:Consent");
        assert_eq!(told["dpv:hasPersonalData"][0]["@type"], "dpv:PersonalData");
        let year = Retention { id: "r".into(), zh: "一年".into(), en: "a year".into(), days: Some(365) };
        assert_eq!(storage(&year)["dpv:hasDuration"]["rdf:value"]["@value"], "P365D");
        let until = Retention { days: None, ..year };
        assert_eq!(storage(&until)["dpv:hasDuration"]["@type"], "dpv:UntilEventDuration");
    }
}
