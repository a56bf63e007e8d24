//! `GET` and `POST /profile`.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::SessionId;
use jiayin_store::Viewer;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::Moment;
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
    /// Where this person is signed in, the most recent first.
    pub sessions: Vec<SessionView>,
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

/// A browser in which the person is signed in.
pub struct SessionView {
    /// Id; goes out as `session` with `POST /profile/sessions/end`.
    pub session: String,
    /// Kind of browser and device, as far as it is known: `Chrome · Android`.
    pub device: String,
    /// When it was last used.
    pub last: Moment,
    /// This very browser.
    pub current: bool,
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
    let now = app.clock.now();
    let mut sessions = app.store.sessions(viewer).await?;
    sessions.sort_by_key(|(_, _, seen)| std::cmp::Reverse(*seen));
    let view = |(session, since, seen): (SessionId, jiff::Timestamp, jiff::Timestamp)| SessionView {
        session: session.to_string(),
        // What kind of device it is, is not kept: only since when it is signed in.
        device: visitor.l.t1("profile-since", "when", Moment::new(&visitor.l, since, now).text),
        last: Moment::new(&visitor.l, seen, now),
        current: session == viewer.session,
    };
    let page = ProfilePage {
        layout: Layout::new(visitor, app),
        name,
        error,
        saved,
        identifiers: app.store.masked_identifiers(viewer).await?,
        sessions: sessions.into_iter().map(view).collect(),
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

/// The form that signs another browser out.
#[derive(Deserialize)]
pub struct EndForm {
    session: SessionId,
}

/// `POST /profile/sessions/end`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not one of one's own.
pub async fn end_session(
    State(app): State<AppState>,
    Person(viewer): Person,
    form: Result<Form<EndForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("session form"))?;
    let own = app.store.sessions(&viewer).await?.iter().any(|(session, _, _)| *session == form.session);
    if !own {
        return Err(AppError::NotFound);
    }
    app.store.end_session(form.session).await?;
    Ok(see_other("/profile"))
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
