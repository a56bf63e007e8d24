//! `GET` and `POST /enter`: a child comes in with the class's code, a number and four pictures. The page shows no names, and
//! says of nothing whether it exists.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_store::pictures::{CHOICE, PictureEntry};
use jiayin_store::sign_in::SignIn;
use serde::Deserialize;

use super::device::ThisDevice;
use super::sign_in::welcome;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::limits::{self, Rule};
use crate::locale::Localizer;
use crate::network::Network;
use crate::visitor::{Layout, Visitor};

/// The pictures in their order: the word in `#picture-<tag>` of `pictures/symbols.html` and in the text key `picture-<tag>`.
pub const PICTURES: [&str; CHOICE as usize] = [
    "sun",
    "moon",
    "star",
    "cloud",
    "tree",
    "flower",
    "apple",
    "fish",
    "cat",
    "house",
    "boat",
    "car",
    "umbrella",
    "key",
    "ball",
    "ice-cream",
];

/// Names of the form's rows of pictures, and in `picture-<row>` what stands over them.
pub const ROWS: [&str; 4] = ["first", "second", "third", "fourth"];

/// Longest code and number that are looked at, in bytes.
const TYPED_MAX: usize = 40;

/// Wrong pictures for one number from one network: a stranger exhausts their own first.
const HERE: Rule = Rule { most: 10, within: Duration::from_secs(15 * 60) };
/// Wrong pictures for one number on a device where its learner has signed in before.
const KNOWN: Rule = Rule { most: 20, within: Duration::from_secs(15 * 60) };
/// Wrong pictures from one network, which may be a whole school's.
const NETWORK: Rule = Rule { most: 300, within: Duration::from_secs(3600) };

/// The page.
#[derive(Template)]
#[template(path = "pictures/enter.html")]
pub struct EnterPage {
    /// Frame.
    pub layout: Layout,
    /// The class's code, as it was typed or stands in the address.
    pub code: String,
    /// The number, as it was typed.
    pub number: String,
    /// What was wrong.
    pub error: Option<EnterError>,
}

/// Why nobody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnterError {
    /// Something is missing.
    Incomplete,
    /// No such code or number, or other pictures.
    Wrong,
    /// Too many tries.
    TooMany {
        /// Minutes until the next one counts, at least 1.
        minutes: u32,
    },
}

impl EnterError {
    /// What is wrong and what to do.
    pub fn message(self, l: &Localizer) -> String {
        match self {
            Self::Incomplete => l.t("enter-incomplete"),
            Self::Wrong => l.t("enter-wrong"),
            Self::TooMany { minutes } => l.t1("enter-too-many", "minutes", minutes),
        }
    }
}

/// What the address may carry: the code is no secret of anybody's, and a school's tablets may have it as a bookmark.
#[derive(Deserialize, Default)]
pub struct Wanted {
    #[serde(default)]
    code: String,
}

/// The form.
#[derive(Deserialize)]
pub struct EnterForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    number: String,
    first: Option<u8>,
    second: Option<u8>,
    third: Option<u8>,
    fourth: Option<u8>,
}

/// `GET /enter`.
///
/// # Errors
/// If the template fails.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, AppError> {
    page(&app, &visitor, wanted.code, String::new(), None)
}

fn page(
    app: &AppState,
    visitor: &Visitor,
    mut code: String,
    mut number: String,
    error: Option<EnterError>,
) -> Result<Response, AppError> {
    let status = match error {
        None => StatusCode::OK,
        Some(EnterError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    if code.len() > TYPED_MAX || number.len() > TYPED_MAX {
        (code, number) = (String::new(), String::new());
    }
    let layout = Layout { path: "/enter".to_owned(), ..Layout::new(visitor, app) };
    Ok((status, html(&EnterPage { layout, code, number, error })?).into_response())
}

/// `POST /enter`.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    network: Network,
    device: ThisDevice,
    form: Result<Form<EnterForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("picture form"))?;
    let pictures: Vec<u8> = [form.first, form.second, form.third, form.fourth].into_iter().flatten().collect();
    let error = match form.number.trim().parse() {
        Ok(number) if form.code.len() <= TYPED_MAX => match PictureEntry::new(&form.code, number, &pictures) {
            Some(entry) => match attempt(&app, &entry, &network, &device).await? {
                SignIn::Welcome(learner) => return welcome(&app, &visitor, learner, "/", &device).await,
                SignIn::Wrong => EnterError::Wrong,
                SignIn::TooMany { minutes } => EnterError::TooMany { minutes },
            },
            None => EnterError::Incomplete,
        },
        _ => EnterError::Incomplete,
    };
    page(&app, &visitor, form.code, form.number, Some(error))
}

/// One attempt, within the limits. What is counted here is the network's or the known device's; the store counts the attempts
/// from all unknown devices together.
async fn attempt(
    app: &AppState,
    entry: &PictureEntry,
    network: &Network,
    device: &ThisDevice,
) -> Result<SignIn, AppError> {
    let known = app.store.knows_picture_device(entry, device.token.as_ref()).await?;
    let (code, number) = (entry.code.as_bytes(), entry.number.to_be_bytes());
    let tokens = app.store.tokens();
    let rules = if known {
        let token = device.token.as_ref().map(|token| token.to_text()).unwrap_or_default();
        vec![(KNOWN, tokens.digest("pictures on a known device", &[code, &number, token.as_bytes()]))]
    } else {
        let here = tokens.digest("pictures from a network", &[code, &number, &network.digest()]);
        vec![(HERE, here), (NETWORK, tokens.digest("any pictures from a network", &[&network.digest()]))]
    };
    if let Err(wait) = app.limits.take(app.clock.monotonic(), &rules) {
        return Ok(SignIn::TooMany { minutes: limits::minutes(wait) });
    }
    let outcome = app.store.enter_by_pictures(entry, known).await?;
    if matches!(outcome, SignIn::Welcome(_)) {
        app.limits.give_back(&rules);
    }
    Ok(outcome)
}
