//! `GET /api/v1/children`: a guardian's children and their homework.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::door::Caller;
use super::homework::{Exercise, ExerciseOutcome, exercise, outcomes};
use super::paging::Listed;
use super::problem::ApiError;
use super::types::{Id, Moment, WorkState};
use crate::app::AppState;

/// One child of a guardian.
#[derive(Debug, Serialize, ToSchema)]
pub struct Child {
    /// The child.
    id: Id,
    /// What they are called.
    #[schema(example = "王小明")]
    name: String,
    /// Names of their classes; empty without one.
    #[schema(example = "三年级 1 班")]
    class: String,
    /// Their homework, the one that is due first at the beginning.
    assignments: Vec<ChildWork>,
}

/// A child's homework.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChildWork {
    /// The assignment.
    id: Id,
    /// The lesson's title.
    #[schema(example = "Lesson 2: Animal friends")]
    title: String,
    /// When it is due.
    due_at: Moment,
    /// Where the child stands.
    state: WorkState,
    /// Its exercises in order.
    exercises: Vec<Exercise>,
    /// What counts of the exercises that were tried; `null` if the token does not allow `results:read`.
    results: Option<Vec<ExerciseOutcome>>,
}

/// My children
///
/// A guardian's children with their homework, in one piece. A child whose processing is restricted is not among them.
///
/// # Errors
/// [`ApiError`].
#[utoipa::path(get, path = "/api/v1/children", operation_id = "listChildren", tag = "family", responses(
    (status = 200, description = "The children; there is never a next page", body = Listed<Child>),
))]
pub async fn children(State(app): State<AppState>, caller: Caller, headers: HeaderMap) -> Result<Response, ApiError> {
    let family = app.store.family(caller.viewer(), app.clock.now()).await?;
    let mut items = Vec::with_capacity(family.children.len());
    for child in &family.children {
        let mut assignments = Vec::with_capacity(child.tasks.len());
        for task in &child.tasks {
            let results = task.results.as_ref().map(|results| results.read(&family.grant)).transpose()?;
            assignments.push(ChildWork {
                id: Id(task.assignment.0),
                title: task.title.clone(),
                due_at: task.due_at.into(),
                state: task.state.into(),
                exercises: task.sentences.iter().map(exercise).collect(),
                results: outcomes(&caller, results),
            });
        }
        items.push(Child {
            id: Id(child.learner.0),
            name: child.name.read(&family.grant)?.clone(),
            class: child.class.clone(),
            assignments,
        });
    }
    json(&headers, &Listed { items, next: None })
}
