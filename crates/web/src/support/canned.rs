//! `GET` and `POST /desk/answers`: the answers that a desk keeps ready; `POST /desk/answers/{answer}/removal` throws one
//! away.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::CannedAnswerId;
use jiayin_store::Viewer;
use jiayin_store::support::{CANNED_MAX, Canned};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::policy::contact::text;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest title, in characters.
pub const TITLE_MAX: usize = 60;

/// The form.
#[derive(Deserialize, Default)]
pub struct CannedForm {
    /// What it is called.
    #[serde(default)]
    pub title: String,
    /// Its words.
    #[serde(default)]
    pub text: String,
}

impl CannedForm {
    /// Title and words as they will be kept.
    fn check(&self, l: &Localizer) -> Result<(String, String), String> {
        let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        if !(1..=TITLE_MAX).contains(&title.chars().count()) {
            return Err(l.t("desk-error-title"));
        }
        text(&self.text).map(|text| (title, text)).map_err(|wrong| l.t(wrong.key()))
    }
}

/// The page.
#[derive(Template)]
#[template(path = "support/canned.html")]
pub struct CannedPage {
    /// Frame; somebody of a desk is signed in.
    pub layout: Layout,
    /// What the desk keeps ready.
    pub canned: Vec<Canned>,
    /// What was typed.
    pub form: CannedForm,
    /// What is wrong with it; empty if nothing is.
    pub error: String,
}

/// `GET /desk/answers`.
///
/// # Errors
/// [`AppError::NotFound`] for who has no desk.
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, CannedForm::default(), String::new()).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    form: CannedForm,
    error: String,
) -> Result<Response, AppError> {
    let canned = app.store.canned_answers(viewer).await?.ok_or(AppError::NotFound)?;
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html(&CannedPage { layout: Layout::new(visitor, app), canned, form, error })?).into_response())
}

/// `POST /desk/answers`.
///
/// # Errors
/// [`AppError`]; what is wrong with the answer is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<CannedForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("form of an answer"))?;
    let error = match form.check(&visitor.l) {
        Ok((title, text)) => match app.store.keep_canned(&viewer, &title, &text).await? {
            Some(_) => return Ok(see_other("/desk/answers")),
            None => visitor.l.t1("desk-error-many", "most", CANNED_MAX.to_string()),
        },
        Err(error) => error,
    };
    page(&app, &visitor, &viewer, form, error).await
}

/// `POST /desk/answers/{answer}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer's desk has no such answer.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<CannedAnswerId>,
) -> Result<Response, AppError> {
    match app.store.drop_canned(&viewer, id).await? {
        true => Ok(see_other("/desk/answers")),
        false => Err(AppError::NotFound),
    }
}
