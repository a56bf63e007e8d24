//! `GET /officer/retention`: what the nightly sweep has deleted, by which rules, and the legal holds that keep something
//! beyond its time; `POST /officer/holds` places one, `POST /officer/holds/{hold}/end` lifts it. Nobody's name is shown:
//! people are told apart by their account numbers.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{HoldId, PersonId};
use jiayin_privacy::plan::{self, Expires, Expiry};
use jiayin_privacy::{Grant, map, purpose};
use jiayin_store::Viewer;
use jiayin_store::retention::{Hold, HoldError, LONGEST_HOLD_DAYS, Report, Swept};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::privacy::words::{in_language, moment as in_full};
use crate::school_time::{days_after, moment, wall};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest reason in characters.
const REASON_MAX: usize = 500;
/// A sweep is done every night; after so long without one something is wrong.
const OVERDUE: SignedDuration = SignedDuration::from_hours(36);

/// Why a hold cannot be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormError {
    /// The account number is none of this school.
    Person,
    /// There is no reason, or it is too long.
    Reason,
    /// The last day has passed, is none, or is too far away.
    End,
}

impl FormError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Person => "hold-error-person",
            Self::Reason => "hold-error-reason",
            Self::End => "hold-error-end",
        }
    }

    /// Name of the field.
    pub fn field(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Reason => "reason",
            Self::End => "until",
        }
    }
}

/// The form, as it was typed.
#[derive(Deserialize, Default)]
pub struct HoldForm {
    /// The account number.
    #[serde(default)]
    pub person: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// The last day.
    #[serde(default)]
    pub until: String,
}

/// A rule of the data map.
pub struct RuleView {
    /// What goes.
    pub table: String,
    /// When.
    pub keeping: String,
    /// Clauses behind it.
    pub clauses: String,
}

/// A sweep.
pub struct SweepView {
    /// When it began.
    pub at: String,
    /// `schedule` or `operator`.
    pub origin: String,
    /// Whether it came to its end.
    pub finished: bool,
    /// Rows, files, rows held back, keys destroyed since the one before.
    pub counts: [u64; 4],
    /// What went: table and rows.
    pub details: Vec<(String, u64)>,
}

/// A hold.
pub struct HoldView {
    /// Its number.
    pub id: String,
    /// Number of the account.
    pub person: String,
    /// Why; empty once the person has been erased.
    pub reason: String,
    /// Since when.
    pub placed: String,
    /// Until when: its end, or when it was lifted.
    pub until: String,
    /// Whether it holds now.
    pub in_force: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/retention.html")]
pub struct RetentionPage {
    /// Frame.
    pub layout: Layout,
    /// Whether the nightly sweep has not been done for too long.
    pub overdue: bool,
    /// The sweeps, the newest first.
    pub sweeps: Vec<SweepView>,
    /// The rules.
    pub rules: Vec<RuleView>,
    /// The holds, those in force first.
    pub holds: Vec<HoldView>,
    /// What was typed.
    pub typed: HoldForm,
    /// What is wrong with it.
    pub error: Option<FormError>,
    /// First and last day that a hold may end.
    pub days: (String, String),
}

impl RetentionPage {
    /// Whether something is wrong with a field.
    pub fn is_wrong(&self, field: &str) -> bool {
        self.error.is_some_and(|error| error.field() == field)
    }
}

/// `GET /officer/retention`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, HoldForm::default(), None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    typed: HoldForm,
    error: Option<FormError>,
) -> Result<Response, AppError> {
    let (l, now) = (&visitor.l, app.clock.now());
    let reports = app.store.sweep_reports(viewer).await?.ok_or(AppError::NotFound)?;
    let found = app.store.holds(viewer).await?.ok_or(AppError::NotFound)?;
    let holds = found.holds.into_iter().map(|hold| HoldView::new(hold, found.grant.as_ref()));
    let finished = reports.iter().find_map(|report| report.finished);
    let today = wall(now).date();
    let page = RetentionPage {
        layout: Layout::new(visitor, app),
        overdue: finished.is_none_or(|at| now.duration_since(at) > OVERDUE),
        sweeps: reports.into_iter().map(|report| SweepView::new(l, report)).collect(),
        rules: plan::expiries().iter().map(|rule| RuleView::new(l, rule)).collect(),
        holds: holds.collect::<Result<_, _>>()?,
        typed,
        error,
        days: (today.to_string(), days_after(today, LONGEST_HOLD_DAYS - 1).to_string()),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)?).into_response())
}

