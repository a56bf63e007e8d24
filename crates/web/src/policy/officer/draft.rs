//! `/officer/policy/draft`: the next version is written, compared with the one before it, and announced.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::revision::{NoticeError, earliest};
use jiayin_privacy::snapshot::Snapshot;
use jiayin_store::policy::{PolicyTexts, PolicyVersion, ScheduleError};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Deserialize;

use super::super::changes::ChangesPart;
use super::super::document;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::{moment, wall};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest text in bytes.
const TEXT_MAX: usize = 200_000;

/// Largest form in bytes: four texts, and what the form makes of them.
pub const FORM_MAX: usize = 4 * 3 * TEXT_MAX + 10_000;

/// Why the draft cannot be kept or announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftError {
    /// The moment is none.
    NoMoment,
    /// The moment has passed.
    Past,
    /// Not before that moment.
    TooEarly(Timestamp),
    /// Another version is announced already.
    Pending,
    /// A text is empty.
    Empty,
    /// A text is longer than can be.
    TooLong,
    /// The tables are not those of the data map, or have lost their marks.
    Stale,
}

impl DraftError {
    /// The message.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::NoMoment => l.t("draft-error-moment"),
            Self::Past => l.t("draft-error-past"),
            Self::TooEarly(earliest) => l.t1("draft-error-early", "earliest", typed_moment(earliest).replace('T', " ")),
            Self::Pending => l.t("draft-error-pending"),
            Self::Empty => l.t("draft-error-empty"),
            Self::TooLong => l.t("draft-error-long"),
            Self::Stale => l.t("draft-error-stale"),
        }
    }

    /// Whether it is about the moment and not about the texts.
    pub fn is_about_time(self) -> bool {
        matches!(self, Self::NoMoment | Self::Past | Self::TooEarly(_) | Self::Pending)
    }
}

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/draft.html")]
pub struct DraftPage {
    /// Frame.
    pub layout: Layout,
    /// Number of the version with which it is compared.
    pub before: u32,
    /// Whether the draft is kept, or only what it would begin with.
    pub kept: bool,
    /// What it says.
    pub texts: PolicyTexts,
    /// What differs, in the officer's own language.
    pub part: ChangesPart,
    /// Whether its tables are those of the data map.
    pub stale: bool,
    /// First moment that would do, and the one in the field, as `datetime-local` has them.
    pub earliest: String,
    /// The moment in the field.
    pub effective: String,
    /// Why it could not be kept or announced.
    pub error: Option<DraftError>,
}

/// The form with the texts.
#[derive(Deserialize)]
pub struct TextsForm {
    #[serde(default)]
    zh: String,
    #[serde(default)]
    en: String,
    #[serde(default)]
    children_zh: String,
    #[serde(default)]
    children_en: String,
}

impl TextsForm {
    /// The texts with the line ends of ours in place of the form's.
    fn texts(&self) -> PolicyTexts {
        let clean = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        PolicyTexts {
            zh: clean(&self.zh),
            en: clean(&self.en),
            children_zh: clean(&self.children_zh),
            children_en: clean(&self.children_en),
        }
    }
}

fn too_long(texts: &PolicyTexts) -> bool {
    [&texts.zh, &texts.en, &texts.children_zh, &texts.children_en].iter().any(|text| text.len() > TEXT_MAX)
}

/// The form with the moment.
#[derive(Deserialize)]
pub struct ScheduleForm {
    #[serde(default)]
    effective: String,
}

fn typed_moment(at: Timestamp) -> String {
    let wall = wall(at);
    format!("{}T{:02}:{:02}", wall.date(), wall.hour(), wall.minute())
}

/// The first whole hour that would do.
fn first_hour(app: &AppState) -> Timestamp {
    let first = earliest(app.clock.now(), app.config.policy_notice_days);
    let later = first.checked_add(SignedDuration::from_mins(59)).unwrap_or(first);
    let hour = wall(later).with().minute(0).second(0).subsec_nanosecond(0).build();
    hour.ok().and_then(moment).filter(|hour| *hour >= first).unwrap_or(first.saturating_add(1.hour()).unwrap_or(first))
}

