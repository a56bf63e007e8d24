//! `GET /recordings/{recording}/result`: what has become of a recording. Asked for by our script it waits a while for the
//! ear, so that the result comes without asking again and again.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use jiayin_domain::homework::RecordingState;
use jiayin_domain::id::RecordingId;
use jiayin_speech::Evaluation;
use jiayin_store::Viewer;
use jiayin_store::recordings::Recorded;
use uuid::Uuid;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::homework::attempt::{AttemptPart, AttemptState, WAITING_HEADER};
use crate::homework::exercise::next_after;
use crate::locale::Localizer;
use crate::practice::page::PRACTICE;
use crate::session::{Person, see_other};
use crate::tryout::view::ResultPart;
use crate::visitor::Visitor;

/// Longest that an answer is held back.
const PATIENCE: Duration = Duration::from_secs(10);
/// Where other processes hear recordings too, nobody calls: looked at so often all the same.
const LOOK_EVERY: Duration = Duration::from_millis(700);

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
) -> Result<Response, AppError> {
    let id = RecordingId(id);
    let mut heard = app.heard.subscribe();
    let mut seen = seen(&app, &viewer, id).await?;
    if visitor.partial {
        let wait = async {
            while seen.state == RecordingState::Waiting {
                // Whether called or not: the store knows.
                let _ = tokio::time::timeout(LOOK_EVERY, heard.changed()).await;
                seen = self::seen(&app, &viewer, id).await?;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or(Ok::<(), AppError>(()))?;
    } else if seen.assignment.is_some() {
        return Ok(see_other(&place(&seen)));
    }
    let waiting = seen.state == RecordingState::Waiting;
    let next = match seen.assignment {
        Some(_) if seen.practice => PRACTICE.to_owned(),
        Some(assignment) => next_after(&app, &viewer, assignment, seen.exercise).await?,
        None => String::new(),
    };
    let part = part(&visitor.l, &seen, next)?;
    let mut response = html(&part)?.into_response();
    if waiting {
        response.headers_mut().insert(WAITING_HEADER, HeaderValue::from_static("1"));
    }
    Ok(response)
}

async fn seen(app: &AppState, viewer: &Viewer, id: RecordingId) -> Result<Recorded<Evaluation>, AppError> {
    app.store.recorded(viewer, id).await?.ok_or(AppError::NotFound)
}

/// Address of the page on which a recording was made; empty if its homework was taken back.
fn place(seen: &Recorded<Evaluation>) -> String {
    let Some(given) = seen.assignment else { return String::new() };
    match seen.practice {
        true => format!("{PRACTICE}/{given}/{}", seen.exercise),
        false => format!("/homework/{given}/exercises/{}", seen.exercise),
    }
}

/// An attempt as the learner's page shows it.
///
/// # Errors
/// If the result is not of the person for whom it was opened.
pub fn part(l: &Localizer, seen: &Recorded<Evaluation>, next: String) -> Result<AttemptPart, AppError> {
    let state = match (&seen.detail, seen.state) {
        (Some(detail), _) => {
            let evaluation = seen.opening.evaluation(detail)?;
            AttemptState::Evaluated(Box::new(ResultPart::of(l, evaluation, next, seen.model_audio.is_some())))
        }
        (None, RecordingState::Unreadable) => AttemptState::Unreadable,
        (None, _) => AttemptState::Waiting,
    };
    Ok(AttemptPart {
        l: l.clone(),
        recording: seen.recording.to_string(),
        exercise: place(seen),
        audio: format!("/recordings/{}/audio", seen.recording),
        state,
    })
}
