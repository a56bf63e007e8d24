//! `GET` and `POST /profile`.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::policy::{Action, may};
use jiayin_store::Viewer;
use serde::Deserialize;

use super::webauthn::Site;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::preferences::look::{Saver, Switch};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// One's own profile.
#[derive(Template)]
#[template(path = "accounts/profile.html")]
pub struct ProfilePage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Name as stored, or as it was typed.
    pub name: String,
    /// What was wrong with the name.
    pub error: Option<NameError>,
    /// The name was just saved.
    pub saved: bool,
    /// Phone numbers and e-mail addresses to sign in with, mostly hidden: `138****5678`.
    pub identifiers: Vec<String>,
    /// Whether there can be passkeys, and the person may have some.
    pub passkeys: bool,
}

/// What may be wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Nothing in it.
    Empty,
    /// More than [`NAME_MAX`] characters.
    TooLong,
}

/// Longest name in characters.
pub const NAME_MAX: usize = 40;

impl NameError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "profile-name-empty",
            Self::TooLong => "profile-name-too-long",
        }
    }
}

/// The name as it will be kept: trimmed, inner blanks made one.
///
/// # Errors
/// [`NameError`] if there is no name left, or too much of it.
pub fn name(typed: &str) -> Result<String, NameError> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(NameError::Empty),
        1..=NAME_MAX => Ok(name),
        _ => Err(NameError::TooLong),
    }
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    saved: Option<u8>,
}

/// The form with the name.
#[derive(Deserialize)]
pub struct NameForm {
    #[serde(default)]
    name: String,
}

/// `GET /profile`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(shown): Query<Shown>,
) -> Result<Response, AppError> {
    let name = visitor.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
    page(&app, &visitor, &viewer, name, None, shown.saved == Some(1)).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    name: String,
    error: Option<NameError>,
    saved: bool,
) -> Result<Response, AppError> {
    let page = ProfilePage {
        layout: Layout::new(visitor, app),
        name,
        error,
        saved,
        identifiers: app.store.masked_identifiers(viewer).await?,
        passkeys: may(Some(viewer.role), Action::KeepPasskeys) && Site::of(&app.config.public_url).is_some(),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)?).into_response())
}

/// `POST /profile`: a new name.
///
/// # Errors
/// [`AppError`].
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<NameForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("name form"))?;
    match name(&form.name) {
        Ok(name) => {
            app.store.rename(&viewer, &name).await?;
            Ok(see_other("/profile?saved=1"))
        }
        Err(error) => page(&app, &visitor, &viewer, form.name, Some(error), false).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name("  王  小明 "), Ok("王 小明".to_owned()));
        assert_eq!(name(" \t"), Err(NameError::Empty));
        assert_eq!(name(&"长".repeat(NAME_MAX)).map(|name| name.chars().count()), Ok(NAME_MAX));
        assert_eq!(name(&"长".repeat(NAME_MAX + 1)), Err(NameError::TooLong));
    }
}
