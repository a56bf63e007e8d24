//! `POST /api/v1/assignments/{assignment}/exercises/{exercise}/recordings`: a recording in one piece.
//!
//! The header `Idempotency-Key` (IETF draft) makes it safe to send again: the recording's id is a keyed digest of the person
//! and the key, and whatever comes under it once more finds what is there (docs/adr/0019).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{AssignmentId, ExerciseId, UploadId};
use jiayin_store::uploads::Target;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::At;
use super::door::Caller;
use super::paging::location;
use super::problem::{ApiError, Code};
use super::types::Id;
use crate::app::AppState;
use crate::error::AppError;
use crate::tryout::upload::{refuse, text};
use crate::uploads::{keep_under, media_type};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Shortest and longest key, in characters.
const KEY_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
/// Longest that a recording may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

/// A sound file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Sound(#[allow(dead_code, reason = "for the document alone")] Vec<u8>);

/// A recording that was kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// The recording.
    recording_id: Id,
    /// Where its result will be.
    #[schema(format = "uri-reference", example = "/api/v1/recordings/01990000-0000-7000-8000-000000000001/result")]
    result: String,
    /// SHA-256 of what was kept, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$", example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

/// Recordings that are arriving at this moment, by the id that they will have.
#[derive(Clone, Default)]
pub struct Arriving(Arc<Mutex<HashSet<Uuid>>>);

/// One of them; it has arrived, or not, when this is let go.
struct Place {
    arriving: Arriving,
    id: Uuid,
}

