//! `GET /review/{recording}`: a recording to be heard; `POST` of the same address: what the teacher says of it.
//!
//! With the header `x-partial` the part goes out alone: the script fetches the next recording while the teacher still
//! hears this one, and sends what was decided meanwhile.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::RecordingId;
use jiayin_speech::Evaluation;
use jiayin_store::Viewer;
use jiayin_store::homework::AttemptCard;
use jiayin_store::queue::Reviewed;
use jiayin_store::recordings::Recorded;
use uuid::Uuid;

use super::form::{ReviewError, ReviewForm};
use super::page::{Attempt, Heard, Inside, ReviewPage, ReviewPart};
use super::phrases::{Phrases, opened};
use super::queue::{Place, Queue};
use crate::app::AppState;
use crate::courses::lesson::SoundView;
use crate::error::{AppError, html};
use crate::faces::FaceView;
use crate::homework::words::spoken;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// `GET /review/{recording}`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class of the recording.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    Query(asked): Query<Queue>,
) -> Result<Response, AppError> {
    answer(&app, &visitor, &viewer, (RecordingId(id), &asked), None).await
}

/// The page or the part of it; `refused` is what was sent, and what is wrong with it.
async fn answer(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (id, asked): (RecordingId, &Queue),
    refused: Option<(ReviewForm, Vec<ReviewError>)>,
) -> Result<Response, AppError> {
    let around = app.store.review_context(viewer, id, asked.within()).await?.ok_or(AppError::NotFound)?;
    let seen = app.store.recorded::<Evaluation>(viewer, id).await?.ok_or(AppError::NotFound)?;
    let evaluation = match &seen.detail {
        Some(detail) => Some(seen.opening.evaluation(detail)?),
        None => None,
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = match refused {
        Some(refused) => refused,
        None => (said_before(&seen)?, Vec::new()),
    };
    let phrases = Phrases::new(&app.catalogs, &visitor.l, opened(&app.store.bank(viewer).await?)?);
    let place = Place::of(id, &around.queue, asked.query());
    let name = around.learner.name.read(&around.grant)?;
    let face = FaceView::of(app, &around.learner.face, name);
    let heard = heard((app, visitor), &around, &seen, evaluation, face)?;
    let part = ReviewPart::new(&visitor.l, place, heard, evaluation, form, phrases);
    let body = if visitor.partial {
        html(&part)?
    } else {
        let layout = Layout::new(visitor, app);
        html(&ReviewPage { layout, inside: Inside::Recording(Box::new(part)) })?
    };
    Ok((status, body).into_response())
}

/// The form as the teacher filled it in before; empty at first.
fn said_before(seen: &Recorded<Evaluation>) -> Result<ReviewForm, AppError> {
    let Some(review) = &seen.review else { return Ok(ReviewForm::default()) };
    let score = match &review.score {
        Some(score) => seen.opening.evaluation(score)?.to_string(),
        None => String::new(),
    };
    let comment = match &review.comment {
        Some(comment) => seen.opening.comment(comment)?.clone(),
        None => String::new(),
    };
    Ok(ReviewForm { score, comment, decision: review.decision.tag().to_owned(), next: String::new() })
}

fn heard(
    (app, visitor): (&AppState, &Visitor),
    around: &Reviewed,
    seen: &Recorded<Evaluation>,
    evaluation: Option<&Evaluation>,
    face: FaceView,
) -> Result<Heard, AppError> {
    let attempt = |(index, card): (usize, &AttemptCard)| {
        let machine = match &card.total {
            Some(total) => *total.read(&around.grant)?,
            None => None,
        };
        let teacher = match card.review.as_ref().and_then(|review| review.score.as_ref()) {
            Some(score) => Some(*score.read(&around.grant)?),
            None => None,
        };
        Ok(Attempt {
            id: card.recording,
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            score: teacher.or(machine),
            current: card.recording == seen.recording,
        })
    };
    Ok(Heard {
        id: seen.recording,
        learner: around.learner.name.read(&around.grant)?.clone(),
        face,
        class: around.class_name.clone(),
        lesson: around.title.clone(),
        assignment: around.assignment,
        sentence: seen.text.clone(),
        audio: format!("/recordings/{}/audio", seen.recording),
        model_audio: seen.model_audio.as_ref().map(SoundView::new),
        at: Moment::new(&visitor.l, seen.at, app.clock.now()),
        duration_ms: evaluation.map_or(0, |evaluation| evaluation.audio.duration_ms),
        state: seen.state,
        attempts: around.attempts.iter().enumerate().map(attempt).collect::<Result<_, AppError>>()?,
        decision: seen.review.as_ref().map(|review| review.decision),
        voice: seen.voice.map(|gain| spoken(seen.recording, gain)),
    })
}

/// `POST /review/{recording}`: 204 for our script once it is kept, else on to the next recording.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    Query(asked): Query<Queue>,
    form: Result<Form<ReviewForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("review form"))?;
    let id = RecordingId(id);
    let review = match form.check() {
        Ok(review) => review,
        Err(errors) => return answer(&app, &visitor, &viewer, (id, &asked), Some((form, errors))).await,
    };
    let comment = review.comment.as_deref();
    if !app.store.save_review(&viewer, id, review.score, comment, review.decision).await? {
        return Err(AppError::NotFound);
    }
    if visitor.partial {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let next = review.next.map_or_else(String::new, |next| format!("/{next}"));
    Ok(see_other(&format!("/review{next}{}", asked.query())))
}
