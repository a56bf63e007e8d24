//! `GET /officer`: what needs the officer now, and the versions of the policy with how many people have seen each.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use jiayin_store::support::Counts;

use super::super::page::{Standing, VersionLine};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// A version with how far it is known.
pub struct KnownVersion {
    /// The version.
    pub line: VersionLine,
    /// How many people have seen it.
    pub seen: u64,
}

impl KnownVersion {
    /// Whether it can be taken back.
    pub fn can_be_cancelled(&self) -> bool {
        self.line.standing == Standing::Scheduled
    }
}

/// The page.
#[derive(Template)]
#[template(path = "policy/officer/front.html")]
pub struct FrontPage {
    /// Frame.
    pub layout: Layout,
    /// Questions that wait for an answer.
    pub questions: u64,
    /// Requests that wait for a decision, and how many of them are overdue.
    pub requests: (u64, u64),
    /// Conversations of the help desk.
    pub help: Counts,
    /// Purposes for which the program does more than the version in force says, by their titles.
    pub undeclared: Vec<String>,
    /// Whether there is a draft of the next version.
    pub draft: bool,
    /// The versions, the newest first.
    pub versions: Vec<KnownVersion>,
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
    let current = app.store.current_policy().await?.number;
    let now = app.clock.now();
    let heads = app.store.policies().await?;
    let mut versions = Vec::with_capacity(heads.len());
    for head in heads.iter().rev() {
        let seen = app.store.policy_seen_count(head.version.number).await?;
        versions.push(KnownVersion { line: VersionLine::new(head, current, now), seen });
    }
    let undeclared = app.store.undeclared().await?;
    let titles = jiayin_privacy::map::PURPOSES.iter().filter(|it| undeclared.iter().any(|id| id == it.id));
    let zh = visitor.l.locale() == crate::locale::Locale::ZhCn;
    html(&FrontPage {
        layout: Layout::new(&visitor, &app),
        questions: app.store.open_questions(&viewer).await?,
        requests: app.store.waiting_requests(&viewer).await?,
        help: app.store.ticket_counts(&viewer).await?,
        undeclared: titles.map(|it| if zh { it.title_zh } else { it.title_en }.to_owned()).collect(),
        draft: app.store.policy_draft().await?.is_some(),
        versions,
    })
}

/// `POST /officer/policy/{number}/cancellation`.
///
/// # Errors
/// [`AppError::Gone`] if it is in force by now, or was taken back before; [`AppError::NotFound`] without such a version.
pub async fn cancel(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(number): Path<String>,
) -> Result<Response, AppError> {
    let number: u32 = number.parse().map_err(|_| AppError::NotFound)?;
    if !app.store.policies().await?.iter().any(|head| head.version.number == number) {
        return Err(AppError::NotFound);
    }
    if !app.store.cancel_policy(&viewer, number).await? {
        return Err(AppError::Gone);
    }
    Ok(see_other("/officer"))
}