/// The newest version that was not taken back: what the draft begins with and is compared to.
async fn newest(app: &AppState) -> Result<PolicyVersion, AppError> {
    let heads = app.store.policies().await?;
    let head = heads.iter().rev().find(|head| head.cancelled_at.is_none()).ok_or(AppError::NotFound)?;
    app.store.policy(head.version.number).await?.ok_or(AppError::NotFound)
}

/// `GET /officer/policy/draft`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Response, AppError> {
    page(&app, &visitor, None, None, None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    typed: Option<PolicyTexts>,
    effective: Option<String>,
    error: Option<DraftError>,
) -> Result<Response, AppError> {
    let before = newest(app).await?;
    let draft = app.store.policy_draft().await?;
    let kept = draft.is_some();
    let texts = typed.or(draft.map(|draft| draft.texts)).unwrap_or_else(|| before.texts.clone());
    let stale = document::renewed(&app.catalogs, &texts).as_ref() != Some(&texts);
    let map = Snapshot::current();
    let earliest = typed_moment(first_hour(app));
    let page = DraftPage {
        layout: Layout::new(visitor, app),
        before: before.head.version.number,
        kept,
        part: ChangesPart::new(&visitor.l, (&before.texts, &before.snapshot), (&texts, &map)),
        texts,
        stale,
        effective: effective.unwrap_or_else(|| earliest.clone()),
        earliest,
        error,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)?).into_response())
}

/// `POST /officer/policy/draft`: keeps the draft, and shows what differs.
///
/// # Errors
/// [`AppError`].
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<TextsForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("draft form"))?;
    let texts = form.texts();
    if too_long(&texts) {
        return page(&app, &visitor, Some(texts), None, Some(DraftError::TooLong)).await;
    }
    app.store.save_policy_draft(&viewer, &texts).await?;
    Ok(see_other("/officer/policy/draft#difference"))
}

/// `POST /officer/policy/draft/renewal`: keeps the draft with the tables as the data map is now.
///
/// # Errors
/// [`AppError`].
pub async fn renew(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<TextsForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("draft form"))?;
    let texts = form.texts();
    if too_long(&texts) {
        return page(&app, &visitor, Some(texts), None, Some(DraftError::TooLong)).await;
    }
    match document::renewed(&app.catalogs, &texts) {
        Some(renewed) => {
            app.store.save_policy_draft(&viewer, &renewed).await?;
            Ok(see_other("/officer/policy/draft#difference"))
        }
        None => page(&app, &visitor, Some(texts), None, Some(DraftError::Stale)).await,
    }
}

/// `POST /officer/policy/draft/removal`: throws the draft away.
///
/// # Errors
/// [`AppError`].
pub async fn remove(State(app): State<AppState>, Person(viewer): Person) -> Result<Response, AppError> {
    app.store.drop_policy_draft(&viewer).await?;
    Ok(see_other("/officer"))
}

/// `POST /officer/policy/schedule`: announces the draft.
///
/// # Errors
/// [`AppError`].
pub async fn schedule(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<ScheduleForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("schedule form"))?;
    let texts = match app.store.policy_draft().await? {
        Some(draft) => draft.texts,
        None => newest(&app).await?.texts,
    };
    let at = form.effective.parse::<DateTime>().ok().and_then(moment);
    let error = match at {
        None => DraftError::NoMoment,
        // The policy says what the program does, or it is not published.
        Some(_) if document::renewed(&app.catalogs, &texts).as_ref() != Some(&texts) => DraftError::Stale,
        Some(at) => match app.store.schedule_policy(&viewer, &texts, at, app.config.policy_notice_days).await {
            Ok(_) => return Ok(see_other("/officer")),
            Err(ScheduleError::Notice(NoticeError::Past)) => DraftError::Past,
            Err(ScheduleError::Notice(NoticeError::TooEarly { earliest })) => DraftError::TooEarly(earliest),
            Err(ScheduleError::Pending) => DraftError::Pending,
            Err(ScheduleError::Empty) => DraftError::Empty,
            Err(ScheduleError::NotAllowed) => return Err(AppError::NotFound),
            Err(ScheduleError::Store(error)) => return Err(error.into()),
        },
    };
    page(&app, &visitor, None, Some(form.effective), Some(error)).await
}
