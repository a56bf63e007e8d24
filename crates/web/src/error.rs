//! What goes wrong, and what the visitor sees of it (see `docs/adr/0003-error-types.md`).
//!
//! A handler returns an [`AppError`]; [`render`], which knows the visitor's language, turns it into a page or, for our
//! script, into a part of one. What the visitor reads comes from `locales/*/errors.ftl`; the reason in detail goes to the
//! log alone.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use jiayin_privacy::Refusal;
use jiayin_store::StoreError;

use crate::api;
use crate::app::AppState;
use crate::locale::Localizer;
use crate::policy::frame::PolicyFrame;
use crate::visitor::{Layout, Visitor};

/// An error with an answer of its own.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppError {
    /// No such page, or none for this visitor.
    #[error("not found")]
    NotFound,
    /// The page does not answer to this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The form was sent from another site, or not as our form sends it.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// Sent by another site in the visitor's name.
    #[error("request from another site")]
    CrossSite,
    /// The body is larger than is taken.
    #[error("body too large")]
    TooLarge {
        /// What would be taken, in megabytes.
        limit_mb: u32,
    },
    /// The body is not of a kind that the form sends.
    #[error("unsupported body type")]
    UnsupportedType,
    /// The upload did not arrive in time.
    #[error("upload too slow")]
    Timeout,
    /// Too much to do at the moment.
    #[error("busy")]
    Busy {
        /// When to try again.
        retry_after_s: u32,
    },
    /// Nobody is signed in, and a script asks.
    #[error("sign in first")]
    SignInFirst,
    /// Processing of the data has been restricted by whom it is about.
    #[error("processing is restricted")]
    Restricted,
    /// A legal hold keeps what was to be deleted.
    #[error("held by law")]
    Held,
    /// Nobody who may has said yes to it, or it was taken back.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// What was there once has been taken back.
    #[error("gone")]
    Gone,
    /// The id is known for something else, or the offset is not where things stand.
    #[error("conflict")]
    Conflict,
    /// What arrived is not what was announced.
    #[error("digest mismatch")]
    Mismatch,
    /// There is no room left to store anything.
    #[error("no room left")]
    Full,
    /// A stored file that should be there is not.
    #[error("a stored file is missing")]
    Lost,
    /// Our own fault.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Every key of an error's title; its text is at `<key>-text`.
pub const ERROR_KEYS: [&str; 18] = [
    "error-not-found",
    "error-method",
    "error-bad-request",
    "error-cross-site",
    "error-too-large",
    "error-unsupported-type",
    "error-timeout",
    "error-busy",
    "error-sign-in-first",
    "error-restricted",
    "error-held",
    "error-refused",
    "error-gone",
    "error-conflict",
    "error-mismatch",
    "error-full",
    "error-lost",
    "error-internal",
];

impl AppError {
    /// The status that goes with it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::CrossSite | Self::Refused(_) | Self::Restricted => StatusCode::FORBIDDEN,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::Gone => StatusCode::GONE,
            Self::Conflict | Self::Held => StatusCode::CONFLICT,
            Self::Mismatch => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Full => StatusCode::INSUFFICIENT_STORAGE,
            Self::Lost | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn key(&self) -> &'static str {
        match self {
            Self::NotFound => "error-not-found",
            Self::MethodNotAllowed => "error-method",
            Self::BadRequest(_) => "error-bad-request",
            Self::CrossSite => "error-cross-site",
            Self::TooLarge { .. } => "error-too-large",
            Self::UnsupportedType => "error-unsupported-type",
            Self::Timeout => "error-timeout",
            Self::Busy { .. } => "error-busy",
            Self::SignInFirst => "error-sign-in-first",
            Self::Restricted => "error-restricted",
            Self::Held => "error-held",
            Self::Refused(_) => "error-refused",
            Self::Gone => "error-gone",
            Self::Conflict => "error-conflict",
            Self::Mismatch => "error-mismatch",
            Self::Full => "error-full",
            Self::Lost => "error-lost",
            Self::Internal(_) => "error-internal",
        }
    }
}

impl From<jiayin_privacy::OutOfScope> for AppError {
    fn from(error: jiayin_privacy::OutOfScope) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy { retry_after_s: 2 },
            StoreError::Full => Self::Full,
            StoreError::Lost => Self::Lost,
            StoreError::Refused(Refusal::Restricted) => Self::Restricted,
            StoreError::Refused(Refusal::Held) => Self::Held,
            // For want of consent there is something to be done; any other refusal looks like what is not there.
            StoreError::Refused(refusal) if refusal.is_about_consent() => Self::Refused(refusal),
            StoreError::Refused(_) => Self::NotFound,
            other => Self::Internal(other.to_string()),
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Self::Busy { retry_after_s } = self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The error as a part of a page.
#[derive(Template)]
#[template(path = "error_part.html")]
pub struct ErrorPart {
    /// Texts.
    pub l: Localizer,
    /// Title.
    pub title: String,
    /// What happened and what to do.
    pub text: String,
    /// Whether trying again later helps.
    pub retry: bool,
}

/// The error as a page.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: ErrorPart,
}

impl ErrorPart {
    /// The part for an error in the visitor's language.
    pub fn new(error: &AppError, l: &Localizer) -> Self {
        let key = error.key();
        let text = match error {
            AppError::TooLarge { limit_mb } => l.t1(&format!("{key}-text"), "limit", *limit_mb),
            AppError::Busy { retry_after_s } => l.t1(&format!("{key}-text"), "seconds", *retry_after_s),
            _ => l.t(&format!("{key}-text")),
        };
        Self {
            l: l.clone(),
            title: l.t(key),
            text,
            retry: matches!(error, AppError::Busy { .. } | AppError::Internal(_)),
        }
    }
}

/// Tells the operator of what is ours to mend.
pub(crate) fn log(error: &AppError) {
    match error {
        AppError::Internal(reason) => tracing::error!(reason, "a request failed"),
        AppError::Full | AppError::Lost => tracing::error!(%error, "a request failed"),
        _ => {}
    }
}

/// Middleware: gives errors their page, or below `/api` their problem, in the visitor's language.
pub async fn render(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let headers: HeaderMap = request.headers().clone();
    let get = request.method() == Method::GET;
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let policy = request.extensions().get::<PolicyFrame>().cloned().unwrap_or_default();
    let mut response = next.run(request).await;
    if api::is_below(path.split('?').next().unwrap_or_default()) {
        return api::problem::rendered(&app, &headers, response);
    }
    let error = response.extensions_mut().remove::<AppError>();
    let error =
        error.or_else(|| (response.status() == StatusCode::METHOD_NOT_ALLOWED).then_some(AppError::MethodNotAllowed));
    let Some(error) = error else { return response };
    log(&error);
    let visitor = Visitor { policy, ..Visitor::read(&headers, if get { &path } else { "/" }, &app) };
    let part = ErrorPart::new(&error, &visitor.l);
    let body =
        if visitor.partial { part.render() } else { ErrorPage { layout: Layout::new(&visitor, &app), part }.render() };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    parts.headers.remove(axum::http::header::CONTENT_TYPE);
    match body {
        Ok(body) => (parts, Html(body)).into_response(),
        Err(error) => {
            tracing::error!(%error, "an error page could not be rendered");
            parts.status.into_response()
        }
    }
}

/// Renders a template as a page.
///
/// # Errors
/// [`AppError::Internal`] if the template fails.
pub fn html(template: &impl Template) -> Result<Html<String>, AppError> {
    template.render().map(Html).map_err(|error| AppError::Internal(error.to_string()))
}
