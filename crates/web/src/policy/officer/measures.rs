//! `GET /officer/measures`: the register of measures that protect personal data: physical, electronic, managerial; who
//! answers for each, and when it was last shown to work (clause 7.1). The register is `docs/measures.toml`.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use figment::Figment;
use figment::providers::{Format, Toml};
use jiff::civil::Date;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Locale;
use crate::school_time::{days_after, wall};
use crate::visitor::{Layout, Visitor};

const REGISTER: &str = include_str!("../../../../../docs/measures.toml");

/// Evidence is renewed once a year.
const GOOD_FOR_DAYS: i64 = 365;

/// What a measure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Doors and machines.
    Physical,
    /// Programs.
    Electronic,
    /// People and rules.
    Managerial,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Physical, Self::Electronic, Self::Managerial];

    /// The word in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Electronic => "electronic",
            Self::Managerial => "managerial",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Register {
    measure: Vec<Measure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measure {
    kind: Kind,
    zh: String,
    en: String,
    clause: String,
    /// Who answers for it: `operator` or `program`.
    owner: String,
    /// A test, or the document in which it was found to work.
    evidence: String,
    /// When; none until the operator has looked for the first time.
    date: Option<Date>,
}

/// A measure as it is shown.
pub struct MeasureRow {
    /// What it is.
    pub kind: Kind,
    /// In words.
    pub title: String,
    /// The clause behind it.
    pub clause: String,
    /// Who answers for it.
    pub owner: String,
    /// What shows that it works.
    pub evidence: String,
    /// The day of that.
    pub date: Option<String>,
    /// Whether that is too long ago, or was never.
    pub overdue: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/measures.html")]
pub struct MeasuresPage {
    /// Frame.
    pub layout: Layout,
    /// The measures.
    pub measures: Vec<MeasureRow>,
}

fn read() -> Result<Register, AppError> {
    Figment::from(Toml::string(REGISTER)).extract().map_err(|error| AppError::Internal(error.to_string()))
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Html<String>, AppError> {
    let today = wall(app.clock.now()).date();
    let zh = visitor.l.locale() == Locale::ZhCn;
    let row = |it: Measure| MeasureRow {
        overdue: it.date.is_none_or(|date| days_after(date, GOOD_FOR_DAYS) < today),
        title: if zh { it.zh } else { it.en },
        owner: visitor.l.of("measure-owner", &it.owner),
        kind: it.kind,
        clause: it.clause,
        evidence: it.evidence,
        date: it.date.map(|date| date.to_string()),
    };
    let measures = read()?.measure.into_iter().map(row).collect();
    html(&MeasuresPage { layout: Layout::new(&visitor, &app), measures })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_register_has_every_kind_with_known_owners_and_clauses() {
        let clauses = include_str!("../../../../../docs/clauses.tsv");
        let register = read().unwrap();
        for kind in Kind::ALL {
            assert!(register.measure.iter().any(|it| it.kind == kind), "{kind:?}");
        }
        for measure in register.measure {
            assert!(["operator", "program"].contains(&measure.owner.as_str()), "{measure:?}");
            assert!(clauses.contains(&format!("\n{}\t", measure.clause)), "{measure:?}");
            assert!(!measure.evidence.is_empty() && !measure.zh.is_empty() && !measure.en.is_empty());
        }
    }
}
