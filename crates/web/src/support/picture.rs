//! `GET /help/{ticket}/pictures/{picture}`: a picture in a conversation, for who sent it and for the desk that has it.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;
use jiayin_domain::id::{MediaId, TicketId};

use crate::app::AppState;
use crate::error::AppError;
use crate::session::Person;

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else.
pub async fn get(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((ticket, picture)): Path<(TicketId, MediaId)>,
) -> Result<Response, AppError> {
    let shown = app.store.ticket_picture(&viewer, ticket, picture).await?.ok_or(AppError::NotFound)?;
    Response::builder()
        .header(CONTENT_TYPE, shown.mime)
        // In this browser while the conversation is read, in no shared cache.
        .header(CACHE_CONTROL, "private, max-age=600")
        .body(Body::from(shown.bytes))
        .map_err(|error| AppError::Internal(error.to_string()))
}
