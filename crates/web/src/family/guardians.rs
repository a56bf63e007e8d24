//! `POST /family/{learner}/guardians`: a ticket by which another guardian joins the child; shown this once.

use axum::extract::{Path, State};
use axum::response::Response;
use jiayin_domain::id::PersonId;
use jiayin_store::invitations::Ticket;

use crate::app::AppState;
use crate::error::AppError;
use crate::join::ticket::{self, Card};
use crate::session::Person;
use crate::visitor::Visitor;

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if the child is not the viewer's.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(learner): Path<PersonId>,
) -> Result<Response, AppError> {
    let made = app.store.invite(&viewer, Ticket::Guardian { learner }, 1).await?.ok_or(AppError::NotFound)?;
    let cards = made.iter().map(|(_, token)| Card::to_join(&app, &visitor.l, token)).collect::<Result<_, _>>()?;
    ticket::page(&app, &visitor, "invite-one", &format!("/family/{learner}"), cards)
}
