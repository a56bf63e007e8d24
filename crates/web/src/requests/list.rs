//! `GET` and `POST /requests`: one's own requests and complaints, and the form to make one, for oneself or one's child.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::PersonId;
use jiayin_domain::request::Kind;
use jiayin_store::Viewer;
use jiayin_store::requests::{NewRequest, Received};
use serde::Deserialize;

use super::term;
use super::view::RequestLine;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::policy::contact::{TextError, text};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// What may be wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestError {
    /// No kind was chosen.
    Kind,
    /// What was written cannot be taken.
    Text(TextError),
    /// Too many of one's own wait already.
    TooMany,
}

impl RequestError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Kind => "request-error-kind",
            Self::Text(wrong) => wrong.key(),
            Self::TooMany => "request-error-too-many",
        }
    }
}

/// The form, as it is sent.
#[derive(Deserialize, Default)]
pub struct RequestForm {
    #[serde(default)]
    kind: String,
    /// A child of the viewer's; empty for the viewer.
    #[serde(default)]
    about: String,
    #[serde(default)]
    text: String,
}

/// The page.
#[derive(Template)]
#[template(path = "requests/list.html")]
pub struct RequestsPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// The kinds there are.
    pub kinds: &'static [Kind],
    /// The viewer's children: id and name.
    pub children: Vec<(String, String)>,
    /// What was typed.
    pub form: RequestForm,
    /// Why it could not be taken.
    pub error: Option<RequestError>,
    /// A request was just taken in.
    pub sent: bool,
    /// One's own requests, the newest first.
    pub requests: Vec<RequestLine>,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Wanted {
    sent: Option<u8>,
    /// About whom the form is to be.
    #[serde(default)]
    about: String,
}

/// `GET /requests`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(wanted): Query<Wanted>,
) -> Result<Response, AppError> {
    let form = RequestForm { about: wanted.about, ..RequestForm::default() };
    page(&app, &visitor, &viewer, form, None, wanted.sent == Some(1)).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    form: RequestForm,
    error: Option<RequestError>,
    sent: bool,
) -> Result<Response, AppError> {
    let (grant, named) = app.store.children_to_ask_for(viewer).await?;
    let mut children = Vec::with_capacity(named.len());
    for (child, name) in &named {
        children.push((child.to_string(), name.read(&grant)?.clone()));
    }
    let (days, now) = (app.config.privacy.workdays(), app.clock.now());
    let requests = app.store.own_requests(viewer).await?;
    let requests = requests.iter().map(|request| RequestLine::new(&visitor.l, &days, now, viewer.person, request));
    let page = RequestsPage {
        requests: requests.collect(),
        layout: Layout::new(visitor, app),
        kinds: Kind::ALL,
        children,
        form,
        error,
        sent,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)?).into_response())
}

/// `POST /requests`.
///
/// # Errors
/// [`AppError::NotFound`] about somebody who is not the viewer's child; what is wrong with the form is shown on the page.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<RequestForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("request form"))?;
    let error = match make(&app, &viewer, &form).await? {
        Ok(()) => return Ok(see_other("/requests?sent=1")),
        Err(error) => error,
    };
    page(&app, &visitor, &viewer, form, Some(error), false).await
}

async fn make(app: &AppState, viewer: &Viewer, form: &RequestForm) -> Result<Result<(), RequestError>, AppError> {
    let subject: PersonId = match form.about.as_str() {
        "" => viewer.person,
        child => child.parse().map_err(|_| AppError::NotFound)?,
    };
    let Some(kind) = Kind::from_tag(&form.kind) else { return Ok(Err(RequestError::Kind)) };
    let text = match text(&form.text) {
        Ok(text) => text,
        Err(wrong) => return Ok(Err(RequestError::Text(wrong))),
    };
    let due_at = term::due(&app.config.privacy.workdays(), app.clock.now());
    match app.store.make_request(viewer, &NewRequest { subject, kind, text: &text, due_at }).await? {
        Received::As(_) => Ok(Ok(())),
        Received::TooMany => Ok(Err(RequestError::TooMany)),
        Received::NotTheirs => Err(AppError::NotFound),
    }
}
