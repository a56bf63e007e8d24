//! Global Privacy Control (`Sec-GPC: 1`): the browser's own standing no to what the data map marks with `signal`. It counts
//! for whoever is signed in, for as long as it is sent; turning it off is done in the browser.

use axum::http::HeaderMap;
use jiayin_domain::consent::Surface;
use jiayin_store::consent::Shown;
use jiayin_store::{StoreError, Viewer};

use crate::app::AppState;

/// The header.
const HEADER: &str = "sec-gpc";

/// Whether a request carries the signal.
pub fn is_sent(headers: &HeaderMap) -> bool {
    headers.get(HEADER).is_some_and(|value| value == "1")
}

/// Takes back what the viewer granted before and the signal refuses. Whether there was anything.
///
/// # Errors
/// If it cannot be stored.
pub(crate) async fn heed(app: &AppState, viewer: &Viewer, language: &'static str) -> Result<bool, StoreError> {
    let policy = app.store.current_policy().await?;
    let shown = Shown { version: policy.number.into(), digest: policy.digest, language, surface: Surface::Signal };
    app.store.heed_signal(viewer, &shown).await
}
