//! `GET /policy`: the version in force; and what every page with a version shows.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiayin_store::policy::PolicyHead;
use jiff::Timestamp;

use super::frame::{affiliate, date};
use super::markdown::{Rendered, render};
use super::pick;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::see_other;
use crate::visitor::{Layout, Visitor};

/// How a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In force.
    Current,
    /// Announced.
    Scheduled,
    /// Was in force.
    Past,
    /// Taken back before it was in force.
    Cancelled,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Current, Self::Scheduled, Self::Past, Self::Cancelled];

    /// How a version stands when `current` is in force.
    pub fn of(head: &PolicyHead, current: u32, now: Timestamp) -> Self {
        if head.cancelled_at.is_some() {
            Self::Cancelled
        } else if head.is_scheduled(now) {
            Self::Scheduled
        } else if head.version.number == current {
            Self::Current
        } else {
            Self::Past
        }
    }

    /// The word in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Scheduled => "scheduled",
            Self::Past => "past",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A version in a line.
pub struct VersionLine {
    /// Its number.
    pub number: u32,
    /// How it stands.
    pub standing: Standing,
    /// Day of its announcement.
    pub announced: String,
    /// Day of its effect.
    pub effective: String,
    /// SHA-256 of its texts and data map, in hexadecimal.
    pub digest: String,
    /// Whether it asks for consent again.
    pub asks_consent: bool,
}

impl VersionLine {
    /// The line of a version.
    pub fn new(head: &PolicyHead, current: u32, now: Timestamp) -> Self {
        Self {
            number: head.version.number,
            standing: Standing::of(head, current, now),
            announced: date(head.notice_at),
            effective: date(head.effective_at),
            digest: hex::encode(head.version.digest),
            asks_consent: !head.touches.is_empty(),
        }
    }
}

/// A page with a text of the policy.
#[derive(Template)]
#[template(path = "policy/page.html")]
pub struct PolicyPage {
    /// Frame.
    pub layout: Layout,
    /// The version.
    pub line: VersionLine,
    /// The text.
    pub text: Rendered,
    /// A second text below it: the rules for children, on the page of a version.
    pub children: Option<Rendered>,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, headers: HeaderMap) -> Result<Response, AppError> {
    if let Some(own) = affiliate(&app.config, &headers) {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        return Ok(see_other(&format!("/leaving?{}", query.append_pair("to", own).finish())));
    }
    let current = app.store.current_policy().await?.number;
    let version = app.store.policy(current).await?.ok_or(AppError::NotFound)?;
    let text = pick(visitor.l.locale(), version.texts.zh, version.texts.en);
    let page = PolicyPage {
        line: VersionLine::new(&version.head, current, app.clock.now()),
        layout: Layout::new(&visitor, &app),
        text: render(&text, "s"),
        children: None,
    };
    Ok(html(&page)?.into_response())
}
