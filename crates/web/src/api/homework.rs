//! `GET /api/v1/assignments` and `…/{assignment}`: homework, for the learner who does it and the teacher who gave it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiayin_domain::homework::ExerciseResult;
use jiayin_domain::id::{AssignmentId, ClassId, ExerciseId};
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use jiayin_store::courses::Sentence;
use jiayin_store::registers::AssignmentEntry;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{At, json};
use super::door::Caller;
use super::paging::{Asked, Listed, PageParams};
use super::problem::ApiError;
use super::types::{Id, Moment, WorkState};
use crate::app::AppState;
use crate::error::AppError;

/// Homework in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Assignment {
    /// The assignment.
    id: Id,
    /// Its class.
    class_id: Id,
    /// The lesson's title.
    #[schema(example = "Lesson 2: Animal friends")]
    title: String,
    /// When it was given.
    created_at: Moment,
    /// When it is due.
    due_at: Moment,
    /// Where the learner stands; `null` for a teacher.
    state: Option<WorkState>,
}

/// One exercise of an assignment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Exercise {
    /// The exercise.
    id: Id,
    /// What is to be done: `repeat`, `paragraph`, `picture`, `dialogue`, `pair`, `choose`; `null` where it is not told.
    #[schema(example = "repeat")]
    kind: Option<&'static str>,
    /// What is to be said.
    #[schema(example = "The rabbit runs very fast.")]
    text: String,
}

/// What counts of one exercise.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExerciseOutcome {
    /// The exercise.
    exercise_id: Id,
    /// The recording that counts; `null` where answers are chosen.
    recording_id: Option<Id>,
    /// Recordings made, or answers given.
    #[schema(minimum = 1, example = 2)]
    attempts: u32,
    /// The total that counts; `null` before one was understood.
    #[schema(minimum = 0, maximum = 100, example = 87)]
    best: Option<u8>,
    /// A recording waits to be heard by the ear.
    waiting: bool,
    /// The teacher asked for another try, and none has come since.
    returned: bool,
    /// The teacher has looked at it.
    reviewed: bool,
}

impl From<&ExerciseResult> for ExerciseOutcome {
    fn from(result: &ExerciseResult) -> Self {
        Self {
            exercise_id: Id(result.exercise.0),
            recording_id: result.recording.map(|recording| Id(recording.0)),
            attempts: result.attempts,
            best: result.best,
            waiting: result.waiting,
            returned: result.returned,
            reviewed: result.reviewed,
        }
    }
}

/// How far a learner is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Work {
    /// The learner.
    learner_id: Id,
    /// What they are called; `null` where the program acts as the learner.
    #[schema(example = "王小明")]
    name: Option<String>,
    /// Where they stand.
    state: WorkState,
    /// What counts of the exercises that were tried; `null` if the token does not allow `results:read`.
    results: Option<Vec<ExerciseOutcome>>,
}

/// An assignment with its exercises.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignmentDetail {
    /// The assignment.
    id: Id,
    /// The lesson's title.
    #[schema(example = "Lesson 2: Animal friends")]
    title: String,
    /// When it is due.
    due_at: Moment,
    /// Its exercises in order.
    exercises: Vec<Exercise>,
    /// How far everybody is whom one may see: oneself, or the learners of the class.
    work: Vec<Work>,
}

/// Homework
///
/// The homework of a learner's classes, or of those that a teacher teaches, the latest given first.
///
/// # Errors
/// [`ApiError`].
#[utoipa::path(get, path = "/api/v1/assignments", operation_id = "listAssignments", tag = "homework",
    params(PageParams, OneClass), responses(
    (status = 200, description = "A page of assignments", body = Listed<Assignment>),
))]
pub async fn list(
    State(app): State<AppState>,
    caller: Caller,
    mut asked: Asked,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let class = asked.take("class")?;
    let page = asked.page(&app, class)?;
    let found = app.store.assignment_register(caller.viewer(), class.map(ClassId), page).await?;
    let next = asked.link(&app, class.map(|class| ("class", class)), found.next)?;
    let one = |entry: AssignmentEntry| Assignment {
        id: Id(entry.assignment.0),
        class_id: Id(entry.class.0),
        title: entry.title,
        created_at: entry.given_at.into(),
        due_at: entry.due_at.into(),
        state: entry.state.map(WorkState::from),
    };
    json(&headers, &Listed { items: found.rows.into_iter().map(one).collect(), next })
}

