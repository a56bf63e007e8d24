//! What changes the sentences of a lesson. Below `/courses/{course}/lessons/{lesson}`: `POST …/exercises` adds some,
//! `…/exercises/{exercise}` changes one, `…/exercises/{exercise}/removal` takes one out, `…/exercises/{exercise}/audio` takes
//! a file from browsers without scripts, `…/order` moves one.

use axum::Form;
use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use jiayin_domain::id::ExerciseId;
use jiayin_speech::prompt::PromptError;
use jiayin_store::courses::Lesson;
use jiayin_store::uploads::Target;
use serde::Deserialize;
use uuid::Uuid;

use super::MoveForm;
use super::lesson::{Refused, SentLines, kept, page, path_of};
use crate::app::AppState;
use crate::ear::{Ear, HearError, guarded, is_sound};
use crate::error::AppError;
use crate::session::{Person, see_other};
use crate::tryout::upload;
use crate::uploads::keep_whole;
use crate::visitor::Visitor;

/// Longest sentence, in characters.
pub const SENTENCE_MAX: usize = 300;
/// Most sentences in a lesson.
pub const LESSON_MAX: usize = 60;

/// The form that adds sentences, one a line.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LinesForm {
    /// As typed or pasted.
    #[serde(default)]
    pub lines: String,
}

/// The form that changes a sentence.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SentenceForm {
    /// To be read aloud.
    #[serde(default)]
    pub text: String,
}

/// What is wrong with a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SentenceError {
    /// Nothing there.
    #[error("empty")]
    Empty,
    /// Longer than [`SENTENCE_MAX`].
    #[error("too long")]
    Long,
    /// No English letters, or others as well.
    #[error("not English")]
    NotEnglish,
    /// The ear does not know how it is read aloud.
    #[error("cannot be read aloud")]
    Unreadable,
    /// More than [`LESSON_MAX`] sentences.
    #[error("too many")]
    Many,
}

impl SentenceError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "sentence-error-empty",
            Self::Long => "sentence-error-long",
            Self::NotEnglish => "sentence-error-not-english",
            Self::Unreadable => "sentence-error-unreadable",
            Self::Many => "sentence-error-many",
        }
    }
}

/// A sentence that is fit to be kept, with single spaces.
fn checked(text: &str, ear: &dyn Ear) -> Result<String, SentenceError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(SentenceError::Empty);
    }
    if text.chars().count() > SENTENCE_MAX {
        return Err(SentenceError::Long);
    }
    if !text.chars().any(|letter| letter.is_ascii_alphabetic())
        || text.chars().any(|letter| letter.is_alphabetic() && letter > '\u{24f}')
    {
        return Err(SentenceError::NotEnglish);
    }
    match ear.prompt(&text, None) {
        Ok(_) => Ok(text),
        Err(HearError::Prompt(PromptError::NotEnglish(_))) => Err(SentenceError::NotEnglish),
        Err(_) => Err(SentenceError::Unreadable),
    }
}

impl SentenceForm {
    /// Checks the sentence.
    ///
    /// # Errors
    /// If it is empty, too long, not English, or the ear cannot read it.
    pub fn check(&self, ear: &dyn Ear) -> Result<String, SentenceError> {
        checked(&self.text, ear)
    }
}

impl LinesForm {
    /// The sentences; `present` are in the lesson already. Numbers at the beginning of pasted lines are taken off.
    ///
    /// # Errors
    /// What is wrong, and in which line (from 1; 0 for all of them).
    pub fn check(&self, present: usize, ear: &dyn Ear) -> Result<Vec<String>, (usize, SentenceError)> {
        let lines = self.lines.lines().map(|line| without_number(line.trim())).enumerate();
        let written: Vec<(usize, &str)> = lines.filter(|(_, line)| !line.is_empty()).collect();
        match written.len() {
            0 => Err((0, SentenceError::Empty)),
            count if present + count > LESSON_MAX => Err((0, SentenceError::Many)),
            _ => written
                .into_iter()
                .map(|(index, line)| checked(line, ear).map_err(|error| (index + 1, error)))
                .collect(),
        }
    }
}

/// Takes “1. ”, “2) ” or “3、” off.
fn without_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = line.len() - rest.len();
    match rest.strip_prefix(['.', ')', '、', '．', '）']) {
        Some(text) if (1..=3).contains(&digits) && !text.starts_with(|letter: char| letter.is_ascii_digit()) => {
            text.trim_start()
        }
        _ => line,
    }
}

/// `POST …/exercises`.
///
/// # Errors
/// [`AppError`]; what is wrong with the sentences is shown on the page instead.
pub async fn add(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
    form: Result<Form<LinesForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("sentences form"))?;
    let lesson = kept(&app, &viewer, place).await?;
    match form.check(lesson.sentences.len(), &*app.ear) {
        Ok(texts) => {
            app.store.add_sentences(&viewer, lesson.lesson, &texts).await?.ok_or(AppError::NotFound)?;
            Ok(see_other(&path_of(place)))
        }
        Err((line, error)) => {
            let sent = SentLines { lines: form.lines, line, error: error.key() };
            page(&app, &visitor, lesson, Refused::Lines(sent))
        }
    }
}

