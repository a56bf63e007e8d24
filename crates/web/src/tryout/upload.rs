//! Takes in the form with the recording: bounded in size, in memory over all visitors, and in time. Never on disk.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use futures_util::StreamExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::app::AppState;
use crate::error::AppError;
use crate::ops::traffic::Network;
use crate::pictures_in::Crop;

/// Longest that an upload may take; a slow phone sends 200 kB in less.
const UPLOAD_TIME: Duration = Duration::from_secs(120);
/// How much of a refused body is read and thrown away. A browser that is cut off in mid-sentence shows "connection
/// reset" instead of our answer, so what is not absurd is let through to its end.
const DISCARD_MAX: usize = 1_000_000_000;
/// What multipart adds around the recording and the text.
pub const OVERHEAD: usize = 64 * 1024;
/// Longest text in bytes that is looked at; ten times what the scorer takes.
pub const TEXT_MAX: usize = 10_000;

/// What was sent.
pub struct Upload {
    /// The text, trimmed.
    pub text: String,
    /// Level of the sample sentence, from 1.
    pub level: usize,
    /// Number of the sample sentence in its level, from 1.
    pub n: usize,
    /// The text is the visitor's own.
    pub own: bool,
    /// What a picture shows, in words, trimmed.
    pub alt: String,
    /// Which square of a picture is wanted.
    pub crop: Crop,
    /// The recording or picture; `None` if no file was chosen.
    pub recording: Option<Bytes>,
    /// Media type of the file as the browser names it; may be empty.
    pub mime: String,
    /// Given back when the recording is let go.
    pub memory: OwnedSemaphorePermit,
}

/// Reads the form.
///
/// # Errors
/// [`AppError`]: too large, not a form of ours, too slow, or no memory to spare.
pub async fn read(app: &AppState, request: Request) -> Result<Upload, AppError> {
    timeout(UPLOAD_TIME, read_untimed(app, request)).await.unwrap_or(Err(AppError::Timeout))
}

async fn read_untimed(app: &AppState, request: Request) -> Result<Upload, AppError> {
    let limit = app.config.upload_max() + OVERHEAD;
    let declared = text(request.headers(), &CONTENT_LENGTH).and_then(|value| value.parse::<usize>().ok());
    let kind = text(request.headers(), &CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    if !kind.starts_with("multipart/form-data") {
        return Err(refuse(AppError::UnsupportedType, request).await);
    }
    let too_large = AppError::TooLarge { limit_mb: app.config.upload_max_mb };
    if declared.is_some_and(|length| length > limit) {
        return Err(refuse(too_large, request).await);
    }
    let kilobytes = u32::try_from(declared.unwrap_or(limit).div_ceil(1000)).unwrap_or(u32::MAX);
    let kilobytes = kilobytes.min(app.config.upload_memory_mb.saturating_mul(1000));
    let Ok(memory) = Arc::clone(&app.upload_memory).try_acquire_many_owned(kilobytes) else {
        app.metrics.refused();
        return Err(refuse(AppError::Busy { retry_after_s: 5 }, request).await);
    };
    let network = Network::of(request.headers());
    let mut form = Multipart::from_request(request, app).await.map_err(|_| AppError::BadRequest("multipart form"))?;
    let mut upload = Upload {
        text: String::new(),
        level: 1,
        n: 1,
        own: false,
        alt: String::new(),
        crop: Crop::default(),
        recording: None,
        mime: String::new(),
        memory,
    };
    let failed = |error: MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            AppError::TooLarge { limit_mb: app.config.upload_max_mb }
        } else {
            AppError::BadRequest("multipart form")
        }
    };
    while let Some(field) = form.next_field().await.map_err(failed)? {
        match field.name().unwrap_or_default() {
            "text" => upload.text = truncated(field.text().await.map_err(failed)?.trim()),
            "level" => upload.level = field.text().await.map_err(failed)?.parse().unwrap_or(1),
            "n" => upload.n = field.text().await.map_err(failed)?.parse().unwrap_or(1),
            "own" => upload.own = field.text().await.map_err(failed)? == "1",
            "alt" => upload.alt = truncated(field.text().await.map_err(failed)?.trim()),
            "x" => upload.crop.x = percent(&field.text().await.map_err(failed)?).unwrap_or(upload.crop.x),
            "y" => upload.crop.y = percent(&field.text().await.map_err(failed)?).unwrap_or(upload.crop.y),
            "size" => upload.crop.size = percent(&field.text().await.map_err(failed)?).unwrap_or(upload.crop.size),
            "recording" | "audio" | "picture" => {
                upload.mime = field.content_type().unwrap_or_default().to_owned();
                let chosen = field.file_name().is_some_and(|name| !name.is_empty());
                let bytes = field.bytes().await.map_err(failed)?;
                app.metrics.traffic.came(network, bytes.len());
                upload.recording = (chosen || !bytes.is_empty()).then_some(bytes);
            }
            _ => {}
        }
    }
    Ok(upload)
}

/// A header as text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A share in percent; `None` for what is none.
fn percent(text: &str) -> Option<f32> {
    text.trim().parse().ok().filter(|share| (0.0..=100.0).contains(share))
}

/// Keeps one character more than is taken, so that a text that is too long stays too long.
fn truncated(text: &str) -> String {
    text.chars().take(TEXT_MAX + 1).collect()
}

/// Lets a refused body run out, and gives the error back.
pub(crate) async fn refuse(error: AppError, request: Request) -> AppError {
    discard(request.into_body()).await;
    error
}

async fn discard(body: Body) {
    let mut left = DISCARD_MAX;
    let mut stream = body.into_data_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}
