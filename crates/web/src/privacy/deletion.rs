//! `GET` and `POST …/files/{kind}/{file}/deletion`: one recording is deleted, with the evaluation and the review of it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};

use super::Whose;
use super::files::Place;
use super::words::moment;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::see_other;
use crate::visitor::{Layout, Visitor};

/// The page that asks whether it is really to be deleted.
#[derive(Template)]
#[template(path = "privacy/deletion.html")]
pub struct DeletionPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Address of the page of everything.
    pub base: String,
    /// Address of the sound.
    pub audio: String,
    /// The sentence.
    pub text: String,
    /// When it was recorded.
    pub at: String,
}

/// Asks.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such recording that the visitor may delete.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    whose: Whose,
    Path(place): Path<Place>,
) -> Result<Html<String>, AppError> {
    let found = app.store.deletable(whose.deciding()?, place.file).await?.filter(|_| place.kind == "recording");
    let found = found.ok_or(AppError::NotFound)?;
    html(&DeletionPage {
        layout: Layout::new(&visitor, &app),
        audio: format!("{}/files/recording/{}", whose.base, place.file),
        base: whose.base,
        text: found.text,
        at: moment(found.at),
    })
}

/// Deletes.
///
/// # Errors
/// As [`get`].
pub async fn post(State(app): State<AppState>, whose: Whose, Path(place): Path<Place>) -> Result<Response, AppError> {
    if place.kind != "recording" || !app.store.delete_recording(whose.deciding()?, place.file).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(&whose.base))
}