/// A sentence that stands in the lesson.
fn one_of(lesson: &Lesson, id: Uuid) -> Result<ExerciseId, AppError> {
    let found = lesson.sentences.iter().find(|sentence| sentence.exercise == ExerciseId(id));
    found.map(|sentence| sentence.exercise).ok_or(AppError::NotFound)
}

/// The way back to a sentence, or to the page if it is no longer there.
fn back(place: (Uuid, Uuid), exercise: ExerciseId, done: bool) -> Result<Response, AppError> {
    if done { Ok(see_other(&format!("{}#sentence-{exercise}", path_of(place)))) } else { Err(AppError::NotFound) }
}

/// `POST …/exercises/{exercise}`.
///
/// # Errors
/// [`AppError`]; what is wrong with the sentence is shown on the page instead.
pub async fn edit(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((course, lesson, exercise)): Path<(Uuid, Uuid, Uuid)>,
    form: Result<Form<SentenceForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("sentence form"))?;
    let lesson_kept = kept(&app, &viewer, (course, lesson)).await?;
    let exercise = one_of(&lesson_kept, exercise)?;
    match form.check(&*app.ear) {
        Ok(text) => back((course, lesson), exercise, app.store.edit_sentence(&viewer, exercise, &text).await?),
        Err(error) => page(&app, &visitor, lesson_kept, Refused::Sentence(exercise, Some(form.text), error.key())),
    }
}

/// `POST …/exercises/{exercise}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if the lesson has no such sentence.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((course, lesson, exercise)): Path<(Uuid, Uuid, Uuid)>,
) -> Result<Response, AppError> {
    let exercise = one_of(&kept(&app, &viewer, (course, lesson)).await?, exercise)?;
    if !app.store.remove_sentence(&viewer, exercise).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(&path_of((course, lesson))))
}

/// `POST …/order`.
///
/// # Errors
/// [`AppError::NotFound`] if the lesson has no such sentence.
pub async fn order(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
    form: Result<Form<MoveForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("order form"))?;
    let exercise = one_of(&kept(&app, &viewer, place).await?, form.item)?;
    back(place, exercise, app.store.move_sentence(&viewer, exercise, form.to.into()).await?)
}

/// `POST …/exercises/{exercise}/audio`: a file, from a page without our script.
///
/// # Errors
/// [`AppError`]; a missing file, and one that is no sound, are told on the page instead.
pub async fn audio(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((course, lesson, exercise)): Path<(Uuid, Uuid, Uuid)>,
    request: Request,
) -> Result<Response, AppError> {
    let form = upload::read(&app, request).await?;
    let lesson_kept = kept(&app, &viewer, (course, lesson)).await?;
    let exercise = one_of(&lesson_kept, exercise)?;
    let Some(sound) = form.recording.filter(|bytes| !bytes.is_empty()) else {
        return page(&app, &visitor, lesson_kept, Refused::Sentence(exercise, None, "course-no-file"));
    };
    if let Err(error) = readable(&app, sound.clone()).await? {
        let key = if error.code() == "too_long" { "course-too-long" } else { "course-unreadable" };
        return page(&app, &visitor, lesson_kept, Refused::Sentence(exercise, None, key));
    }
    keep_whole(&app, &viewer, Target::CourseAudio { exercise }, &form.mime, &sound).await?;
    back((course, lesson), exercise, true)
}

/// Whether a file is sound that can be played. A script's file was decoded in its browser; this one has been seen by nobody.
async fn readable(app: &AppState, file: Bytes) -> Result<Result<(), HearError>, AppError> {
    app.pool.run(move || guarded(|| is_sound(&file))).await.map_err(|_| {
        app.metrics.refused();
        AppError::Busy { retry_after_s: 2 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &str) -> Result<Vec<String>, (usize, SentenceError)> {
        let ear = crate::model::load().unwrap();
        LinesForm { lines: lines.to_owned() }.check(0, &ear)
    }

    #[test]
    fn many_lines_are_pasted_at_once() {
        let sentences = lines("1. I see a cat.\r\n\r\n2)\tIt is  red.\n3.5 is a number\n").unwrap();
        assert_eq!(sentences, ["I see a cat.", "It is red.", "3.5 is a number"]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        assert_eq!(lines(" \n "), Err((0, SentenceError::Empty)));
        assert_eq!(lines("One.\n我看见一只猫。"), Err((2, SentenceError::NotEnglish)));
        assert_eq!(lines("I see a cat. | 我看见一只猫。"), Err((1, SentenceError::NotEnglish)));
        assert_eq!(lines(&"a".repeat(SENTENCE_MAX + 1)), Err((1, SentenceError::Long)));
        assert_eq!(lines(&"Yes.\n".repeat(LESSON_MAX + 1)), Err((0, SentenceError::Many)));
        assert!(lines("“Café”, she said.").is_ok());
    }
}
