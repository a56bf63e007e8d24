//! The facade: a loaded model that scores recordings.

use crate::audio::Audio;
use crate::evaluation::Evaluation;
use crate::prompt::{Prompt, PromptError};

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[error("the model cannot be loaded: {0}")]
pub struct ModelError(pub String);

/// Why scoring failed inside the engine. Never caused by the recording or the prompt alone.
#[derive(Debug, thiserror::Error)]
#[error("the model failed: {0}")]
pub struct ScoreError(pub String);

/// A loaded model. `Send + Sync`; one is enough for any number of threads.
pub struct Scorer {}

impl Scorer {
    /// Loads a model from the bytes of a model file.
    ///
    /// # Errors
    /// If the bytes are not a model of a version this code knows.
    pub fn load(_bytes: &'static [u8]) -> Result<Self, ModelError> {
        Ok(Self {})
    }

    /// Name and version of the model, to be kept with every evaluation.
    pub fn model_version(&self) -> &str {
        "none"
    }

    /// Reads an English text as people read it: words with their accepted pronunciations.
    ///
    /// # Errors
    /// If the text has nothing to read, is not English, or is too long.
    pub fn prompt(&self, _text: &str) -> Result<Prompt, PromptError> {
        Err(PromptError::Empty)
    }

    /// Evaluates a recording against a prompt. Runs on the calling thread alone.
    ///
    /// # Errors
    /// If the inference runtime fails.
    pub fn score(&self, _audio: &Audio, _prompt: &Prompt) -> Result<Evaluation, ScoreError> {
        Err(ScoreError("no model yet".to_owned()))
    }
}
