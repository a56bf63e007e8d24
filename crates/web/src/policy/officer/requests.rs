//! `GET /officer/requests`: requests that a person must decide, the one that is due first at the beginning. The queue names
//! nobody: who asked, and about whom, is opened with the request itself, and leaves an entry in the audit log.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use jiayin_store::requests::Request;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::requests::view::RequestLine;
use crate::school_time::wall;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/requests.html")]
pub struct QueuePage {
    /// Frame.
    pub layout: Layout,
    /// Those that wait.
    pub waiting: Vec<RequestLine>,
    /// Those that were closed last.
    pub closed: Vec<RequestLine>,
    /// A year in which terms end and whose holidays are not known.
    pub holidays_of: Option<i16>,
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
    let queue = app.store.request_queue(&viewer).await?.ok_or(AppError::NotFound)?;
    let (days, now) = (app.config.privacy.workdays(), app.clock.now());
    let line = |request: &Request| RequestLine::new(&visitor.l, &days, now, viewer.person, request);
    html(&QueuePage {
        layout: Layout::new(&visitor, &app),
        waiting: queue.waiting.iter().map(line).collect(),
        closed: queue.closed.iter().map(line).collect(),
        holidays_of: days.unknown_year(wall(now).date()),
    })
}
