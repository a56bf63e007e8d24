//! `GET /waiting`: a child whose guardian has not said yes, or no longer does, is told so, and nothing else.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiayin_domain::role::Role;
use jiayin_privacy::Consent;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "consent/waiting.html")]
pub struct WaitingPage {
    /// Frame.
    pub layout: Layout,
    /// Key of why.
    pub key: &'static str,
}

/// `GET /waiting`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    let consent =
        if viewer.role == Role::Learner { app.store.learns(viewer.person).await? } else { Consent::NotNeeded };
    let key = match consent {
        Consent::Given | Consent::NotNeeded => return Ok(see_other("/")),
        Consent::NotAsked | Consent::Refused => "waiting-not-asked",
        Consent::Withdrawn => "waiting-withdrawn",
        Consent::Outdated => "waiting-outdated",
    };
    Ok(html(&WaitingPage { layout: Layout::new(&visitor, &app), key })?.into_response())
}
