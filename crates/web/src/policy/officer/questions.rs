//! `GET /officer/questions` and `POST /officer/questions/{question}`: what people ask about the policy, and the answers.
//! Nobody's name is shown: an answer needs none.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::QuestionId;
use jiayin_store::Viewer;
use serde::Deserialize;

use super::super::contact::{QuestionView, TextError, text};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/questions.html")]
pub struct QuestionsPage {
    /// Frame.
    pub layout: Layout,
    /// The questions, those without an answer first.
    pub questions: Vec<QuestionView>,
    /// An answer that could not be taken: to which question, what was typed, why.
    pub refused: Option<(String, String, TextError)>,
}

impl QuestionsPage {
    /// What was typed as an answer to a question and could not be taken, and why.
    pub fn refused_for(&self, question: &str) -> Option<(&str, TextError)> {
        let refused = self.refused.as_ref().filter(|(id, _, _)| id == question);
        refused.map(|(_, typed, error)| (typed.as_str(), *error))
    }
}

/// `GET /officer/questions`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    refused: Option<(String, String, TextError)>,
) -> Result<Response, AppError> {
    let opened = app.store.questions(viewer).await?.ok_or(AppError::NotFound)?;
    let questions = QuestionView::all(&visitor.l, app.clock.now(), &opened)?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = QuestionsPage { layout: Layout::new(visitor, app), questions, refused };
    Ok((status, html(&page)?).into_response())
}

/// The form.
#[derive(Deserialize)]
pub struct AnswerForm {
    #[serde(default)]
    text: String,
}

/// `POST /officer/questions/{question}`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such question in this school.
pub async fn answer(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(question): Path<QuestionId>,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("answer form"))?;
    match text(&form.text) {
        Ok(text) if app.store.answer(&viewer, question, &text).await? => Ok(see_other("/officer/questions")),
        Ok(_) => Err(AppError::NotFound),
        Err(error) => page(&app, &visitor, &viewer, Some((question.to_string(), form.text, error))).await,
    }
}
