//! `GET /failures`: work that failed for good; `POST /failures/{job}/retrying` has it tried again, `…/removal` lets it go.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use jiayin_domain::id::JobId;
use jiayin_store::failures::{Failure, KINDS};

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Work that failed, in a line.
pub struct FailureLine {
    /// Id, a part of its address.
    pub id: JobId,
    /// Word of its kind, a part of the text's key.
    pub kind: String,
    /// Since when it was to be done.
    pub since: Moment,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong the last time.
    pub reason: String,
    /// Whether it can be let go.
    pub can_be_dropped: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "ops/failures.html")]
pub struct FailuresPage {
    /// Frame; somebody who looks after it is signed in.
    pub layout: Layout,
    /// What failed, the latest first.
    pub failures: Vec<FailureLine>,
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
    let found = app.store.failures(&viewer).await?.ok_or(AppError::NotFound)?;
    let now = app.clock.now();
    let line = |failure: Failure| FailureLine {
        id: failure.job,
        kind: KINDS.into_iter().find(|kind| *kind == failure.kind).unwrap_or("other").replace('_', "-"),
        since: Moment::new(&visitor.l, failure.since, now),
        attempts: failure.attempts,
        reason: failure.reason,
        can_be_dropped: failure.can_be_dropped,
    };
    html(&FailuresPage { failures: found.into_iter().map(line).collect(), layout: Layout::new(&visitor, &app) })
}

/// `POST /failures/{job}/retrying`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such.
pub async fn retry(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<JobId>,
) -> Result<Response, AppError> {
    match app.store.retry_failure(&viewer, id).await? {
        true => {
            app.wake_workers();
            Ok(see_other("/failures"))
        }
        false => Err(AppError::NotFound),
    }
}

/// `POST /failures/{job}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such, or it cannot be let go.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<JobId>,
) -> Result<Response, AppError> {
    match app.store.drop_failure(&viewer, id).await? {
        true => Ok(see_other("/failures")),
        false => Err(AppError::NotFound),
    }
}
