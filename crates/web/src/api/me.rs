//! `GET /api/v1/me`: as whom the program acts, and what its token allows.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::door::Caller;
use super::problem::ApiError;
use super::types::{Id, Moment, RoleName, ScopeName};
use crate::app::AppState;
use crate::error::AppError;

/// The person of a token.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The person.
    id: Id,
    /// What they are called.
    #[schema(example = "周敏")]
    name: String,
    /// What they are to the school.
    role: RoleName,
    /// Their school.
    school_id: Id,
    /// The language that they have chosen: `zh-CN` or `en`.
    #[schema(example = "zh-CN")]
    language: Option<String>,
    /// The token.
    token: TokenFacts,
}

/// What a token says of itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenFacts {
    /// What it allows.
    #[schema(max_items = 6)]
    scopes: Vec<ScopeName>,
    /// When it ends.
    expires_at: Moment,
}

/// Who am I?
///
/// The person as whom the token acts. Any token may ask this.
///
/// # Errors
/// [`ApiError`].
#[utoipa::path(get, path = "/api/v1/me", operation_id = "getMe", tag = "account", responses(
    (status = 200, description = "The person of the token", body = Me),
))]
pub async fn get(State(app): State<AppState>, caller: Caller, headers: HeaderMap) -> Result<Response, ApiError> {
    let viewer = caller.viewer();
    let profile = app.store.profile(viewer.person).await?.ok_or(AppError::NotFound)?;
    let me = Me {
        id: Id(viewer.person.0),
        name: profile.name.read(&profile.grant)?.clone(),
        role: viewer.role.into(),
        school_id: Id(viewer.school.0),
        language: profile.language,
        token: TokenFacts {
            scopes: caller.0.scopes.iter().copied().map(ScopeName::from).collect(),
            expires_at: caller.0.ends_at.into(),
        },
    };
    json(&headers, &me)
}
