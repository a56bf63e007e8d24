//! `GET /homework/{assignment}/finished`: all exercises are done.

use askama::Template;

use super::step::Step;
use crate::visitor::Layout;

/// The end of a homework, to be proud of.
#[derive(Template)]
#[template(path = "homework/finished.html")]
pub struct FinishedPage {
    /// Frame; a learner is signed in.
    pub layout: Layout,
    /// Title of the homework.
    pub title: String,
    /// The exercises with their stars.
    pub steps: Vec<Step>,
    /// Address of the next homework's exercise; empty if there is none.
    pub next: String,
}

impl FinishedPage {
    /// Stars in all.
    pub fn stars(&self) -> usize {
        self.steps.iter().map(|step| step.stars).sum()
    }

    /// Stars that could be had.
    pub fn possible(&self) -> usize {
        5 * self.steps.len()
    }

    /// The exercise with the fewest stars, if it could have more: something to do again.
    pub fn weakest(&self) -> Option<&Step> {
        self.steps.iter().filter(|step| step.stars < 4).min_by_key(|step| step.stars)
    }
}
