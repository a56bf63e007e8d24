//! What goes wrong, as programs read it: `application/problem+json` (RFC 9457), in the language that the program asks for. The
//! `code` is for the program and stays; title and text are for whoever reads its log.

use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiayin_domain::token::TokenScope;
use jiayin_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::error::{AppError, log};
use crate::locale::{Locale, Localizer};

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Declares the codes: name, word, status.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $tag:literal, $status:ident;)*) => {
        /// What is wrong, in a word that stays.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {$($(#[$doc])* $name,)*}

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in the answer, and in text keys: `problem-<tag>`, `problem-<tag>-text`.
            pub fn tag(self) -> &'static str {
                match self {$(Self::$name => $tag,)*}
            }

            /// The status that goes with it.
            pub fn status(self) -> StatusCode {
                match self {$(Self::$name => StatusCode::$status,)*}
            }
        }
    };
}

codes! {
    /// The request makes no sense.
    BadRequest = "bad_request", BAD_REQUEST;
    /// A parameter of the address is not what it must be.
    Parameter = "parameter_invalid", BAD_REQUEST;
    /// The cursor is none of ours, or of another list.
    Cursor = "cursor_invalid", BAD_REQUEST;
    /// No key was sent, or none that can be one.
    Key = "idempotency_key_invalid", BAD_REQUEST;
    /// No token was sent.
    TokenMissing = "token_missing", UNAUTHORIZED;
    /// The token is nobody's, or no longer.
    TokenInvalid = "token_invalid", UNAUTHORIZED;
    /// The token does not allow it.
    Scope = "scope_missing", FORBIDDEN;
    /// Nobody who may has said yes to it, or it was taken back.
    Consent = "consent_missing", FORBIDDEN;
    /// Processing of the data has been restricted by whom it is about.
    Restricted = "restricted", FORBIDDEN;
    /// There is no such thing, or none for this person.
    NotFound = "not_found", NOT_FOUND;
    /// Not with this method.
    Method = "method_not_allowed", METHOD_NOT_ALLOWED;
    /// The body did not arrive in time.
    Timeout = "timeout", REQUEST_TIMEOUT;
    /// The same key is being worked on.
    InProgress = "in_progress", CONFLICT;
    /// It does not fit how things stand.
    Conflict = "conflict", CONFLICT;
    /// What was there once has been taken back.
    Gone = "gone", GONE;
    /// The body is too large.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE;
    /// The body is of the wrong type.
    MediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    /// There are no such bytes.
    Range = "range_not_satisfiable", RANGE_NOT_SATISFIABLE;
    /// The key was used for something else.
    KeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY;
    /// The body is well formed, and says something that cannot be.
    Body = "body_invalid", UNPROCESSABLE_ENTITY;
    /// Too many requests with this token.
    Limited = "rate_limited", TOO_MANY_REQUESTS;
    /// Our own fault.
    Internal = "internal", INTERNAL_SERVER_ERROR;
    /// Too much to do at the moment.
    Busy = "busy", SERVICE_UNAVAILABLE;
    /// There is no room left to store anything.
    Full = "storage_full", INSUFFICIENT_STORAGE;
}

/// An error of an operation.
#[derive(Debug, Clone)]
pub enum ApiError {
    /// One that pages have too.
    App(AppError),
    /// One of the interface alone.
    Code(Code),
    /// The token does not allow this.
    Scope(TokenScope),
    /// Too many requests with this token.
    Limited {
        /// When to try again.
        retry_after_s: u64,
    },
    /// This parameter, or header, is not what it must be.
    Parameter(&'static str),
}

impl ApiError {
    /// What it is in a word.
    pub fn code(&self) -> Code {
        match self {
            Self::Code(code) => *code,
            Self::Scope(_) => Code::Scope,
            Self::Limited { .. } => Code::Limited,
            Self::Parameter(_) => Code::Parameter,
            Self::App(error) => match error {
                AppError::NotFound => Code::NotFound,
                AppError::MethodNotAllowed => Code::Method,
                AppError::BadRequest(_) | AppError::CrossSite => Code::BadRequest,
                AppError::TooLarge { .. } => Code::TooLarge,
                AppError::UnsupportedType => Code::MediaType,
                AppError::Timeout => Code::Timeout,
                AppError::Busy { .. } => Code::Busy,
                AppError::SignInFirst => Code::TokenMissing,
                AppError::Restricted => Code::Restricted,
                AppError::Refused(_) => Code::Consent,
                AppError::Gone => Code::Gone,
                AppError::Conflict | AppError::Mismatch | AppError::Held => Code::Conflict,
                AppError::Full => Code::Full,
                AppError::Lost | AppError::Internal(_) => Code::Internal,
            },
        }
    }

