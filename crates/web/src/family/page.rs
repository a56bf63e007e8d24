//! `GET /family`: the children, each with this week's homework.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use jiayin_domain::homework::{ExerciseResult, SubmissionState, stars};
use jiayin_privacy::{Grant, purpose};
use jiayin_store::Viewer;
use jiayin_store::family::Child;
use jiayin_store::homework::Task;
use jiff::Timestamp;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::faces::teacher;
use crate::home::page::comment_view;
use crate::homework::words::{CommentView, DueView};
use crate::locale::Localizer;
use crate::school_time::{Moment, week_of};
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// The guardian's first page.
#[derive(Template)]
#[template(path = "family/page.html")]
pub struct FamilyPage {
    /// Frame; a guardian is signed in.
    pub layout: Layout,
    /// The children.
    pub children: Vec<ChildView>,
    /// Children whose processing is restricted.
    pub restricted: Vec<RestrictedView>,
}

/// A child of whom nothing but the name is shown.
pub struct RestrictedView {
    /// Name.
    pub name: String,
    /// Address of the page of everything that is kept.
    pub href: String,
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

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
) -> Result<Html<String>, AppError> {
    let family = app.store.family(&viewer, week_of(app.clock.now())).await?;
    let mut children = Vec::with_capacity(family.children.len());
    for child in &family.children {
        children.push(child_view(&app, &viewer, &visitor.l, child, &family.grant).await?);
    }
    let found = app.store.restricted_children(&viewer).await?;
    let mut restricted = Vec::with_capacity(found.children.len());
    for (child, name) in &found.children {
        let name = name.read(&found.grant)?.clone();
        restricted.push(RestrictedView { name, href: format!("/family/{child}/data") });
    }
    html(&FamilyPage { layout: Layout::new(&visitor, &app), children, restricted })
}

async fn child_view(
    app: &AppState,
    viewer: &Viewer,
    l: &Localizer,
    child: &Child,
    grant: &Grant<purpose::Family>,
) -> Result<ChildView, AppError> {
    let now = app.clock.now();
    let since = week_of(now);
    let mut homework = Vec::new();
    for task in child.tasks.iter().filter(|task| is_of_week(task, since)) {
        homework.push(row(l, task, &results(task, grant)?, now));
    }
    let comment = match &child.said {
        Some(said) => {
            let by = teacher(app, viewer, said.review.teacher).await?;
            let mut view = comment_view(l, said, by, now, |value| value.read(grant).cloned())?;
            // The exercise's page is the child's own.
            view.href = format!("/family/{}", child.learner);
            Some(view)
        }
        None => None,
    };
    let mut latest = None;
    for heard in child.heard.iter().rev() {
        let Some(total) = heard.total.as_ref().map(|total| total.read(grant)).transpose()? else { continue };
        let Some(total) = *total else { continue };
        latest = Some(LatestRecording {
            text: heard.text.clone(),
            audio: format!("/recordings/{}/audio", heard.recording),
            stars: stars(f32::from(total)),
            when: Moment::new(l, heard.at, now),
        });
        break;
    }
    Ok(ChildView {
        name: child.name.read(grant)?.clone(),
        class: child.class.clone(),
        href: format!("/family/{}", child.learner),
        homework,
        stars: earned(child, grant)?,
        recordings: child.heard.len(),
        latest,
        comment,
    })
}

/// Homework that belongs to the week that begins at `since`: due in it or later, or still to be done.
pub(crate) fn is_of_week(task: &Task, since: Timestamp) -> bool {
    task.due_at >= since || task.state == SubmissionState::Returned
}

/// The results of a task, opened for the guardian.
pub(crate) fn results(task: &Task, grant: &Grant<purpose::Family>) -> Result<Vec<ExerciseResult>, AppError> {
    match &task.results {
        Some(results) => Ok(results.read(grant)?.clone()),
        None => Ok(Vec::new()),
    }
}

/// Stars of the recordings of the week.
pub(crate) fn earned(child: &Child, grant: &Grant<purpose::Family>) -> Result<usize, AppError> {
    let mut earned = 0;
    for total in child.heard.iter().filter_map(|heard| heard.total.as_ref()) {
        earned += total.read(grant)?.map_or(0, |total| stars(f32::from(total)));
    }
    Ok(earned)
}

/// A line of the list of homework.
pub(crate) fn row(l: &Localizer, task: &Task, results: &[ExerciseResult], now: Timestamp) -> HomeworkRow {
    let done = matches!(task.state, SubmissionState::Done | SubmissionState::Reviewed);
    let of_task = |result: &&ExerciseResult| task.sentences.iter().any(|sentence| sentence.exercise == result.exercise);
    HomeworkRow {
        title: task.title.clone(),
        due: DueView::new(l, task.due_at, now, done),
        done: results.iter().filter(of_task).filter(|result| result.best.is_some() && !result.returned).count(),
        count: task.sentences.len(),
        state: task.state.tag(),
    }
}
