//! `GET` and `POST /sign-in`.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::PersonId;
use jiayin_privacy::Identifier;
use jiayin_store::sign_in::SignIn;
use serde::Deserialize;

use super::device::{self, ThisDevice};
use super::notices::{Notice, tell};
use super::second_sign_in;
use super::webauthn::{self, Ceremony, Site};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::limits::{self, Rule};
use crate::locale::Localizer;
use crate::network::Network;
use crate::preferences::look::LOOK_COOKIE;
use crate::preferences::{add_cookies, own_path, set_cookie as set_preference};
use crate::session::{Person, remove_cookie, see_other, see_other_with, set_cookie};
use crate::visitor::{Layout, Visitor};

/// The page to sign in.
#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
pub struct SignInPage {
    /// Frame.
    pub layout: Layout,
    /// Phone number or e-mail address as it was typed.
    pub identifier: String,
    /// Where to go afterwards: a path of our own, or empty.
    pub next: String,
    /// What was wrong.
    pub error: Option<SignInError>,
    /// Whether the demo accounts are on the start page.
    pub demo: bool,
    /// For a passkey, where the address allows them.
    pub passkey: Option<Ceremony>,
}

/// Why nobody was signed in. It never says whether the account exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInError {
    /// A field was left empty.
    Incomplete,
    /// No such account, or another password.
    Wrong,
    /// Too many tries.
    TooMany {
        /// Minutes until the next one counts, at least 1.
        minutes: u32,
    },
    /// The session ended while a recording was on its way; it waits in the browser.
    SessionOver,
    /// The passkey proves nothing, or is not known here.
    Passkey,
    /// It took too long to show the passkey.
    PasskeyOver,
}

impl SignInError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Incomplete => l.t("sign-in-incomplete"),
            Self::Wrong => l.t("sign-in-wrong"),
            Self::TooMany { minutes } => l.t1("sign-in-too-many", "minutes", minutes),
            Self::SessionOver => l.t("sign-in-session-over"),
            Self::Passkey => l.t("sign-in-passkey-refused"),
            Self::PasskeyOver => l.t("passkey-over"),
        }
    }
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Wanted {
    #[serde(default)]
    next: String,
    /// The session ended while a recording was on its way.
    over: Option<u8>,
}

/// The form.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    identifier: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Wrong passwords for one account from one network: a stranger exhausts their own, not the owner's.
const HERE: Rule = Rule { most: 10, within: Duration::from_secs(15 * 60) };
/// Wrong passwords for one account on a device where its owner has signed in before.
const KNOWN: Rule = Rule { most: 20, within: Duration::from_secs(15 * 60) };
/// Wrong passwords from one network, which may be a whole school's, for all accounts together.
const NETWORK: Rule = Rule { most: 300, within: Duration::from_secs(3600) };

/// Longest password that is looked at, in bytes.
const PASSWORD_MAX: usize = 1000;

/// `GET /sign-in`.
///
/// # Errors
/// If the template fails.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, AppError> {
    let error = (wanted.over == Some(1)).then_some(SignInError::SessionOver);
    page(&app, &visitor, String::new(), wanted.next, error)
}

/// The page, with what was wrong.
///
/// # Errors
/// If it cannot be rendered.
pub(super) fn page(
    app: &AppState,
    visitor: &Visitor,
    identifier: String,
    next: String,
    error: Option<SignInError>,
) -> Result<Response, AppError> {
    let layout = Layout::new(visitor, app);
    let next = own_path(&next).unwrap_or_default().to_owned();
    let status = match error {
        None | Some(SignInError::SessionOver) => StatusCode::OK,
        Some(SignInError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let site = Site::of(&app.config.public_url);
    let passkey = site.map(|site| webauthn::to_sign_in(app, &site)).transpose()?;
    let page = SignInPage { layout, identifier, next, error, demo: app.demo.is_some(), passkey };
    Ok((status, html(&page)?).into_response())
}

/// `POST /sign-in`.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    mut visitor: Visitor,
    network: Network,
    device: ThisDevice,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("sign-in form"))?;
    visitor.path = "/sign-in".to_owned();
    let typed = form.identifier.trim();
    if typed.is_empty() || form.password.is_empty() {
        return page(&app, &visitor, form.identifier.clone(), form.next, Some(SignInError::Incomplete));
    }
    let outcome = match Identifier::parse(typed) {
        Ok(identifier) if form.password.len() <= PASSWORD_MAX => {
            attempt(&app, &identifier, form.password, &network, &device).await?
        }
        _ => SignIn::Wrong,
    };
    let error = match outcome {
        SignIn::Welcome(person) => return welcome(&app, &visitor, person, &form.next, &device).await,
        SignIn::Wrong => SignInError::Wrong,
        SignIn::TooMany { minutes } => SignInError::TooMany { minutes },
    };
    page(&app, &visitor, form.identifier, form.next, Some(error))
}

