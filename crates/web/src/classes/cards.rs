//! `GET` and `POST /classes/{class}/cards`: a sheet of sign-in cards for a class, to print and cut.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::ClassId;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::join::ticket::{self, Card};
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// What making cards does, before it is done.
#[derive(Template)]
#[template(path = "classes/cards.html")]
pub struct CardsPage {
    /// Frame.
    pub layout: Layout,
    /// The class.
    pub class: ClassId,
}

/// `GET /classes/{class}/cards`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    if !app.store.is_my_class(&viewer, class).await? {
        return Err(AppError::NotFound);
    }
    Ok(html(&CardsPage { layout: Layout::new(&visitor, &app), class })?.into_response())
}

/// `POST /classes/{class}/cards`: makes a card for every learner, and shows them this once.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<ClassId>,
) -> Result<Response, AppError> {
    let sheet = app.store.make_cards(&viewer, class).await?.ok_or(AppError::NotFound)?;
    let mut cards = Vec::with_capacity(sheet.cards.len());
    for (name, token) in &sheet.cards {
        cards.push(Card::to_enter(&app, &visitor.l, name.read(&sheet.grant)?.clone(), token)?);
    }
    ticket::page(&app, &visitor, "cards-title", &format!("/classes/{class}"), cards)
}
