//! What changes the exercises of a lesson. Below `/courses/{course}/lessons/{lesson}`: `POST …/exercises` adds some,
//! `…/exercises/{exercise}` changes one, `…/exercises/{exercise}/copies` makes another like it, `…/removal` takes it out,
//! `…/audio` takes a file from browsers without scripts; `…/order` moves one. Pictures have a file of their own.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use jiayin_domain::id::ExerciseId;
use jiayin_store::courses::{Lesson, Move, Sentence};
use jiayin_store::uploads::Target;
use uuid::Uuid;

use super::kinds::{ExerciseForm, LESSON_MAX, SentenceError};
use super::lesson::{Refused, SentNew, kept, page, path_of};
use super::{MoveForm, move_anchor};
use crate::app::AppState;
use crate::error::AppError;
use crate::session::{Person, see_other};
use crate::tryout::upload;
use crate::uploads::keep_whole;
use crate::uploads::listening::take_in;
use crate::visitor::Visitor;

/// `POST …/exercises`.
///
/// # Errors
/// [`AppError`]; what is wrong with the sentences is shown on the page instead.
pub async fn add(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
    form: Result<Form<ExerciseForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("exercise form"))?;
    let lesson = kept(&app, &viewer, place).await?;
    match form.check(lesson.sentences.len(), &*app.ear) {
        Ok(new) => {
            let ids = app.store.add_exercises(&viewer, lesson.lesson, &new).await?.ok_or(AppError::NotFound)?;
            let first = ids.first().map(|id| format!("#sentence-{id}")).unwrap_or_default();
            Ok(see_other(&format!("{}{first}", path_of(place))))
        }
        Err((line, error)) => {
            let sent = SentNew { form, alt: String::new(), line, error: error.key() };
            page(&app, &visitor, lesson, Refused::New(Box::new(sent)))
        }
    }
}

/// An exercise that stands in the lesson.
pub(super) fn one_of(lesson: &Lesson, id: Uuid) -> Result<&Sentence, AppError> {
    lesson.sentences.iter().find(|sentence| sentence.exercise == ExerciseId(id)).ok_or(AppError::NotFound)
}

/// The way back to an exercise; none if it is no longer there.
pub(super) fn back(place: (Uuid, Uuid), exercise: Option<ExerciseId>) -> Result<Response, AppError> {
    let exercise = exercise.ok_or(AppError::NotFound)?;
    Ok(see_other(&format!("{}#sentence-{exercise}", path_of(place))))
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
    form: Result<Form<ExerciseForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("exercise form"))?;
    let lesson_kept = kept(&app, &viewer, (course, lesson)).await?;
    let sentence = one_of(&lesson_kept, exercise)?;
    // Of what kind it is has been decided; the form changes what is in it.
    let form = ExerciseForm { kind: sentence.content.kind().tag().to_owned(), ..form };
    match form.one(&*app.ear) {
        Ok(new) => back((course, lesson), app.store.edit_exercise(&viewer, sentence.exercise, &new).await?),
        Err(error) => {
            let refused = Refused::Sentence(sentence.exercise, Some(Box::new(form)), error.key());
            page(&app, &visitor, lesson_kept, refused)
        }
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
    let exercise = one_of(&kept(&app, &viewer, (course, lesson)).await?, exercise)?.exercise;
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
    let lesson = kept(&app, &viewer, place).await?;
    let exercise = one_of(&lesson, form.item)?.exercise;
    let to = Move::from(form.to);
    if !app.store.move_sentence(&viewer, exercise, to).await? {
        return Err(AppError::NotFound);
    }
    let order: Vec<Uuid> = lesson.sentences.iter().map(|sentence| sentence.exercise.0).collect();
    Ok(see_other(&format!("{}#{}", path_of(place), move_anchor(&order, form.item, to))))
}

/// `POST …/exercises/{exercise}/copies`: one more like it, behind it.
///
/// # Errors
/// [`AppError::NotFound`] if the lesson has no such exercise; that it is full is told on the page instead.
pub async fn copy(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((course, lesson, exercise)): Path<(Uuid, Uuid, Uuid)>,
) -> Result<Response, AppError> {
    let lesson_kept = kept(&app, &viewer, (course, lesson)).await?;
    let exercise = one_of(&lesson_kept, exercise)?.exercise;
    if lesson_kept.sentences.len() >= LESSON_MAX {
        let refused = Refused::Sentence(exercise, None, SentenceError::Many.key());
        return page(&app, &visitor, lesson_kept, refused);
    }
    back((course, lesson), app.store.copy_exercise(&viewer, exercise).await?)
}

/// `POST …/exercises/{exercise}/audio`: a file, from a page without our script.
///
/// # Errors
/// [`AppError`]; a missing file, and one that is no use as course audio, are told on the page instead.
pub async fn audio(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((course, lesson, exercise)): Path<(Uuid, Uuid, Uuid)>,
    request: Request,
) -> Result<Response, AppError> {
    let form = upload::read(&app, request).await?;
    let lesson_kept = kept(&app, &viewer, (course, lesson)).await?;
    let exercise = one_of(&lesson_kept, exercise)?.exercise;
    let Some(sound) = form.recording.filter(|bytes| !bytes.is_empty()) else {
        return page(&app, &visitor, lesson_kept, Refused::Sentence(exercise, None, "course-no-file"));
    };
    let upload = keep_whole(&app, &viewer, Target::CourseAudio { exercise }, &form.mime, &sound).await?;
    match take_in(&app, &viewer, upload).await? {
        Ok(_) => back((course, lesson), Some(exercise)),
        Err(unfit) => page(&app, &visitor, lesson_kept, Refused::Sentence(exercise, None, unfit.key())),
    }
}
