//! `GET /recordings/{recording}/audio`, `GET /recordings/{recording}/voice` and `GET /media/{media}`: sound, whole or in ranges,
//! and pictures, opened as they are asked for.
//!
//! What one browser has recorded, another may not be able to play: `?as=wav` gives the same sound in the form that all of them
//! know.

use std::ops::Range;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use jiayin_domain::id::{MediaId, RecordingId};
use jiayin_speech::SAMPLE_RATE;
use jiayin_speech::decode::{DecodeLimits, decode};
use jiayin_store::recordings::Audio;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::AppState;
use crate::ear::guarded;
use crate::error::AppError;
use crate::ops::traffic::Network;
use crate::session::Person;

/// First byte and last byte, as in the Range header (RFC 9110, 14.1.2).
type Bytes = (u64, Option<u64>);

/// How a sound is wanted.
pub struct Wanted {
    /// As a WAV file, whatever it was recorded as.
    plain: bool,
    part: Option<Bytes>,
    network: Network,
}

#[derive(Deserialize)]
struct Form {
    #[serde(rename = "as")]
    form: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Wanted {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        let Query(Form { form }) =
            Query::try_from_uri(&parts.uri).map_err(|_| AppError::BadRequest("form of sound"))?;
        let plain = match form.as_deref() {
            None => false,
            Some("wav") => true,
            Some(_) => return Err(AppError::BadRequest("form of sound")),
        };
        Ok(Self { plain, part: asked(&parts.headers), network: Network::of(&parts.headers) })
    }
}

impl Wanted {
    /// The part of the file that is needed for it.
    pub fn of_file(&self) -> Option<Bytes> {
        self.part.filter(|_| !self.plain)
    }

    /// The answer to it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if nothing was found; [`AppError::UnsupportedType`] if it cannot be put into the plain form,
    /// [`AppError::Busy`] if there is nobody to do it now.
    pub async fn answer(&self, app: &AppState, found: Option<Audio>) -> Result<Response, AppError> {
        let audio = found.ok_or(AppError::NotFound)?;
        let audio = if self.plain { self.plainly(app, audio.bytes).await? } else { audio };
        app.metrics.traffic.went(self.network, audio.bytes.len());
        send(audio, self.part.is_some())
    }

    async fn plainly(&self, app: &AppState, file: Vec<u8>) -> Result<Audio, AppError> {
        let work = move || guarded(|| Ok(decode(&file, &DecodeLimits::default()).map(|sound| wav(sound.samples()))));
        let made = app.pool.run(work).await.map_err(|_| {
            app.metrics.refused();
            AppError::Busy { retry_after_s: 2 }
        })?;
        let made = made.map_err(|error| AppError::Internal(error.to_string()))?;
        let whole = made.map_err(|_| AppError::UnsupportedType)?;
        let length = whole.len() as u64;
        let range = within(length, self.part);
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(whole.len());
        let bytes = whole[at(range.start)..at(range.end)].to_vec();
        Ok(Audio { mime: "audio/wav".to_owned(), length, range, bytes })
    }
}

/// The part that was asked for, of so many bytes.
fn within(length: u64, part: Option<Bytes>) -> Range<u64> {
    let Some((first, last)) = part else { return 0..length };
    let end = last.map_or(length, |last| last.saturating_add(1)).min(length);
    first.min(end)..end
}

/// Samples as a file: WAV, 16 bits, one channel.
fn wav(samples: &[f32]) -> Vec<u8> {
    let size = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - 36);
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + size).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16u32.to_le_bytes());
    for half in [1u16, 1] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    file.extend_from_slice(&SAMPLE_RATE.to_le_bytes());
    file.extend_from_slice(&(SAMPLE_RATE * 2).to_le_bytes());
    for half in [2u16, 16] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    file.extend_from_slice(b"data");
    file.extend_from_slice(&size.to_le_bytes());
    for sample in samples {
        file.extend_from_slice(&((sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16).to_le_bytes());
    }
    file
}

/// A learner's recording.
///
/// # Errors
/// [`AppError`].
pub async fn recording(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    wanted: Wanted,
) -> Result<Response, AppError> {
    let found = app.store.recording_audio(&viewer, RecordingId(id), wanted.of_file()).await?;
    wanted.answer(&app, found).await
}

/// What a teacher said aloud of a recording.
///
/// # Errors
/// [`AppError`].
pub async fn voice(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    wanted: Wanted,
) -> Result<Response, AppError> {
    let found = app.store.voice_comment(&viewer, RecordingId(id), wanted.of_file()).await?;
    wanted.answer(&app, found).await
}

/// The audio of an exercise, or its picture.
///
/// # Errors
/// [`AppError`].
pub async fn media(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    wanted: Wanted,
) -> Result<Response, AppError> {
    if let Some(found) = app.store.course_audio(&viewer, MediaId(id), wanted.of_file()).await? {
        return wanted.answer(&app, Some(found)).await;
    }
    let shown = app.store.course_picture(&viewer, MediaId(id)).await?.ok_or(AppError::NotFound)?;
    let length = shown.bytes.len() as u64;
    app.metrics.traffic.went(wanted.network, shown.bytes.len());
    send(Audio { mime: shown.mime, length, range: 0..length, bytes: shown.bytes }, false)
}

/// The first range of the header, `bytes=first-last` or `bytes=first-`; anything else is answered with the whole.
pub(crate) fn asked(headers: &HeaderMap) -> Option<Bytes> {
    let text = headers.get(RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = text.split(',').next()?.trim().split_once('-')?;
    let first: u64 = first.parse().ok()?;
    match last {
        "" => Some((first, None)),
        last => last.parse().ok().filter(|last| *last >= first).map(|last| (first, Some(last))),
    }
}

/// The sound, whole or the part that was asked for.
pub(crate) fn send(audio: Audio, part: bool) -> Result<Response, AppError> {
    let internal = |error: axum::http::Error| AppError::Internal(error.to_string());
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
    fn a_part_lies_within_the_whole() {
        for (part, expected) in [
            (None, 0..10),
            (Some((3, None)), 3..10),
            (Some((3, Some(5))), 3..6),
            (Some((3, Some(u64::MAX))), 3..10),
            (Some((12, None)), 10..10),
        ] {
            assert_eq!(within(10, part), expected);
        }
    }

    #[test]
    fn a_plain_file_reads_back() {
        let sound = |n: u32| (f64::from(n) * 0.3).sin() as f32 * 0.5;
        let samples: Vec<f32> = (0..SAMPLE_RATE).map(sound).collect();
        let back = decode(&wav(&samples), &DecodeLimits::default()).unwrap();
        assert_eq!(back.samples().len(), samples.len());
        assert!(back.samples().iter().zip(&samples).all(|(one, other)| (one - other).abs() < 1e-4));
    }

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
