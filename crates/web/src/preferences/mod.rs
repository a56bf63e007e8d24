//! Language and theme: two cookies; of who is signed in also kept with the account, for their other browsers. What else a
//! person wants of the pages is in [`look`].

pub mod look;

use axum::extract::State;
use axum::http::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use jiayin_store::Viewer;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::AppError;
use crate::locale::Locale;
use crate::visitor::{LANG_COOKIE, THEME_COOKIE, Theme};

/// A year, after which the choice is asked of the browser again.
const MAX_AGE_S: u32 = 365 * 24 * 3600;

/// The form in every page's head.
#[derive(Deserialize)]
pub struct PreferencesForm {
    lang: Option<String>,
    theme: Option<String>,
    #[serde(default)]
    back: String,
}

/// `POST /preferences`: keeps the choice and goes back to where it was made.
pub async fn post(
    State(app): State<AppState>,
    headers: HeaderMap,
    viewer: Option<Extension<Viewer>>,
    form: Result<Form<PreferencesForm>, axum::extract::rejection::FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("preferences form"))?;
    let language = match form.lang {
        Some(tag) => Some(Locale::from_tag(&tag).ok_or(AppError::BadRequest("unknown language"))?.tag()),
        None => None,
    };
    let theme = match form.theme {
        Some(tag) => Some(Theme::from_tag(&tag).ok_or(AppError::BadRequest("unknown theme"))?.tag()),
        None => None,
    };
    if let Some(Extension(viewer)) = viewer {
        app.store.prefer(&viewer, language, theme).await?;
    }
    let partial = headers.contains_key(crate::visitor::PARTIAL_HEADER);
    let mut response = if partial { StatusCode::NO_CONTENT } else { StatusCode::SEE_OTHER }.into_response();
    add_cookies(&app, &mut response, language, theme);
    response.headers_mut().insert(axum::http::header::VARY, HeaderValue::from_name(COOKIE));
    if !partial {
        response.headers_mut().insert(LOCATION, way_back(&form.back));
    }
    Ok(response)
}

/// Sets the cookies of what was chosen.
pub(crate) fn add_cookies(app: &AppState, response: &mut Response, language: Option<&str>, theme: Option<&str>) {
    for (name, value) in [(LANG_COOKIE, language), (THEME_COOKIE, theme)] {
        if let Some(value) = value {
            set_cookie(app, response, name, value);
        }
    }
}

/// Sets the cookie of a choice, for a year.
pub(crate) fn set_cookie(app: &AppState, response: &mut Response, name: &str, value: &str) {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={MAX_AGE_S}; SameSite=Lax; HttpOnly{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Only a path of our own: `//evil.example` and `/\evil.example` are other sites to a browser.
fn way_back(path: &str) -> HeaderValue {
    HeaderValue::from_str(own_path(path).unwrap_or("/")).unwrap_or(HeaderValue::from_static("/"))
}

/// The path, if it is one of our own.
pub(crate) fn own_path(path: &str) -> Option<&str> {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    own.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_our_site() {
        for (path, expected) in [
            ("/tryout?level=2", "/tryout?level=2"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nSet-Cookie: x=y", "/"),
            ("", "/"),
        ] {
            assert_eq!(way_back(path), expected, "{path:?}");
        }
    }
}
