//! `POST /homework/{assignment}/exercises/{exercise}/answers`: what was heard is chosen; nothing is recorded.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use jiayin_domain::exercise::Content;
use jiayin_domain::id::{AssignmentId, ExerciseId};
use jiayin_store::homework::ExercisePage;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::AppState;
use crate::error::AppError;
use crate::session::{Person, see_other};

/// The form: each answer is a button.
#[derive(Debug, Clone, Deserialize)]
pub struct AnswerForm {
    /// Number of the answer, from 1.
    pub choice: usize,
}

/// An answer that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceView {
    /// From 1.
    pub number: usize,
    /// What it says.
    pub text: String,
    /// `right` or `wrong` once it was chosen; empty before.
    pub state: &'static str,
}

/// The answers of an exercise as they stand for the learner; none where there is nothing to choose.
///
/// # Errors
/// If an answer cannot be opened.
pub fn choices(kept: &ExercisePage) -> Result<Vec<ChoiceView>, AppError> {
    let sentence = kept.task.sentences.get(kept.place).ok_or(AppError::NotFound)?;
    let Content::Choose { choices, right } = &sentence.content else { return Ok(Vec::new()) };
    let mut chosen = Vec::with_capacity(kept.chosen.len());
    for answer in &kept.chosen {
        chosen.push(answer.read(&kept.grant)?.choice);
    }
    let view = |(place, text): (usize, &String)| ChoiceView {
        number: place + 1,
        text: text.clone(),
        state: match chosen.contains(&place) {
            true if place == *right => "right",
            true => "wrong",
            false => "",
        },
    };
    Ok(choices.iter().enumerate().map(view).collect())
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if the learner has no such exercise, or it has no such answer.
pub async fn post(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((assignment, exercise)): Path<(Uuid, Uuid)>,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("answer form"))?;
    let choice = form.choice.checked_sub(1).ok_or(AppError::NotFound)?;
    let (assignment, exercise) = (AssignmentId(assignment), ExerciseId(exercise));
    app.store.choose(&viewer, assignment, exercise, choice).await?.ok_or(AppError::NotFound)?;
    Ok(see_other(&format!("/homework/{assignment}/exercises/{exercise}#choices")))
}
