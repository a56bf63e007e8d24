//! Why a recording cannot be decoded.

use symphonia::core::errors::Error;

/// Why a recording cannot be decoded. [`DecodeError::code`] is what a user interface translates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the recording is empty")]
    Empty,
    /// More bytes than the limit.
    #[error("the recording is too large ({bytes} bytes)")]
    TooLarge {
        /// Size of the file.
        bytes: usize,
    },
    /// Longer than the limit.
    #[error("the recording is too long (at least {seconds} s)")]
    TooLong {
        /// Length that the file declares, or else the limit that it goes beyond; seconds.
        seconds: u32,
    },
    /// Not a sound file of a kind we know.
    #[error("this is not a sound file of a known format")]
    UnknownFormat,
    /// A known container with sound in a form that is not decoded.
    #[error("{0} is not supported")]
    UnsupportedCodec(String),
    /// A known container without sound.
    #[error("the file has no sound track")]
    NoAudioTrack,
    /// Damaged before the first sample.
    #[error("the recording is damaged: {0}")]
    Corrupt(String),
    /// Sound, but not one sample of it.
    #[error("the recording holds no sound")]
    NoSamples,
}

impl DecodeError {
    /// A stable name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::TooLong { .. } => "too_long",
            Self::UnknownFormat => "unknown_format",
            Self::UnsupportedCodec(_) => "unsupported_codec",
            Self::NoAudioTrack => "no_audio_track",
            Self::Corrupt(_) => "corrupt",
            Self::NoSamples => "no_samples",
        }
    }
}

impl From<Error> for DecodeError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unsupported(what) => Self::UnsupportedCodec(what.to_owned()),
            Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::Corrupt("it ends too early".to_owned())
            }
            other => Self::Corrupt(other.to_string()),
        }
    }
}
