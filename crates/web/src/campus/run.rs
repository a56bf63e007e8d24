//! `POST /campus/classes`, `POST /campus/teachers`: opening classes and inviting who teaches them.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use jiayin_domain::id::ClassId;
use jiayin_domain::role::Role;
use jiayin_store::invitations::Ticket;
use serde::Deserialize;

use crate::app::AppState;
use crate::courses::title::TitleForm;
use crate::error::AppError;
use crate::join::ticket::{self, Card};
use crate::session::{Person, see_other};
use crate::visitor::Visitor;

/// `POST /campus/classes`.
///
/// # Errors
/// [`AppError::BadRequest`] for a name that is none; [`AppError::NotFound`] for who runs no campus.
pub async fn add_class(
    State(app): State<AppState>,
    Person(viewer): Person,
    form: Result<Form<TitleForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("class form"))?;
    let name = form.check().map_err(|_| AppError::BadRequest("name of the class"))?;
    let campus = viewer.campus.ok_or(AppError::NotFound)?;
    app.store.create_class(viewer.school, campus, &name).await?;
    Ok(see_other("/campus"))
}

/// The form of an invitation.
#[derive(Deserialize)]
pub struct TeacherForm {
    class: ClassId,
}

/// `POST /campus/teachers`: a ticket for somebody who will teach a class; shown this once.
///
/// # Errors
/// [`AppError::NotFound`] if the class is not of the viewer's campus.
pub async fn invite_teacher(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<TeacherForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("teacher form"))?;
    let ticket = Ticket::Staff { role: Role::Teacher, campus: viewer.campus, class: Some(form.class) };
    let made = app.store.invite(&viewer, ticket, 1).await?.ok_or(AppError::NotFound)?;
    let cards = made.iter().map(|(_, token)| Card::to_join(&app, &visitor.l, token)).collect::<Result<_, _>>()?;
    ticket::page(&app, &visitor, "invite-one", "/campus", cards)
}
