//! `/classes/{class}/invitations`: tickets for the guardians of a class, on a sheet to print and cut.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{ClassId, InvitationId};
use jiayin_store::invitations::{AT_ONCE, Ticket};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::join::ticket::Card;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "classes/invitations.html")]
pub struct InvitationsPage {
    /// Frame.
    pub layout: Layout,
    /// The class.
    pub class: ClassId,
    /// Tickets that can still be used, and until when.
    pub open: Vec<Moment>,
    /// Those just made.
    pub cards: Vec<Card>,
    /// Most that can be made at once.
    pub most: usize,
}

/// `GET /classes/{class}/invitations`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not invite to this class.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    let open = app.store.open_tickets(&viewer, class).await?.ok_or(AppError::NotFound)?;
    page(&app, &visitor, class, &open, Vec::new())
}

fn page(
    app: &AppState,
    visitor: &Visitor,
    class: ClassId,
    open: &[(InvitationId, jiff::Timestamp)],
    cards: Vec<Card>,
) -> Result<Response, AppError> {
    let now = app.clock.now();
    let open = open.iter().map(|(_, until)| Moment::new(&visitor.l, *until, now)).collect();
    let layout = Layout::new(visitor, app);
    Ok(html(&InvitationsPage { layout, class, open, cards, most: AT_ONCE })?.into_response())
}

/// The form.
#[derive(Deserialize)]
pub struct NumberForm {
    number: usize,
}

/// `POST /classes/{class}/invitations`: makes tickets, and shows them this once.
///
/// # Errors
/// [`AppError::BadRequest`] for a number out of range; [`AppError::NotFound`] if the viewer does not invite to this class.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
    form: Result<Form<NumberForm>, FormRejection>,
) -> Result<Response, AppError> {
    let number = form.map_err(|_| AppError::BadRequest("invitation form"))?.number;
    if !(1..=AT_ONCE).contains(&number) {
        return Err(AppError::BadRequest("number of invitations"));
    }
    let made = app.store.invite(&viewer, Ticket::Child { class }, number).await?.ok_or(AppError::NotFound)?;
    let cards = made.iter().map(|(_, token)| Card::to_join(&app, &visitor.l, token)).collect::<Result<_, _>>()?;
    let open = app.store.open_tickets(&viewer, class).await?.ok_or(AppError::NotFound)?;
    page(&app, &visitor, class, &open, cards)
}

/// `POST /classes/{class}/invitations/withdrawal`: takes all open tickets back.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not invite to this class.
pub async fn withdraw(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    app.store.take_back_tickets(&viewer, class).await?.ok_or(AppError::NotFound)?;
    Ok(see_other(&format!("/classes/{class}/invitations")))
}
