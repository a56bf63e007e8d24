//! `GET /courses/{course}`: its lessons. `POST` to it renames it; `…/lessons` makes a lesson, `…/order` moves one,
//! `…/withdrawal` takes the course out of use.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{CourseId, LessonId};
use jiayin_store::Viewer;
use jiayin_store::courses::{LessonCard, Move};
use uuid::Uuid;

use super::title::{SentTitle, TitleForm};
use super::{MoveForm, move_anchor};
use crate::app::AppState;
use crate::classes::list::count;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// A lesson.
pub struct LessonRow {
    /// The lesson.
    pub id: LessonId,
    /// Title.
    pub title: String,
    /// The unit that begins with it; empty if it is in the same one as the lesson before.
    pub unit: String,
    /// It cannot be assigned yet.
    pub draft: bool,
    /// Exercises in it.
    pub sentences: u32,
    /// Sentences without audio.
    pub without_audio: u32,
    /// Classes that have it as homework now.
    pub in_use: u32,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "courses/page_part.html")]
pub struct CoursePart {
    /// Texts.
    pub l: Localizer,
    /// The course.
    pub id: CourseId,
    /// Title.
    pub title: String,
    /// Lessons, in order.
    pub lessons: Vec<LessonRow>,
    /// The new lesson's title as it was sent, if it was refused.
    pub new_lesson: SentTitle,
    /// The course's new title as it was sent, if it was refused.
    pub rename: SentTitle,
}

/// The whole page.
#[derive(Template)]
#[template(path = "courses/page.html")]
pub struct CoursePage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: CoursePart,
}

/// `GET /courses/{course}`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has no such course.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, CourseId(id), Refused::Nothing).await
}

/// The title that was sent and refused; the page shows it again.
enum Refused {
    /// None was.
    Nothing,
    /// Of a new lesson.
    Lesson(SentTitle),
    /// Of the course.
    Rename(SentTitle),
}

/// The page, perhaps with what was refused.
async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    id: CourseId,
    refused: Refused,
) -> Result<Response, AppError> {
    let kept = app.store.course(viewer, id).await?.ok_or(AppError::NotFound)?;
    let (status, new_lesson, rename) = match refused {
        Refused::Nothing => (StatusCode::OK, SentTitle::default(), SentTitle::default()),
        Refused::Lesson(sent) => (StatusCode::UNPROCESSABLE_ENTITY, sent, SentTitle::default()),
        Refused::Rename(sent) => (StatusCode::UNPROCESSABLE_ENTITY, SentTitle::default(), sent),
    };
    let mut unit = None;
    let row = |lesson: &LessonCard| LessonRow {
        id: lesson.lesson,
        title: lesson.title.clone(),
        unit: match std::mem::replace(&mut unit, lesson.unit.clone()) == lesson.unit {
            true => String::new(),
            false => lesson.unit.clone().unwrap_or_default(),
        },
        draft: !lesson.published,
        sentences: count(lesson.sentences.len()),
        without_audio: count(lesson.sentences.len() - lesson.recorded()),
        in_use: count(lesson.in_use),
    };
    let lessons = kept.lessons.iter().map(row).collect();
    let part = CoursePart { l: visitor.l.clone(), id, title: kept.title, lessons, new_lesson, rename };
    let mut layout = Layout::new(visitor, app);
    layout.path = format!("/courses/{id}");
    Ok((status, html(&CoursePage { layout, part })?).into_response())
}

/// `POST` of the same address: a new title.
///
/// # Errors
/// [`AppError`]; what is wrong with the title is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    form: Result<Form<TitleForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("title form"))?;
    let id = CourseId(id);
    match form.check() {
        Err(error) => page(&app, &visitor, &viewer, id, Refused::Rename(SentTitle::refused(form, error))).await,
        Ok(title) if app.store.rename_course(&viewer, id, &title).await? => Ok(see_other(&format!("/courses/{id}"))),
        Ok(_) => Err(AppError::NotFound),
    }
}

/// `POST /courses/{course}/lessons`.
///
/// # Errors
/// [`AppError`]; what is wrong with the title is shown on the page instead.
pub async fn add_lesson(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    form: Result<Form<TitleForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("title form"))?;
    let id = CourseId(id);
    match form.check() {
        Err(error) => page(&app, &visitor, &viewer, id, Refused::Lesson(SentTitle::refused(form, error))).await,
        Ok(title) => {
            let lesson = app.store.create_lesson(&viewer, id, &title).await?.ok_or(AppError::NotFound)?;
            Ok(see_other(&format!("/courses/{id}/lessons/{lesson}")))
        }
    }
}

/// `POST /courses/{course}/order`.
///
/// # Errors
/// [`AppError::NotFound`] if the course has no such lesson.
pub async fn order(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    form: Result<Form<MoveForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("order form"))?;
    let course = app.store.course(&viewer, CourseId(id)).await?.ok_or(AppError::NotFound)?;
    let order: Vec<Uuid> = course.lessons.iter().map(|lesson| lesson.lesson.0).collect();
    let to = Move::from(form.to);
    if !order.contains(&form.item) || !app.store.move_lesson(&viewer, LessonId(form.item), to).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(&format!("/courses/{id}#{}", move_anchor(&order, form.item, to))))
}

/// `POST /courses/{course}/withdrawal`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer has no such course.
pub async fn withdraw(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
) -> Result<Response, AppError> {
    if !app.store.withdraw_course(&viewer, CourseId(id)).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other("/courses"))
}
