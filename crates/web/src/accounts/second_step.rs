//! `GET` and `POST /profile/second-step`, `POST /profile/second-step/removal`: two steps to sign in, for staff. The second is the code of
//! an authenticator app (RFC 6238: six digits, thirty seconds).

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::PersonId;
use jiayin_store::Viewer;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::limits::{self, Rule};
use crate::locale::Localizer;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Kind of the sealed token of a secret that is not kept yet.
const TOKEN: &str = "second step to be";
/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;
/// Letters of recovery codes: those of base32, none of which is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Length of a recovery code: 50 random bits.
const RECOVERY_LENGTH: usize = 10;

/// Codes that may be wrong for one person…
const TRIES: Rule = Rule { most: 5, within: Duration::from_secs(15 * 60) };
/// …and on one day: one chance in ten thousand for who has the password.
const A_DAY: Rule = Rule { most: 30, within: Duration::from_secs(24 * 3600) };

/// The page: to begin, to see that it is on, or to write the recovery codes down.
#[derive(Template)]
#[template(path = "accounts/second_step.html")]
pub struct SecondStepPage {
    /// Frame; someone of the staff is signed in.
    pub layout: Layout,
    /// How things stand.
    pub state: Stand,
    /// What was wrong with the code.
    pub error: Option<StepError>,
}

/// How things stand with somebody's second step.
pub enum Stand {
    /// Off: what the app is to be shown.
    Off(Setup),
    /// On.
    On {
        /// Recovery codes that are left.
        left: u64,
    },
    /// Just switched on: the recovery codes, shown this once.
    Fresh(Vec<String>),
}

/// A secret that becomes the person's when they have shown its first code.
pub struct Setup {
    /// Goes out and comes back in the hidden field `token`.
    pub token: String,
    /// The QR code for the app, as SVG of our own making.
    pub qr: String,
    /// The secret to be typed instead, in groups of four.
    pub secret: String,
}

/// What was wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepError {
    /// Not the code of this time, used already, or no recovery code.
    Wrong,
    /// Too many tries.
    TooMany {
        /// Minutes to wait.
        minutes: u32,
    },
}

impl StepError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Wrong => l.t("second-step-wrong"),
            Self::TooMany { minutes } => l.t1("second-step-too-many", "minutes", minutes),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    person: PersonId,
    secret: String,
}

/// The form with a code.
#[derive(Deserialize)]
pub struct StepForm {
    #[serde(default)]
    pub(super) token: String,
    #[serde(default)]
    pub(super) code: String,
}

/// The app's side of a secret in base32.
fn totp(secret: &str, account: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some("Jiayin")).build().ok()
}

/// `GET /profile/second-step`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    let state = match app.store.second_step(viewer.person).await? {
        Some(_) => Stand::On { left: app.store.recovery_codes_left(viewer.person).await? },
        None => {
            let mut bytes = [0; 20];
            app.entropy.fill(&mut bytes);
            Stand::Off(setup(&app, &visitor, &viewer, Secret::from(bytes).to_base32())?)
        }
    };
    page(&app, &visitor, state, None)
}

