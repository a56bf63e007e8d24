//! `GET /profile/passkeys` and what is done there: one's own passkeys, for grown-ups. To add one takes the password and, where
//! there is one, the second step; then the device makes it.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::PasskeyId;
use jiayin_store::Viewer;
use jiayin_store::passkeys::Added;
use serde::Deserialize;

use super::doubt::{Doubt, doubt};
use super::notices::{Notice, tell};
use super::webauthn::{self, Ceremony, CeremonyError, Site};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest name of a passkey in characters; what is longer is cut.
const NAME_MAX: usize = 40;

/// One's own passkeys.
#[derive(Template)]
#[template(path = "accounts/passkeys.html")]
pub struct PasskeysPage {
    /// Frame; a grown-up is signed in.
    pub layout: Layout,
    /// Whether there can be passkeys under this address.
    pub possible: bool,
    /// Whether the person has a second step, which is then asked for too.
    pub second_step: bool,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<PasskeyView>,
    /// One was just added.
    pub saved: bool,
    /// What was wrong.
    pub error: Option<PasskeyError>,
}

/// A passkey in the list.
pub struct PasskeyView {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub added: Moment,
    /// When somebody last signed in with it.
    pub used: Option<Moment>,
}

/// The page on which the device makes the passkey.
#[derive(Template)]
#[template(path = "accounts/passkey_new.html")]
pub struct NewPasskeyPage {
    /// Frame; a grown-up is signed in.
    pub layout: Layout,
    /// The ceremony.
    pub ceremony: Ceremony,
    /// What the person calls it.
    pub name: String,
}

/// What was wrong when a passkey was to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyError {
    /// It may be somebody else who sits there.
    Doubt(Doubt),
    /// The device made none that we know to be one.
    Refused,
    /// It took too long.
    Over,
    /// It is known already.
    Known,
    /// There are enough.
    TooMany,
}

impl PasskeyError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Doubt(doubt) => doubt.message(l),
            Self::Refused => l.t("passkey-refused"),
            Self::Over => l.t("passkey-over"),
            Self::Known => l.t("passkey-known"),
            Self::TooMany => l.t("passkey-too-many"),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Doubt(doubt) => doubt.status(),
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl From<CeremonyError> for PasskeyError {
    fn from(error: CeremonyError) -> Self {
        match error {
            CeremonyError::Over => Self::Over,
            CeremonyError::Refused => Self::Refused,
        }
    }
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    saved: Option<u8>,
}

/// The form that begins.
#[derive(Deserialize)]
pub struct BeginForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// The form in which our script sends what the device has made.
#[derive(Deserialize)]
pub struct MadeForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    credential: String,
}

/// `GET /profile/passkeys`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(asked): Query<Shown>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, asked.saved == Some(1), None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    saved: bool,
    error: Option<PasskeyError>,
) -> Result<Response, AppError> {
    let now = app.clock.now();
    let (grant, kept) = app.store.passkeys(viewer).await?;
    let mut passkeys = Vec::with_capacity(kept.len());
    for passkey in kept {
        passkeys.push(PasskeyView {
            id: passkey.id,
            name: passkey.name.read(&grant)?.clone(),
            added: Moment::new(&visitor.l, passkey.added, now),
            used: passkey.used.map(|used| Moment::new(&visitor.l, used, now)),
        });
    }
    let page = PasskeysPage {
        layout: Layout { path: "/profile/passkeys".to_owned(), ..Layout::new(visitor, app) },
        possible: Site::of(&app.config.public_url).is_some(),
        second_step: app.store.second_step(viewer.person).await?.is_some(),
        passkeys,
        saved,
        error,
    };
    let status = error.map_or(StatusCode::OK, PasskeyError::status);
    Ok((status, html(&page)?).into_response())
}

/// `POST /profile/passkeys/ceremony`: it is they, so the device may make a passkey.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn begin(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<BeginForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("passkey form"))?;
    let site = Site::of(&app.config.public_url).ok_or(AppError::NotFound)?;
    if let Some(doubt) = doubt(&app, &viewer, form.password, &form.code).await? {
        return page(&app, &visitor, &viewer, false, Some(PasskeyError::Doubt(doubt))).await;
    }
    let (grant, kept) = app.store.passkeys(&viewer).await?;
    let mut known = Vec::with_capacity(kept.len());
    for passkey in &kept {
        known.push(passkey.credential.read(&grant)?.clone());
    }
    let own_name = visitor.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
    let ceremony = webauthn::to_add(&app, &site, &viewer, &own_name, known)?;
    let name = named(&form.name, &visitor.l);
    let layout = Layout { path: "/profile/passkeys".to_owned(), ..Layout::new(&visitor, &app) };
    Ok(html(&NewPasskeyPage { layout, ceremony, name })?.into_response())
}

/// The name as it will be kept: inner blanks made one, cut where it is too long; ours where there is none.
fn named(typed: &str, l: &Localizer) -> String {
    let name: String = typed.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(NAME_MAX).collect();
    if name.is_empty() { l.t("passkey-one") } else { name }
}

/// `POST /profile/passkeys`: the device has made one. The owner is told.
///
/// # Errors
/// [`AppError`]; what is wrong is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<MadeForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("passkey form"))?;
    let site = Site::of(&app.config.public_url).ok_or(AppError::NotFound)?;
    let name = named(&form.name, &visitor.l);
    let error = match webauthn::added(&app, &site, &viewer, &form.token, &form.credential, name) {
        Err(error) => error.into(),
        Ok(made) => match app.store.add_passkey(&viewer, &made).await? {
            Added::Yes => {
                tell(&app, viewer.person, Notice::PasskeyAdded);
                return Ok(see_other("/profile/passkeys?saved=1"));
            }
            Added::Known => PasskeyError::Known,
            Added::TooMany => PasskeyError::TooMany,
        },
    };
    page(&app, &visitor, &viewer, false, Some(error)).await
}

/// `POST /profile/passkeys/{passkey}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not one of one's own.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(passkey): Path<PasskeyId>,
) -> Result<Response, AppError> {
    if app.store.remove_passkey(&viewer, passkey).await? {
        Ok(see_other("/profile/passkeys"))
    } else {
        Err(AppError::NotFound)
    }
}
