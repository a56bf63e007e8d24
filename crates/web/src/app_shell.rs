//! What makes an app of the pages: `GET /manifest.webmanifest`, by which a phone puts them on its home screen,
//! `GET /service-worker.js`, and `GET /offline`, the page that is shown without a network. Nothing of anybody is in them.

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::visitor::{Layout, Visitor};

/// The page without a network.
#[derive(Template)]
#[template(path = "app_shell/offline.html")]
pub struct OfflinePage {
    /// Frame; nobody is signed in there.
    pub layout: Layout,
}

/// `GET /offline`. Browsers keep it, so it is for nobody in particular, whoever asks.
///
/// # Errors
/// [`AppError`].
pub async fn offline(State(app): State<AppState>, mut visitor: Visitor) -> Result<Html<String>, AppError> {
    visitor.person = None;
    "/".clone_into(&mut visitor.path);
    html(&OfflinePage { layout: Layout::new(&visitor, &app) })
}

/// `GET /manifest.webmanifest` (W3C Web Application Manifest).
pub async fn manifest(State(app): State<AppState>, visitor: Visitor) -> Response {
    let manifest = json!({
        "id": "/",
        "name": visitor.l.t("app-name"),
        "short_name": visitor.l.t("brand"),
        "description": visitor.l.t("description"),
        "lang": visitor.l.locale().tag(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf4e8",
        "theme_color": "#0b5f66",
        "icons": [{ "src": app.assets.url("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any" }],
    });
    ([(CONTENT_TYPE, "application/manifest+json"), (CACHE_CONTROL, "no-cache")], manifest.to_string()).into_response()
}

/// `GET /service-worker.js`. It has no number in its address: browsers look whether it has changed.
///
/// # Errors
/// [`AppError::NotFound`] if it was not built.
pub async fn service_worker(State(app): State<AppState>) -> Result<Response, AppError> {
    let script = app.assets.bytes("service_worker.js").ok_or(AppError::NotFound)?;
    let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, script.into_owned()).into_response())
}
