//! `GET /api/v1/classes` and `…/members`: classes, and who is in them.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiayin_domain::id::ClassId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{At, json};
use super::door::Caller;
use super::paging::{Asked, Listed, PageParams};
use super::problem::ApiError;
use super::types::{Id, Moment};
use crate::app::AppState;
use crate::error::AppError;

/// A class.
#[derive(Debug, Serialize, ToSchema)]
pub struct Class {
    /// The class.
    id: Id,
    /// Its name.
    #[schema(example = "三年级 1 班")]
    name: String,
    /// Its campus.
    campus_id: Id,
    /// Its term, if it belongs to one.
    term_id: Option<Id>,
    /// When it was opened.
    created_at: Moment,
}

/// A learner in a class.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// The learner.
    id: Id,
    /// What they are called.
    #[schema(example = "王小明")]
    name: String,
    /// The school's own number of them; for campus managers, where there is one.
    #[schema(example = "20260101")]
    number: Option<String>,
    /// Since when they are in the class.
    since: Moment,
}

/// Classes
///
/// The classes that one teaches or manages, in the order in which they were opened.
///
/// # Errors
/// [`ApiError`].
#[utoipa::path(get, path = "/api/v1/classes", operation_id = "listClasses", tag = "roster", params(PageParams), responses(
    (status = 200, description = "A page of classes", body = Listed<Class>),
))]
pub async fn classes(
    State(app): State<AppState>,
    caller: Caller,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = app.store.class_register(caller.viewer(), asked.page(&app, None)?).await?;
    let next = asked.link(&app, None, found.next)?;
    let class = |entry: jiayin_store::registers::ClassEntry| Class {
        id: Id(entry.class.0),
        name: entry.name,
        campus_id: Id(entry.campus.0),
        term_id: entry.term.map(|term| Id(term.0)),
        created_at: entry.since.into(),
    };
    json(&headers, &Listed { items: found.rows.into_iter().map(class).collect(), next })
}

/// Who is in a class
///
/// The learners, in the order in which they joined. Those whose guardians have not agreed, or have had processing restricted,
/// are not among them.
///
/// # Errors
/// [`AppError::NotFound`] if the person neither teaches nor manages the class.
#[utoipa::path(get, path = "/api/v1/classes/{class}/members", operation_id = "listMembers", tag = "roster",
    params(("class" = Id, Path, description = "The class"), PageParams), responses(
    (status = 200, description = "A page of learners", body = Listed<Member>),
))]
pub async fn members(
    State(app): State<AppState>,
    caller: Caller,
    At(class): At<Uuid>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let page = asked.page(&app, None)?;
    let found = app.store.register(caller.viewer(), ClassId(class), page).await?.ok_or(AppError::NotFound)?;
    let mut items = Vec::with_capacity(found.learners.rows.len());
    for learner in &found.learners.rows {
        let number = learner.number.as_ref().map(|number| found.grant.number(number)).transpose()?;
        items.push(Member {
            id: Id(learner.learner.0),
            name: found.grant.name(&learner.name)?.clone(),
            number: number.cloned(),
            since: learner.since.into(),
        });
    }
    json(&headers, &Listed { items, next: asked.link(&app, None, found.learners.next)? })
}
