//! `POST /review/{recording}/voice/removal`: what was said aloud of a recording is taken back. It is said through
//! `/uploads`, from the page with our script.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::RecordingId;
use uuid::Uuid;

use super::queue::Queue;
use crate::app::AppState;
use crate::error::AppError;
use crate::session::{Person, see_other};
use crate::visitor::Visitor;

/// See the module; 204 for our script.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has said nothing aloud of it, or does not teach its class.
pub async fn remove(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    Query(asked): Query<Queue>,
) -> Result<Response, AppError> {
    if !app.store.remove_voice(&viewer, RecordingId(id)).await? {
        return Err(AppError::NotFound);
    }
    if visitor.partial {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(see_other(&format!("/review/{id}{}", asked.query())))
}
