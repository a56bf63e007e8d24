//! `GET /desk`: the conversations of one's desk: those that wait for it with the longest wait first, those that wait for
//! their writers, those that are closed. It names nobody and opens nothing.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use jiayin_domain::support;
use jiayin_store::support::{Counts, Show};
use serde::Deserialize;

use super::view::TicketLine;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "support/queue.html")]
pub struct QueuePage {
    /// Frame; somebody of a desk is signed in.
    pub layout: Layout,
    /// How many there are.
    pub counts: Counts,
    /// Those that are looked at.
    pub show: support::State,
    /// The conversations.
    pub tickets: Vec<TicketLine>,
}

impl QueuePage {
    /// The states with how many conversations are in each.
    pub fn tabs(&self) -> [(support::State, u64); 3] {
        [
            (support::State::Waiting, self.counts.waiting),
            (support::State::Answered, self.counts.answered),
            (support::State::Closed, self.counts.closed),
        ]
    }
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Wanted {
    #[serde(default)]
    show: String,
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] for who has no desk.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>, AppError> {
    let show = support::State::from_tag(&wanted.show).unwrap_or(support::State::Waiting);
    let found = app.store.ticket_queue(&viewer, Show(show)).await?.ok_or(AppError::NotFound)?;
    let (days, now) = (app.config.privacy.workdays(), app.clock.now());
    let tickets = found.iter().map(|ticket| TicketLine::new(&visitor.l, &days, now, viewer.person, ticket));
    html(&QueuePage {
        tickets: tickets.collect(),
        counts: app.store.ticket_counts(&viewer).await?,
        show,
        layout: Layout::new(&visitor, &app),
    })
}
