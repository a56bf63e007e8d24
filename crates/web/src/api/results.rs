//! `GET /api/v1/recordings/{recording}/result` and `…/audio`: what became of a recording, and its sound.

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use jiayin_domain::homework::RecordingState;
use jiayin_domain::id::RecordingId;
use jiayin_speech::Evaluation;
use jiayin_store::homework::ReviewView;
use jiayin_store::recordings::Opening;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{At, json};
use super::door::Caller;
use super::evaluation::EvaluationForm;
use super::problem::ApiError;
use super::sending::Sound;
use super::types::{DecisionName, Id, Moment};
use crate::app::AppState;
use crate::error::AppError;
use crate::recordings::audio;

/// Where a recording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResultState {
    /// The ear has not heard it yet: ask again.
    Pending,
    /// It was heard.
    Done,
    /// The ear could not make anything of the file; it is kept for the teacher.
    Unreadable,
}

/// What became of a recording.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordingResult)]
pub struct ResultBody {
    /// The recording.
    recording_id: Id,
    /// Who made it.
    learner_id: Id,
    /// The assignment; `null` if it was taken back.
    assignment_id: Option<Id>,
    /// The exercise.
    exercise_id: Id,
    /// What was to be said.
    #[schema(example = "The rabbit runs very fast.")]
    text: String,
    /// When it was made.
    created_at: Moment,
    /// It was made for practice, and counts for no homework.
    practice: bool,
    /// Where it stands.
    state: ResultState,
    /// What the ear said; `null` before it has heard it.
    #[schema(value_type = Option<EvaluationForm>)]
    evaluation: Option<Evaluation>,
    /// What the teacher said; `null` before.
    review: Option<Review>,
}

/// What a teacher said of a recording.
#[derive(Debug, Serialize, ToSchema)]
pub struct Review {
    /// What was decided.
    decision: DecisionName,
    /// The teacher's own total, if one was given.
    #[schema(minimum = 0, maximum = 100, example = 90)]
    score: Option<u8>,
    /// The teacher's words, if there are any.
    #[schema(example = "Well done!")]
    comment: Option<String>,
    /// When.
    created_at: Moment,
}

/// What became of a recording
///
/// Down to the single sound, in the form that `jiayin score` writes. While it is `pending`, the header `Retry-After` says when
/// to ask again.
///
/// # Errors
/// [`AppError::NotFound`] if the person may not see it.
#[utoipa::path(get, path = "/api/v1/recordings/{recording}/result", operation_id = "getResult", tag = "results",
    params(("recording" = Id, Path, description = "The recording")), responses(
    (status = 200, description = "What became of it so far", body = ResultBody,
        headers(("Retry-After" = u32, description = "Seconds; while it is pending"))),
))]
pub async fn get(
    State(app): State<AppState>,
    caller: Caller,
    At(recording): At<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let seen = app.store.recorded::<Evaluation>(caller.viewer(), RecordingId(recording)).await?;
    let seen = seen.ok_or(AppError::NotFound)?;
    let evaluation = seen.detail.as_ref().map(|detail| seen.opening.evaluation(detail)).transpose()?.cloned();
    let state = match (&evaluation, seen.state) {
        (Some(_), _) => ResultState::Done,
        (None, RecordingState::Unreadable) => ResultState::Unreadable,
        (None, _) => ResultState::Pending,
    };
    let body = ResultBody {
        recording_id: Id(recording),
        learner_id: Id(seen.learner.0),
        assignment_id: seen.assignment.map(|given| Id(given.0)),
        exercise_id: Id(seen.exercise.0),
        text: seen.text.clone(),
        created_at: seen.at.into(),
        practice: seen.practice,
        state,
        evaluation,
        review: seen.review.as_ref().map(|review| said(&seen.opening, review)).transpose()?,
    };
    let mut response = json(&headers, &body)?;
    if state == ResultState::Pending {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Ok(response)
}

fn said(opening: &Opening, review: &ReviewView) -> Result<Review, ApiError> {
    Ok(Review {
        decision: review.decision.into(),
        score: review.score.as_ref().map(|score| opening.evaluation(score)).transpose()?.copied(),
        comment: review.comment.as_ref().map(|comment| opening.comment(comment)).transpose()?.cloned(),
        created_at: review.at.into(),
    })
}

/// The sound of a recording
///
/// As it was sent, whole or in a range of bytes.
///
/// # Errors
/// [`AppError::NotFound`] if the person may not hear it.
#[utoipa::path(get, path = "/api/v1/recordings/{recording}/audio", operation_id = "getAudio", tag = "results",
    params(("recording" = Id, Path, description = "The recording")), responses(
    (status = 200, description = "The sound", body = Sound, content_type = "audio/*"),
    (status = 206, description = "The bytes that the header `Range` asked for", body = Sound, content_type = "audio/*"),
))]
pub async fn audio(
    State(app): State<AppState>,
    caller: Caller,
    At(recording): At<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let part = audio::asked(&headers);
    let found = app.store.recording_audio(caller.viewer(), RecordingId(recording), part).await?;
    Ok(audio::send(found.ok_or(AppError::NotFound)?, part.is_some())?)
}
