//! Recordings and course audio on their way in: announced, sent in pieces, acknowledged by their SHA-256. Whatever breaks
//! off is taken up where it stopped; whatever is repeated changes nothing.

pub mod listening;

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{AssignmentId, ExerciseId, RecordingId, UploadId};
use jiayin_domain::sound::Fault;
use jiayin_store::Viewer;
use jiayin_store::uploads::{Announced, Progress, Target};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::AppState;
use crate::error::AppError;
use crate::ops::traffic::Network;
use crate::session::Person;

/// Where the server stands, and where a piece begins; after the IETF draft of resumable uploads.
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// Largest piece.
pub const PIECE_MAX: usize = 1024 * 1024;

/// What a browser announces.
#[derive(Deserialize)]
pub struct Announcement {
    id: Uuid,
    kind: Kind,
    /// Whose recording it is: of two people at one browser, nobody's is sent in the other's name.
    owner: Option<Uuid>,
    assignment: Option<Uuid>,
    exercise: Option<Uuid>,
    /// What a spoken comment is about.
    recording: Option<Uuid>,
    mime: String,
    size: u64,
    sha256: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Recording,
    Practice,
    CourseAudio,
    VoiceComment,
}

/// What the server answers.
#[derive(Serialize, Default)]
pub struct Standing {
    /// Bytes that are kept.
    offset: u64,
    /// SHA-256 of the whole once it is kept for good.
    acknowledged: Option<String>,
    /// The recording it became.
    recording: Option<Uuid>,
    /// The file it became.
    media: Option<Uuid>,
    /// Of what is listened to: by how many decibels it is made louder when it is played.
    gain: Option<f32>,
    /// Of what is listened to: what is wrong with it.
    faults: Vec<&'static str>,
    /// Why it was not kept: `unreadable`, `too-long`, `silent`, `too-short`.
    refused: Option<&'static str>,
}