impl Arriving {
    fn begin(&self, id: Uuid) -> Option<Place> {
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        fresh.then(|| Place { arriving: self.clone(), id })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.arriving.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Send a recording
///
/// A learner's recording of an exercise, as a sound file in one piece. It is kept when the answer comes; the ear hears it
/// afterwards. Sent again under the same `Idempotency-Key`, the same recording gets the same answer and is not kept twice;
/// another one is refused (422), and one that comes while the first is still arriving has to wait (409). A key is known as long
/// as its recording is kept.
///
/// # Errors
/// [`ApiError`]: no such exercise, taken back, too large, no sound, a key that was used …
#[utoipa::path(post, path = "/api/v1/assignments/{assignment}/exercises/{exercise}/recordings",
    operation_id = "sendRecording", tag = "homework",
    params(
        ("assignment" = Id, Path, description = "The assignment"),
        ("exercise" = Id, Path, description = "One of its exercises"),
        ("Idempotency-Key" = String, Header, description = "Chosen by the program, for this recording alone",
            pattern = r#"^([A-Za-z0-9_.:-]{8,128}|"[A-Za-z0-9_.:-]{8,128}")$"#, example = "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ),
    request_body(description = "The sound file", content((Sound = "audio/wav"), (Sound = "audio/webm"),
        (Sound = "audio/mp4"), (Sound = "audio/ogg"), (Sound = "audio/mpeg"), (Sound = "audio/flac"))),
    responses(
        (status = 202, description = "It is kept, and will be heard", body = Accepted,
            headers(("Location" = String, description = "Address of the result"))),
    ))]
pub async fn post(
    State(app): State<AppState>,
    caller: Caller,
    At((assignment, exercise)): At<(Uuid, Uuid)>,
    request: Request,
) -> Result<Response, ApiError> {
    let (assignment, exercise) = (AssignmentId(assignment), ExerciseId(exercise));
    let headers = request.headers().clone();
    let (key, mime) = match announced(&headers) {
        Ok(announced) => announced,
        Err(error) => return Err(drained(error, request).await),
    };
    let viewer = caller.viewer();
    let digest = app.store.tokens().digest("idempotency key", &[viewer.person.0.as_bytes(), key.as_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    let id = UploadId(uuid::Builder::from_custom_bytes(bytes).into_uuid());
    let Some(_place) = app.arriving.begin(id.0) else {
        return Err(drained(ApiError::Code(Code::InProgress), request).await);
    };
    let sound = sound(&app, request).await?;
    let sha256 = Sha256::digest(&sound);
    if let Some(kept) = app.store.kept_under(viewer, id).await? {
        if kept.sha256 != sha256.as_slice() || (kept.assignment, kept.exercise) != (assignment, exercise) {
            return Err(ApiError::Code(Code::KeyReused));
        }
        return accepted(id, &hex::encode(sha256));
    }
    match keep_under(&app, viewer, id, Target::Recording { assignment, exercise }, mime, &sound).await {
        Ok(()) => accepted(id, &hex::encode(sha256)),
        Err(AppError::Conflict) => Err(ApiError::Code(Code::KeyReused)),
        Err(error) => Err(error.into()),
    }
}

fn accepted(id: UploadId, sha256: &str) -> Result<Response, ApiError> {
    let result = format!("/api/v1/recordings/{id}/result");
    let place = location(&result)?;
    let body = Accepted { recording_id: Id(id.0), result, sha256: sha256.to_owned() };
    Ok((StatusCode::ACCEPTED, [(LOCATION, place)], Json(body)).into_response())
}

/// What the headers say of the recording: its key, and its media type.
fn announced(headers: &HeaderMap) -> Result<(String, String), ApiError> {
    let key = key(headers)?;
    let mime = text(headers, &CONTENT_TYPE).and_then(media_type).ok_or(AppError::UnsupportedType)?;
    Ok((key, mime))
}

/// The key of the header; the draft writes it in quotation marks, many programs do not.
fn key(headers: &HeaderMap) -> Result<String, ApiError> {
    let value = text(headers, &KEY).unwrap_or_default();
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_.:-".contains(letter);
    let fits = KEY_LENGTH.contains(&bare.len()) && bare.chars().all(plain);
    fits.then(|| bare.to_owned()).ok_or(ApiError::Code(Code::Key))
}

/// The body, bounded in size, in memory over all that are arriving, and in time.
async fn sound(app: &AppState, request: Request) -> Result<Bytes, ApiError> {
    let limit = app.config.upload_max();
    let too_large = || ApiError::App(AppError::TooLarge { limit_mb: app.config.upload_max_mb });
    let declared = text(request.headers(), &CONTENT_LENGTH).and_then(|value| value.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(drained(too_large(), request).await);
    }
    let kilobytes = u32::try_from(declared.unwrap_or(limit).div_ceil(1000)).unwrap_or(u32::MAX);
    let kilobytes = kilobytes.min(app.config.upload_memory_mb.saturating_mul(1000));
    let Ok(_memory) = Arc::clone(&app.upload_memory).try_acquire_many_owned(kilobytes) else {
        app.metrics.refused();
        return Err(drained(AppError::Busy { retry_after_s: 5 }.into(), request).await);
    };
    let body = timeout(PATIENCE, to_bytes(request.into_body(), limit)).await.map_err(|_| AppError::Timeout)?;
    let body = body.map_err(|_| too_large())?;
    if body.is_empty() { Err(ApiError::Code(Code::Body)) } else { Ok(body) }
}

/// Lets a refused body run out, so that the program reads our answer, and gives the error back.
async fn drained(error: ApiError, request: Request) -> ApiError {
    refuse(AppError::NotFound, request).await;
    error
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn keys_are_taken_with_and_without_quotation_marks() {
        let read = |text: &str| key(&HeaderMap::from_iter([(KEY, HeaderValue::from_str(text).unwrap())])).ok();
        assert_eq!(read("\"8e03978e-40d5\"").as_deref(), Some("8e03978e-40d5"));
        assert_eq!(read("8e03978e-40d5").as_deref(), Some("8e03978e-40d5"));
        for wrong in ["", "short", "\"short\"", "with blanks in it", "\"12345678"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&"k".repeat(129)), None);
        assert!(key(&HeaderMap::new()).is_err());
    }

    #[test]
    fn one_recording_arrives_once_at_a_time() {
        let arriving = Arriving::default();
        let place = arriving.begin(Uuid::nil());
        assert!(place.is_some() && arriving.begin(Uuid::nil()).is_none());
        drop(place);
        assert!(arriving.begin(Uuid::nil()).is_some());
    }
}
