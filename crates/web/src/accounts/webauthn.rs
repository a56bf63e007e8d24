//! Passkeys as the standard has them (W3C, Web Authentication Level 3): whose site this is, ceremonies begun and ended. The
//! library speaks in here alone (docs/adr/0012).
//!
//! The server remembers no ceremony: what it must know at the end is sealed into a token of the form. A token is good once and
//! for a while; a flood of begun ceremonies costs no memory.

use std::num::NonZeroU32;
use std::time::Duration;

use jiayin_domain::id::PersonId;
use jiayin_store::Viewer;
use jiayin_store::passkeys::{KnownPasskey, NewPasskey};
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use crate::app::AppState;
use crate::error::AppError;
use crate::limits::Rule;

/// Kind of the sealed token of a passkey that is to be made.
const TO_ADD: &str = "passkey to be";
/// Kind of the sealed token of a ceremony of signing in.
const TO_SIGN_IN: &str = "signing in with a passkey";
/// How long a ceremony may take.
const GOOD_FOR: Duration = Duration::from_secs(10 * 60);
/// The same for the browser, in milliseconds.
const TIMEOUT_MS: NonZeroU32 = NonZeroU32::new(10 * 60 * 1000).unwrap();
/// A ceremony ends once.
const ONCE: Rule = Rule { most: 1, within: GOOD_FOR };
/// Length of a user handle in bytes.
const HANDLE: usize = 32;
/// Longest answer of a browser that is looked at, in bytes.
const ANSWER_MAX: usize = 16 * 1024;

/// Public keys as the store gives them back.
type Key = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// The site to which passkeys are bound.
pub struct Site {
    id: RpId,
    origin: String,
}

impl Site {
    /// The site under this address; `None` where there can be no passkeys: the standard asks for a name and for TLS, but on the
    /// machine itself (`localhost`).
    pub fn of(public_url: &str) -> Option<Self> {
        let url = Url::parse(public_url).ok()?;
        let Host::Domain(name) = url.host()? else { return None };
        if url.scheme() != "https" && name != "localhost" {
            return None;
        }
        let domain = AsciiDomain::try_from(name.to_owned()).ok()?;
        Some(Self { id: RpId::Domain(domain), origin: url.origin().ascii_serialization() })
    }
}

/// A ceremony that has begun, for a form.
#[derive(Clone)]
pub struct Ceremony {
    /// Goes out and comes back in the hidden field `token`.
    pub token: String,
    /// What the browser is asked, as JSON for our script.
    pub options: String,
}

/// Why a ceremony did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyError {
    /// It took too long, or has ended before.
    Over,
    /// The browser's answer proves nothing.
    Refused,
}

/// What a token of ours says.
#[derive(Serialize, Deserialize)]
struct Begun {
    /// Who is to have the passkey; nobody yet, where somebody signs in.
    person: Option<PersonId>,
    /// Milliseconds since 1970.
    at: i64,
    /// What the library must know at the end.
    state: Vec<u8>,
}

fn internal(error: &dyn std::fmt::Display) -> AppError {
    AppError::Internal(error.to_string())
}

fn begin(app: &AppState, kind: &str, person: Option<PersonId>, state: Vec<u8>) -> Result<String, AppError> {
    let begun = Begun { person, at: app.clock.now().as_millisecond(), state };
    let plain = serde_json::to_vec(&begun).map_err(|error| internal(&error))?;
    let token = app.store.tokens().seal(kind, &plain, &*app.entropy).map_err(|error| internal(&error))?;
    Ok(hex::encode(token))
}

fn begun(app: &AppState, kind: &str, token: &str) -> Option<Begun> {
    let plain = app.store.tokens().open(kind, &hex::decode(token).ok()?).ok()?;
    let begun: Begun = serde_json::from_slice(&plain).ok()?;
    let good_for = i64::try_from(GOOD_FOR.as_millis()).unwrap_or(i64::MAX);
    (begun.at.saturating_add(good_for) > app.clock.now().as_millisecond()).then_some(begun)
}

/// What devices know a person by: it says nothing of them, and is the same for all their passkeys.
fn handle(app: &AppState, person: PersonId) -> UserHandle<HANDLE> {
    let digest = app.store.tokens().digest("passkey", &[person.0.as_bytes()]);
    let Ok(handle) = UserHandle::decode(digest);
    handle
}

/// Begins to make a passkey. `name` is what the device shows beside it, `known` the credentials that the person has already.
///
/// # Errors
/// If the ceremony cannot be written down.
pub(super) fn to_add(
    app: &AppState,
    site: &Site,
    viewer: &Viewer,
    name: &str,
    known: Vec<Vec<u8>>,
) -> Result<Ceremony, AppError> {
    let handle = handle(app, viewer.person);
    let joined = name.split_whitespace().collect::<Vec<_>>().join(".");
    // Names that RFC 8265 refuses are left to the device, which then shows ours.
    let user = PublicKeyCredentialUserEntity {
        name: Username::try_from(joined).or_else(|_| Username::try_from("jiayin")).map_err(|error| internal(&error))?,
        id: &handle,
        display_name: Nickname::try_from(name).ok(),
    };
    // Over which ways a device can be reached is not kept: the browser finds it.
    let transports = AuthTransports::decode(0).map_err(|error| internal(&error))?;
    let descriptor = |id| PublicKeyCredentialDescriptor { id, transports };
    let known = known.into_iter().filter_map(|id| CredentialId::decode(id).ok().map(descriptor)).collect();
    let mut options = PublicKeyCredentialCreationOptions::passkey(&site.id, user, known);
    options.timeout = TIMEOUT_MS;
    // Phones and laptops refuse to make a key where this is enforced: few of them know it. What it is for, that the user be verified,
    // we ask at each use.
    options.extensions.cred_protect = CredProtect::None;
    let (server, client) = options.start_ceremony().map_err(|error| internal(&error))?;
    let state = server.encode().map_err(|error| internal(&error))?;
    let options = serde_json::to_string(&client).map_err(|error| internal(&error))?;
    Ok(Ceremony { token: begin(app, TO_ADD, Some(viewer.person), state)?, options })
}

