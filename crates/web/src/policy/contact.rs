//! `GET` and `POST /policy/contact`: whom to ask. A visitor reads phone number and mailbox, and nothing of theirs is stored;
//! who is signed in can ask here, and finds the answer here (clause 12.4).

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use jiayin_domain::operator::Operator;
use jiayin_privacy::{Grant, purpose};
use jiayin_store::Viewer;
use jiayin_store::inquiries::{Question, Questions};
use jiff::Timestamp;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest question and longest answer in characters.
pub const TEXT_MAX: usize = 2000;

/// A question as it is shown.
pub struct QuestionView {
    /// Id; a part of the address to which the officer's answer goes.
    pub id: String,
    /// What was asked.
    pub text: String,
    /// When.
    pub asked: Moment,
    /// The answer, and when it was given.
    pub answer: Option<(String, Moment)>,
}

impl QuestionView {
    /// Opens the questions.
    ///
    /// # Errors
    /// If the grant is for others, which the store sees to.
    pub fn all(l: &Localizer, now: Timestamp, opened: &Questions) -> Result<Vec<Self>, AppError> {
        opened.questions.iter().map(|question| Self::new(l, now, question, &opened.grant)).collect()
    }

    fn new(
        l: &Localizer,
        now: Timestamp,
        question: &Question,
        grant: &Grant<purpose::Inquiries>,
    ) -> Result<Self, AppError> {
        let answer = match &question.answer {
            Some((text, at)) => Some((text.read(grant)?.clone(), Moment::new(l, *at, now))),
            None => None,
        };
        Ok(Self {
            id: question.question.to_string(),
            text: question.text.read(grant)?.clone(),
            asked: Moment::new(l, question.asked_at, now),
            answer,
        })
    }
}

/// What may be wrong with a question or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextError {
    /// Nothing in it.
    Empty,
    /// More than [`TEXT_MAX`] characters.
    TooLong,
    /// Too many of one's own wait for an answer.
    TooMany,
}

impl TextError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "inquiry-empty",
            Self::TooLong => "inquiry-too-long",
            Self::TooMany => "inquiry-too-many",
        }
    }
}

/// The text as it will be kept.
///
/// # Errors
/// [`TextError`].
pub fn text(typed: &str) -> Result<String, TextError> {
    let text = typed.replace("\r\n", "\n").trim().to_owned();
    match text.chars().count() {
        0 => Err(TextError::Empty),
        1..=TEXT_MAX => Ok(text),
        _ => Err(TextError::TooLong),
    }
}

/// The page.
#[derive(Template)]
#[template(path = "policy/contact.html")]
pub struct ContactPage {
    /// Frame.
    pub layout: Layout,
    /// Whom to ask.
    pub operator: Operator,
    /// What was typed and could not be taken.
    pub typed: String,
    /// Why not.
    pub error: Option<TextError>,
    /// A question was just sent.
    pub sent: bool,
    /// One's own questions; none for a visitor.
    pub questions: Vec<QuestionView>,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    sent: Option<u8>,
}

/// The form.
#[derive(Deserialize)]
pub struct AskForm {
    #[serde(default)]
    text: String,
}

/// `GET /policy/contact`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    viewer: Option<Extension<Viewer>>,
    Query(shown): Query<Shown>,
) -> Result<Response, AppError> {
    page(&app, &visitor, viewer.as_ref().map(|viewer| &viewer.0), (String::new(), None), shown.sent == Some(1)).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: Option<&Viewer>,
    (typed, error): (String, Option<TextError>),
    sent: bool,
) -> Result<Response, AppError> {
    let questions = match viewer {
        Some(viewer) => QuestionView::all(&visitor.l, app.clock.now(), &app.store.own_questions(viewer).await?)?,
        None => Vec::new(),
    };
    let operator = app.config.operator.clone();
    let page = ContactPage { layout: Layout::new(visitor, app), operator, typed, error, sent, questions };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)?).into_response())
}

/// `POST /policy/contact`.
///
/// # Errors
/// [`AppError`].
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<AskForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("question form"))?;
    let error = match text(&form.text) {
        Ok(text) => match app.store.ask(&viewer, &text).await? {
            Some(_) => return Ok(see_other("/policy/contact?sent=1")),
            None => TextError::TooMany,
        },
        Err(error) => error,
    };
    page(&app, &visitor, Some(&viewer), (form.text, Some(error)), false).await
}
