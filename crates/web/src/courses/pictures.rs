//! The pictures of exercises. Below `/courses/{course}/lessons/{lesson}/exercises`: `POST …/pictures` adds an exercise to look
//! at and say, `…/{exercise}/picture` gives one another picture or other words for it, `…/{exercise}/picture/removal` takes
//! it off. The forms work without scripts; the browser's own picker chooses the file, and no other is ever read.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use jiayin_domain::exercise::Kind;
use jiayin_store::course_pictures::NewPicture;
use uuid::Uuid;

use super::kinds::{ExerciseForm, LESSON_MAX, SENTENCE_MAX, SentenceError, checked};
use super::lesson::{Refused, SentNew, kept, page};
use super::sentences::{back, one_of};
use crate::app::AppState;
use crate::error::AppError;
use crate::pictures_in::{PictureError, SIDE, take};
use crate::session::Person;
use crate::tryout::upload;
use crate::visitor::Visitor;

/// Longest description of a picture, in characters.
pub const ALT_MAX: usize = 200;

/// The words for a picture, with single spaces; in any language.
fn described(alt: &str) -> Result<String, SentenceError> {
    let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=ALT_MAX).contains(&alt.chars().count()) { Ok(alt) } else { Err(SentenceError::NoAlt) }
}

/// `POST …/exercises/pictures`.
///
/// # Errors
/// [`AppError`]; what is wrong with text or file is shown on the page instead.
pub async fn add(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(place): Path<(Uuid, Uuid)>,
    request: Request,
) -> Result<Response, AppError> {
    let form = upload::read(&app, request).await?;
    let lesson = kept(&app, &viewer, place).await?;
    let written = match checked(&form.text, SENTENCE_MAX, &*app.ear) {
        _ if lesson.sentences.len() >= LESSON_MAX => Err(SentenceError::Many),
        Ok(text) => described(&form.alt).map(|alt| (text, alt)),
        Err(error) => Err(error),
    };
    let refuse = |lesson, error: &'static str| {
        let kind = Kind::Picture.tag().to_owned();
        let sent = ExerciseForm { kind, text: form.text.clone(), ..ExerciseForm::default() };
        page(
            &app,
            &visitor,
            lesson,
            Refused::New(Box::new(SentNew { form: sent, alt: form.alt.clone(), line: 0, error })),
        )
    };
    let (text, alt) = match written {
        Ok(written) => written,
        Err(error) => return refuse(lesson, error.key()),
    };
    match take(&app, form.recording.clone().unwrap_or_default(), SIDE).await? {
        Err(error) => refuse(lesson, error.key()),
        Ok(picture) => {
            let new = NewPicture { mime: picture.mime, bytes: &picture.bytes, alt: &alt };
            back(place, app.store.add_picture_exercise(&viewer, lesson.lesson, &text, &new).await?)
        }
    }
}

/// `POST …/exercises/{exercise}/picture`: a picture with its description, or the description alone where there is one already.
///
/// # Errors
/// [`AppError`]; what is wrong with words or file is shown on the page instead.
pub async fn set(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((course, lesson, exercise)): Path<(Uuid, Uuid, Uuid)>,
    request: Request,
) -> Result<Response, AppError> {
    let form = upload::read(&app, request).await?;
    let lesson_kept = kept(&app, &viewer, (course, lesson)).await?;
    let sentence = one_of(&lesson_kept, exercise)?;
    let (exercise, has_picture) = (sentence.exercise, sentence.picture.is_some());
    let alt = match described(&form.alt) {
        Ok(alt) => alt,
        Err(error) => return page(&app, &visitor, lesson_kept, Refused::Sentence(exercise, None, error.key())),
    };
    let done = match take(&app, form.recording.unwrap_or_default(), SIDE).await? {
        Err(PictureError::Missing) if has_picture => app.store.describe_picture(&viewer, exercise, &alt).await?,
        Err(error) => return page(&app, &visitor, lesson_kept, Refused::Sentence(exercise, None, error.key())),
        Ok(picture) => {
            let new = NewPicture { mime: picture.mime, bytes: &picture.bytes, alt: &alt };
            app.store.set_picture(&viewer, exercise, &new).await?
        }
    };
    back((course, lesson), done)
}

/// `POST …/exercises/{exercise}/picture/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such exercise, or it cannot do without its picture.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path((course, lesson, exercise)): Path<(Uuid, Uuid, Uuid)>,
) -> Result<Response, AppError> {
    let exercise = one_of(&kept(&app, &viewer, (course, lesson)).await?, exercise)?.exercise;
    back((course, lesson), app.store.remove_picture(&viewer, exercise).await?)
}
