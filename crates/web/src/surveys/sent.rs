//! What comes with a form of answers: values of fields, and recordings, which are listened to before anything is kept.

use std::collections::BTreeMap;

use axum::Form;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use jiayin_domain::survey::{Answer, Choice, Question, SPOKEN_MAX, Spoken};
use jiayin_store::surveys::{NewVoice, Said};
use tokio::sync::OwnedSemaphorePermit;

use super::FORM_MAX;
use super::questions::field;
use crate::app::AppState;
use crate::ear::guarded;
use crate::error::AppError;
use crate::forms_in::{bounded, in_time, open, words};
use crate::locale::Localizer;
use crate::tryout::upload;
use crate::uploads::listening::{Listened, Unfit, listen};
use crate::uploads::media_type;

/// Most fields that are looked at: more than the longest survey has.
const FIELDS_MAX: usize = 600;

/// A form as it came.
#[derive(Default)]
pub(super) struct Sent {
    /// Names and values, several of one name among them.
    pub(super) fields: Vec<(String, String)>,
    files: Vec<File>,
    /// Given back when the files are let go.
    _memory: Option<OwnedSemaphorePermit>,
}

/// A file of a form.
struct File {
    name: String,
    mime: String,
    bytes: Bytes,
    /// These are all its bytes.
    whole: bool,
}

impl Sent {
    /// The values of a field.
    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(of, _)| of == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether no file came for a question: what stands for it is kept already.
    pub(super) fn is_kept(&self, question: u32) -> bool {
        let name = field(question);
        !self.files.iter().any(|file| file.name == name)
    }

    /// All names, of values and files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str()).chain(self.files.iter().map(|file| file.name.as_str()))
    }
}

/// Reads the form, with or without files.
///
/// # Errors
/// [`AppError`]: no form, too large, too slow, or no memory to spare.
pub(super) async fn read(app: &AppState, request: Request) -> Result<Sent, AppError> {
    let kind = upload::text(request.headers(), &CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    if !kind.starts_with("multipart/form-data") {
        let not_a_form = || AppError::BadRequest("survey form");
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, FORM_MAX).await.map_err(|_| not_a_form())?;
        let request = Request::from_parts(parts, body.into());
        let Form(fields) = Form::from_request(request, app).await.map_err(|_| not_a_form())?;
        return Ok(Sent { fields, ..Sent::default() });
    }
    in_time(read_files(app, request)).await
}

async fn read_files(app: &AppState, request: Request) -> Result<Sent, AppError> {
    let most = app.config.upload_max();
    let mut incoming = open(app, request, most.saturating_mul(SPOKEN_MAX)).await?;
    let mut sent = Sent::default();
    while let Some(part) = incoming.next().await? {
        if sent.fields.len() + sent.files.len() >= FIELDS_MAX {
            return Err(AppError::BadRequest("survey form"));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let Some(chosen) = part.file_name().map(|name| !name.is_empty()) else {
            sent.fields.push((name, words(part).await?));
            continue;
        };
        let mime = part.content_type().unwrap_or_default().to_owned();
        let room = if sent.files.len() < SPOKEN_MAX { most } else { 0 };
        let (bytes, whole) = bounded(part, room).await?;
        if chosen || !bytes.is_empty() || !whole {
            sent.files.push(File { name, mime, bytes, whole });
        }
    }
    sent._memory = Some(incoming.memory);
    Ok(sent)
}

/// The recordings of a form: how they stand in the answers, and what is new among them.
#[derive(Default)]
pub(super) struct Voices {
    /// By the number of the question.
    pub(super) spoken: BTreeMap<u32, Spoken>,
    new: Vec<(Spoken, String, Bytes)>,
    /// What is wrong with those that cannot be taken, in words.
    pub(super) wrong: BTreeMap<u32, String>,
}

impl Voices {
    /// What is to be kept.
    pub(super) fn to_keep(&self) -> Vec<NewVoice<'_>> {
        let mut voices = Vec::with_capacity(self.new.len());
        for (Spoken { media, duration_ms, .. }, mime, bytes) in &self.new {
            voices.push(NewVoice { media: *media, mime, bytes, duration_ms: *duration_ms });
        }
        voices
    }
}

/// Listens to the recordings that came, and finds those that stand from before.
///
/// # Errors
/// [`AppError::Busy`] if there is nobody to listen now; [`AppError`].
pub(super) async fn voices(
    app: &AppState,
    l: &Localizer,
    questions: &[Question],
    sent: &Sent,
    given: &[Said],
) -> Result<Voices, AppError> {
    let mut voices = Voices::default();
    for question in questions.iter().filter(|question| question.choice == Choice::Voice) {
        let name = field(question.id);
        let Some(file) = sent.files.iter().find(|file| file.name == name) else {
            // One's own of before, as the form names it; any other id is nobody's.
            let stands = given.iter().find_map(|said| match said.answer {
                Answer::Voice(spoken) if said.id == question.id => Some(spoken),
                _ => None,
            });
            if let Some(spoken) = stands.filter(|spoken| sent.values(&name).contains(&&*spoken.media.to_string())) {
                voices.spoken.insert(question.id, spoken);
            }
            continue;
        };
        match heard(app, file).await? {
            Ok(Listened { heard, duration_ms }) => {
                let spoken = Spoken { media: app.store.voice_id(), gain: heard.gain, duration_ms };
                let mime = media_type(&file.mime).unwrap_or_else(|| "audio/webm".to_owned());
                voices.spoken.insert(question.id, spoken);
                voices.new.push((spoken, mime, file.bytes.clone()));
            }
            Err(refused) => {
                voices.wrong.insert(question.id, refused.message(app, l));
            }
        }
    }
    Ok(voices)
}

/// Why a recording is not taken.
enum Refused {
    TooLarge,
    Unfit(Unfit),
}

impl Refused {
    fn message(&self, app: &AppState, l: &Localizer) -> String {
        match self {
            Self::TooLarge => l.t1("survey-voice-too-large", "limit", app.config.upload_max_mb),
            Self::Unfit(unfit) => l.of("survey-voice", unfit.code()),
        }
    }
}

async fn heard(app: &AppState, file: &File) -> Result<Result<Listened, Refused>, AppError> {
    if !file.whole {
        return Ok(Err(Refused::TooLarge));
    }
    let bytes = file.bytes.clone();
    let listened = app.pool.run(move || guarded(|| listen(&bytes, None))).await.map_err(|_| {
        app.metrics.refused();
        AppError::Busy { retry_after_s: 2 }
    })?;
    Ok(listened.map_err(|error| AppError::Internal(error.to_string()))?.map_err(Refused::Unfit))
}
