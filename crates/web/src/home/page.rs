//! `GET /home`: one big next thing, and below it quietly the rest.

use askama::Template;

use crate::homework::step::Step;
use crate::homework::words::{CommentView, DueView};
use crate::visitor::Layout;

/// The learner's home.
#[derive(Template)]
#[template(path = "home/page.html")]
pub struct HomePage {
    /// Frame; a learner is signed in.
    pub layout: Layout,
    /// The learner's name.
    pub name: String,
    /// The one big thing.
    pub now: Now,
    /// Homework besides, the most urgent first.
    pub others: Vec<OtherHomework>,
    /// Stars earned since Monday.
    pub stars: usize,
    /// The latest that the teacher said.
    pub comment: Option<CommentView>,
}

/// The one thing to do now.
pub enum Now {
    /// An exercise.
    Next(NextThing),
    /// Everything is done.
    AllDone,
    /// There is a class, and no homework yet.
    NothingYet,
    /// The learner is in no class.
    NoClass,
}

impl Now {
    /// End of the keys of the texts of the empty states.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::Next(_) => "next",
            Self::AllDone => "all-done",
            Self::NothingYet => "nothing-yet",
            Self::NoClass => "no-class",
        }
    }
}

/// The next exercise of the most urgent homework.
pub struct NextThing {
    /// Title of the homework.
    pub title: String,
    /// When it is due.
    pub due: DueView,
    /// Its exercises in their order.
    pub steps: Vec<Step>,
    /// The sentence that comes next.
    pub text: String,
    /// Address of the exercise.
    pub href: String,
    /// The teacher asks for another try of it.
    pub returned: bool,
}

impl NextThing {
    /// Whether something of the homework is done already.
    pub fn begun(&self) -> bool {
        self.steps.iter().any(|step| step.stars > 0)
    }

    /// Exercises that are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.stars > 0 && !step.returned).count()
    }
}

/// A homework in the quiet list.
pub struct OtherHomework {
    /// Title.
    pub title: String,
    /// When it is due.
    pub due: DueView,
    /// Address of its next exercise, or of its end if all are done.
    pub href: String,
    /// Exercises done.
    pub done: usize,
    /// Exercises in all.
    pub count: usize,
    /// State of the learner's work: `open`, `done`, `reviewed`, `returned`.
    pub state: &'static str,
}
