//! Course audio, what teachers say of recordings, and spoken answers to surveys are listened to before they are kept,
//! whichever way they came: what is no sound, silent or too short is refused, what is poor is kept with a word on it, and all
//! of it is played equally loud.
//!
//! The thresholds were chosen by measuring real recordings: `docs/adr/0021-course-audio.md`.

use axum::body::Bytes;
use jiayin_domain::id::UploadId;
use jiayin_domain::sound::{Fault, Gain, Heard};
use jiayin_speech::take::Take;
use jiayin_store::Viewer;
use jiayin_store::listened::Arrived;
use jiayin_store::uploads::Progress;

use crate::app::AppState;
use crate::ear::{HearError, guarded, take_of};
use crate::error::AppError;

/// Loudness that all course audio is played at, LUFS: usual for speech in one channel.
const TARGET: f32 = -19.0;
/// No peak is played louder than this, dBTP.
const PEAK_MAX: f32 = -1.0;
/// Nothing is made louder by more than this, dB: its noise would be, too.
const GAIN_MAX: f32 = 20.0;
/// Nothing that is said takes less time, ms.
const SPEECH_MIN: u32 = 200;
/// Nor does a letter of a text, ms: the fastest reader of 2,500 takes two and a half times as long.
const LETTER_MIN: u32 = 20;
/// Share of samples in peaks that are cut off from which on it is heard.
const FLAT_MAX: f32 = 0.001;
/// Speech stands out of the background by at least so many dB.
const SNR_MIN: f32 = 18.0;

/// Longest of what has no text to follow, ms; the script stops at a minute.
const COMMENT_MAX: u32 = 61_000;

/// Why a sound is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It cannot be read.
    Unreadable,
    /// It is longer than any sentence or comment.
    TooLong,
    /// Nothing is to be heard.
    Silent,
    /// Shorter than anything, or its text, can be said.
    TooShort,
}

impl Unfit {
    /// Its name for our script.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLong => "too-long",
            Self::Silent => "silent",
            Self::TooShort => "too-short",
        }
    }

    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unreadable => "course-unreadable",
            Self::TooLong => "course-too-long",
            Self::Silent => "course-silent",
            Self::TooShort => "course-too-short",
        }
    }
}

/// What was heard of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listened {
    /// How it is played, and what is poor.
    pub heard: Heard,
    /// How long it is, ms.
    pub duration_ms: u32,
}

/// Listens to a file that should say a text, or to what somebody says of their own, on the calling thread. The error is our
/// own fault.
///
/// # Errors
/// [`HearError::Internal`].
pub fn listen(file: &[u8], text: Option<&str>) -> Result<Result<Listened, Unfit>, HearError> {
    match take_of(file) {
        Ok(take) => {
            let duration_ms = take.quality.duration_ms;
            Ok(judge(&take, text).map(|heard| Listened { heard, duration_ms }))
        }
        Err(HearError::Recording { code: "too_long", .. }) => Ok(Err(Unfit::TooLong)),
        Err(HearError::Recording { code: "no_samples", .. }) => Ok(Err(Unfit::Silent)),
        Err(error @ HearError::Internal(_)) => Err(error),
        Err(_) => Ok(Err(Unfit::Unreadable)),
    }
}

/// What follows from the figures.
fn judge(take: &Take, text: Option<&str>) -> Result<Heard, Unfit> {
    let Some(loudness) = take.loudness else { return Err(Unfit::Silent) };
    if text.is_none() && take.quality.duration_ms > COMMENT_MAX {
        return Err(Unfit::TooLong);
    }
    let letters = text.unwrap_or_default().chars().filter(|letter| letter.is_ascii_alphabetic()).count();
    let least = LETTER_MIN.saturating_mul(u32::try_from(letters).unwrap_or(u32::MAX)).max(SPEECH_MIN);
    if take.quality.speech_ms < least {
        return Err(Unfit::TooShort);
    }
    let wanted = TARGET - loudness;
    let found = [
        (Fault::Clipped, take.flat > FLAT_MAX),
        (Fault::Noisy, take.background && take.quality.snr_db < SNR_MIN),
        (Fault::Quiet, wanted > GAIN_MAX),
    ];
    Ok(Heard {
        gain: Gain::from_db(wanted.min(PEAK_MAX - take.true_peak).min(GAIN_MAX)),
        faults: found.into_iter().filter_map(|(fault, is)| is.then_some(fault)).collect(),
    })
}