/// The passkey that a device has made for the viewer.
///
/// # Errors
/// [`CeremonyError`].
pub(super) fn added(
    app: &AppState,
    site: &Site,
    viewer: &Viewer,
    token: &str,
    answer: &str,
    name: String,
) -> Result<NewPasskey, CeremonyError> {
    let begun = begun(app, TO_ADD, token).ok_or(CeremonyError::Over)?;
    if begun.person != Some(viewer.person) || answer.len() > ANSWER_MAX {
        return Err(CeremonyError::Refused);
    }
    let once = app.store.tokens().digest("passkey made", &[token.as_bytes()]);
    app.limits.take(app.clock.monotonic(), &[(ONCE, once)]).map_err(|_| CeremonyError::Over)?;
    let state = RegistrationServerState::<HANDLE>::decode(&begun.state).map_err(|_| CeremonyError::Over)?;
    let answer = Registration::from_json_relaxed(answer.as_bytes()).map_err(|_| CeremonyError::Refused)?;
    let origins = [site.origin.as_str()];
    let options = RegistrationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..RegistrationVerificationOptions::default()
    };
    let made = state.verify(&site.id, &answer, &options).map_err(|_| CeremonyError::Refused)?;
    let Ok(public_key) = made.static_state().encode();
    let Ok(state) = made.dynamic_state().encode();
    Ok(NewPasskey { credential: made.id().as_ref().to_vec(), public_key, state: state.to_vec(), name })
}

/// Begins to sign somebody in, whoever it will be.
///
/// # Errors
/// If the ceremony cannot be written down.
pub(super) fn to_sign_in(app: &AppState, site: &Site) -> Result<Ceremony, AppError> {
    let mut options = DiscoverableCredentialRequestOptions::passkey(&site.id);
    options.0.timeout = TIMEOUT_MS;
    let (server, client) = options.start_ceremony().map_err(|error| internal(&error))?;
    let state = server.encode().map_err(|error| internal(&error))?;
    let options = serde_json::to_string(&client).map_err(|error| internal(&error))?;
    Ok(Ceremony { token: begin(app, TO_SIGN_IN, None, state)?, options })
}

/// What a browser answers to [`to_sign_in`]; nothing of it is proven yet.
pub(super) struct Answer {
    begun: Begun,
    authentication: DiscoverableAuthentication<HANDLE>,
}

/// Reads the answer.
///
/// # Errors
/// [`CeremonyError`].
pub(super) fn answer(app: &AppState, token: &str, answer: &str) -> Result<Answer, CeremonyError> {
    let begun = begun(app, TO_SIGN_IN, token).ok_or(CeremonyError::Over)?;
    if answer.len() > ANSWER_MAX {
        return Err(CeremonyError::Refused);
    }
    let authentication =
        DiscoverableAuthentication::from_json_relaxed(answer.as_bytes()).map_err(|_| CeremonyError::Refused)?;
    Ok(Answer { begun, authentication })
}

impl Answer {
    /// Id of the credential by which somebody says to be its owner.
    pub(super) fn credential(&self) -> &[u8] {
        self.authentication.raw_id().into_inner()
    }

    /// When the ceremony began, in milliseconds since 1970.
    pub(super) fn began(&self) -> i64 {
        self.begun.at
    }

    /// Looks whether the answer was signed with this passkey, for this ceremony and this site, by a device that has verified its
    /// user. The state to keep comes back.
    ///
    /// # Errors
    /// [`CeremonyError`] inside, if it was not; else if the kept key cannot be read.
    pub(super) fn verify(
        self,
        app: &AppState,
        site: &Site,
        known: &KnownPasskey,
    ) -> Result<Result<Vec<u8>, CeremonyError>, AppError> {
        let state: StaticState<Key> =
            StaticState::decode(known.public_key.read(&known.grant)?).map_err(|error| internal(&error))?;
        let counter = known.state.as_slice().try_into().map_err(|error| internal(&error))?;
        let counter = DynamicState::decode(counter).map_err(|error| internal(&error))?;
        let owner = handle(app, known.person);
        let mut credential = AuthenticatedCredential::new(self.authentication.raw_id(), &owner, state, counter)
            .map_err(|error| internal(&error))?;
        let Ok(server) = DiscoverableAuthenticationServerState::decode(&self.begun.state) else {
            return Ok(Err(CeremonyError::Over));
        };
        let origins = [site.origin.as_str()];
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        if server.verify(&site.id, &self.authentication, &mut credential, &options).is_err() {
            return Ok(Err(CeremonyError::Refused));
        }
        let Ok(state) = credential.dynamic_state().encode();
        Ok(Ok(state.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_tls_but_on_the_machine_itself() {
        let origin = |url: &str| Site::of(url).map(|site| site.origin);
        assert_eq!(origin("https://school.example/"), Some("https://school.example".to_owned()));
        assert_eq!(origin("https://school.example:8443"), Some("https://school.example:8443".to_owned()));
        assert_eq!(origin("http://localhost:8080"), Some("http://localhost:8080".to_owned()));
        for nowhere in
            ["http://127.0.0.1:8080", "https://192.0.2.1", "https://[2001:db8::1]", "http://school.example", ""]
        {
            assert_eq!(origin(nowhere), None, "{nowhere}");
        }
    }
}