/// One attempt, within the limits. They are the same for an account that does not exist. What is counted here is the
/// network's or the known device's; the store counts the attempts from all unknown devices together.
async fn attempt(
    app: &AppState,
    identifier: &Identifier,
    password: String,
    network: &Network,
    device: &ThisDevice,
) -> Result<SignIn, AppError> {
    let known = app.store.knows_device(identifier, device.token.as_ref()).await?;
    let account = identifier.normalised().as_bytes();
    let tokens = app.store.tokens();
    let rules = if known {
        let token = device.token.as_ref().map(|token| token.to_text()).unwrap_or_default();
        vec![(KNOWN, tokens.digest("sign-in on a known device", &[account, token.as_bytes()]))]
    } else {
        let here = tokens.digest("sign-in from a network", &[account, &network.digest()]);
        vec![(HERE, here), (NETWORK, network.digest())]
    };
    if let Err(wait) = app.limits.take(app.clock.monotonic(), &rules) {
        return Ok(SignIn::TooMany { minutes: limits::minutes(wait) });
    }
    let outcome = app.store.sign_in(identifier, password, known).await?;
    if matches!(outcome, SignIn::Welcome(_)) {
        app.limits.give_back(&rules);
    }
    Ok(outcome)
}

/// Signs in who has shown a password or a code; whoever has a second step is asked for it first.
///
/// # Errors
/// [`AppError`].
pub(crate) async fn welcome(
    app: &AppState,
    visitor: &Visitor,
    person: PersonId,
    next: &str,
    device: &ThisDevice,
) -> Result<Response, AppError> {
    match app.store.second_step(person).await? {
        Some(_) => second_sign_in::ask(app, visitor, person, next),
        None => arrive(app, person, next, device).await,
    }
}

/// Signs a person in on this device, and remembers the device. The owner is told of a new one.
pub(super) async fn arrive(
    app: &AppState,
    person: PersonId,
    next: &str,
    device: &ThisDevice,
) -> Result<Response, AppError> {
    let arrival = app.store.arrive(person, device.token.clone(), &device.about).await?.ok_or(AppError::NotFound)?;
    if arrival.alarming {
        tell(app, person, Notice::NewDevice);
    }
    // Whose account is to be closed is told so, and can undo it; else the start page knows where each role begins.
    let closing = app.store.closing_at(person).await?.is_some();
    let place = if closing { "/privacy/mine" } else { own_path(next).unwrap_or("/") };
    let mut response = see_other_with(place, set_cookie(app, &arrival.token)?);
    response.headers_mut().append(SET_COOKIE, device::set_cookie(app, &arrival.device)?);
    if let Some(profile) = app.store.profile(person).await? {
        add_cookies(app, &mut response, profile.language.as_deref(), profile.theme.as_deref());
        if let Some(look) = &profile.look {
            set_preference(app, &mut response, LOOK_COOKIE, look);
        }
    }
    Ok(response)
}

/// The form of the demo's start page.
#[derive(Deserialize)]
pub struct DemoForm {
    person: PersonId,
}

/// `POST /sign-in/demo`: one click, and only for the people of the demo school.
///
/// # Errors
/// [`AppError::NotFound`] if this is no demo, or the person is not of the demo school.
pub async fn demo(
    State(app): State<AppState>,
    visitor: Visitor,
    device: ThisDevice,
    form: Result<Form<DemoForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("demo form"))?;
    let school = app.demo.ok_or(AppError::NotFound)?;
    let known = app.store.is_of_school(school, form.person).await?;
    if known { welcome(&app, &visitor, form.person, "/", &device).await } else { Err(AppError::NotFound) }
}

/// `POST /sign-out`.
///
/// # Errors
/// [`AppError`].
pub async fn out(State(app): State<AppState>, Person(viewer): Person) -> Result<Response, AppError> {
    app.store.end_session(viewer.session).await?;
    let mut response = see_other("/");
    response.headers_mut().append(SET_COOKIE, remove_cookie(&app)?);
    Ok(response)
}
