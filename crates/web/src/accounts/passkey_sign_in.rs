//! `POST /sign-in/passkey`. A passkey is something that one has, and its device has asked for something that one knows or is:
//! two steps in one, so that no other is asked for.

use std::time::Duration;

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use jiayin_domain::id::PersonId;
use serde::Deserialize;

use super::device::ThisDevice;
use super::sign_in::{SignInError, arrive, page};
use super::webauthn::{self, CeremonyError, Site};
use crate::app::AppState;
use crate::error::AppError;
use crate::limits::{self, Rule};
use crate::network::Network;
use crate::visitor::Visitor;

/// Passkeys that may prove nothing, from one network, which may be a whole school's.
const NETWORK: Rule = Rule { most: 100, within: Duration::from_secs(3600) };

/// The form, as our script fills it in.
#[derive(Deserialize)]
pub struct PasskeyForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in/passkey`. A passkey that is not known is refused in the same words as one that proves nothing.
///
/// # Errors
/// [`AppError`]; what is wrong is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    mut visitor: Visitor,
    network: Network,
    device: ThisDevice,
    form: Result<Form<PasskeyForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("passkey form"))?;
    let site = Site::of(&app.config.public_url).ok_or(AppError::NotFound)?;
    visitor.path = "/sign-in".to_owned();
    let key = app.store.tokens().digest("passkeys from a network", &[&network.digest()]);
    if let Err(wait) = app.limits.take(app.clock.monotonic(), &[(NETWORK, key)]) {
        let error = SignInError::TooMany { minutes: limits::minutes(wait) };
        return page(&app, &visitor, String::new(), form.next, Some(error));
    }
    let error = match owner(&app, &site, &form).await? {
        Ok(person) => {
            app.limits.give_back(&[(NETWORK, key)]);
            return arrive(&app, person, &form.next, &device).await;
        }
        Err(CeremonyError::Over) => SignInError::PasskeyOver,
        Err(CeremonyError::Refused) => SignInError::Passkey,
    };
    page(&app, &visitor, String::new(), form.next, Some(error))
}

/// Whose passkey the answer was signed with.
async fn owner(app: &AppState, site: &Site, form: &PasskeyForm) -> Result<Result<PersonId, CeremonyError>, AppError> {
    let answer = match webauthn::answer(app, &form.token, &form.credential) {
        Ok(answer) => answer,
        Err(error) => return Ok(Err(error)),
    };
    let Some(known) = app.store.passkey(answer.credential()).await? else { return Ok(Err(CeremonyError::Refused)) };
    let began = answer.began();
    let state = match answer.verify(app, site, &known)? {
        Ok(state) => state,
        Err(error) => return Ok(Err(error)),
    };
    let first = app.store.passkey_used(known.id, began, state).await?;
    Ok(if first { Ok(known.person) } else { Err(CeremonyError::Over) })
}
