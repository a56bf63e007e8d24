//! `GET /courses/{course}/lessons/{lesson}`: its sentences, one a row, with their audio. `POST` to it renames it;
//! `…/withdrawal` takes the lesson out of use. What changes its sentences stands in `sentences.rs`.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{CourseId, ExerciseId, LessonId};
use jiayin_store::Viewer;
use jiayin_store::courses::{Lesson, Sentence};
use uuid::Uuid;

use super::title::{SentTitle, TitleForm};
use crate::app::AppState;
use crate::classes::list::count;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Lines as they were sent, with what was wrong.
#[derive(Debug, Clone, Default)]
pub struct SentLines {
    /// As typed.
    pub lines: String,
    /// The line, from 1; 0 for all of them.
    pub line: usize,
    /// Key of the message; empty if nothing was wrong.
    pub error: &'static str,
}

/// A sentence of the lesson.
pub struct SentenceRow {
    /// The sentence.
    pub id: ExerciseId,
    /// To be read aloud.
    pub text: String,
    /// Address of its audio; `None` before it was recorded.
    pub audio: Option<String>,
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
    /// Sentences, in order.
    pub sentences: Vec<SentenceRow>,
    /// Classes that have the lesson as homework now; a change shows there at once.
    pub in_use: u32,
    /// Largest file, in megabytes.
    pub max_mb: u32,
    /// New sentences as they were sent, if they were refused.
    pub sent: SentLines,
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

    /// The message about the new sentences.
    pub fn lines_error(&self) -> String {
        match (self.sent.error, self.sent.line) {
            ("", _) => String::new(),
            (key, 0) => self.l.t(key),
            (key, line) => self.l.tn("sentence-error-line", &[("line", line.to_string()), ("message", self.l.t(key))]),
        }
    }

    /// What the recorder says when there is no microphone: reason, title, step.
    pub fn no_microphone(&self) -> [(&'static str, String, String); 5] {
        NO_MICROPHONE.map(|(why, title, step)| (why, self.l.t(title), self.l.t(step)))
    }
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
    /// New sentences.
    Lines(SentLines),
    /// A change of a sentence: its new text if there is one, and the key of what is wrong.
    Sentence(ExerciseId, Option<String>, &'static str),
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
        let (text, error) = match &refused {
            Refused::Sentence(id, text, error) if *id == sentence.exercise => (text.clone(), *error),
            _ => (None, ""),
        };
        SentenceRow {
            id: sentence.exercise,
            text: text.unwrap_or_else(|| sentence.text.clone()),
            audio: sentence.audio.map(|media| format!("/media/{media}")),
            error,
        }
    };
    let sentences = kept.sentences.iter().map(row).collect();
    let (sent, rename) = match refused {
        Refused::Lines(sent) => (sent, SentTitle::default()),
        Refused::Title(rename) => (SentLines::default(), rename),
        _ => (SentLines::default(), SentTitle::default()),
    };
    let part = LessonPart {
        l: visitor.l.clone(),
        course: kept.course,
        course_title: kept.course_title,
        id: kept.lesson,
        title: kept.title,
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

/// `POST` of the same address: a new title.
///
/// # Errors
/// [`AppError`]; what is wrong with the title is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
    form: Result<Form<TitleForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("title form"))?;
    let kept = kept(&app, &viewer, place).await?;
    match form.check() {
        Err(error) => page(&app, &visitor, kept, Refused::Title(SentTitle::refused(form, error))),
        Ok(title) if app.store.rename_lesson(&viewer, kept.lesson, &title).await? => Ok(see_other(&path_of(place))),
        Ok(_) => Err(AppError::NotFound),
    }
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
