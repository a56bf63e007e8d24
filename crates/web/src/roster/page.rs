//! `GET /campus/roster`: choosing a file, the last import, the list as it stands. `POST /campus/roster/{import}/undo`.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::RosterImportId;
use jiayin_store::Viewer;
use serde::Deserialize;

use super::file::FileError;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The last import.
pub struct LastView {
    /// The import.
    pub id: RosterImportId,
    /// When it was made.
    pub at: Moment,
    /// It was undone.
    pub undone: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "roster/page.html")]
pub struct RosterPage {
    /// Frame.
    pub layout: Layout,
    /// The last import, if it is still known.
    pub last: Option<LastView>,
    /// What was wrong with the file.
    pub error: Option<FileError>,
    /// What was just undone.
    pub undone: Option<Undone>,
}

/// What an undoing came to.
#[derive(Debug, Clone, Copy)]
pub struct Undone {
    /// Invitations, places, classes and terms taken back.
    pub back: u64,
    /// Those that were used since, and stay.
    pub stay: u64,
}

/// What the address may carry: the numbers of [`Undone`].
#[derive(Deserialize, Default)]
pub struct Shown {
    back: Option<u64>,
    stay: Option<u64>,
}

/// The page with what is wrong.
pub(super) async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (error, undone): (Option<FileError>, Option<Undone>),
) -> Result<Response, AppError> {
    let now = app.clock.now();
    let last = app.store.last_import(viewer).await?.map(|last| LastView {
        id: last.id,
        at: Moment::new(&visitor.l, last.at, now),
        undone: last.undone.is_some(),
    });
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = RosterPage { layout: Layout::new(visitor, app), last, error, undone };
    Ok((status, html(&page)?).into_response())
}

/// `GET /campus/roster`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer manages no campus.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(shown): Query<Shown>,
) -> Result<Response, AppError> {
    viewer.campus.ok_or(AppError::NotFound)?;
    let undone = shown.back.map(|back| Undone { back, stay: shown.stay.unwrap_or(0) });
    page(&app, &visitor, &viewer, (None, undone)).await
}

/// `POST /campus/roster/{import}/undo`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the last import of the viewer's campus, or is undone already.
pub async fn undo(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(import): Path<RosterImportId>,
) -> Result<Response, AppError> {
    let undone = app.store.undo_import(&viewer, import).await?.ok_or(AppError::NotFound)?;
    let back = undone.invitations + undone.places + undone.frames;
    let stay = undone.used + undone.begun + undone.kept;
    Ok(see_other(&format!("/campus/roster?back={back}&stay={stay}")))
}
