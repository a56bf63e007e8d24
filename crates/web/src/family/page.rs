//! `GET /family`: the children, each with this week's homework.

use askama::Template;

use crate::homework::words::{CommentView, DueView};
use crate::school_time::Moment;
use crate::visitor::Layout;

/// The guardian's first page.
#[derive(Template)]
#[template(path = "family/page.html")]
pub struct FamilyPage {
    /// Frame; a guardian is signed in.
    pub layout: Layout,
    /// The children.
    pub children: Vec<ChildView>,
}

/// One child.
pub struct ChildView {
    /// Name.
    pub name: String,
    /// Class; empty if there is none yet.
    pub class: String,
    /// Address of the child's page: `/family/{learner}`.
    pub href: String,
    /// This week's homework, the most urgent first.
    pub homework: Vec<HomeworkRow>,
    /// Stars earned since Monday.
    pub stars: usize,
    /// Recordings made since Monday.
    pub recordings: usize,
    /// The latest recording that was understood.
    pub latest: Option<LatestRecording>,
    /// The latest that the teacher said.
    pub comment: Option<CommentView>,
}

/// Where a child stands with a homework.
pub struct HomeworkRow {
    /// Title.
    pub title: String,
    /// When it is due.
    pub due: DueView,
    /// Exercises done.
    pub done: usize,
    /// Exercises in all.
    pub count: usize,
    /// `open`, `done`, `reviewed`, `returned`.
    pub state: &'static str,
}

/// A recording to listen to.
pub struct LatestRecording {
    /// The sentence.
    pub text: String,
    /// Address of the sound.
    pub audio: String,
    /// 1–5.
    pub stars: usize,
    /// When it was made.
    pub when: Moment,
}
