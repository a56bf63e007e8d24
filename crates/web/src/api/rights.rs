//! `/api/v1/rights`: copies of one's own data, and one's own name put right. Deleting, restricting and closing stay with the
//! pages, which say before what will be gone.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiayin_store::rights::{Copied, CopyState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{At, json};
use super::door::Caller;
use super::paging::{Listed, location};
use super::problem::{ApiError, Code};
use super::types::{Id, Moment};
use crate::accounts::profile;
use crate::app::AppState;
use crate::error::AppError;
use crate::privacy::Whose;
use crate::privacy::files::{self, CopyPlace};

/// A copy of everything that is kept of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataCopy {
    /// The copy.
    id: Id,
    /// Where it stands.
    state: CopyProgress,
    /// Rows and files that are in it.
    #[schema(example = 120)]
    done: u64,
    /// Of so many.
    #[schema(example = 480)]
    total: u64,
    /// Size of the file in bytes.
    #[schema(example = 1_250_000)]
    bytes: u64,
    /// When it was asked for.
    created_at: Moment,
    /// Until when it can be fetched.
    expires_at: Moment,
    /// Where it can be fetched; `null` before it is ready.
    #[schema(format = "uri-reference", example = "/api/v1/rights/copies/01990000-0000-7000-8000-000000000001/file")]
    file: Option<String>,
}

/// Where a copy stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyProgress {
    /// It is being made.
    Working,
    /// It can be fetched.
    Ready,
    /// There was no room left on the disk.
    Full,
    /// It could not be made.
    Failed,
}

impl From<CopyState> for CopyProgress {
    fn from(state: CopyState) -> Self {
        match state {
            CopyState::Working => Self::Working,
            CopyState::Ready => Self::Ready,
            CopyState::Full => Self::Full,
            CopyState::Failed => Self::Failed,
        }
    }
}

impl From<&Copied> for DataCopy {
    fn from(copy: &Copied) -> Self {
        Self {
            id: Id(copy.id),
            state: copy.state.into(),
            done: copy.done,
            total: copy.total,
            bytes: copy.bytes,
            created_at: copy.asked_at.into(),
            expires_at: copy.until.into(),
            file: (copy.state == CopyState::Ready).then(|| format!("{}/file", place(copy.id))),
        }
    }
}

fn place(copy: Uuid) -> String {
    format!("/api/v1/rights/copies/{copy}")
}

/// Copies of my data
///
/// Those that were asked for within seven days, the newest first.
///
/// # Errors
/// [`ApiError`].
#[utoipa::path(get, path = "/api/v1/rights/copies", operation_id = "listCopies", tag = "rights", responses(
    (status = 200, description = "The copies; there is never a next page", body = Listed<DataCopy>),
))]
pub async fn copies(State(app): State<AppState>, caller: Caller, headers: HeaderMap) -> Result<Response, ApiError> {
    let claim = app.store.own_claim(caller.viewer()).await?;
    let items = app.store.copies(&claim).await?.iter().map(DataCopy::from).collect();
    json(&headers, &Listed { items, next: None })
}

/// Ask for a copy
///
/// Of everything that is kept of oneself. One that is being made already is not begun again: its address comes back.
///
/// # Errors
/// [`ApiError`].
#[utoipa::path(post, path = "/api/v1/rights/copies", operation_id = "askForCopy", tag = "rights", responses(
    (status = 202, description = "It will be made", body = DataCopy,
        headers(("Location" = String, description = "Where it stands"))),
))]
pub async fn ask(State(app): State<AppState>, caller: Caller) -> Result<Response, ApiError> {
    let claim = app.store.own_claim(caller.viewer()).await?;
    let id = app.store.ask_for_copy(&claim).await?;
    app.wake_workers();
    let copy = app.store.copy(&claim, id).await?.ok_or(AppError::NotFound)?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, location(&place(id))?)], Json(DataCopy::from(&copy))).into_response())
}

/// Where a copy stands
///
/// # Errors
/// [`AppError::NotFound`] if there is none of the person's, or no longer.
#[utoipa::path(get, path = "/api/v1/rights/copies/{copy}", operation_id = "getCopy", tag = "rights",
    params(("copy" = Id, Path, description = "The copy")), responses(
    (status = 200, description = "The copy", body = DataCopy),
))]
pub async fn copy(
    State(app): State<AppState>,
    caller: Caller,
    At(copy): At<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let claim = app.store.own_claim(caller.viewer()).await?;
    let copy = app.store.copy(&claim, copy).await?.ok_or(AppError::NotFound)?;
    json(&headers, &DataCopy::from(&copy))
}

/// Fetch a copy
///
/// A ZIP with `data.json` for programs, `index.html` for people, and every file.
///
/// # Errors
/// [`AppError::NotFound`] if there is none of the person's, it is not ready, or no longer.
#[utoipa::path(get, path = "/api/v1/rights/copies/{copy}/file", operation_id = "getCopyFile", tag = "rights",
    params(("copy" = Id, Path, description = "The copy")), responses(
    (status = 200, description = "The ZIP", body = Archive, content_type = "application/zip"),
    (status = 206, description = "The bytes that the header `Range` asked for", body = Archive, content_type = "application/zip"),
))]
pub async fn file(
    State(app): State<AppState>,
    caller: Caller,
    At(copy): At<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let whose = Whose::own(&app, caller.viewer()).await?;
    Ok(files::copy(State(app), whose, Path(CopyPlace { copy }), headers).await?)
}

/// A ZIP.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Archive(#[allow(dead_code, reason = "for the document alone")] Vec<u8>);

/// A name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewName {
    /// What the person is called: words with one blank between.
    #[schema(
        min_length = 1,
        max_length = 40,
        example = "周敏",
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+( [^\s\x00-\x1f\x7f-\x9f]+)*$"
    )]
    name: String,
}

/// Put my name right
///
/// # Errors
/// [`ApiError`]: no JSON, or a name that cannot be one.
#[utoipa::path(put, path = "/api/v1/rights/name", operation_id = "putName", tag = "rights", request_body = NewName,
    responses((status = 204, description = "The name is kept")))]
pub async fn name(
    State(app): State<AppState>,
    caller: Caller,
    body: Result<Json<NewName>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Json(new) = body.map_err(|rejection| match rejection {
        JsonRejection::MissingJsonContentType(_) => ApiError::App(AppError::UnsupportedType),
        JsonRejection::JsonDataError(_) => ApiError::Code(Code::Body),
        JsonRejection::BytesRejection(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::App(AppError::TooLarge { limit_mb: 1 })
        }
        _ => ApiError::Code(Code::BadRequest),
    })?;
    // A program says what it means: nothing is put right in silence.
    let plain = |name: &String| *name == new.name && !name.chars().any(char::is_control);
    let name = profile::name(&new.name).ok().filter(plain).ok_or(ApiError::Code(Code::Body))?;
    let claim = app.store.own_claim(caller.viewer()).await?;
    app.store.correct_name(&claim, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
