//! `GET` and `POST /consent`: one switch for each purpose, for oneself and for each of one's children; as easily off as on.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use jiayin_domain::consent::{Decision, Surface};
use jiayin_domain::id::{ConsentId, PersonId};
use jiayin_domain::role::Role;
use jiayin_privacy::ledger::{ConsentEntry, Controller, receipt};
use jiayin_privacy::{AskedOf, Consent, map};
use jiayin_store::Viewer;
use jiayin_store::consent::{Choice, Shown, Standing, asked_of};
use serde::Deserialize;

use super::signal;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::{Locale, Localizer};
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// One purpose and where it stands.
pub struct Row {
    /// Id of the purpose.
    pub purpose: &'static str,
    /// What it is for.
    pub title: &'static str,
    /// What there is not without it.
    pub without: &'static str,
    /// Whether the service needs it.
    pub needed: bool,
    /// Whether it is granted.
    pub on: bool,
    /// Key of where it stands.
    pub state: &'static str,
    /// When that was decided.
    pub since: Option<Moment>,
    /// Whether a browser's signal may say no to it.
    pub signal: bool,
    /// The browser's signal does so now: there is nothing to be switched.
    pub held: bool,
}

/// A decision of the past.
pub struct Past {
    /// Id, for the receipt.
    pub id: String,
    /// What it was about.
    pub title: &'static str,
    /// Key of what was decided.
    pub decision: &'static str,
    /// When.
    pub at: Moment,
    /// Version of the policy.
    pub version: i64,
    /// Whether the viewer decided it, or somebody else who may.
    pub own: bool,
    /// Whether the browser's signal did.
    pub by_signal: bool,
}

/// A person for whom the viewer decides.
pub struct Subject {
    /// The person.
    pub id: PersonId,
    /// Their name; empty for the viewer.
    pub name: String,
    /// The purposes.
    pub rows: Vec<Row>,
    /// All decisions, the newest first.
    pub past: Vec<Past>,
}

/// The page.
#[derive(Template)]
#[template(path = "consent/page.html")]
pub struct ConsentPage {
    /// Frame.
    pub layout: Layout,
    /// Number of the policy's version in force.
    pub policy: u32,
    /// The viewer, then their children.
    pub subjects: Vec<Subject>,
    /// A decision was just kept.
    pub saved: bool,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Wanted {
    saved: Option<u8>,
}

/// `GET /consent`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    headers: HeaderMap,
    Query(query): Query<Wanted>,
) -> Result<Response, AppError> {
    let mut subjects = vec![subject(&app, &visitor.l, &viewer, viewer.person, String::new()).await?];
    if signal::is_sent(&headers) {
        subjects.iter_mut().flat_map(|own| &mut own.rows).for_each(|row| row.held = row.signal);
    }
    if viewer.role == Role::Guardian {
        let family = app.store.family(&viewer, app.clock.now()).await?;
        for child in &family.children {
            let name = child.name.read(&family.grant)?.clone();
            subjects.push(subject(&app, &visitor.l, &viewer, child.learner, name).await?);
        }
    }
    subjects.retain(|subject| !subject.rows.is_empty() || !subject.past.is_empty());
    let policy = app.store.current_policy().await?.number;
    let layout = Layout::new(&visitor, &app);
    Ok(html(&ConsentPage { layout, policy, subjects, saved: query.saved == Some(1) })?.into_response())
}

async fn subject(
    app: &AppState,
    l: &Localizer,
    viewer: &Viewer,
    id: PersonId,
    name: String,
) -> Result<Subject, AppError> {
    let standings = app.store.standings(viewer, id).await?.unwrap_or_default();
    let decisions = app.store.decisions(viewer, id).await?.unwrap_or_default();
    let now = app.clock.now();
    let mut rows: Vec<Row> = standings.iter().map(|standing| row(l, standing, now)).collect();
    for row in rows.iter_mut().filter(|row| row.state == "consent-withdrawn") {
        let last = decisions.iter().find(|(entry, _)| entry.purpose == row.purpose);
        if last.is_some_and(|(entry, _)| entry.surface == Surface::Signal.tag()) {
            row.state = "consent-withdrawn-signal";
        }
    }
    let past = decisions.iter().map(|(entry, _)| past(l, entry, viewer.person, now)).collect();
    Ok(Subject { id, name, rows, past })
}

