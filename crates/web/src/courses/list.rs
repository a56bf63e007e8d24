//! `GET /courses`, `POST /courses` (a new one): the school's courses.

use askama::Template;
use jiayin_domain::id::CourseId;

use super::title::SentTitle;
use crate::locale::Localizer;
use crate::visitor::Layout;

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
