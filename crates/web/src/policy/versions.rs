//! `GET /policy/versions` and `/policy/versions/{number}`: all versions that were ever announced, to be read for ever; and
//! that a person has seen one.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use serde::Deserialize;

use super::markdown::render;
use super::page::{PolicyPage, VersionLine};
use super::pick;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::preferences::own_path;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The list of versions.
#[derive(Template)]
#[template(path = "policy/versions.html")]
pub struct VersionsPage {
    /// Frame.
    pub layout: Layout,
    /// The versions, the newest first.
    pub versions: Vec<VersionLine>,
}

/// `GET /policy/versions`.
///
/// # Errors
/// [`AppError`].
pub async fn list(State(app): State<AppState>, visitor: Visitor) -> Result<Html<String>, AppError> {
    let current = app.store.current_policy().await?.number;
    let now = app.clock.now();
    let heads = app.store.policies().await?;
    let versions = heads.iter().rev().map(|head| VersionLine::new(head, current, now)).collect();
    html(&VersionsPage { layout: Layout::new(&visitor, &app), versions })
}

/// `GET /policy/versions/{number}`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such version.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Result<Html<String>, AppError> {
    let number = number.parse().map_err(|_| AppError::NotFound)?;
    let current = app.store.current_policy().await?.number;
    let version = app.store.policy(number).await?.ok_or(AppError::NotFound)?;
    let locale = visitor.l.locale();
    let text = pick(locale, version.texts.zh, version.texts.en);
    let children = pick(locale, version.texts.children_zh, version.texts.children_en);
    html(&PolicyPage {
        line: VersionLine::new(&version.head, current, app.clock.now()),
        layout: Layout::new(&visitor, &app),
        text: render(&text, "s"),
        children: Some(render(&children, "c")),
    })
}

/// The form that puts the banner away.
#[derive(Deserialize)]
pub struct SeenForm {
    #[serde(default)]
    back: String,
}

/// `POST /policy/versions/{number}/seen`.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such version.
pub async fn seen(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(number): Path<String>,
    form: Result<Form<SeenForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("seen form"))?;
    let number = number.parse().map_err(|_| AppError::NotFound)?;
    if !app.store.see_policy(&viewer, number).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(own_path(&form.back).unwrap_or("/")))
}
