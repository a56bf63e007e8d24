//! The seam between the program and the speech engine: bytes and a text in, an evaluation out.
//!
//! Web and command line both go through [`Ear`], so a recording is treated alike in both, and a test can put a
//! scripted ear in the place of the real one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiayin_speech::decode::{DecodeError, DecodeLimits, decode};
use jiayin_speech::evaluation::{AudioQuality, Verdict};
use jiayin_speech::prompt::{PromptError, Pronunciation};
use jiayin_speech::scorer::{ModelError, ScoreError, unscored};
use jiayin_speech::take::{Take, measure};
use jiayin_speech::{Evaluation, Prompt, Scorer};

/// Why there is no evaluation. What the recording sounds like is never an error: that is a verdict.
#[derive(Debug, thiserror::Error)]
pub enum HearError {
    /// The text cannot be a prompt.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// The bytes are not a recording that we can read; `code` is stable and has a message in each language.
    #[error("{reason}")]
    Recording {
        /// One of [`RECORDING_CODES`].
        code: &'static str,
        /// For people who read logs and command lines.
        reason: String,
    },
    /// The line of a manifest makes no sense, or its file cannot be read.
    #[error("{reason}")]
    Line {
        /// For programs.
        code: &'static str,
        /// For people.
        reason: String,
    },
    /// Our own fault.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Every `code` of [`HearError::Recording`].
pub const RECORDING_CODES: [&str; 7] =
    ["empty", "too_large", "unknown_format", "unsupported_codec", "no_audio_track", "corrupt", "no_samples"];

impl HearError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Prompt(PromptError::Empty) => "text_empty",
            Self::Prompt(PromptError::NotEnglish(_)) => "text_not_english",
            Self::Prompt(PromptError::TooLong { .. }) => "text_too_long",
            Self::Prompt(PromptError::PhonesMismatch { .. } | PromptError::NoPhones(_)) => "phones",
            Self::Recording { code, .. } | Self::Line { code, .. } => code,
            Self::Internal(_) => "internal",
        }
    }
}

impl From<ScoreError> for HearError {
    fn from(error: ScoreError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// Something that can hear. Shared by all threads.
pub trait Ear: Send + Sync {
    /// Name and version of the model.
    fn model_version(&self) -> &str;

    /// Reads a text; the caller may give the phones of each white-space separated word.
    ///
    /// # Errors
    /// [`HearError::Prompt`].
    fn prompt(&self, text: &str, phones: Option<Vec<Pronunciation>>) -> Result<Prompt, HearError>;

    /// Evaluates the bytes of an audio file on the calling thread.
    ///
    /// # Errors
    /// [`HearError::Recording`] or [`HearError::Internal`].
    fn hear(&self, recording: &[u8], prompt: &Prompt) -> Result<Evaluation, HearError>;
}

/// The real ear: the scorer with its model.
pub struct SpeechEar {
    scorer: Scorer,
    limits: DecodeLimits,
}

impl SpeechEar {
    /// Loads the model.
    ///
    /// # Errors
    /// If the bytes are not a model that this program knows.
    pub fn load(model: &'static [u8]) -> Result<Self, ModelError> {
        Ok(Self { scorer: Scorer::load(model)?, limits: DecodeLimits::default() })
    }
}

impl Ear for SpeechEar {
    fn model_version(&self) -> &str {
        self.scorer.model_version()
    }

    fn prompt(&self, text: &str, phones: Option<Vec<Pronunciation>>) -> Result<Prompt, HearError> {
        Ok(match phones {
            Some(phones) => Prompt::with_phones(text, phones)?,
            None => self.scorer.prompt(text)?,
        })
    }

    fn hear(&self, recording: &[u8], prompt: &Prompt) -> Result<Evaluation, HearError> {
        match decode(recording, &self.limits) {
            Ok(audio) => Ok(self.scorer.score(&audio, prompt)?),
            Err(error) if error.code() == "too_long" => Ok(unscored(prompt, Verdict::TooLong, AudioQuality::default())),
            Err(error) => Err(recording_error(&error)),
        }
    }
}

/// What a file is like as a sound to be listened to; it is decoded to its end, on the calling thread.
///
/// # Errors
/// [`HearError::Recording`] if it is none; `too_long` is among its codes here.
pub fn take_of(file: &[u8]) -> Result<Take, HearError> {
    let audio = decode(file, &DecodeLimits::default()).map_err(|error| recording_error(&error))?;
    measure(&audio).map_err(|error| HearError::Internal(error.to_string()))
}

fn recording_error(error: &DecodeError) -> HearError {
    HearError::Recording { code: error.code(), reason: error.to_string() }
}

/// Calls `work`, and turns a panic in it into an error, so that one bad recording never takes a thread with it.
///
/// # Errors
/// Those of `work`, or [`HearError::Internal`] after a panic.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, HearError>) -> Result<T, HearError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(HearError::Internal("the engine broke off".to_owned())))
}
