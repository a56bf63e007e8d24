//! `POST /messages/push`: the browser in use is to show messages, also when no page of ours is open; `…/removal`: no more.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64ct::{Base64UrlUnpadded, Encoding};
use jiayin_store::messages::NewBrowser;
use serde::Deserialize;

use crate::app::AppState;
use crate::egress::push::{PUBLIC_KEY_LEN, SECRET_LEN, seal};
use crate::error::AppError;
use crate::session::{Person, see_other};

/// Longest address that is taken, in bytes.
const ADDRESS_MAX: usize = 2_000;

/// What the browser says of itself (W3C Push API, `PushSubscription`); keys in base64url.
#[derive(Deserialize)]
pub struct BrowserForm {
    endpoint: String,
    p256dh: String,
    auth: String,
}

impl BrowserForm {
    /// The browser, if its keys are some.
    fn read(self) -> Option<NewBrowser> {
        let mut keys = Base64UrlUnpadded::decode_vec(&self.p256dh).ok()?;
        let secret = Base64UrlUnpadded::decode_vec(&self.auth).ok()?;
        let lengths = keys.len() == PUBLIC_KEY_LEN && secret.len() == SECRET_LEN;
        keys.extend(secret);
        let good = lengths && self.endpoint.len() <= ADDRESS_MAX && seal("", &keys).is_some();
        good.then_some(NewBrowser { endpoint: self.endpoint, keys })
    }
}

/// `POST /messages/push`, by our script: 204.
///
/// # Errors
/// [`AppError::NotFound`] without push; [`AppError::BadRequest`] if it is no browser's, or one of a maker whose service the
/// operator does not use.
pub async fn post(
    State(app): State<AppState>,
    Person(viewer): Person,
    form: Result<Form<BrowserForm>, FormRejection>,
) -> Result<Response, AppError> {
    if app.egress.push_key().is_none() {
        return Err(AppError::NotFound);
    }
    let Form(form) = form.map_err(|_| AppError::BadRequest("push form"))?;
    let browser = form.read().filter(|browser| app.egress.pushes_to(&browser.endpoint));
    let browser = browser.ok_or(AppError::BadRequest("push address"))?;
    app.store.push_to(&viewer, &browser).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /messages/push/removal`.
///
/// # Errors
/// [`AppError`].
pub async fn remove(State(app): State<AppState>, Person(viewer): Person) -> Result<Response, AppError> {
    app.store.push_no_more(&viewer).await?;
    Ok(see_other("/messages/settings?saved=1"))
}
