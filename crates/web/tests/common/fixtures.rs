//! Real recordings: those of the speech crate, with their texts.

use std::path::PathBuf;
use std::time::Duration;

/// A recording of someone who reads a sentence.
pub struct Reading {
    pub text: String,
    path: PathBuf,
}

impl Reading {
    /// The file, 16-bit mono WAV. Chromium opens no path with `..` in it.
    pub fn wav(&self) -> PathBuf {
        self.path.canonicalize().unwrap()
    }

    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    /// How long it plays, and a little more.
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.bytes().len() as u64 / 32 + 400)
    }
}

/// Where the speech crate keeps them.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../speech/tests/fixtures")
}

/// A good reading.
pub fn reading() -> Reading {
    Reading { text: "I put my elbows on the table".to_owned(), path: folder().join("speech.wav") }
}
