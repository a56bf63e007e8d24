//! `GET /courses/{course}/lessons/{lesson}`: its exercises, one a row, with their audio and pictures. `POST` to it gives it
//! another title or unit; `…/publication` lets it be assigned, `…/copies` makes another like it, `…/withdrawal` takes it out
//! of use. What changes its exercises stands in `sentences.rs` and `pictures.rs`.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::exercise::{Content, Kind};
use jiayin_domain::id::{CourseId, ExerciseId, LessonId};
use jiayin_store::Viewer;
use jiayin_store::course_audio::CourseAudio;
use jiayin_store::courses::{Lesson, Sentence};
use serde::Deserialize;
use uuid::Uuid;

use super::kinds::ExerciseForm;
use super::title::{SentTitle, TITLE_MAX, TitleError, TitleForm};
use crate::app::AppState;
use crate::classes::list::count;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The form with title and unit of a lesson.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LessonForm {
    /// As typed.
    pub title: String,
    /// The unit of the course it belongs to; may be empty.
    pub unit: String,
}

impl LessonForm {
    /// Title and unit, with single spaces.
    ///
    /// # Errors
    /// If the title is empty, or either is too long.
    pub fn check(&self) -> Result<(String, Option<String>), TitleError> {
        let title = TitleForm { title: self.title.clone() }.check()?;
        let unit = self.unit.split_whitespace().collect::<Vec<_>>().join(" ");
        match unit.chars().count() {
            0 => Ok((title, None)),
            1..=TITLE_MAX => Ok((title, Some(unit))),
            _ => Err(TitleError::Long),
        }
    }
}

/// A new exercise as it was sent, with what was wrong.
#[derive(Debug, Clone, Default)]
pub struct SentNew {
    /// As typed.
    pub form: ExerciseForm,
    /// The words for its picture.
    pub alt: String,
    /// The line, from 1; 0 for all of them.
    pub line: usize,
    /// Key of the message; empty if nothing was wrong.
    pub error: &'static str,
}

/// A picture, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureView {
    /// Address: `/media/{id}`.
    pub src: String,
    /// What it shows.
    pub alt: String,
}

/// Course audio, as pages play it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundView {
    /// Address: `/media/{id}`.
    pub src: String,
    /// By how many decibels our script makes it louder, so that all are equally loud; empty if that is not known.
    pub gain: String,
    /// Tags of what is wrong with it, for who made it.
    pub faults: Vec<&'static str>,
}

impl SoundView {
    /// The audio of an exercise.
    pub fn new(audio: &CourseAudio) -> Self {
        Self {
            src: format!("/media/{}", audio.media),
            gain: audio.gain.map(|gain| gain.db().to_string()).unwrap_or_default(),
            faults: audio.faults.iter().map(|fault| fault.tag()).collect(),
        }
    }
}

/// An exercise of the lesson.
pub struct SentenceRow {
    /// The exercise.
    pub id: ExerciseId,
    /// What it asks for.
    pub kind: Kind,
    /// To be read aloud, or heard.
    pub text: String,
    /// The form that changes it, filled in.
    pub form: ExerciseForm,
    /// The sounds of a pair; empty for other kinds.
    pub sounds: Vec<String>,
    /// Its picture.
    pub picture: Option<PictureView>,
    /// Its audio; `None` before it was recorded.
    pub audio: Option<SoundView>,
    /// Key of what was wrong with a change of it; empty if nothing was.
    pub error: &'static str,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "courses/lesson_part.html")]
pub struct LessonPart {
    /// Texts.
    pub l: Localizer,
    /// The course.
    pub course: CourseId,
    /// Its title.
    pub course_title: String,
    /// The lesson.
    pub id: LessonId,
    /// Its title.
    pub title: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// It can be assigned.
    pub published: bool,
    /// Exercises, in order.
    pub sentences: Vec<SentenceRow>,
    /// Classes that have the lesson as homework now; a change shows there at once.
    pub in_use: u32,
    /// Largest file, in megabytes.
    pub max_mb: u32,
    /// A new exercise as it was sent, if it was refused.
    pub sent: SentNew,
    /// The new title as it was sent, if it was refused.
    pub rename: SentTitle,
}

/// Why there is no microphone, as the recorder's script names it; titles and first steps are those of the try-it page.
const NO_MICROPHONE: [(&str, &str, &str); 5] = [
    ("denied", "way-denied", "way-denied-1"),
    ("missing", "way-missing", "way-missing-1"),
    ("taken", "way-taken", "way-taken-1"),
    ("insecure", "way-insecure", "way-insecure-1"),
    ("unsupported", "way-unsupported", "way-unsupported-1"),
];

impl LessonPart {
    /// Address of the page.
    pub fn path(&self) -> String {
        format!("/courses/{}/lessons/{}", self.course, self.id)
    }

