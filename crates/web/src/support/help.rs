//! `GET` and `POST /help`: what to do when stuck, phone number and mailbox for everybody; one's own conversations and the
//! form to begin one for who is signed in.

use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::operator::Operator;
use jiayin_domain::request;
use jiayin_domain::support::{ANSWER_DAYS, Topic};
use jiayin_store::Viewer;
use jiayin_store::requests::{NewRequest, Received};
use jiayin_store::support::{Begun, Said};

use super::form::{About, REQUESTS, SaidError, Sent, Typed, read};
use super::view::TicketLine;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::requests::term;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// What people are stuck with: keys of the question and, with `-text`, of what to do.
pub const STUCK: [&str; 6] =
    ["help-microphone", "help-silence", "help-sign-in", "help-child", "help-invitation", "help-waiting"];

/// The page.
#[derive(Template)]
#[template(path = "support/help.html")]
pub struct HelpPage {
    /// Frame.
    pub layout: Layout,
    /// Whom to call or write to.
    pub operator: Operator,
    /// What people are stuck with.
    pub stuck: &'static [&'static str],
    /// What a conversation may be about.
    pub topics: &'static [Topic],
    /// What becomes a request.
    pub requests: &'static [request::Kind],
    /// Working days within which there is an answer.
    pub days: u16,
    /// What was typed, and what is wrong with it.
    pub typed: Typed,
    /// One's own conversations, the newest first.
    pub tickets: Vec<TicketLine>,
}

/// `GET /help`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    viewer: Option<Extension<Viewer>>,
) -> Result<Response, AppError> {
    page(&app, &visitor, viewer.as_ref().map(|viewer| &viewer.0), Typed::default()).await
}

async fn page(app: &AppState, visitor: &Visitor, viewer: Option<&Viewer>, typed: Typed) -> Result<Response, AppError> {
    let (days, now) = (app.config.privacy.workdays(), app.clock.now());
    let mut tickets = Vec::new();
    if let Some(viewer) = viewer {
        let own = app.store.own_tickets(viewer).await?;
        tickets.extend(own.iter().map(|ticket| TicketLine::new(&visitor.l, &days, now, viewer.person, ticket)));
    }
    let status = if typed.is_fine() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = HelpPage {
        layout: Layout::new(visitor, app),
        operator: app.config.operator.clone(),
        stuck: &STUCK,
        topics: Topic::ALL,
        requests: &REQUESTS,
        days: ANSWER_DAYS,
        typed,
        tickets,
    };
    Ok((status, html(&page)?).into_response())
}

/// `POST /help`: begins a conversation, or makes the request that it ought to be.
///
/// # Errors
/// [`AppError`]; what is wrong with what was sent is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    request: Request,
) -> Result<Response, AppError> {
    let mut sent = read(&app, request).await?;
    let wrong = match About::from_tag(&sent.topic) {
        None => SaidError::Topic,
        Some(About::Help(topic)) => match begin(&app, &viewer, topic, &mut sent).await? {
            Ok(place) => return Ok(see_other(&place)),
            Err(wrong) => wrong,
        },
        Some(About::Request(kind)) => match ask(&app, &viewer, kind, &mut sent).await? {
            Ok(()) => return Ok(see_other("/requests?sent=1")),
            Err(wrong) => wrong,
        },
    };
    let typed = Typed::refused(&app, &visitor.l, sent, wrong);
    page(&app, &visitor, Some(&viewer), typed).await
}

/// Begins a conversation; its address.
async fn begin(
    app: &AppState,
    viewer: &Viewer,
    topic: Topic,
    sent: &mut Sent,
) -> Result<Result<String, SaidError>, AppError> {
    let (text, picture) = match sent.take(app).await? {
        Ok(taken) => taken,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let picture = picture.as_ref().map(|picture| (picture.mime, picture.bytes.as_slice()));
    let said = Said { text: &text, picture, due_at: super::due(app) };
    Ok(match app.store.begin_ticket(viewer, topic, &said).await? {
        Begun::As(id) => Ok(format!("/help/{id}")),
        Begun::TooMany => Err(SaidError::TooMany),
    })
}

/// Makes a request about the viewer's own data: the same row that `/requests` makes.
async fn ask(
    app: &AppState,
    viewer: &Viewer,
    kind: request::Kind,
    sent: &mut Sent,
) -> Result<Result<(), SaidError>, AppError> {
    if sent.has_file() {
        return Ok(Err(SaidError::PictureOfRequest));
    }
    let (text, _) = match sent.take(app).await? {
        Ok(taken) => taken,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let due_at = term::due(&app.config.privacy.workdays(), app.clock.now());
    let new = NewRequest { subject: viewer.person, kind, text: &text, due_at };
    match app.store.make_request(viewer, &new).await? {
        Received::As(_) => Ok(Ok(())),
        Received::TooMany => Ok(Err(SaidError::TooMany)),
        Received::NotTheirs => Err(AppError::NotFound),
    }
}
