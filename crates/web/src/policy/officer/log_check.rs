//! `GET /officer/log/check` goes through the audit log and the ledger of consents and says whether they are as they were written. A
//! mark of where the log ends, noted earlier and kept apart, shows that nothing was cut off.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use jiayin_store::audit::{self, Checked, Mark};
use jiayin_store::ledger;
use jiff::Timestamp;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::privacy::words::moment as in_full;
use crate::visitor::{Layout, Visitor};

/// What a check has found.
pub enum Finding {
    /// As it was written.
    Whole(String),
    /// Not so.
    Broken(String),
}

/// The page of a check.
#[derive(Template)]
#[template(path = "policy/officer/log_check.html")]
pub struct CheckPage {
    /// Frame.
    pub layout: Layout,
    /// When it was checked.
    pub at: String,
    /// What was checked, the key of its title, and what was found.
    pub findings: [(&'static str, Finding); 2],
    /// Where the log ends, to be noted.
    pub mark: Option<String>,
    /// What is to be said of a mark that was given: the key of a text.
    pub noted: Option<&'static str>,
    /// The mark that was typed.
    pub typed: String,
    /// Whether it is none.
    pub wrong: bool,
}

/// What is to be checked against.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Noted {
    /// A mark that was noted at an earlier check.
    pub mark: String,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Query(noted): Query<Noted>,
) -> Result<(StatusCode, Html<String>), AppError> {
    let l = &visitor.l;
    let mark = Some(noted.mark.trim()).filter(|text| !text.is_empty()).map(str::parse::<Mark>).transpose();
    let wrong = mark.is_err();
    let mark = mark.unwrap_or(None);
    let found = app.store.check_log(mark.as_ref()).await?;
    let said = found.as_ref().ok().filter(|_| mark.is_some());
    let page = CheckPage {
        at: in_full(app.clock.now()),
        mark: found.as_ref().ok().and_then(|log| log.end.as_ref()).map(ToString::to_string),
        noted: said.map(|log| if log.noted_expired { "log-noted-expired" } else { "log-noted-there" }),
        findings: [
            ("officer-log", log_finding(l, &found)),
            ("ledger-title", consents_finding(l, app.store.check_ledger().await?)),
        ],
        layout: Layout::new(&visitor, &app),
        typed: noted.mark,
        wrong,
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)?))
}

fn log_finding(l: &Localizer, found: &Result<Checked, audit::Broken>) -> Finding {
    match found {
        Ok(log) => {
            let since = log.since.unwrap_or(Timestamp::UNIX_EPOCH);
            let mut text = match log.entries {
                0 => l.t("log-empty"),
                entries => l.tn("log-whole", &[("count", entries.to_string()), ("since", in_full(since))]),
            };
            if log.unchained > 0 {
                text = format!("{text} {}", l.t1("log-unchained", "count", log.unchained.to_string()));
            }
            Finding::Whole(text)
        }
        Err(audit::Broken::At(number)) => Finding::Broken(l.t1("log-broken-at", "number", number.to_string())),
        Err(audit::Broken::Unchained) => Finding::Broken(l.t("log-broken-unchained")),
        Err(audit::Broken::Noted) => Finding::Broken(l.t("log-broken-noted")),
    }
}

fn consents_finding(l: &Localizer, found: Result<i64, ledger::Broken>) -> Finding {
    match found {
        Ok(entries) => Finding::Whole(l.t1("ledger-whole", "count", entries.to_string())),
        Err(ledger::Broken::At(number)) => Finding::Broken(l.t1("ledger-broken-at", "number", number.to_string())),
        Err(ledger::Broken::End) => Finding::Broken(l.t("ledger-broken-end")),
    }
}
