//! `GET /homework/{assignment}/finished`: all exercises are done.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use jiayin_domain::homework::SubmissionState;
use jiayin_domain::id::AssignmentId;
use uuid::Uuid;

use super::step::{Step, next_open, steps};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::week_of;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

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

/// See the module. Who is not done is shown what is left.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(assignment): Path<Uuid>,
) -> Result<Response, AppError> {
    let assignment = AssignmentId(assignment);
    let all = app.store.tasks(&viewer, week_of(app.clock.now())).await?;
    let task = all.tasks.iter().find(|task| task.assignment == assignment).ok_or(AppError::NotFound)?;
    let results = match &task.results {
        Some(results) => results.read(&all.grant)?.clone(),
        None => Vec::new(),
    };
    let path = steps(task, &results, None);
    if let Some(open) = path.iter().find(|step| matches!(step.tag(), "open" | "returned")) {
        return Ok(see_other(&open.href));
    }
    let unfinished = all.tasks.iter().find(|other| {
        other.assignment != assignment && matches!(other.state, SubmissionState::Open | SubmissionState::Returned)
    });
    let next = match unfinished {
        Some(other) => {
            let results = other.results.as_ref().map(|results| results.read(&all.grant)).transpose()?;
            let path = steps(other, results.map_or(&[][..], Vec::as_slice), None);
            next_open(&path, path.len()).map(|step| step.href.clone()).unwrap_or_default()
        }
        None => String::new(),
    };
    let page = FinishedPage { layout: Layout::new(&visitor, &app), title: task.title.clone(), steps: path, next };
    Ok(html(&page)?.into_response())
}
