//! `GET /practice`: on to the next sentence of today's round, or its end. `GET` and `POST
//! /practice/{assignment}/{exercise}`: one sentence, heard, said, and seen how it went, as in an exercise; what is recorded
//! here counts for no homework.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{AssignmentId, ExerciseId};
use jiayin_speech::Evaluation;
use jiayin_store::Viewer;
use jiayin_store::uploads::Target;
use jiff::Timestamp;
use jiff::civil::Time;
use uuid::Uuid;

use super::round::{Focus, Round};
use crate::app::AppState;
use crate::courses::lesson::{SoundView, picture};
use crate::error::{AppError, html};
use crate::homework::attempt::AttemptPart;
use crate::homework::exercise::{ExerciseStage, ModelAudio, around, keep_sent};
use crate::homework::words::DueView;
use crate::recordings::result;
use crate::school_time::{moment, wall};
use crate::session::{Person, see_other};
use crate::tryout::stage::RefusedPart;
use crate::visitor::{Layout, Visitor};

/// Address of the round.
pub const PRACTICE: &str = "/practice";

/// One sentence of a round.
#[derive(Template)]
#[template(path = "practice/step.html")]
pub struct StepPage {
    /// Frame; a learner is signed in.
    pub layout: Layout,
    /// Sentence, recorder, upload.
    pub stage: ExerciseStage,
    /// What it is practised for; `None` for a sentence that is no longer due.
    pub focus: Option<Focus>,
    /// Today's round.
    pub round: Round,
    /// The latest recording of the sentence for practice, of today.
    pub latest: Option<AttemptPart>,
}

/// The end of a round.
#[derive(Template)]
#[template(path = "practice/end.html")]
pub struct EndPage {
    /// Frame; a learner is signed in.
    pub layout: Layout,
    /// Today's round.
    pub round: Round,
}

/// The midnight with which the school's day began.
pub fn day_of(now: Timestamp) -> Timestamp {
    moment(wall(now).date().to_datetime(Time::midnight())).unwrap_or(now)
}

/// `GET /practice`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    let now = app.clock.now();
    let practice = app.store.practice(&viewer, day_of(now)).await?;
    let round = Round::of(&practice.grant, &practice.tasks, &practice.practised, now)?;
    match round.next.first() {
        Some(next) => Ok(see_other(&next.href())),
        None => Ok(html(&EndPage { layout: Layout::new(&visitor, &app), round })?.into_response()),
    }
}

/// `GET /practice/{assignment}/{exercise}`.
///
/// # Errors
/// [`AppError::NotFound`] if the learner has not had the sentence.
pub async fn step(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((assignment, exercise)): Path<(Uuid, Uuid)>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, (AssignmentId(assignment), ExerciseId(exercise)), None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (assignment, exercise): (AssignmentId, ExerciseId),
    error: Option<RefusedPart>,
) -> Result<Response, AppError> {
    let now = app.clock.now();
    let practice = app.store.practice(viewer, day_of(now)).await?;
    let task = practice.tasks.iter().find(|task| task.assignment == assignment).ok_or(AppError::NotFound)?;
    let sentence = task.sentences.iter().find(|one| one.exercise == exercise && one.content.kind().spoken());
    let sentence = sentence.ok_or(AppError::NotFound)?;
    let round = Round::of(&practice.grant, &practice.tasks, &practice.practised, now)?;
    let latest = match app.store.practised(viewer, exercise, day_of(now)).await? {
        Some(recording) => match app.store.recorded::<Evaluation>(viewer, recording).await? {
            Some(seen) => Some(result::part(&visitor.l, &seen, PRACTICE.to_owned())?),
            None => None,
        },
        None => None,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (role, before, sounds) = around(&sentence.content);
    let stage = ExerciseStage {
        l: visitor.l.clone(),
        assignment: assignment.to_string(),
        exercise: exercise.to_string(),
        title: task.title.clone(),
        due: DueView::new(&visitor.l, task.due_at, now, true),
        kind: sentence.content.kind(),
        text: sentence.text.clone(),
        picture: picture(sentence),
        role,
        before,
        sounds,
        choices: Vec::new(),
        stars: 0,
        gloss: String::new(),
        next: PRACTICE.to_owned(),
        model: sentence.audio.as_ref().map(|audio| ModelAudio { sound: SoundView::new(audio), words: Vec::new() }),
        max_mb: app.config.upload_max_mb,
        error,
        practice: true,
    };
    let focus = round.next.iter().find(|next| next.exercise == exercise).map(|next| next.focus.clone());
    let page = StepPage { layout: Layout::new(visitor, app), stage, focus, round, latest };
    Ok((status, html(&page)?).into_response())
}

/// `POST` of the same address: a recording as a file, from a page without our script.
///
/// # Errors
/// [`AppError`]; a missing file is told on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((assignment, exercise)): Path<(Uuid, Uuid)>,
    request: Request,
) -> Result<Response, AppError> {
    let (assignment, exercise) = (AssignmentId(assignment), ExerciseId(exercise));
    match keep_sent(&app, &visitor.l, &viewer, Target::Practice { assignment, exercise }, request).await? {
        Some(refused) => page(&app, &visitor, &viewer, (assignment, exercise), Some(refused)).await,
        None => Ok(see_other(&format!("{PRACTICE}/{assignment}/{exercise}"))),
    }
}
