//! `/officer/requests/{request}`: one request at the officer's desk: taken, answered, refused with reasons, put off once.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{PersonId, RequestId};
use jiayin_store::Viewer;
use jiayin_store::requests::{OpenRequest, Verdict};
use serde::Deserialize;

use super::super::contact::{TextError, text};
use super::super::frame::date;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::requests::page::answered;
use crate::requests::term;
use crate::requests::view::RequestView;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// Which of the two forms was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// An answer.
    Answer,
    /// A refusal.
    Refusal,
    /// A longer term.
    Extension,
}

/// What was sent and could not be taken.
pub struct Wrong {
    /// Which form.
    pub sent: Sent,
    /// What was typed.
    pub typed: String,
    /// What is wrong with it.
    pub text: TextError,
}

impl Wrong {
    /// Key of the message.
    pub fn key(&self) -> &'static str {
        match (self.text, self.sent) {
            (TextError::Empty, Sent::Answer) => "request-error-no-answer",
            (TextError::Empty, Sent::Refusal) => "request-error-no-reasons",
            (TextError::Empty, Sent::Extension) => "request-error-no-extension",
            (other, _) => other.key(),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/request.html")]
pub struct DeskPage {
    /// Frame.
    pub layout: Layout,
    /// The request.
    pub request: RequestView,
    /// Who asks.
    pub asker: String,
    /// About whom, if that is a child of the asker; empty if the child's account is closed.
    pub child: Option<String>,
    /// The last day if the term is made longer; `None` if that cannot be any more.
    pub would_last: Option<String>,
    /// What was sent and could not be taken.
    pub wrong: Option<Wrong>,
}

impl DeskPage {
    /// What was sent to the form of the decision, or to that of the longer term, and could not be taken.
    pub fn wrong_of(&self, extension: bool) -> Option<&Wrong> {
        self.wrong.as_ref().filter(|wrong| (wrong.sent == Sent::Extension) == extension)
    }
}

/// `GET /officer/requests/{request}`.
///
/// # Errors
/// [`AppError::NotFound`] if there is none in the viewer's school.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<RequestId>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, id, None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    id: RequestId,
    wrong: Option<Wrong>,
) -> Result<Response, AppError> {
    let open = app.store.request_at_desk(viewer, id).await?.ok_or(AppError::NotFound)?;
    let days = app.config.privacy.workdays();
    let (asker, subject) = (open.request.asker, open.request.subject);
    let now = app.clock.now();
    let may_last = open.request.extended_at.is_none() && now <= open.request.due_at;
    let would_last = may_last.then(|| date(term::extended(&days, open.request.due_at)));
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = DeskPage {
        layout: Layout::new(visitor, app),
        request: RequestView::new(&visitor.l, &days, now, viewer.person, &open)?,
        asker: name(&open, asker)?,
        child: (asker != subject).then(|| name(&open, subject)).transpose()?,
        would_last,
        wrong,
    };
    Ok((status, html(&page)?).into_response())
}

fn name(open: &OpenRequest, person: PersonId) -> Result<String, AppError> {
    let found = open.names.iter().find(|(named, _)| *named == person);
    Ok(found.map(|(_, name)| name.read(&open.grant).cloned()).transpose()?.unwrap_or_default())
}

/// `POST /officer/requests/{request}/taking`.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] if it is the viewer's already, or closed.
pub async fn take(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<RequestId>,
) -> Result<Response, AppError> {
    answered(app.store.take_request(&viewer, id).await?, &place(id))
}

fn place(id: RequestId) -> String {
    format!("/officer/requests/{id}")
}

/// The form of a decision.
#[derive(Deserialize)]
pub struct DecisionForm {
    /// `granted` or `refused`, as the button says.
    verdict: String,
    #[serde(default)]
    text: String,
}

/// `POST /officer/requests/{request}/decision`. A refusal without reasons is none.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] if somebody else has it, or it is closed.
pub async fn decide(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<RequestId>,
    form: Result<Form<DecisionForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("decision form"))?;
    let (verdict, sent) = match form.verdict.as_str() {
        "granted" => (Verdict::Granted, Sent::Answer),
        "refused" => (Verdict::Refused, Sent::Refusal),
        _ => return Err(AppError::BadRequest("verdict")),
    };
    match text(&form.text) {
        Ok(text) => answered(app.store.decide_request(&viewer, id, verdict, &text).await?, &place(id)),
        Err(wrong) => page(&app, &visitor, &viewer, id, Some(Wrong { sent, typed: form.text, text: wrong })).await,
    }
}

/// The form of a longer term.
#[derive(Deserialize)]
pub struct ExtensionForm {
    #[serde(default)]
    text: String,
}

/// `POST /officer/requests/{request}/extension`: another term of the same length, once, for reasons that the asker reads.
///
/// # Errors
/// As [`decide`], and [`AppError::Conflict`] if it was made longer before.
pub async fn extend(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<RequestId>,
    form: Result<Form<ExtensionForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("extension form"))?;
    let reasons = match text(&form.text) {
        Ok(text) => text,
        Err(wrong) => {
            let wrong = Wrong { sent: Sent::Extension, typed: form.text, text: wrong };
            return page(&app, &visitor, &viewer, id, Some(wrong)).await;
        }
    };
    let days = app.config.privacy.workdays();
    let later = |due_at| term::extended(&days, due_at);
    answered(app.store.extend_request(&viewer, id, later, &reasons).await?, &place(id))
}
