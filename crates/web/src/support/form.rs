//! What is sent to the help desk: words, and a picture if one wants.

use axum::body::Bytes;
use axum::extract::Request;
use jiayin_domain::request;
use jiayin_domain::support::Topic;
use tokio::sync::OwnedSemaphorePermit;

use crate::app::AppState;
use crate::error::AppError;
use crate::forms_in::{bounded, in_time, open, words};
use crate::locale::Localizer;
use crate::pictures_in::{self, Picture, PictureError};
use crate::policy::contact::{TextError, text};

/// Longest side of a picture as it is kept, in pixels: the small print of a screen can be read.
const SIDE: u32 = 1600;

/// What was sent.
#[derive(Default)]
pub struct Sent {
    /// The topic's word.
    pub topic: String,
    /// The words, as typed.
    pub text: String,
    /// The file; `None` if none was chosen.
    file: Option<Bytes>,
    /// The file was larger than is taken.
    too_large: bool,
    /// Given back when the file is let go.
    memory: Option<OwnedSemaphorePermit>,
}

/// What is wrong with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SaidError {
    /// No topic was chosen.
    #[error("no topic")]
    Topic,
    /// The words cannot be taken.
    #[error("text")]
    Text(TextError),
    /// The file is no picture that can be taken.
    #[error("picture: {0}")]
    Picture(PictureError),
    /// The file is larger than is taken.
    #[error("file too large")]
    TooLarge,
    /// A complaint or an appeal has no pictures.
    #[error("a picture with a request")]
    PictureOfRequest,
    /// Too many of one's own conversations wait already.
    #[error("too many conversations")]
    TooMany,
    /// The conversation has as many lines as it may have.
    #[error("the conversation is full")]
    Full,
}

impl SaidError {
    /// The message, in the visitor's language.
    pub fn message(self, l: &Localizer, limit_mb: u32) -> String {
        match self {
            Self::Topic => l.t("help-error-topic"),
            Self::Text(wrong) => l.t(wrong.key()),
            Self::Picture(wrong) => l.t(wrong.key()),
            Self::TooLarge => l.t1("help-error-file", "limit", limit_mb),
            Self::PictureOfRequest => l.t("help-error-picture-of-request"),
            Self::TooMany => l.t("help-error-too-many"),
            Self::Full => l.t("help-error-full"),
        }
    }

    /// Whether it is about the file, not about the words.
    pub fn is_about_file(self) -> bool {
        matches!(self, Self::Picture(_) | Self::TooLarge | Self::PictureOfRequest)
    }
}

/// What a form of the help desk shows: what was typed, and what is wrong with it.
#[derive(Default)]
pub struct Typed {
    /// The topic's word.
    pub topic: String,
    /// The words.
    pub text: String,
    /// What is wrong with them; empty if nothing is.
    pub text_error: String,
    /// What is wrong with the file; empty if nothing is.
    pub file_error: String,
}

impl Typed {
    /// What was sent and could not be taken.
    pub fn refused(app: &AppState, l: &Localizer, sent: Sent, wrong: SaidError) -> Self {
        let message = wrong.message(l, app.config.upload_max_mb);
        let (text_error, file_error) =
            if wrong.is_about_file() { (String::new(), message) } else { (message, String::new()) };
        Self { topic: sent.topic, text: sent.text, text_error, file_error }
    }

    /// Whether nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.text_error.is_empty() && self.file_error.is_empty()
    }
}

/// Where something goes that is begun on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// To the help desk.
    Help(Topic),
    /// To the privacy officer, as a request with its term by law.
    Request(request::Kind),
}

/// What leads to a request when it is begun here.
pub const REQUESTS: [request::Kind; 2] = [request::Kind::Complaint, request::Kind::Dispute];

impl About {
    /// What a word of the form stands for.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let request = || request::Kind::from_tag(tag).filter(|kind| REQUESTS.contains(kind)).map(Self::Request);
        Topic::from_tag(tag).map(Self::Help).or_else(request)
    }
}

impl Sent {
    /// Whether a file was chosen.
    pub fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// The words as they will be kept, and the picture made anew. The outer error is ours, the inner one the visitor's.
    ///
    /// # Errors
    /// [`AppError::Busy`] if there is no memory for the picture now; inside, what is wrong.
    pub async fn take(&mut self, app: &AppState) -> Result<Result<(String, Option<Picture>), SaidError>, AppError> {
        let text = match text(&self.text) {
            Ok(text) => text,
            Err(wrong) => return Ok(Err(SaidError::Text(wrong))),
        };
        if self.too_large {
            return Ok(Err(SaidError::TooLarge));
        }
        let Some(file) = self.file.clone() else { return Ok(Ok((text, None))) };
        let made = pictures_in::take(app, file, SIDE).await?;
        self.memory = None;
        Ok(made.map(|picture| (text, Some(picture))).map_err(SaidError::Picture))
    }
}

/// Reads the form.
///
/// # Errors
/// [`AppError`]: not a form of ours, too slow, too large, or no memory to spare.
pub async fn read(app: &AppState, request: Request) -> Result<Sent, AppError> {
    in_time(read_untimed(app, request)).await
}

async fn read_untimed(app: &AppState, request: Request) -> Result<Sent, AppError> {
    let limit = app.config.upload_max();
    let mut incoming = open(app, request, limit).await?;
    let mut sent = Sent::default();
    while let Some(field) = incoming.next().await? {
        match field.name().unwrap_or_default() {
            "topic" => sent.topic = words(field).await?,
            "text" => sent.text = words(field).await?,
            "picture" => {
                let (bytes, whole) = bounded(field, limit).await?;
                sent.too_large = !whole;
                sent.file = (!whole || !bytes.is_empty()).then_some(bytes);
            }
            _ => {
                bounded(field, 0).await?;
            }
        }
    }
    sent.memory = Some(incoming.memory);
    Ok(sent)
}
