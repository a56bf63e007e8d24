//! The door before every operation: whose token it is, what it allows, how often it may come.

use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiayin_domain::policy::{Action, may};
use jiayin_domain::role::Role;
use jiayin_domain::token::TokenScope;
use jiayin_privacy::{Consent, Refusal};
use jiayin_store::Viewer;
use jiayin_store::tokens::Bearer;

use super::problem::{ApiError, Code};
use super::scope_of;
use crate::app::AppState;
use crate::error::AppError;
use crate::limits::Rule;
use crate::routes::ROUTES;

/// The scheme in the header.
const SCHEME: &str = "bearer ";

/// Who calls, and what their token allows.
#[derive(Clone)]
pub struct Caller(pub Bearer);

impl Caller {
    /// As whom the program acts.
    pub fn viewer(&self) -> &Viewer {
        &self.0.viewer
    }

    /// Whether the token allows this.
    pub fn allows(&self, scope: TokenScope) -> bool {
        self.0.scopes.contains(&scope)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::Code(Code::TokenMissing))
    }
}

/// Middleware before every operation. Who comes without a token, or with one that is worth nothing, gets 401; what the role
/// has no business with does not exist (404); what the token does not allow is refused (403).
pub(crate) async fn door(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let found = path.and_then(|path| {
        // HEAD is as GET; a known route under another method is answered by the router: 405.
        let method = if *request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
        ROUTES.iter().find(|(listed, route, _)| *listed == method && *route == path)
    });
    let Some((method, route, action)) = found else { return next.run(request).await };
    if *action == Action::VisitPublicPages {
        return next.run(request).await;
    }
    match admitted(&app, request.headers(), *action, scope_of(method, route)).await {
        Ok(caller) => {
            request.extensions_mut().insert(*caller.viewer());
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

async fn admitted(
    app: &AppState,
    headers: &HeaderMap,
    action: Action,
    scope: Option<TokenScope>,
) -> Result<Caller, ApiError> {
    let token = token(headers).ok_or(ApiError::Code(Code::TokenMissing))?;
    let bearer = app.store.bearer(token).await?.ok_or(ApiError::Code(Code::TokenInvalid))?;
    let viewer = bearer.viewer;
    let key = app.store.tokens().digest("api", &[viewer.session.0.as_bytes()]);
    let rule = Rule { most: app.config.api_requests_per_minute, within: Duration::from_secs(60) };
    if let Err(wait) = app.limits.take(app.clock.monotonic(), &[(rule, key)]) {
        return Err(ApiError::Limited { retry_after_s: wait.as_secs().saturating_add(1) });
    }
    if !may(Some(viewer.role), action) {
        return Err(AppError::NotFound.into());
    }
    if let Some(scope) = scope.filter(|scope| !bearer.scopes.contains(scope)) {
        return Err(ApiError::Scope(scope));
    }
    if viewer.role == Role::Learner && app.store.learns(viewer.person).await? != Consent::Given {
        return Err(AppError::Refused(Refusal::ConsentMissing).into());
    }
    Ok(Caller(bearer))
}

/// The token of the header `Authorization: Bearer …`.
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_header_is_read_as_the_standard_has_it() {
        let read = |text: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(text))]);
            token(&headers).map(str::to_owned)
        };
        assert_eq!(read("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("Basic abc"), None);
        assert_eq!(read("Bearer"), None);
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
