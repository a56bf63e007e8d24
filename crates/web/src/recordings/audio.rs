//! `GET /recordings/{recording}/audio`, `GET /recordings/{recording}/voice` and `GET /media/{media}`: sound, whole or in ranges, and pictures, opened as they are
//! asked for.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use jiayin_domain::id::{MediaId, RecordingId};
use jiayin_store::recordings::Audio;
use uuid::Uuid;

use crate::app::AppState;
use crate::error::AppError;
use crate::ops::traffic::Network;
use crate::session::Person;

/// A learner's recording.
///
/// # Errors
/// [`AppError`].
pub async fn recording(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let found = app.store.recording_audio(&viewer, RecordingId(id), asked(&headers)).await?;
    give(&app, found.ok_or(AppError::NotFound)?, &headers)
}

/// What a teacher said aloud of a recording.
///
/// # Errors
/// [`AppError`].
pub async fn voice(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let found = app.store.voice_comment(&viewer, RecordingId(id), asked(&headers)).await?;
    send(found.ok_or(AppError::NotFound)?, &headers)
}

/// The audio of an exercise, or its picture.
///
/// # Errors
/// [`AppError`].
pub async fn media(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    if let Some(found) = app.store.course_audio(&viewer, MediaId(id), asked(&headers)).await? {
        return give(&app, found, &headers);
    }
    let shown = app.store.course_picture(&viewer, MediaId(id)).await?.ok_or(AppError::NotFound)?;
    let length = shown.bytes.len() as u64;
    app.metrics.traffic.went(Network::of(&headers), shown.bytes.len());
    send(Audio { mime: shown.mime, length, range: 0..length, bytes: shown.bytes }, &HeaderMap::new())
}

/// Sends sound, and counts it.
fn give(app: &AppState, audio: Audio, headers: &HeaderMap) -> Result<Response, AppError> {
    app.metrics.traffic.went(Network::of(headers), audio.bytes.len());
    send(audio, headers)
}

/// The first range of the header, `bytes=first-last` or `bytes=first-`; anything else is answered with the whole.
pub(crate) fn asked(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = text.split(',').next()?.trim().split_once('-')?;
    let first: u64 = first.parse().ok()?;
    match last {
        "" => Some((first, None)),
        last => last.parse().ok().filter(|last| *last >= first).map(|last| (first, Some(last))),
    }
}

/// The sound, whole or the range that was asked for.
pub(crate) fn send(audio: Audio, headers: &HeaderMap) -> Result<Response, AppError> {
    let internal = |error: axum::http::Error| AppError::Internal(error.to_string());
    let part = asked(headers).is_some();
    let Audio { mime, length, range, bytes } = audio;
    if part && range.is_empty() {
        return Response::builder()
            .status(StatusCode::RANGE_NOT_SATISFIABLE)
            .header(CONTENT_RANGE, format!("bytes */{length}"))
            .body(Body::empty())
            .map_err(internal);
    }
    let mut response = Response::builder()
        .status(if part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK })
        .header(CONTENT_TYPE, HeaderValue::from_str(&mime).unwrap_or(HeaderValue::from_static("audio/webm")))
        .header(ACCEPT_RANGES, "bytes")
        // In this browser for the length of a lesson, in no shared cache: it is somebody's voice.
        .header(CACHE_CONTROL, "private, max-age=600")
        .header(CONTENT_LENGTH, bytes.len());
    if part {
        let last = range.end.saturating_sub(1);
        response = response.header(CONTENT_RANGE, format!("bytes {}-{last}/{length}", range.start));
    }
    response.body(Body::from(bytes)).map_err(internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_written() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static(text));
            asked(&headers)
        };
        assert_eq!(of("bytes=0-"), Some((0, None)));
        assert_eq!(of("bytes=5-9, 20-30"), Some((5, Some(9))));
        assert_eq!(of("bytes=9-5"), None);
        assert_eq!(of("bytes=-5"), None);
        assert_eq!(of("lines=1-2"), None);
    }
}
