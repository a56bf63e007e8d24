//! `GET /courses/{course}`: its lessons. `POST` to it renames it; `…/lessons` makes a lesson, `…/order` moves one,
//! `…/withdrawal` takes the course out of use.

use askama::Template;
use jiayin_domain::id::{CourseId, LessonId};

use super::title::SentTitle;
use crate::locale::Localizer;
use crate::visitor::Layout;

/// A lesson.
pub struct LessonRow {
    /// The lesson.
    pub id: LessonId,
    /// Title.
    pub title: String,
    /// Sentences in it.
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