/// By what a list of homework is narrowed.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OneClass {
    /// The homework of this class alone.
    #[param(required = false, value_type = String, format = "uuid")]
    pub class: Uuid,
}

/// One assignment
///
/// With its exercises and how far everybody is whom one may see. Scores are there if the token allows `results:read`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not theirs, or was taken back.
#[utoipa::path(get, path = "/api/v1/assignments/{assignment}", operation_id = "getAssignment", tag = "homework",
    params(("assignment" = Id, Path, description = "The assignment")), responses(
    (status = 200, description = "The assignment", body = AssignmentDetail),
))]
pub async fn get(
    State(app): State<AppState>,
    caller: Caller,
    At(assignment): At<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = AssignmentId(assignment);
    let detail = match caller.viewer().role {
        Role::Learner => as_learner(&app, &caller, id).await?,
        _ => as_teacher(&app, &caller, id).await?,
    };
    json(&headers, &detail.ok_or(AppError::NotFound)?)
}

/// An exercise as the interface tells it.
pub(super) fn exercise(sentence: &Sentence) -> Exercise {
    Exercise { id: Id(sentence.exercise.0), kind: Some(sentence.content.kind().tag()), text: sentence.text.clone() }
}

/// What counts of the exercises, where the token allows to know.
pub(super) fn outcomes(caller: &Caller, results: Option<&Vec<ExerciseResult>>) -> Option<Vec<ExerciseOutcome>> {
    let results = results.map_or(&[][..], Vec::as_slice);
    caller.allows(TokenScope::ResultsRead).then(|| results.iter().map(ExerciseOutcome::from).collect())
}

async fn as_learner(app: &AppState, caller: &Caller, id: AssignmentId) -> Result<Option<AssignmentDetail>, ApiError> {
    let viewer = caller.viewer();
    let tasks = app.store.tasks(viewer, app.clock.now()).await?;
    let Some(task) = tasks.tasks.iter().find(|task| task.assignment == id) else { return Ok(None) };
    let results = task.results.as_ref().map(|results| results.read(&tasks.grant)).transpose()?;
    Ok(Some(AssignmentDetail {
        id: Id(id.0),
        title: task.title.clone(),
        due_at: task.due_at.into(),
        exercises: task.sentences.iter().map(exercise).collect(),
        work: vec![Work {
            learner_id: Id(viewer.person.0),
            name: None,
            state: task.state.into(),
            results: outcomes(caller, results),
        }],
    }))
}

async fn as_teacher(app: &AppState, caller: &Caller, id: AssignmentId) -> Result<Option<AssignmentDetail>, ApiError> {
    let Some(page) = app.store.assignment_page(caller.viewer(), id).await?.filter(|page| !page.withdrawn) else {
        return Ok(None);
    };
    let mut work = Vec::with_capacity(page.learners.len());
    for row in &page.learners {
        let results = row.results.as_ref().map(|results| results.read(&page.grant)).transpose()?;
        work.push(Work {
            learner_id: Id(row.learner.0),
            name: Some(row.known.name.read(&page.grant)?.clone()),
            state: row.state.into(),
            results: outcomes(caller, results),
        });
    }
    let exercise = |(id, text): &(ExerciseId, String)| Exercise { id: Id(id.0), kind: None, text: text.clone() };
    Ok(Some(AssignmentDetail {
        id: Id(id.0),
        title: page.title.clone(),
        due_at: page.due_at.into(),
        exercises: page.exercises.iter().map(exercise).collect(),
        work,
    }))
}
