//! `GET /healthz` and `GET /readyz`.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::AppState;

/// The process is alive and answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The model is loaded and new visitors are welcome. A full queue is no reason to say no: that is what 503 is for.
pub async fn readyz(State(app): State<AppState>) -> (StatusCode, &'static str) {
    if app.ready.load(Ordering::Relaxed) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    }
}