    /// What a status says that no handler of ours has given: the router's, an extractor's.
    fn of_status(status: StatusCode) -> Option<Self> {
        if !status.is_client_error() && !status.is_server_error() {
            return None;
        }
        let known = Code::ALL.iter().find(|code| code.status() == status);
        let other = if status.is_client_error() { Code::BadRequest } else { Code::Internal };
        Some(Self::Code(known.copied().unwrap_or(other)))
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Limited { retry_after_s } => Some(*retry_after_s),
            Self::App(AppError::Busy { retry_after_s }) => Some(u64::from(*retry_after_s)),
            Self::Code(Code::InProgress) => Some(1),
            _ => None,
        }
    }

    /// What the program has to prove, as RFC 6750 has it.
    fn challenge(&self) -> Option<String> {
        match self.code() {
            Code::TokenMissing => Some("Bearer realm=\"jiayin\"".to_owned()),
            Code::TokenInvalid => Some("Bearer realm=\"jiayin\", error=\"invalid_token\"".to_owned()),
            _ => match self {
                Self::Scope(scope) => {
                    Some(format!("Bearer realm=\"jiayin\", error=\"insufficient_scope\", scope=\"{}\"", scope.tag()))
                }
                _ => None,
            },
        }
    }

    fn detail(&self, l: &Localizer) -> String {
        let key = format!("problem-{}-text", self.code().tag());
        match self {
            Self::Scope(scope) => l.t1(&key, "scope", scope.tag()),
            Self::Parameter(name) => l.t1(&key, "parameter", *name),
            Self::Limited { retry_after_s } => l.t1(&key, "seconds", retry_after_s.to_string()),
            Self::App(AppError::TooLarge { limit_mb }) => l.t1(&key, "limit", *limit_mb),
            _ => l.t(&key),
        }
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<jiayin_privacy::OutOfScope> for ApiError {
    fn from(error: jiayin_privacy::OutOfScope) -> Self {
        Self::App(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Where it is explained: an address on this server.
    #[schema(rename = "type", format = "uri-reference", example = "/api#problem-not_found")]
    #[serde(rename = "type")]
    kind: String,
    /// What is wrong, for people.
    #[schema(example = "There is nothing here")]
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// More of it, for people.
    #[schema(example = "It does not exist, or not for the person of this token.")]
    detail: String,
    /// What is wrong, for programs: a word that stays.
    #[schema(pattern = "^[a-z_]+$", example = "not_found")]
    code: &'static str,
}

/// Gives errors below `/api` their body, whoever has made them.
pub(crate) fn rendered(app: &AppState, asked: &HeaderMap, mut response: Response) -> Response {
    let status = response.status();
    let own = response.extensions_mut().remove::<ApiError>();
    let of_page = || response.extensions_mut().remove::<AppError>().map(ApiError::App);
    let Some(error) = own.or_else(of_page).or_else(|| ApiError::of_status(status)) else { return response };
    if let ApiError::App(error) = &error {
        log(error);
    }
    let accepted = asked.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let l = app.catalogs.get(Locale::negotiate(accepted));
    let code = error.code();
    let problem = Problem {
        kind: format!("/api#problem-{}", code.tag()),
        title: l.t(&format!("problem-{}", code.tag())),
        status: status.as_u16(),
        detail: error.detail(&l),
        code: code.tag(),
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(seconds) = error.retry_after() {
        parts.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = error.challenge().and_then(|text| HeaderValue::from_str(&text).ok()) {
        parts.headers.insert(WWW_AUTHENTICATE, challenge);
    }
    match serde_json::to_vec(&problem) {
        Ok(body) => (parts, body).into_response(),
        Err(error) => {
            tracing::error!(%error, "a problem could not be written");
            status.into_response()
        }
    }
}
