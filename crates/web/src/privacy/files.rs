//! `GET …/files/{kind}/{file}` and `GET …/copies/{copy}/file`: a file of the person, opened as it is asked for, a piece at a
//! time, so that a large one needs no more memory than a small one.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::stream;
use jiayin_store::rights::{File, Kind};
use serde::Deserialize;
use uuid::Uuid;

use super::Whose;
use crate::app::AppState;
use crate::error::AppError;
use crate::recordings::audio::asked;

/// Bytes that are opened at once.
const PIECE: u64 = 1 << 20;

/// Which file.
#[derive(Deserialize)]
pub struct Place {
    pub(super) kind: String,
    pub(super) file: Uuid,
}

/// A file to be played or looked at.
///
/// # Errors
/// [`AppError::NotFound`] if there is none of the person's.
pub async fn get(
    State(app): State<AppState>,
    whose: Whose,
    Path(place): Path<Place>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let kind = Kind::from_id(&place.kind).filter(|kind| kind.entry().in_export).ok_or(AppError::NotFound)?;
    let file = app.store.open_file(&whose.claim, kind, place.file).await?.ok_or(AppError::NotFound)?;
    let mime = HeaderValue::from_str(&file.mime).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    send(app, file, mime, &headers, None)
}

/// Which copy.
#[derive(Deserialize)]
pub struct CopyPlace {
    pub(crate) copy: Uuid,
}

/// A copy of everything, to be kept.
///
/// # Errors
/// [`AppError::NotFound`] if there is none of the person's, or no longer.
pub async fn copy(
    State(app): State<AppState>,
    whose: Whose,
    Path(place): Path<CopyPlace>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let ready = app.store.copy(&whose.claim, place.copy).await?;
    let ready = ready.filter(|copy| copy.state == jiayin_store::rights::CopyState::Ready).ok_or(AppError::NotFound)?;
    let kind = Kind::from_id("export").ok_or(AppError::NotFound)?;
    let file = app.store.open_file(&whose.claim, kind, ready.id).await?.ok_or(AppError::NotFound)?;
    let day = super::words::day(ready.asked_at.as_millisecond());
    send(app, file, HeaderValue::from_static("application/zip"), &headers, Some(format!("jiayin-{day}.zip")))
}

fn send(
    app: AppState,
    file: File,
    mime: HeaderValue,
    headers: &HeaderMap,
    name: Option<String>,
) -> Result<Response, AppError> {
    let internal = |error: axum::http::Error| AppError::Internal(error.to_string());
    let length = file.length;
    let part = asked(headers);
    let (first, last) = part.unwrap_or((0, None));
    let range = first.min(length)..last.map_or(length, |last| last.saturating_add(1)).min(length);
    if part.is_some() && range.is_empty() {
        return Response::builder()
            .status(StatusCode::RANGE_NOT_SATISFIABLE)
            .header(CONTENT_RANGE, format!("bytes */{length}"))
            .body(Body::empty())
            .map_err(internal);
    }
    let mut response = Response::builder()
        .status(if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK })
        .header(CONTENT_TYPE, mime)
        .header(ACCEPT_RANGES, "bytes")
        .header(CACHE_CONTROL, "private, no-store")
        .header(CONTENT_LENGTH, range.end - range.start);
    if part.is_some() {
        let last = range.end.saturating_sub(1);
        response = response.header(CONTENT_RANGE, format!("bytes {}-{last}/{length}", range.start));
    }
    if let Some(name) = name {
        response = response.header(CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    }
    let pieces = stream::try_unfold((app, file, range), async |(app, file, range)| {
        if range.is_empty() {
            return Ok(None);
        }
        let end = range.end.min(range.start + PIECE);
        let bytes = app.store.read_file(&file, range.start..end).await.inspect_err(|error| {
            tracing::error!(%error, "a file broke off while it was sent");
        })?;
        Ok::<_, jiayin_store::StoreError>(Some((bytes, (app, file, end..range.end))))
    });
    response.body(Body::from_stream(pieces)).map_err(internal)
}
