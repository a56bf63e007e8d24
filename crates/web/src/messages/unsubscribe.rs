//! `GET` and `POST /unsubscribe/{token}`: the link in every mail that is not a service message. The page asks once, so that a
//! program that looks at links stops nothing; mail programs post at once (RFC 8058). Nobody needs to sign in for it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use jiayin_domain::id::PersonId;
use jiayin_domain::message::{Channel, Class};
use uuid::Uuid;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::visitor::{Layout, Visitor};

/// Kind of the sealed token.
const TOKEN: &str = "unsubscribe";

/// The page.
#[derive(Template)]
#[template(path = "messages/unsubscribe.html")]
pub struct UnsubscribePage {
    /// Frame.
    pub layout: Layout,
    /// What is stopped.
    pub class: Class,
    /// It was stopped.
    pub done: bool,
}

/// The address of the link for a person and a class: sealed, so that it says nothing of either.
///
/// # Errors
/// If it cannot be sealed.
pub fn link(app: &AppState, person: PersonId, class: Class) -> Result<String, AppError> {
    let plain = [person.0.as_bytes().as_slice(), class.tag().as_bytes()].concat();
    let sealed = app.store.tokens().seal(TOKEN, &plain, &*app.entropy);
    let sealed = sealed.map_err(|error| AppError::Internal(error.to_string()))?;
    let site = app.config.public_url.trim_end_matches('/');
    Ok(format!("{site}/unsubscribe/{}", hex::encode(&sealed)))
}

fn read(app: &AppState, token: &str) -> Option<(PersonId, Class)> {
    let sealed = hex::decode(token).ok()?;
    let plain = app.store.tokens().open(TOKEN, &sealed).ok()?;
    let (person, class) = plain.split_first_chunk::<16>()?;
    let class = Class::from_tag(std::str::from_utf8(class).ok()?)?;
    Some((PersonId(Uuid::from_bytes(*person)), class))
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is none of ours.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Html<String>, AppError> {
    let (_, class) = read(&app, &token).ok_or(AppError::NotFound)?;
    html(&UnsubscribePage { layout: Layout::new(&visitor, &app), class, done: false })
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is none of ours, or whose owner has closed the account.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Html<String>, AppError> {
    let (person, class) = read(&app, &token).ok_or(AppError::NotFound)?;
    if !app.store.stop_messages(person, class, Channel::Mail).await? {
        return Err(AppError::NotFound);
    }
    html(&UnsubscribePage { layout: Layout::new(&visitor, &app), class, done: true })
}