fn page(app: &AppState, visitor: &Visitor, state: Stand, error: Option<StepError>) -> Result<Response, AppError> {
    let status = match error {
        None => StatusCode::OK,
        Some(StepError::Wrong) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(StepError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
    };
    let page = SecondStepPage { layout: Layout::new(visitor, app), state, error };
    Ok((status, html(&page)?).into_response())
}

fn setup(app: &AppState, visitor: &Visitor, viewer: &Viewer, secret: String) -> Result<Setup, AppError> {
    let internal = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
    // The app shows this beside the code. A colon would end it.
    let name = visitor.person.as_ref().map(|person| person.name.replace(':', " ")).unwrap_or_default();
    let totp = totp(&secret, &name).ok_or(AppError::Internal("no authenticator".to_owned()))?;
    let url = totp.to_url().map_err(|error| internal(&error))?;
    let qr = QrCode::new(url).map_err(|error| internal(&error))?;
    let qr = qr.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // In a page, the picture stands without the head of a file.
    let qr = qr.split_once("?>").map_or(qr.as_str(), |(_, svg)| svg).to_owned();
    let grouped = secret.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    let plain = serde_json::to_vec(&Sealed { person: viewer.person, secret }).map_err(|error| internal(&error))?;
    let token = app.store.tokens().seal(TOKEN, &plain, &*app.entropy).map_err(|error| internal(&error))?;
    Ok(Setup { token: hex::encode(token), qr, secret: grouped })
}

fn open(app: &AppState, viewer: &Viewer, token: &str) -> Option<String> {
    let plain = app.store.tokens().open(TOKEN, &hex::decode(token).ok()?).ok()?;
    let sealed: Sealed = serde_json::from_slice(&plain).ok()?;
    (sealed.person == viewer.person).then_some(sealed.secret)
}

/// `POST /profile/second-step`: the app has the secret, as its code shows.
///
/// # Errors
/// [`AppError`]; what is wrong with the code is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<StepForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("second step form"))?;
    let secret = open(&app, &viewer, &form.token).ok_or(AppError::BadRequest("second step token"))?;
    if app.store.second_step(viewer.person).await?.is_some() {
        return Ok(see_other("/profile/second-step"));
    }
    let Some(step) = step_of(&app, &secret, &form.code) else {
        let setup = setup(&app, &visitor, &viewer, secret)?;
        return page(&app, &visitor, Stand::Off(setup), Some(StepError::Wrong));
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code(&app)).collect();
    app.store.keep_second_step(&viewer, &secret, step, &codes).await?;
    page(&app, &visitor, Stand::Fresh(codes), None)
}

/// The time step of which this is the code, now or half a minute off.
fn step_of(app: &AppState, secret: &str, code: &str) -> Option<i64> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let now = u64::try_from(app.clock.now().as_second()).ok()?;
    let step = totp(secret, "code")?.check(&code, now)?;
    i64::try_from(step).ok()
}

fn recovery_code(app: &AppState) -> String {
    let mut bytes = [0; RECOVERY_LENGTH];
    app.entropy.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// Whether a person has shown the code of their app, or one of their recovery codes; each works once.
///
/// # Errors
/// Inside, what is wrong with the code.
pub(super) async fn shown(app: &AppState, person: PersonId, typed: &str) -> Result<Result<(), StepError>, AppError> {
    let Some(second) = app.store.second_step(person).await? else { return Ok(Ok(())) };
    let key = app.store.tokens().digest("second step", &[person.0.as_bytes()]);
    let rules = [(TRIES, key), (A_DAY, key)];
    if let Err(wait) = app.limits.take(app.clock.monotonic(), &rules) {
        return Ok(Err(StepError::TooMany { minutes: limits::minutes(wait) }));
    }
    let taken = match step_of(app, second.secret.read(&second.grant)?, typed) {
        Some(step) => app.store.take_step(person, step).await?,
        None => {
            let code: String = typed.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
            app.store.take_recovery_code(person, &code.to_ascii_lowercase()).await?
        }
    };
    if !taken {
        return Ok(Err(StepError::Wrong));
    }
    app.limits.give_back(&rules);
    Ok(Ok(()))
}

/// `POST /profile/second-step/removal`: with a last code.
///
/// # Errors
/// [`AppError`]; what is wrong with the code is shown on the page instead.
pub async fn remove(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<StepForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("second step form"))?;
    match shown(&app, viewer.person, &form.code).await? {
        Ok(()) => {
            app.store.drop_second_step(&viewer).await?;
            Ok(see_other("/profile/second-step"))
        }
        Err(error) => {
            let left = app.store.recovery_codes_left(viewer.person).await?;
            page(&app, &visitor, Stand::On { left }, Some(error))
        }
    }
}
