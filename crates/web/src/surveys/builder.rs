//! `GET` and `POST /surveys/{survey}`: a draft with its questions; the form gives it another title and introduction. A survey
//! that has been published leads to its results. `GET …/preview` shows it as it is answered, `POST …/removal` throws it away.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiayin_domain::id::SurveyId;
use jiayin_domain::survey::{INTRO_MAX, Kind, QUESTIONS_MAX};
use jiayin_store::Viewer;
use jiayin_store::surveys::{Stage, Survey};
use serde::Deserialize;

use super::list::title;
use super::question::{Fields, QuestionForm};
use super::questions::QuestionView;
use super::{paragraphs, path_of};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// A question of the draft.
pub struct QuestionRow {
    /// Its number.
    pub id: u32,
    /// What is asked.
    pub text: String,
    /// What kind of answer it takes.
    pub kind: Kind,
    /// It has to be answered.
    pub required: bool,
    /// Its options, in order.
    pub options: Vec<String>,
    /// The form that changes it.
    pub fields: Fields,
}

/// The page.
#[derive(Template)]
#[template(path = "surveys/builder.html")]
pub struct BuilderPage {
    /// Frame; staff is signed in.
    pub layout: Layout,
    /// The survey.
    pub survey: SurveyId,
    /// Title as it is kept.
    pub name: String,
    /// Title as it stands in the form.
    pub title: String,
    /// Introduction as it stands in the form.
    pub intro: String,
    /// What is wrong with title or introduction.
    pub error: Option<String>,
    /// The questions.
    pub questions: Vec<QuestionRow>,
    /// Forms for new ones, one for each kind.
    pub new: Vec<Fields>,
}

impl BuilderPage {
    /// Whether there is room for another question.
    pub fn has_room(&self) -> bool {
        self.questions.len() < QUESTIONS_MAX
    }
}

/// What the page shows beside what is kept.
#[derive(Default)]
pub(super) struct Refused {
    /// Title and introduction with what is wrong with them.
    pub(super) front: Option<(FrontForm, String)>,
    /// The number of the question, none for a new one, its form, and what is wrong.
    pub(super) question: Option<(Option<u32>, QuestionForm, String)>,
}

/// The form of title and introduction.
#[derive(Deserialize, Default)]
pub struct FrontForm {
    #[serde(default)]
    title: String,
    #[serde(default)]
    intro: String,
}

/// A draft of the viewer's.
pub(super) async fn draft(app: &AppState, viewer: &Viewer, id: SurveyId) -> Result<Survey, AppError> {
    let survey = app.store.survey(viewer, id).await?.ok_or(AppError::NotFound)?;
    // Another page has published it meanwhile.
    if survey.stage == Stage::Draft { Ok(survey) } else { Err(AppError::Conflict) }
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Response, AppError> {
    let survey = app.store.survey(&viewer, id).await?.ok_or(AppError::NotFound)?;
    if survey.stage != Stage::Draft {
        return Ok(see_other(&format!("{}/results", path_of(id))));
    }
    page(&app, &visitor, &survey, Refused::default())
}

/// The page, with what was refused.
pub(super) fn page(app: &AppState, visitor: &Visitor, survey: &Survey, refused: Refused) -> Result<Response, AppError> {
    let status = if refused.front.is_some() || refused.question.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let typed = |id: Option<u32>, kind: Kind| match &refused.question {
        Some((of, form, error)) if *of == id && form.is(kind) => Some((form.clone(), error.clone())),
        _ => None,
    };
    let questions = survey.sheet.0.iter().map(|question| {
        let kind = question.choice.kind();
        QuestionRow {
            id: question.id,
            text: question.text.clone(),
            kind,
            required: question.required,
            options: question.choice.options().to_vec(),
            fields: Fields::new(kind, Some(question), typed(Some(question.id), kind)),
        }
    });
    let (front, error) = match refused.front {
        Some((front, error)) => (front, Some(error)),
        None => (FrontForm { title: survey.title.clone(), intro: survey.intro.clone() }, None),
    };
    let page = BuilderPage {
        survey: survey.survey,
        name: survey.title.clone(),
        title: front.title,
        intro: front.intro,
        error,
        questions: questions.collect(),
        new: Kind::ALL.into_iter().map(|kind| Fields::new(kind, None, typed(None, kind))).collect(),
        layout: Layout::new(visitor, app),
    };
    Ok((status, html(&page)?).into_response())
}

/// `POST /surveys/{survey}`.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
    form: Result<Form<FrontForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("survey form"))?;
    let survey = draft(&app, &viewer, id).await?;
    let intro = form.intro.replace("\r\n", "\n").trim().to_owned();
    let checked = title(&visitor.l, &form.title).and_then(|title| {
        let long = intro.chars().count() > INTRO_MAX;
        if long { Err(visitor.l.t1("survey-error-intro", "max", INTRO_MAX)) } else { Ok(title) }
    });
    match checked {
        Ok(title) if app.store.name_survey(&viewer, id, &title, &intro).await? => Ok(see_other(&path_of(id))),
        Ok(_) => Err(AppError::Conflict),
        Err(error) => page(&app, &visitor, &survey, Refused { front: Some((form, error)), question: None }),
    }
}

/// The preview.
#[derive(Template)]
#[template(path = "surveys/preview.html")]
pub struct PreviewPage {
    /// Frame; staff is signed in.
    pub layout: Layout,
    /// The survey.
    pub survey: SurveyId,
    /// Its title.
    pub title: String,
    /// What stands before the questions.
    pub intro: Vec<String>,
    /// The questions.
    pub questions: Vec<QuestionView>,
}

/// `GET /surveys/{survey}/preview`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's.
pub async fn preview(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Html<String>, AppError> {
    let survey = app.store.survey(&viewer, id).await?.ok_or(AppError::NotFound)?;
    html(&PreviewPage {
        survey: survey.survey,
        intro: paragraphs(&survey.intro),
        questions: QuestionView::all(&survey.sheet.0, |_| Vec::new(), |_| None, &BTreeMap::new()),
        title: survey.title,
        layout: Layout::new(&visitor, &app),
    })
}

/// `POST /surveys/{survey}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's, or it is open.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<SurveyId>,
) -> Result<Response, AppError> {
    match app.store.remove_survey(&viewer, id).await? {
        true => Ok(see_other("/surveys?removed=1")),
        false => Err(AppError::NotFound),
    }
}
