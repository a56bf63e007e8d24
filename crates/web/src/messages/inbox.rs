//! `GET /messages`, `GET /messages/{message}`, `POST /messages/reading`: what has happened, the newest first.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use jiayin_domain::id::MessageId;
use jiayin_domain::message::{Class, Kind};
use jiayin_domain::role::Role;
use jiayin_store::messages::{Inbox, Message, Subject};
use jiff::Timestamp;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::surveys::cards::{SurveyCard, waiting};
use crate::visitor::{Layout, Visitor};

/// A message in the list.
pub struct Line {
    /// Id; opening it marks it as read.
    pub id: MessageId,
    /// What it is for its reader.
    pub class: Class,
    /// What has happened.
    pub text: String,
    /// The child that it is about; empty for oneself.
    pub child: String,
    /// When it came.
    pub at: Moment,
    /// Not read yet.
    pub unread: bool,
}

/// The list.
#[derive(Template)]
#[template(path = "messages/inbox.html")]
pub struct InboxPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Surveys that wait for an answer.
    pub surveys: Vec<SurveyCard>,
    /// The messages.
    pub lines: Vec<Line>,
}

impl InboxPage {
    /// Whether anything is unread.
    pub fn news(&self) -> bool {
        self.lines.iter().any(|line| line.unread)
    }
}

/// An announcement, whole.
#[derive(Template)]
#[template(path = "messages/announcement.html")]
pub struct AnnouncementPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// What it is for its readers.
    pub class: Class,
    /// Its title.
    pub title: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
    /// When it was said.
    pub at: Moment,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
) -> Result<Html<String>, AppError> {
    let inbox = app.store.inbox(&viewer).await?;
    let now = app.clock.now();
    let lines = inbox.messages.iter().map(|message| line(&visitor.l, now, &inbox, message));
    let lines = lines.collect::<Result<_, _>>()?;
    html(&InboxPage { lines, surveys: waiting(&app, &viewer).await?, layout: Layout::new(&visitor, &app) })
}

/// Opens a message: an announcement is shown, all else leads to what it is about. It is read from then on.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's, or what it is about has gone.
pub async fn open(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<MessageId>,
) -> Result<Response, AppError> {
    let message = app.store.read_message(&viewer, id).await?.ok_or(AppError::NotFound)?;
    if let Subject::Announcement { title, body, .. } = &message.subject {
        let page = AnnouncementPage {
            class: message.class,
            title: title.clone(),
            paragraphs: body.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect(),
            at: Moment::new(&visitor.l, message.at, app.clock.now()),
            layout: Layout::new(&visitor, &app),
        };
        return Ok(html(&page)?.into_response());
    }
    Ok(see_other(&place(viewer.role, &message)))
}

/// `POST /messages/reading`: all of them are read.
///
/// # Errors
/// [`AppError`].
pub async fn read_all(State(app): State<AppState>, Person(viewer): Person) -> Result<Response, AppError> {
    app.store.read_all_messages(&viewer).await?;
    Ok(see_other("/messages"))
}

/// Where what a message tells of is found.
fn place(role: Role, message: &Message) -> String {
    match (&message.subject, message.about) {
        (Subject::Survey { survey, .. }, _) => format!("/surveys/{survey}/answer"),
        (Subject::Request(request), _) => format!("/requests/{request}"),
        (Subject::Ticket(ticket), _) => format!("/help/{ticket}"),
        (Subject::Homework { .. }, Some(child)) => format!("/family/{child}"),
        (Subject::Homework { assignment, .. }, None) if message.kind == Kind::Reviewed => {
            format!("/homework/{assignment}/finished")
        }
        (Subject::Homework { .. }, None) if role == Role::Learner => "/home".to_owned(),
        (Subject::Homework { .. } | Subject::Announcement { .. }, _) => "/messages".to_owned(),
    }
}

fn line(l: &Localizer, now: Timestamp, inbox: &Inbox, message: &Message) -> Result<Line, AppError> {
    let child = match (message.about.and_then(|child| inbox.names.get(&child)), &inbox.grant) {
        (Some(name), Some(grant)) => name.read(grant)?.clone(),
        _ => String::new(),
    };
    Ok(Line {
        id: message.message,
        class: message.class,
        text: text(l, message),
        child,
        at: Moment::new(l, message.at, now),
        unread: !message.read,
    })
}

/// What a message says.
fn text(l: &Localizer, message: &Message) -> String {
    match (&message.subject, message.kind) {
        (Subject::Request(_), _) => l.t("message-answered"),
        (Subject::Ticket(_), _) => l.t("message-helped"),
        (Subject::Survey { title, .. }, _) => l.t1("message-surveyed", "what", title.clone()),
        (Subject::Announcement { title, .. }, _) => title.clone(),
        (Subject::Homework { title, .. }, Kind::Due) => l.t1("message-due", "what", title.clone()),
        (Subject::Homework { title, .. }, Kind::Reviewed) => l.t1("message-reviewed", "what", title.clone()),
        (Subject::Homework { title, .. }, _) => l.t1("message-assigned", "what", title.clone()),
    }
}
