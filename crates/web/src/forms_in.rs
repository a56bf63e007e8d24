//! Forms that carry files. A file that is far too large must not cost the words beside it: it is read to its end and thrown
//! away, within bounds of memory and time, and the page says so.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::app::AppState;
use crate::error::AppError;
use crate::tryout::upload;

/// Largest body that is read to its end, in bytes; who sends more is answered without their words.
pub const BODY_MAX: usize = 256 << 20;
/// Longest that reading may take; a slow phone sends a picture in less.
const READ_TIME: Duration = Duration::from_secs(120);
/// Most bytes of words that are looked at: more than the longest text has.
const WORDS_MAX: usize = 16 << 10;

/// A form that is being read.
pub struct Incoming {
    form: Multipart,
    /// Memory for what is kept of it, given back when this is let go.
    pub memory: OwnedSemaphorePermit,
}

/// Opens a form, of which at most so many bytes of files are kept.
///
/// # Errors
/// [`AppError::Busy`] if there is no memory to spare; [`AppError::BadRequest`] if it is no form.
pub async fn open(app: &AppState, request: Request, most: usize) -> Result<Incoming, AppError> {
    let declared = upload::text(request.headers(), &CONTENT_LENGTH).and_then(|value| value.parse::<usize>().ok());
    let kilobytes = declared.unwrap_or(most).min(most).div_ceil(1000);
    let kilobytes = u32::try_from(kilobytes).unwrap_or(u32::MAX).min(app.config.upload_memory_mb.saturating_mul(1000));
    let Ok(memory) = Arc::clone(&app.upload_memory).try_acquire_many_owned(kilobytes) else {
        app.metrics.refused();
        return Err(upload::refuse(AppError::Busy { retry_after_s: 5 }, request).await);
    };
    let form = Multipart::from_request(request, app).await.map_err(|_| AppError::BadRequest("form"))?;
    Ok(Incoming { form, memory })
}

impl Incoming {
    /// The next field.
    ///
    /// # Errors
    /// [`AppError::TooLarge`] beyond [`BODY_MAX`], [`AppError::BadRequest`] if it is no form.
    pub async fn next(&mut self) -> Result<Option<Field<'_>>, AppError> {
        self.form.next_field().await.map_err(failed)
    }
}

/// Gives up reading when it takes too long.
///
/// # Errors
/// [`AppError::Timeout`], and those of the reading.
pub async fn in_time<T>(reading: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    timeout(READ_TIME, reading).await.unwrap_or(Err(AppError::Timeout))
}

fn failed(error: MultipartError) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        AppError::TooLarge { limit_mb: u32::try_from(BODY_MAX >> 20).unwrap_or(u32::MAX) }
    } else {
        AppError::BadRequest("form")
    }
}

/// A field of words.
///
/// # Errors
/// As for [`Incoming::next`].
pub async fn words(field: Field<'_>) -> Result<String, AppError> {
    let (bytes, _) = bounded(field, WORDS_MAX).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first bytes of a field, and whether these are all; the rest is read and thrown away.
///
/// # Errors
/// As for [`Incoming::next`].
pub async fn bounded(mut field: Field<'_>, most: usize) -> Result<(Bytes, bool), AppError> {
    let (mut kept, mut whole) = (Vec::new(), true);
    while let Some(chunk) = field.chunk().await.map_err(failed)? {
        if whole && kept.len() + chunk.len() <= most {
            kept.extend_from_slice(&chunk);
        } else if whole {
            kept.extend_from_slice(&chunk[..most.saturating_sub(kept.len()).min(chunk.len())]);
            whole = false;
        }
    }
    Ok((kept.into(), whole))
}
