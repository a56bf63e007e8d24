//! `GET` and `POST …/restriction`: processing is restricted, or the restriction lifted.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{Html, Response};
use serde::Deserialize;

use super::Whose;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::see_other;
use crate::visitor::{Layout, Visitor};

/// The page that says what it means, and asks.
#[derive(Template)]
#[template(path = "privacy/restriction.html")]
pub struct RestrictionPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Address of the page of everything.
    pub base: String,
    /// Whether processing is restricted now.
    pub restricted: bool,
}

/// Asks.
///
/// # Errors
/// [`AppError::NotFound`] for a child.
pub async fn get(State(app): State<AppState>, visitor: Visitor, whose: Whose) -> Result<Html<String>, AppError> {
    let restricted = app.store.is_restricted(whose.deciding()?.person).await?;
    html(&RestrictionPage { layout: Layout::new(&visitor, &app), base: whose.base, restricted })
}

/// The form.
#[derive(Deserialize)]
pub struct RestrictionForm {
    on: bool,
}

/// Restricts or lifts.
///
/// # Errors
/// [`AppError::NotFound`] for a child.
pub async fn post(
    State(app): State<AppState>,
    whose: Whose,
    form: Result<Form<RestrictionForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("restriction form"))?;
    app.store.restrict(whose.deciding()?, form.on).await?;
    app.wake_workers();
    Ok(see_other(&whose.base))
}