fn row(l: &Localizer, standing: &Standing, now: jiff::Timestamp) -> Row {
    let zh = l.locale() == Locale::ZhCn;
    let purpose = standing.purpose;
    Row {
        purpose: purpose.id,
        title: if zh { purpose.title_zh } else { purpose.title_en },
        without: if zh { purpose.without_zh } else { purpose.without_en }.unwrap_or_default(),
        needed: standing.asked == AskedOf::Required,
        on: standing.consent == Consent::Given,
        state: match standing.consent {
            Consent::Given => "consent-given",
            Consent::Refused => "consent-refused",
            Consent::Withdrawn => "consent-withdrawn",
            Consent::Outdated => "consent-outdated",
            Consent::NotAsked | Consent::NotNeeded => "consent-not-asked",
        },
        since: standing.since.map(|since| Moment::new(l, since, now)),
        signal: purpose.signal,
        held: false,
    }
}

fn past(l: &Localizer, entry: &ConsentEntry, viewer: PersonId, now: jiff::Timestamp) -> Past {
    let zh = l.locale() == Locale::ZhCn;
    let title = |purpose: &'static map::PurposeEntry| if zh { purpose.title_zh } else { purpose.title_en };
    Past {
        id: entry.id.to_string(),
        title: map::purpose(&entry.purpose).map(title).unwrap_or_default(),
        decision: match entry.decision {
            Decision::Given => "consent-given",
            Decision::Refused => "consent-refused",
            Decision::Withdrawn => "consent-withdrawn",
        },
        at: Moment::new(l, jiff::Timestamp::from_millisecond(entry.at).unwrap_or(now), now),
        version: entry.version,
        own: entry.actor == viewer,
        by_signal: entry.surface == Surface::Signal.tag(),
    }
}

/// The form of one switch.
#[derive(Deserialize)]
pub struct SwitchForm {
    subject: PersonId,
    purpose: String,
    /// What it is to be.
    on: bool,
    /// The version of the policy that was shown.
    policy: u32,
}

/// `POST /consent`: one switch.
///
/// # Errors
/// [`AppError::Conflict`] if the policy has changed since the page was opened, or the browser itself says no;
/// [`AppError::NotFound`] if it is not the viewer who decides, or nobody is asked.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    headers: HeaderMap,
    form: Result<Form<SwitchForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("consent form"))?;
    let policy = app.store.current_policy().await?;
    if form.on && form.policy != policy.number {
        return Err(AppError::Conflict);
    }
    let asked = asked_of(form.subject != viewer.person);
    let purpose = asked.iter().find(|purpose| purpose.id == form.purpose).ok_or(AppError::NotFound)?;
    if form.on && purpose.signal && signal::is_sent(&headers) {
        return Err(AppError::Conflict);
    }
    let standing = app.store.standings(&viewer, form.subject).await?.ok_or(AppError::NotFound)?;
    let before = standing.iter().find(|standing| standing.purpose.id == purpose.id).map(|standing| standing.consent);
    let decision = match (form.on, before) {
        (true, _) => Decision::Given,
        (false, Some(Consent::Given | Consent::Outdated | Consent::Withdrawn)) => Decision::Withdrawn,
        (false, _) => Decision::Refused,
    };
    let shown = Shown {
        version: policy.number.into(),
        digest: policy.digest,
        language: visitor.l.locale().tag(),
        surface: Surface::Settings,
    };
    let choice = Choice { subject: form.subject, purpose: purpose.id, decision };
    if !app.store.decide(&viewer, &[choice], &shown).await? {
        return Err(AppError::NotFound);
    }
    app.wake_workers();
    Ok(see_other("/consent?saved=1"))
}

/// `GET /consent/{subject}/receipts/{consent}`: the receipt of a decision, as a file.
///
/// # Errors
/// [`AppError::NotFound`] if there is none for the viewer.
pub async fn get_receipt(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((subject, consent)): Path<(PersonId, ConsentId)>,
) -> Result<Response, AppError> {
    let decisions = app.store.decisions(&viewer, subject).await?.ok_or(AppError::NotFound)?;
    let (entry, hash) = decisions.iter().find(|(entry, _)| entry.id == consent).ok_or(AppError::NotFound)?;
    let operator = &app.config.operator;
    let policy_url = format!("{}/policy/versions/{}", app.config.public_url.trim_end_matches('/'), entry.version);
    let controller =
        Controller { name: &operator.legal_name, phone: &operator.phone, email: &operator.mailbox, policy_url };
    let body = serde_json::to_string_pretty(&receipt(entry, hash, &controller))
        .map_err(|error| AppError::Internal(error.to_string()))?;
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = HeaderValue::from_static("attachment; filename=\"consent-receipt.json\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}
