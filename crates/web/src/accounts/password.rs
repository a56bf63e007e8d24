//! `GET` and `POST /profile/password`: another password for oneself.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_store::Viewer;
use serde::Deserialize;

use super::new_password::{LONGEST, PasswordError, judge};
use super::notices::{Notice, tell};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::limits::{self, Rule};
use crate::locale::Localizer;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Old passwords that may be wrong: who sits down at somebody else's open browser gets no further.
pub(super) const TRIES: Rule = Rule { most: 10, within: std::time::Duration::from_secs(3600) };

/// The page.
#[derive(Template)]
#[template(path = "accounts/password.html")]
pub struct PasswordPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// It was just changed.
    pub saved: bool,
    /// What was wrong with the old one.
    pub old_error: Option<OldPasswordError>,
    /// What was wrong with the new one.
    pub password_error: Option<PasswordError>,
}

/// What was wrong with the old password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldPasswordError {
    /// It is another one.
    Wrong,
    /// Too many tries.
    TooMany {
        /// Minutes to wait.
        minutes: u32,
    },
}

impl OldPasswordError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Wrong => l.t("password-old-wrong"),
            Self::TooMany { minutes } => l.t1("sign-in-too-many", "minutes", minutes),
        }
    }
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    saved: Option<u8>,
}

/// The form.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    old: String,
    #[serde(default)]
    password: String,
}

/// `GET /profile/password`.
///
/// # Errors
/// If the template fails.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Query(shown): Query<Shown>,
) -> Result<Response, AppError> {
    page(&app, &visitor, shown.saved == Some(1), None, None)
}

fn page(
    app: &AppState,
    visitor: &Visitor,
    saved: bool,
    old_error: Option<OldPasswordError>,
    password_error: Option<PasswordError>,
) -> Result<Response, AppError> {
    let wrong = old_error.is_some() || password_error.is_some();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = PasswordPage { layout: Layout::new(visitor, app), saved, old_error, password_error };
    Ok((status, html(&page)?).into_response())
}

/// `POST /profile/password`. All other browsers are signed out, and the owner is told.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<PasswordForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("password form"))?;
    let name = visitor.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
    if let Err(error) = judge(&form.password, &[&name, &form.old]) {
        return page(&app, &visitor, false, None, Some(error));
    }
    match change(&app, &viewer, form).await? {
        Some(error) => page(&app, &visitor, false, Some(error), None),
        None => {
            tell(&app, viewer.person, Notice::PasswordChanged);
            Ok(see_other("/profile/password?saved=1"))
        }
    }
}

async fn change(app: &AppState, viewer: &Viewer, form: PasswordForm) -> Result<Option<OldPasswordError>, AppError> {
    let now = app.clock.monotonic();
    let key = app.store.tokens().digest("old password", &[viewer.person.0.as_bytes()]);
    if let Err(wait) = app.limits.take(now, &[(TRIES, key)]) {
        return Ok(Some(OldPasswordError::TooMany { minutes: limits::minutes(wait) }));
    }
    if form.old.len() > LONGEST || !app.store.change_password(viewer, form.old, form.password).await? {
        return Ok(Some(OldPasswordError::Wrong));
    }
    app.limits.give_back(&[(TRIES, key)]);
    Ok(None)
}