/// `POST /officer/holds`.
///
/// # Errors
/// [`AppError::NotFound`] for anybody but the officer.
pub async fn place(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<HoldForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("hold form"))?;
    let error = match read(&form) {
        Err(error) => error,
        Ok((person, reason, ends)) => {
            match app.store.place_hold(&viewer, person, reason, ends).await?.ok_or(AppError::NotFound)? {
                Ok(_) => return Ok(see_other("/officer/retention")),
                Err(HoldError::Nobody) => FormError::Person,
                Err(HoldError::End) => FormError::End,
            }
        }
    };
    page(&app, &visitor, &viewer, form, Some(error)).await
}

/// Who, why, and until which moment: the end of the last day.
fn read(form: &HoldForm) -> Result<(PersonId, &str, Timestamp), FormError> {
    let person = form.person.trim().parse().map_err(|_| FormError::Person)?;
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(FormError::Reason);
    }
    let last: Date = form.until.trim().parse().map_err(|_| FormError::End)?;
    let end = last.tomorrow().ok().and_then(|day| moment(day.to_datetime(jiff::civil::Time::midnight())));
    Ok((person, reason, end.ok_or(FormError::End)?))
}

/// `POST /officer/holds/{hold}/end`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such hold in force in this school.
pub async fn lift(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(hold): Path<HoldId>,
) -> Result<Response, AppError> {
    if !app.store.lift_hold(&viewer, hold).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other("/officer/retention"))
}

impl HoldView {
    fn new(hold: Hold, grant: Option<&Grant<purpose::Retention>>) -> Result<Self, AppError> {
        let reason = hold.reason.zip(grant).map(|(reason, grant)| reason.into_inner(grant)).transpose()?;
        Ok(Self {
            id: hold.hold.to_string(),
            person: hold.person.to_string(),
            reason: reason.unwrap_or_default(),
            placed: in_full(hold.placed),
            until: in_full(hold.lifted.unwrap_or(hold.ends)),
            in_force: hold.in_force,
        })
    }
}

impl SweepView {
    fn new(l: &Localizer, report: Report) -> Self {
        let rules = &report.outcome.rules;
        let sum = |of: fn(&Swept) -> u64| rules.iter().map(of).sum();
        let details = rules.iter().filter(|it| it.rows > 0).map(|it| (title(l, &it.table), it.rows));
        Self {
            at: in_full(report.started),
            origin: l.of("sweep-origin", &report.origin),
            finished: report.finished.is_some(),
            counts: [sum(|it| it.rows), sum(|it| it.files), sum(|it| it.held), report.outcome.keys],
            details: details.collect(),
        }
    }
}

impl RuleView {
    fn new(l: &Localizer, rule: &Expiry) -> Self {
        let retention = rule.retention;
        let what = match rule.files {
            Some(kind) => in_language(l, (kind.export_zh, kind.export_en)).to_owned(),
            None => title(l, rule.table),
        };
        let what = match rule.expires {
            Expires::After(..) => what,
            Expires::Closed(_) => l.t1("sweep-people-of", "what", what),
        };
        Self {
            table: what,
            keeping: in_language(l, (retention.title_zh, retention.title_en)).to_owned(),
            clauses: retention.clauses.join(", "),
        }
    }
}

/// What a table is called.
fn title(l: &Localizer, table: &str) -> String {
    let known = map::TABLES.iter().find(|it| it.table == table);
    known.map_or(table, |it| in_language(l, (it.title_zh, it.title_en))).to_owned()
}
