//! What the browser holds for us between two steps: sealed, bound to the person, and good for half an hour.

use jiayin_domain::id::{InvitationId, PersonId};
use jiayin_domain::roster::{Elsewhere, Entry, Plan};
use jiayin_store::Viewer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::app::AppState;
use crate::error::AppError;

/// How long a preview or a sheet is good for.
const GOOD_FOR_MS: i64 = 30 * 60 * 1000;

/// A list that was shown, and what was shown of it.
#[derive(Serialize, Deserialize)]
pub(super) struct HeldList {
    pub(super) entries: Vec<Entry>,
    pub(super) elsewhere: Elsewhere,
    /// Digest of the plan.
    pub(super) plan: [u8; 32],
    /// Names of columns that were not read.
    pub(super) ignored: Vec<String>,
}

/// The invitations of an import, with the rows for which they were prepared.
#[derive(Serialize, Deserialize)]
pub(super) struct HeldSheet {
    pub(super) rows: Vec<HeldRow>,
}

/// A row of the sheet.
#[derive(Serialize, Deserialize)]
pub(super) struct HeldRow {
    pub(super) entry: Entry,
    pub(super) id: InvitationId,
    pub(super) secret: String,
}

/// A thing that a browser holds.
pub(super) trait Held: Serialize + DeserializeOwned {
    /// What the token is for; it opens as nothing else.
    const KIND: &'static str;
}

impl Held for HeldList {
    const KIND: &'static str = "roster list";
}

impl Held for HeldSheet {
    const KIND: &'static str = "roster sheet";
}

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    person: PersonId,
    /// Milliseconds since 1970.
    until: i64,
    held: T,
}

/// Seals something for a person.
pub(super) fn seal<T: Held>(app: &AppState, viewer: &Viewer, held: T) -> Result<String, AppError> {
    let until = app.clock.now().as_millisecond().saturating_add(GOOD_FOR_MS);
    let internal = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
    let sealed = Sealed { person: viewer.person, until, held };
    let plain = Zeroizing::new(serde_json::to_vec(&sealed).map_err(|error| internal(&error))?);
    let token = app.store.tokens().seal(T::KIND, &plain, &*app.entropy).map_err(|error| internal(&error))?;
    Ok(hex::encode(token))
}

/// Opens it again; `None` for what is not sealed by us, for this person, or no longer good.
pub(super) fn open<T: Held>(app: &AppState, viewer: &Viewer, token: &str) -> Option<T> {
    let bytes = hex::decode(token).ok()?;
    let plain = app.store.tokens().open(T::KIND, &bytes).ok()?;
    let sealed: Sealed<T> = serde_json::from_slice(&plain).ok()?;
    let good = sealed.person == viewer.person && sealed.until > app.clock.now().as_millisecond();
    good.then_some(sealed.held)
}

/// What tells a plan from another.
pub(super) fn digest(app: &AppState, plan: &Plan) -> Result<[u8; 32], AppError> {
    let plain = serde_json::to_vec(plan).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(app.store.tokens().digest("roster plan", &[&plain]))
}
