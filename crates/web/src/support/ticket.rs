//! `GET /help/{ticket}`: one's own conversation. Below it: `POST …/lines` says more, which opens it again if it is closed;
//! `…/closing` closes it; `…/rating` says how it went.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::TicketId;
use jiayin_domain::support::Rating;
use jiayin_store::Viewer;
use jiayin_store::support::{Moved, Said};
use serde::Deserialize;

use super::form::{SaidError, Typed, read};
use super::view::TicketView;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::policy::contact::{TextError, text};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "support/ticket.html")]
pub struct TicketPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// The conversation.
    pub ticket: TicketView,
    /// What was typed, and what is wrong with it.
    pub typed: Typed,
    /// The ratings there are.
    pub ratings: &'static [Rating],
    /// What was typed of how it went, and what is wrong with it.
    pub rated: Rated,
}

impl TicketPage {
    /// Whether the writer has said so of how it went.
    pub fn is_rated(&self, rating: &Rating) -> bool {
        self.ticket.line.rating == Some(*rating)
    }
}

/// How it went, as it was sent and could not be taken.
#[derive(Default)]
pub struct Rated {
    /// The sentence.
    pub typed: String,
    /// What is wrong; empty if nothing is.
    pub error: String,
}

/// `GET /help/{ticket}`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, id, Typed::default(), None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    id: TicketId,
    typed: Typed,
    rated: Option<Rated>,
) -> Result<Response, AppError> {
    let open = app.store.own_ticket(viewer, id).await?.ok_or(AppError::NotFound)?;
    let days = app.config.privacy.workdays();
    let ticket = TicketView::new(&visitor.l, &days, app.clock.now(), viewer.person, &open)?;
    let fine = typed.is_fine() && rated.is_none();
    let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let rated = rated.unwrap_or_else(|| Rated { typed: ticket.remark.clone(), error: String::new() });
    let page = TicketPage { layout: Layout::new(visitor, app), ticket, typed, ratings: Rating::ALL, rated };
    Ok((status, html(&page)?).into_response())
}

/// `POST /help/{ticket}/lines`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's; what is wrong with what was sent is shown on the page instead.
pub async fn say(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
    request: Request,
) -> Result<Response, AppError> {
    let mut sent = read(&app, request).await?;
    let wrong = match sent.take(&app).await? {
        Err(wrong) => wrong,
        Ok((text, picture)) => {
            let picture = picture.as_ref().map(|picture| (picture.mime, picture.bytes.as_slice()));
            let said = Said { text: &text, picture, due_at: super::due(&app) };
            match app.store.say_in_ticket(&viewer, id, &said).await? {
                Moved::Done => return Ok(see_other(&format!("/help/{id}"))),
                Moved::Missing => return Err(AppError::NotFound),
                Moved::Stale => SaidError::Full,
            }
        }
    };
    let typed = Typed::refused(&app, &visitor.l, sent, wrong);
    page(&app, &visitor, &viewer, id, typed, None).await
}

/// `POST /help/{ticket}/closing`. What is closed already stays so.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's.
pub async fn close(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
) -> Result<Response, AppError> {
    match app.store.close_own_ticket(&viewer, id).await? {
        Moved::Missing => Err(AppError::NotFound),
        Moved::Done | Moved::Stale => Ok(see_other(&format!("/help/{id}"))),
    }
}

/// The form of how it went.
#[derive(Deserialize)]
pub struct RatingForm {
    #[serde(default)]
    rating: String,
    #[serde(default)]
    text: String,
}

/// `POST /help/{ticket}/rating`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's; [`AppError::Conflict`] while it is open.
pub async fn rate(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<TicketId>,
    form: Result<Form<RatingForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("rating form"))?;
    let remark = match text(&form.text) {
        Ok(remark) => Ok(Some(remark)),
        Err(TextError::Empty) => Ok(None),
        Err(wrong) => Err(wrong.key()),
    };
    let (rating, remark) = match (Rating::from_tag(&form.rating), remark) {
        (Some(rating), Ok(remark)) => (rating, remark),
        (rating, remark) => {
            let key = if rating.is_none() { "help-error-rating" } else { remark.err().unwrap_or_default() };
            let rated = Rated { typed: form.text, error: visitor.l.t(key) };
            return page(&app, &visitor, &viewer, id, Typed::default(), Some(rated)).await;
        }
    };
    match app.store.rate_ticket(&viewer, id, rating, remark.as_deref()).await? {
        Moved::Done => Ok(see_other(&format!("/help/{id}"))),
        Moved::Missing => Err(AppError::NotFound),
        Moved::Stale => Err(AppError::Conflict),
    }
}
