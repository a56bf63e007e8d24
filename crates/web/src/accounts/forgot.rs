//! `GET` and `POST /sign-in/forgot`, `POST /sign-in/forgot/code`: a new password in place of a forgotten one, by a code to one's phone or
//! mailbox. Nothing on these pages tells whether there is an account.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_privacy::Identifier;
use serde::Deserialize;

use super::device::ThisDevice;
use super::new_password::{PasswordError, judge};
use super::notices::{Notice, tell};
use super::sign_in::welcome;
use crate::app::AppState;
use crate::codes::{self, Challenge, CodeError, CodePurpose, SendError, Tell};
use crate::error::{AppError, html};
use crate::network::Network;
use crate::session::see_other;
use crate::visitor::{Layout, Visitor};

/// The page that asks for whom.
#[derive(Template)]
#[template(path = "accounts/forgot.html")]
pub struct ForgotPage {
    /// Frame.
    pub layout: Layout,
    /// Phone number or e-mail address as it was typed.
    pub identifier: String,
    /// What was wrong.
    pub error: Option<String>,
}

/// The page that asks for the code and the new password.
#[derive(Template)]
#[template(path = "accounts/forgot_code.html")]
pub struct ForgotCodePage {
    /// Frame.
    pub layout: Layout,
    /// The code on its way.
    pub challenge: Challenge,
    /// What was wrong with the code.
    pub code_error: Option<CodeError>,
    /// What was wrong with the password.
    pub password_error: Option<PasswordError>,
}

/// The form of the first page.
#[derive(Deserialize)]
pub struct ForgotForm {
    #[serde(default)]
    identifier: String,
}

/// The form of the second page.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
}

/// `GET /sign-in/forgot`.
///
/// # Errors
/// If the template fails.
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Response, AppError> {
    ask(&app, &visitor, String::new(), None, StatusCode::OK)
}

fn ask(
    app: &AppState,
    visitor: &Visitor,
    identifier: String,
    error: Option<String>,
    status: StatusCode,
) -> Result<Response, AppError> {
    let page = ForgotPage { layout: Layout::new(visitor, app), identifier, error };
    Ok((status, html(&page)?).into_response())
}

/// `POST /sign-in/forgot`.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    network: Network,
    form: Result<Form<ForgotForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("forgot form"))?;
    let Ok(identifier) = Identifier::parse(&form.identifier) else {
        let error = visitor.l.t("forgot-no-identifier");
        return ask(&app, &visitor, form.identifier, Some(error), StatusCode::UNPROCESSABLE_ENTITY);
    };
    let known = app.store.person_of(&identifier).await?.is_some();
    let tell = if known { Tell::Code } else { Tell::Nothing };
    match codes::send_code(&app, &identifier, CodePurpose::Reset, tell, &network, &visitor.l).await? {
        Ok(challenge) => code_page(&app, &visitor, challenge, None, None),
        Err(error) => {
            let status = match error {
                SendError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                SendError::NoChannel(_) => StatusCode::UNPROCESSABLE_ENTITY,
                SendError::Busy => StatusCode::SERVICE_UNAVAILABLE,
            };
            ask(&app, &visitor, form.identifier, Some(error.message(&visitor.l)), status)
        }
    }
}

fn code_page(
    app: &AppState,
    visitor: &Visitor,
    challenge: Challenge,
    code_error: Option<CodeError>,
    password_error: Option<PasswordError>,
) -> Result<Response, AppError> {
    let wrong = code_error.is_some() || password_error.is_some();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut visitor = visitor.clone();
    visitor.path = "/sign-in/forgot".to_owned();
    let page = ForgotCodePage { layout: Layout::new(&visitor, app), challenge, code_error, password_error };
    Ok((status, html(&page)?).into_response())
}

/// `POST /sign-in/forgot/code`: every session ends, the owner is told, and whoever has shown the code is signed in.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn code(
    State(app): State<AppState>,
    visitor: Visitor,
    device: ThisDevice,
    form: Result<Form<CodeForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("code form"))?;
    let sent_to = codes::sent_to(&app, &form.token, CodePurpose::Reset).unwrap_or_default();
    // The password first: a code is good once.
    if let Err(error) = judge(&form.password, &[]) {
        let challenge = Challenge { token: form.token, sent_to, shown: None };
        return code_page(&app, &visitor, challenge, None, Some(error));
    }
    let proved = match codes::check(&app, &form.token, CodePurpose::Reset, &form.code) {
        Ok(proved) => proved,
        Err(error) if error.may_try_again() => {
            let challenge = Challenge { token: form.token, sent_to, shown: None };
            return code_page(&app, &visitor, challenge, Some(error), None);
        }
        Err(error) => {
            let (message, status) = (error.message(&visitor.l), StatusCode::UNPROCESSABLE_ENTITY);
            return ask(&app, &visitor, String::new(), Some(message), status);
        }
    };
    let Some(person) = app.store.person_of(proved.identifier()).await? else { return Ok(see_other("/sign-in")) };
    app.store.reset_password(person, form.password).await?;
    tell(&app, person, Notice::PasswordChanged);
    welcome(&app, &visitor, person, "/", &device).await
}
