//! `GET /courses`, `POST /courses` (a new one): the school's courses.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::CourseId;
use jiayin_store::Viewer;
use jiayin_store::courses::Course;

use super::title::{SentTitle, TitleForm};
use crate::app::AppState;
use crate::classes::list::count;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// A course.
pub struct CourseCard {
    /// The course.
    pub id: CourseId,
    /// Title.
    pub title: String,
    /// Lessons in it.
    pub lessons: u32,
    /// Sentences in them.
    pub sentences: u32,
    /// Sentences without audio.
    pub without_audio: u32,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "courses/list_part.html")]
pub struct CoursesPart {
    /// Texts.
    pub l: Localizer,
    /// The courses.
    pub courses: Vec<CourseCard>,
    /// The new course's title as it was sent, if it was refused.
    pub sent: SentTitle,
}

/// The whole page.
#[derive(Template)]
#[template(path = "courses/list.html")]
pub struct CoursesPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: CoursesPart,
}

/// `GET /courses`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, SentTitle::default()).await
}

async fn page(app: &AppState, visitor: &Visitor, viewer: &Viewer, sent: SentTitle) -> Result<Response, AppError> {
    let status = if sent.error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let courses = app.store.courses(viewer).await?.iter().map(card).collect();
    let part = CoursesPart { l: visitor.l.clone(), courses, sent };
    Ok((status, html(&CoursesPage { layout: Layout::new(visitor, app), part })?).into_response())
}

fn card(course: &Course) -> CourseCard {
    let sentences: usize = course.lessons.iter().map(|lesson| lesson.sentences.len()).sum();
    let recorded: usize = course.lessons.iter().map(|lesson| lesson.recorded()).sum();
    CourseCard {
        id: course.course,
        title: course.title.clone(),
        lessons: count(course.lessons.len()),
        sentences: count(sentences),
        without_audio: count(sentences - recorded),
    }
}

/// `POST /courses`: a new one.
///
/// # Errors
/// [`AppError`]; what is wrong with the title is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<TitleForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("title form"))?;
    match form.check() {
        Err(error) => page(&app, &visitor, &viewer, SentTitle::refused(form, error)).await,
        Ok(title) => {
            let course = app.store.create_course(&viewer, &title).await?;
            Ok(see_other(&format!("/courses/{course}")))
        }
    }
}
