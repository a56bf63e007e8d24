//! `POST /family/{learner}/card` and `…/card/removal`: the card by which one's child signs in.

use axum::extract::{Path, State};
use axum::response::Response;
use jiayin_domain::id::PersonId;

use crate::app::AppState;
use crate::error::AppError;
use crate::join::ticket::{self, Card};
use crate::session::{Person, see_other};
use crate::visitor::Visitor;

/// Makes a card, and shows it this once.
///
/// # Errors
/// [`AppError::NotFound`] if the child is not the viewer's.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(learner): Path<PersonId>,
) -> Result<Response, AppError> {
    let token = app.store.make_card(&viewer, learner).await?.ok_or(AppError::NotFound)?;
    let card = Card::to_enter(&app, &visitor.l, String::new(), &token)?;
    ticket::page(&app, &visitor, "card-one", &format!("/family/{learner}"), vec![card])
}

/// Makes the card worthless: it was lost.
///
/// # Errors
/// [`AppError::NotFound`] if there is none, or the child is not the viewer's.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(learner): Path<PersonId>,
) -> Result<Response, AppError> {
    if app.store.remove_card(&viewer, learner).await? {
        Ok(see_other(&format!("/family/{learner}")))
    } else {
        Err(AppError::NotFound)
    }
}
