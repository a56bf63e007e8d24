//! What people may ask for by right: to see what is kept of them, to take it along, to correct, restrict and delete it, to
//! cancel the account. For oneself under `/privacy/mine`, for one's child under `/family/{learner}/data`.

pub mod cancellation;
pub mod cli;
pub mod copies;
pub mod data;
pub mod deletion;
pub mod files;
pub mod name;
pub mod restriction;
pub mod rows;
pub mod words;

pub(crate) mod work;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use jiayin_domain::id::PersonId;
use jiayin_store::Viewer;
use jiayin_store::rights::Claim;

use crate::app::AppState;
use crate::error::AppError;

/// Whose rights a request is about: those of the person who asks, or of the child whom the address names.
pub struct Whose {
    /// What the store asks for.
    pub claim: Claim,
    /// Address of the page of everything that is kept of them.
    pub base: String,
}

impl Whose {
    async fn of(app: &AppState, viewer: &Viewer, child: Option<PersonId>) -> Result<Self, AppError> {
        Ok(match child {
            None => Self { claim: app.store.own_claim(viewer).await?, base: "/privacy/mine".to_owned() },
            Some(child) => {
                let claim = app.store.claim_for_child(viewer, child).await?.ok_or(AppError::NotFound)?;
                Self { claim, base: format!("/family/{child}/data") }
            }
        })
    }

    /// One's own.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) async fn own(app: &AppState, viewer: &Viewer) -> Result<Self, AppError> {
        Self::of(app, viewer, None).await
    }

    /// What only who decides may do.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a child.
    pub fn deciding(&self) -> Result<&Claim, AppError> {
        if self.claim.decides { Ok(&self.claim) } else { Err(AppError::NotFound) }
    }
}

impl FromRequestParts<AppState> for Whose {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, AppError> {
        let viewer = parts.extensions.get::<Viewer>().copied().ok_or(AppError::NotFound)?;
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| AppError::NotFound)?;
        let child = match params.iter().find(|(name, _)| *name == "learner") {
            Some((_, id)) => Some(id.parse().map_err(|_| AppError::NotFound)?),
            None => None,
        };
        Self::of(app, &viewer, child).await
    }
}