/// Listens to a sound that has arrived whole, on the pool, and keeps it or throws it away.
///
/// # Errors
/// [`AppError`]; where it was not listened to it waits, and this may be repeated.
pub async fn take_in(app: &AppState, viewer: &Viewer, id: UploadId) -> Result<Result<Progress, Unfit>, AppError> {
    let (bytes, text) = match app.store.arrived(viewer, id).await?.ok_or(AppError::NotFound)? {
        Arrived::Sound { bytes, text } => (Bytes::from(bytes), text),
        Arrived::Standing(progress) => return Ok(Ok(progress)),
    };
    let heard = app.pool.run(move || guarded(|| listen(&bytes, text.as_deref()))).await.map_err(|_| {
        app.metrics.refused();
        AppError::Busy { retry_after_s: 2 }
    })?;
    match heard.map_err(|error| AppError::Internal(error.to_string()))? {
        Ok(Listened { heard, .. }) => {
            Ok(Ok(app.store.keep_heard(viewer, id, &heard).await?.ok_or(AppError::NotFound)?))
        }
        Err(unfit) => {
            app.store.refuse_heard(viewer, id).await?;
            Ok(Err(unfit))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiayin_speech::evaluation::AudioQuality;

    use super::*;

    fn take() -> Take {
        let quality = AudioQuality { duration_ms: 2000, speech_ms: 1500, snr_db: 40.0, ..AudioQuality::default() };
        Take { quality, loudness: Some(-25.0), true_peak: -10.0, flat: 0.0, background: true }
    }

    #[test]
    fn all_is_played_equally_loud_as_far_as_its_peaks_allow() {
        let gain = |loudness, true_peak| {
            judge(&Take { loudness: Some(loudness), true_peak, ..take() }, None).map(|heard| heard.gain.0)
        };
        assert_eq!(gain(-25.0, -10.0), Ok(600));
        assert_eq!(gain(-16.0, -3.0), Ok(-300), "what is too loud is made softer");
        assert_eq!(gain(-25.0, -3.0), Ok(200), "a peak comes first");
        assert_eq!(gain(-19.0, 0.0), Ok(-100));
        assert_eq!(gain(-60.0, -45.0), Ok(2000));
    }

    #[test]
    fn what_is_poor_is_kept_with_a_word_on_it() {
        let faults = |take: Take| judge(&take, Some("We went to the zoo.")).map(|heard| heard.faults);
        assert_eq!(faults(take()), Ok(Vec::new()));
        assert_eq!(faults(Take { flat: 0.002, ..take() }), Ok(vec![Fault::Clipped]));
        let noisy = AudioQuality { snr_db: 15.0, ..take().quality };
        assert_eq!(faults(Take { quality: noisy, ..take() }), Ok(vec![Fault::Noisy]));
        assert_eq!(faults(Take { quality: noisy, background: false, ..take() }), Ok(Vec::new()), "that is speech");
        assert_eq!(faults(Take { loudness: Some(-40.0), ..take() }), Ok(vec![Fault::Quiet]));
    }

    #[test]
    fn what_cannot_be_the_text_is_refused() {
        let spoken = |speech_ms, text| {
            let quality = AudioQuality { speech_ms, ..take().quality };
            judge(&Take { quality, ..take() }, Some(text)).err()
        };
        assert_eq!(spoken(190, "A."), Some(Unfit::TooShort));
        assert_eq!(spoken(210, "A."), None);
        assert_eq!(spoken(350, "This is a good deal longer than that."), Some(Unfit::TooShort));
        assert_eq!(judge(&Take { loudness: None, ..take() }, Some("A.")), Err(Unfit::Silent));
        let long = AudioQuality { duration_ms: 70_000, ..take().quality };
        assert_eq!(judge(&Take { quality: long, ..take() }, None), Err(Unfit::TooLong), "for a comment");
        assert!(judge(&Take { quality: long, ..take() }, Some("A.")).is_ok());
    }
}