/// `POST /uploads`: begins an upload, or finds the one that was begun.
///
/// # Errors
/// [`AppError`]: too large, no audio, no such exercise, taken back …
pub async fn post(
    State(app): State<AppState>,
    Person(viewer): Person,
    body: Result<Json<Announcement>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, AppError> {
    let Json(announcement) = body.map_err(|_| AppError::BadRequest("announcement"))?;
    if announcement.owner.is_some_and(|owner| owner != viewer.person.0) {
        return Err(AppError::SignInFirst);
    }
    let new = checked(&app, announcement)?;
    let progress = app.store.announce(&viewer, &new).await?.ok_or(AppError::NotFound)?;
    let status = if progress == Progress::At(0) { StatusCode::CREATED } else { StatusCode::OK };
    answer(&app, &viewer, status, new.id, progress).await
}

fn checked(app: &AppState, announced: Announcement) -> Result<Announced, AppError> {
    let target = target(&announced).ok_or(AppError::BadRequest("announcement"))?;
    if announced.size > app.config.upload_max() as u64 {
        return Err(AppError::TooLarge { limit_mb: app.config.upload_max_mb });
    }
    let sha256 = digest(&announced.sha256).ok_or(AppError::BadRequest("announcement"))?;
    if announced.size == 0 {
        return Err(AppError::BadRequest("announcement"));
    }
    let mime = media_type(&announced.mime).ok_or(AppError::UnsupportedType)?;
    Ok(Announced { id: UploadId(announced.id), target, mime, size: announced.size, sha256 })
}

/// What it is for, if all is there that says so.
fn target(announced: &Announcement) -> Option<Target> {
    let exercise = announced.exercise.map(ExerciseId);
    let assignment = announced.assignment.map(AssignmentId);
    Some(match announced.kind {
        Kind::Recording => Target::Recording { assignment: assignment?, exercise: exercise? },
        Kind::Practice => Target::Practice { assignment: assignment?, exercise: exercise? },
        Kind::CourseAudio => Target::CourseAudio { exercise: exercise? },
        Kind::VoiceComment => Target::VoiceComment { recording: RecordingId(announced.recording?) },
    })
}

/// The media type without parameters, if it is one that recorders and sound files have.
pub(crate) fn media_type(text: &str) -> Option<String> {
    let bare = text.split(';').next()?.trim().to_ascii_lowercase();
    let known = [
        "audio/webm",
        "video/webm",
        "audio/mp4",
        "video/mp4",
        "audio/x-m4a",
        "audio/m4a",
        "audio/aac",
        "audio/mpeg",
        "audio/mp3",
        "audio/ogg",
        "application/ogg",
        "audio/opus",
        "audio/wav",
        "audio/x-wav",
        "audio/wave",
        "audio/flac",
        "audio/x-flac",
    ];
    known.contains(&bare.as_str()).then_some(bare)
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// `PATCH /uploads/{upload}`: takes a piece. 204 with the new offset; 409 with the right one if this was not it; after the
/// last piece 200 with the acknowledgement, 422 if the whole is not what was announced, or 415 with the reason if it is no
/// use to who will hear it.
///
/// # Errors
/// [`AppError`].
pub async fn patch(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, AppError> {
    let offset = headers.get(OFFSET).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let offset: u64 = offset.ok_or(AppError::BadRequest("upload offset"))?;
    let piece: Bytes =
        to_bytes(request.into_body(), PIECE_MAX).await.map_err(|_| AppError::TooLarge { limit_mb: 1 })?;
    app.metrics.traffic.came(Network::of(&headers), piece.len());
    let id = UploadId(id);
    let progress = app.store.append(&viewer, id, offset, &piece).await?.ok_or(AppError::NotFound)?;
    let progress = match progress {
        Progress::Whole => match listening::take_in(&app, &viewer, id).await? {
            Ok(progress) => progress,
            Err(unfit) => {
                let standing = Standing { refused: Some(unfit.code()), ..Standing::default() };
                return Ok((StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(standing)).into_response());
            }
        },
        progress => progress,
    };
    match &progress {
        Progress::At(at) if *at == offset.saturating_add(piece.len() as u64) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            response.headers_mut().insert(OFFSET, HeaderValue::from(*at));
            Ok(response)
        }
        Progress::At(at) => {
            let mut response = AppError::Conflict.into_response();
            response.headers_mut().insert(OFFSET, HeaderValue::from(*at));
            Ok(response)
        }
        Progress::Acknowledged { .. } => {
            app.wake_workers();
            answer(&app, &viewer, StatusCode::OK, id, progress).await
        }
        _ => answer(&app, &viewer, StatusCode::OK, id, progress).await,
    }
}

/// `HEAD /uploads/{upload}`: how far it has come.
///
/// # Errors
/// [`AppError`].
pub async fn head(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
) -> Result<Response, AppError> {
    let progress = app.store.upload_progress(&viewer, UploadId(id)).await?.ok_or(AppError::NotFound)?;
    answer(&app, &viewer, StatusCode::OK, UploadId(id), progress).await
}

async fn answer(
    app: &AppState,
    viewer: &Viewer,
    status: StatusCode,
    id: UploadId,
    progress: Progress,
) -> Result<Response, AppError> {
    let standing = match progress {
        Progress::At(offset) => Standing { offset, ..Standing::default() },
        Progress::Acknowledged { sha256, media } => {
            let heard = app.store.heard_of(viewer, id).await?;
            Standing {
                acknowledged: Some(hex::encode(sha256)),
                recording: Some(id.0),
                media: Some(media.0),
                gain: heard.as_ref().map(|heard| heard.gain.db()),
                faults: heard.map(|heard| heard.faults.into_iter().map(Fault::tag).collect()).unwrap_or_default(),
                ..Standing::default()
            }
        }
        // Not an end: the last piece, empty now, asks for it.
        Progress::Whole => return Err(AppError::Busy { retry_after_s: 1 }),
        Progress::Mismatch => return Err(AppError::Mismatch),
        Progress::Conflict => return Err(AppError::Conflict),
        Progress::Gone => return Err(AppError::Gone),
    };
    let mut response = (status, Json(&standing)).into_response();
    response.headers_mut().insert(OFFSET, HeaderValue::from(standing.offset));
    Ok(response)
}

/// Keeps a whole recording that came with a form, as from a page without our script: announced and sent in one go. Course
/// audio is to be listened to afterwards.
///
/// # Errors
/// [`AppError`].
pub async fn keep_whole(
    app: &AppState,
    viewer: &Viewer,
    target: Target,
    mime: &str,
    bytes: &[u8],
) -> Result<UploadId, AppError> {
    let id = UploadId::new(&*app.clock, &*app.entropy);
    let mime = media_type(mime).unwrap_or_else(|| "audio/wav".to_owned());
    keep_under(app, viewer, id, target, mime, bytes).await?;
    Ok(id)
}

/// Keeps a whole recording under an id that the caller has chosen. What came under the same id before is gone on with, or,
/// if it is there already, left as it is.
///
/// # Errors
/// [`AppError::Conflict`] if the id is known for something else.
pub(crate) async fn keep_under(
    app: &AppState,
    viewer: &Viewer,
    id: UploadId,
    target: Target,
    mime: String,
    bytes: &[u8],
) -> Result<(), AppError> {
    use sha2::{Digest, Sha256};
    let new = Announced { id, target, mime, size: bytes.len() as u64, sha256: Sha256::digest(bytes).into() };
    let begun = app.store.announce(viewer, &new).await?.ok_or(AppError::NotFound)?;
    let kept = match begun {
        Progress::At(offset) => {
            let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).ok_or(AppError::Conflict)?;
            app.store.append(viewer, id, offset, rest).await?.ok_or(AppError::NotFound)?
        }
        other => other,
    };
    match kept {
        // What is listened to has arrived, and the caller has it listened to.
        Progress::Acknowledged { .. } | Progress::Whole => {
            app.wake_workers();
            Ok(())
        }
        Progress::Gone => Err(AppError::Gone),
        Progress::Mismatch => Err(AppError::Mismatch),
        Progress::At(_) | Progress::Conflict => Err(AppError::Conflict),
    }
}
