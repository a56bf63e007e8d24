//! Takes the form with the file in: bounded in size, in memory over all visitors, and in time. Never on disk.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use jiayin_domain::roster::Elsewhere;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::file::FILE_MAX;
use crate::app::AppState;
use crate::error::AppError;
use crate::tryout::upload::{refuse, text};

/// Longest that an upload may take.
const UPLOAD_TIME: Duration = Duration::from_secs(60);
/// Largest form: a file with what multipart adds, or a list that travels sealed.
pub const FORM_MAX: usize = FILE_MAX + 64 * 1024;
/// What a visitor is told of the limit.
const LIMIT_MB: u32 = 4;

/// What was sent.
pub(super) struct Upload {
    /// The file.
    pub(super) file: Bytes,
    /// What becomes of learners who are in another class.
    pub(super) elsewhere: Elsewhere,
    /// Given back when the file is let go.
    pub(super) _memory: OwnedSemaphorePermit,
}

/// Reads the form.
pub(super) async fn read(app: &AppState, request: Request) -> Result<Upload, AppError> {
    timeout(UPLOAD_TIME, read_untimed(app, request)).await.unwrap_or(Err(AppError::Timeout))
}

async fn read_untimed(app: &AppState, request: Request) -> Result<Upload, AppError> {
    let kind = text(request.headers(), &CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let length = text(request.headers(), &CONTENT_LENGTH).and_then(|value| value.parse::<usize>().ok());
    if !kind.starts_with("multipart/form-data") {
        return Err(refuse(AppError::UnsupportedType, request).await);
    }
    if length.is_some_and(|length| length > FORM_MAX) {
        return Err(refuse(AppError::TooLarge { limit_mb: LIMIT_MB }, request).await);
    }
    let kilobytes = u32::try_from(length.unwrap_or(FORM_MAX).div_ceil(1000)).unwrap_or(u32::MAX);
    let kilobytes = kilobytes.min(app.config.upload_memory_mb.saturating_mul(1000));
    let Ok(memory) = Arc::clone(&app.upload_memory).try_acquire_many_owned(kilobytes) else {
        app.metrics.refused();
        return Err(refuse(AppError::Busy { retry_after_s: 5 }, request).await);
    };
    let failed = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge { limit_mb: LIMIT_MB },
        _ => AppError::BadRequest("multipart form"),
    };
    let mut form = Multipart::from_request(request, app).await.map_err(|_| AppError::BadRequest("multipart form"))?;
    let mut upload = Upload { file: Bytes::new(), elsewhere: Elsewhere::Move, _memory: memory };
    while let Some(field) = form.next_field().await.map_err(failed)? {
        match field.name().unwrap_or_default() {
            "file" => upload.file = field.bytes().await.map_err(failed)?,
            "elsewhere" => {
                upload.elsewhere = match field.text().await.map_err(failed)?.as_str() {
                    "move" => Elsewhere::Move,
                    "join" => Elsewhere::Join,
                    _ => return Err(AppError::BadRequest("what becomes of learners elsewhere")),
                }
            }
            _ => return Err(AppError::BadRequest("field of the roster form")),
        }
    }
    Ok(upload)
}