    /// Sentences that have audio.
    pub fn with_audio(&self) -> usize {
        self.sentences.iter().filter(|sentence| sentence.audio.is_some()).count()
    }

    /// Tags of the kinds that have a form of their own; sentences to repeat are added many at once.
    pub fn new_kinds(&self) -> Vec<&'static str> {
        Kind::ALL.into_iter().filter(|kind| *kind != Kind::Repeat).map(Kind::tag).collect()
    }

    /// Whether the form for new exercises of a kind was sent and refused.
    pub fn refused(&self, kind: &str) -> bool {
        !self.sent.error.is_empty() && self.sent.form.kind().tag() == kind
    }

    /// What is in the form for new exercises of a kind: what was sent and refused, or nothing.
    pub fn form_for(&self, kind: &str) -> ExerciseForm {
        if self.refused(kind) { self.sent.form.clone() } else { ExerciseForm::default() }
    }

    /// The message about the new exercises.
    pub fn sent_error(&self) -> String {
        match (self.sent.error, self.sent.line) {
            ("", _) => String::new(),
            (key, 0) => self.l.t(key),
            (key, line) => self.l.tn("sentence-error-line", &[("line", line.to_string()), ("message", self.l.t(key))]),
        }
    }

    /// What the recorder says when there is no microphone: reason, title, step.
    pub fn no_microphone(&self) -> [(&'static str, String, String); 5] {
        no_microphone(&self.l)
    }
}

/// What a recorder of the staff says when there is no microphone: reason, title, step.
pub(crate) fn no_microphone(l: &Localizer) -> [(&'static str, String, String); 5] {
    NO_MICROPHONE.map(|(why, title, step)| (why, l.t(title), l.t(step)))
}

/// The whole page.
#[derive(Template)]
#[template(path = "courses/lesson.html")]
pub struct LessonPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: LessonPart,
}

/// What was sent and refused; the page shows it again.
pub(super) enum Refused {
    /// Nothing was.
    Nothing,
    /// A new title.
    Title(SentTitle),
    /// A new exercise.
    New(Box<SentNew>),
    /// A change of an exercise: the form if there is one, and the key of what is wrong.
    Sentence(ExerciseId, Option<Box<ExerciseForm>>, &'static str),
}

/// The picture of an exercise.
pub(crate) fn picture(sentence: &Sentence) -> Option<PictureView> {
    let picture = sentence.picture.as_ref()?;
    Some(PictureView { src: format!("/media/{}", picture.media), alt: picture.alt.clone() })
}

/// Ids of a course and of a lesson in it, from the address.
pub(super) type Place = (Uuid, Uuid);

/// Address of the page of a lesson.
pub(super) fn path_of((course, lesson): Place) -> String {
    format!("/courses/{course}/lessons/{lesson}")
}

/// The lesson, if the viewer has it and it is of that course.
pub(super) async fn kept(app: &AppState, viewer: &Viewer, (course, lesson): Place) -> Result<Lesson, AppError> {
    let kept = app.store.lesson(viewer, LessonId(lesson)).await?;
    kept.filter(|kept| kept.course == CourseId(course)).ok_or(AppError::NotFound)
}

/// The page, perhaps with what was wrong.
pub(super) fn page(app: &AppState, visitor: &Visitor, kept: Lesson, refused: Refused) -> Result<Response, AppError> {
    let status = match refused {
        Refused::Nothing => StatusCode::OK,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let row = |sentence: &Sentence| {
        let (form, error) = match &refused {
            Refused::Sentence(id, form, error) if *id == sentence.exercise => (form.as_deref().cloned(), *error),
            _ => (None, ""),
        };
        SentenceRow {
            id: sentence.exercise,
            kind: sentence.content.kind(),
            text: sentence.text.clone(),
            form: form.unwrap_or_else(|| ExerciseForm::of(sentence)),
            sounds: match &sentence.content {
                Content::Pair { sounds } => sounds.to_vec(),
                _ => Vec::new(),
            },
            picture: picture(sentence),
            audio: sentence.audio.as_ref().map(SoundView::new),
            error,
        }
    };
    let sentences = kept.sentences.iter().map(row).collect();
    let (sent, rename) = match refused {
        Refused::New(sent) => (*sent, SentTitle::default()),
        Refused::Title(rename) => (SentNew::default(), rename),
        _ => (SentNew::default(), SentTitle::default()),
    };
    let part = LessonPart {
        l: visitor.l.clone(),
        course: kept.course,
        course_title: kept.course_title,
        id: kept.lesson,
        title: kept.title,
        unit: kept.unit.unwrap_or_default(),
        published: kept.published,
        sentences,
        in_use: count(kept.in_use),
        max_mb: app.config.upload_max_mb,
        sent,
        rename,
    };
    let mut layout = Layout::new(visitor, app);
    layout.path = part.path();
    Ok((status, html(&LessonPage { layout, part })?).into_response())
}

/// `GET /courses/{course}/lessons/{lesson}`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has no such lesson.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<Response, AppError> {
    page(&app, &visitor, kept(&app, &viewer, place).await?, Refused::Nothing)
}

/// `POST` of the same address: a new title, and the unit.
///
/// # Errors
/// [`AppError`]; what is wrong with the title is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
    form: Result<Form<LessonForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("title form"))?;
    let kept = kept(&app, &viewer, place).await?;
    let (title, unit) = match form.check() {
        Ok(checked) => checked,
        Err(error) => {
            let sent = SentTitle::refused(TitleForm { title: form.title }, error);
            return page(&app, &visitor, kept, Refused::Title(sent));
        }
    };
    let renamed = app.store.rename_lesson(&viewer, kept.lesson, &title).await?;
    if !renamed || !app.store.set_unit(&viewer, kept.lesson, unit.as_deref()).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(&path_of(place)))
}

/// `POST …/publication`: from now on it can be assigned. An empty lesson stays a draft.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has no such lesson.
pub async fn publish(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<Response, AppError> {
    let kept = kept(&app, &viewer, place).await?;
    app.store.publish_lesson(&viewer, kept.lesson).await?;
    Ok(see_other(&path_of(place)))
}

/// `POST …/copies`: another lesson like it, a draft at the end of the course.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has no such lesson.
pub async fn copy(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<Response, AppError> {
    let kept = kept(&app, &viewer, place).await?;
    let title = visitor.l.t1("lesson-copy-title", "title", kept.title);
    let title: String = title.chars().take(TITLE_MAX).collect();
    let copy = app.store.copy_lesson(&viewer, kept.lesson, &title).await?.ok_or(AppError::NotFound)?;
    Ok(see_other(&path_of((place.0, copy.0))))
}

/// `POST …/withdrawal`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has no such lesson.
pub async fn withdraw(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
) -> Result<Response, AppError> {
    let kept = kept(&app, &viewer, place).await?;
    if !app.store.withdraw_lesson(&viewer, kept.lesson).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(&format!("/courses/{}", kept.course)))
}
