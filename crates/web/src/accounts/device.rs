//! The browser that a request comes from: the cookie by which it is known again, and what it says of itself.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use jiayin_store::devices::{About, DeviceToken};

use super::agent;
use crate::app::AppState;
use crate::error::AppError;
use crate::visitor::cookie;

/// Name of the device's cookie. Over TLS it carries the prefix that binds it to this host.
pub const DEVICE_COOKIE: &str = "device";
const SECURE_DEVICE_COOKIE: &str = "__Host-device";
/// As long as a device is remembered unused.
const MAX_AGE_S: u32 = 365 * 24 * 3600;

/// The browser that a request comes from.
pub struct ThisDevice {
    /// By which it is known again, if anybody has signed in on it.
    pub token: Option<DeviceToken>,
    /// What it says of itself.
    pub about: About,
}

fn name(app: &AppState) -> &'static str {
    if app.config.is_https() { SECURE_DEVICE_COOKIE } else { DEVICE_COOKIE }
}

impl FromRequestParts<AppState> for ThisDevice {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = cookie(&parts.headers, name(app)).and_then(DeviceToken::from_text);
        Ok(Self { token, about: agent::about(agent) })
    }
}

/// The cookie of a device on which somebody has signed in.
///
/// # Errors
/// If the token is no header value, which a token always is.
pub fn set_cookie(app: &AppState, token: &DeviceToken) -> Result<HeaderValue, AppError> {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let (name, value) = (name(app), token.to_text());
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={MAX_AGE_S}; SameSite=Lax; HttpOnly{secure}"))
        .map_err(|error| AppError::Internal(error.to_string()))
}
