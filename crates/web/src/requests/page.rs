//! `GET /requests/{request}` and `POST /requests/{request}/withdrawal`: one request of one's own, how it stands, until when it
//! is answered, what was decided and why.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use jiayin_domain::id::RequestId;
use jiayin_store::requests::Moved;

use super::view::RequestView;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "requests/page.html")]
pub struct RequestPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// The request.
    pub request: RequestView,
    /// Name of the child it is about; empty for the viewer.
    pub child: String,
}

/// See the module. Who opens it has seen the news.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<RequestId>,
) -> Result<Html<String>, AppError> {
    let open = app.store.own_request(&viewer, id).await?.ok_or(AppError::NotFound)?;
    let mut child = String::new();
    if open.request.subject != viewer.person {
        let (grant, named) = app.store.children_to_ask_for(&viewer).await?;
        if let Some((_, name)) = named.iter().find(|(child, _)| *child == open.request.subject) {
            child.clone_from(name.read(&grant)?);
        }
    }
    let days = app.config.privacy.workdays();
    let request = RequestView::new(&visitor.l, &days, app.clock.now(), viewer.person, &open)?;
    html(&RequestPage { layout: Layout::new(&visitor, &app), request, child })
}

/// `POST /requests/{request}/withdrawal`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's; [`AppError::Conflict`] if it is closed.
pub async fn withdraw(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<RequestId>,
) -> Result<Response, AppError> {
    answered(app.store.withdraw_request(&viewer, id).await?, &format!("/requests/{id}"))
}

/// The answer to a step: back to the page of the request, or why not.
///
/// # Errors
/// [`AppError::NotFound`] and [`AppError::Conflict`].
pub fn answered(moved: Moved, place: &str) -> Result<Response, AppError> {
    match moved {
        Moved::Done => Ok(see_other(place)),
        Moved::Missing => Err(AppError::NotFound),
        Moved::Stale => Err(AppError::Conflict),
    }
}
