//! `POST /sign-in/second`: the second step, after the password.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::PersonId;
use serde::{Deserialize, Serialize};

use super::device::ThisDevice;
use super::second_step::{StepError, shown};
use super::sign_in::arrive;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::see_other;
use crate::visitor::{Layout, Visitor};

/// Kind of the sealed token that says who has shown their password.
const TOKEN: &str = "second step of signing in";
/// How long the second step may take.
const GOOD_FOR: Duration = Duration::from_secs(10 * 60);

/// The page that asks for the code.
#[derive(Template)]
#[template(path = "accounts/second_sign_in.html")]
pub struct SecondSignInPage {
    /// Frame; nobody is signed in yet.
    pub layout: Layout,
    /// Goes out and comes back in the hidden field `token`.
    pub token: String,
    /// What was wrong with the code.
    pub error: Option<StepError>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    person: PersonId,
    next: String,
    /// Milliseconds since 1970.
    until: i64,
}

/// The form.
#[derive(Deserialize)]
pub struct SecondForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    code: String,
}

/// The page, for someone who has shown their password.
///
/// # Errors
/// [`AppError`].
pub(super) fn ask(app: &AppState, visitor: &Visitor, person: PersonId, next: &str) -> Result<Response, AppError> {
    let good_for = i64::try_from(GOOD_FOR.as_millis()).unwrap_or(i64::MAX);
    let until = app.clock.now().as_millisecond().saturating_add(good_for);
    let internal = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
    let sealed = Sealed { person, next: next.to_owned(), until };
    let plain = serde_json::to_vec(&sealed).map_err(|error| internal(&error))?;
    let token = app.store.tokens().seal(TOKEN, &plain, &*app.entropy).map_err(|error| internal(&error))?;
    page(app, visitor, hex::encode(token), None)
}

fn page(app: &AppState, visitor: &Visitor, token: String, error: Option<StepError>) -> Result<Response, AppError> {
    let status = match error {
        None => StatusCode::OK,
        Some(StepError::Wrong) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(StepError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
    };
    let mut visitor = visitor.clone();
    visitor.path = "/sign-in".to_owned();
    let page = SecondSignInPage { layout: Layout::new(&visitor, app), token, error };
    Ok((status, html(&page)?).into_response())
}

fn open(app: &AppState, token: &str) -> Option<Sealed> {
    let plain = app.store.tokens().open(TOKEN, &hex::decode(token).ok()?).ok()?;
    let sealed: Sealed = serde_json::from_slice(&plain).ok()?;
    (sealed.until > app.clock.now().as_millisecond()).then_some(sealed)
}

/// `POST /sign-in/second`. Who took too long begins again.
///
/// # Errors
/// [`AppError`]; what is wrong with the code is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    device: ThisDevice,
    form: Result<Form<SecondForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("second step form"))?;
    let Some(sealed) = open(&app, &form.token) else { return Ok(see_other("/sign-in")) };
    match shown(&app, sealed.person, &form.code).await? {
        Ok(()) => arrive(&app, sealed.person, &sealed.next, &device).await,
        Err(error) => page(&app, &visitor, form.token, Some(error)),
    }
}
