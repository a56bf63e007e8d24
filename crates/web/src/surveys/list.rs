//! `GET` and `POST /surveys`: the surveys of a teacher or a campus's manager; a new one is begun by its title.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SurveyId;
use jiayin_domain::survey::TITLE_MAX;
use jiayin_store::Viewer;
use jiayin_store::surveys::{Stage, Survey};
use serde::Deserialize;

use super::path_of;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// A survey in the list.
pub struct SurveyRow {
    /// Id; a part of the address.
    pub id: SurveyId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub stage: Stage,
    /// Whom it asks; empty for a draft.
    pub asks: String,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
    /// How many were asked.
    pub invited: u64,
    /// How many answers there are.
    pub answers: usize,
    /// When it closes or has closed.
    pub closes: Option<Moment>,
}

impl SurveyRow {
    /// Class name of the stage's tag.
    pub fn tone(&self) -> &'static str {
        match self.stage {
            Stage::Draft => "fair",
            Stage::Open => "good",
            Stage::Closed => "missed",
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "surveys/list.html")]
pub struct ListPage {
    /// Frame; staff is signed in.
    pub layout: Layout,
    /// The surveys, the newest first.
    pub surveys: Vec<SurveyRow>,
    /// What was typed as a title.
    pub title: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// One was just removed.
    pub removed: bool,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    removed: Option<u8>,
}

/// The form.
#[derive(Deserialize)]
pub struct TitleForm {
    #[serde(default)]
    title: String,
}

/// A title as it was typed, or what is wrong with it.
///
/// # Errors
/// The message.
pub(super) fn title(l: &Localizer, typed: &str) -> Result<String, String> {
    let title = typed.trim();
    if (1..=TITLE_MAX).contains(&title.chars().count()) {
        Ok(title.to_owned())
    } else {
        Err(l.t1("survey-error-title", "max", TITLE_MAX))
    }
}

/// Whom a survey asks, in words; empty for a draft.
pub(super) fn asks(l: &Localizer, survey: &Survey) -> String {
    match &survey.asks {
        Some((place, role)) => format!("{place} · {}", l.of("survey-role", role.map_or("everyone", |role| role.tag()))),
        None => String::new(),
    }
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(shown): Query<Shown>,
) -> Result<Response, AppError> {
    let page = page(&app, &visitor, &viewer).await?;
    Ok(html(&ListPage { removed: shown.removed == Some(1), ..page })?.into_response())
}

async fn page(app: &AppState, visitor: &Visitor, viewer: &Viewer) -> Result<ListPage, AppError> {
    let now = app.clock.now();
    let surveys = app.store.surveys(viewer).await?;
    let row = |survey: &Survey| SurveyRow {
        id: survey.survey,
        title: survey.title.clone(),
        stage: survey.stage,
        asks: asks(&visitor.l, survey),
        anonymous: survey.anonymous,
        invited: survey.invited,
        answers: survey.answers,
        closes: survey.closes_at.map(|at| Moment::new(&visitor.l, at, now)),
    };
    Ok(ListPage {
        surveys: surveys.iter().map(row).collect(),
        title: String::new(),
        error: None,
        removed: false,
        layout: Layout::new(visitor, app),
    })
}

/// `POST /surveys`.
///
/// # Errors
/// [`AppError`]; what is wrong with the title is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<TitleForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("survey form"))?;
    match title(&visitor.l, &form.title) {
        Ok(title) => Ok(see_other(&path_of(app.store.create_survey(&viewer, &title).await?))),
        Err(error) => {
            let page = ListPage { title: form.title, error: Some(error), ..page(&app, &visitor, &viewer).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
        }
    }
}
