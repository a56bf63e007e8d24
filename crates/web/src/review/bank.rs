//! `GET /comments`: the teacher's own phrases for comments; `POST` of the same address adds one, `POST /comments/{phrase}`
//! changes one, `POST /comments/{phrase}/removal` takes one out.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::PhraseId;
use jiayin_store::Viewer;
use serde::Deserialize;
use uuid::Uuid;

use super::phrases::ready;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Locale;
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Longest phrase, in characters.
pub const PHRASE_MAX: usize = 300;

/// A phrase as it is typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PhraseForm {
    /// The words.
    #[serde(default)]
    pub text: String,
}

/// What is wrong with a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Nothing was typed.
    #[error("no phrase")]
    Empty,
    /// Longer than [`PHRASE_MAX`].
    #[error("phrase too long")]
    TooLong,
    /// There are as many as there may be.
    #[error("the bank is full")]
    Full,
}

impl PhraseError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "bank-error-empty",
            Self::TooLong => "bank-error-long",
            Self::Full => "bank-error-full",
        }
    }
}

impl PhraseForm {
    /// The phrase on one line.
    ///
    /// # Errors
    /// [`PhraseError`].
    pub fn check(&self) -> Result<String, PhraseError> {
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.chars().count() {
            0 => Err(PhraseError::Empty),
            1..=PHRASE_MAX => Ok(text),
            _ => Err(PhraseError::TooLong),
        }
    }
}

/// One phrase of the bank.
pub struct Row {
    /// The phrase.
    pub id: PhraseId,
    /// The words, or what was typed instead and refused.
    pub text: String,
    /// Key of what is wrong with it; empty if nothing is.
    pub error: &'static str,
}

/// The page.
#[derive(Template)]
#[template(path = "review/bank.html")]
pub struct BankPage {
    /// Frame; a teacher is signed in.
    pub layout: Layout,
    /// The teacher's own phrases.
    pub rows: Vec<Row>,
    /// Ready ones that are not among them.
    pub ready: Vec<(Locale, String)>,
    /// A new phrase that was refused; empty otherwise.
    pub typed: String,
    /// Key of what is wrong with it; empty if nothing is.
    pub error: &'static str,
}

/// A phrase that was refused: the one that was to be changed, or a new one.
type Refused = (Option<PhraseId>, String, PhraseError);

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    refused: Option<Refused>,
) -> Result<Response, AppError> {
    let bank = app.store.bank(viewer).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut rows = Vec::with_capacity(bank.phrases.len());
    for (id, text) in &bank.phrases {
        rows.push(Row { id: *id, text: text.read(&bank.grant)?.clone(), error: "" });
    }
    let mut ready = ready(&app.catalogs, &visitor.l);
    ready.retain(|(_, text)| !rows.iter().any(|row| row.text == *text));
    let (mut typed, mut error) = (String::new(), "");
    match refused {
        Some((Some(id), text, why)) => {
            for row in rows.iter_mut().filter(|row| row.id == id) {
                (row.text, row.error) = (text.clone(), why.key());
            }
        }
        Some((None, text, why)) => (typed, error) = (text, why.key()),
        None => {}
    }
    Ok((status, html(&BankPage { layout: Layout::new(visitor, app), rows, ready, typed, error })?).into_response())
}

/// `GET /comments`.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, None).await
}

/// `POST /comments`: one more phrase.
///
/// # Errors
/// [`AppError`]; what is wrong with the phrase is shown on the page instead.
pub async fn add(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<PhraseForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("phrase form"))?;
    let why = match form.check() {
        Ok(text) if app.store.add_phrase(&viewer, &text).await?.is_some() => return Ok(see_other("/comments")),
        Ok(_) => PhraseError::Full,
        Err(why) => why,
    };
    page(&app, &visitor, &viewer, Some((None, form.text, why))).await
}

/// `POST /comments/{phrase}`: other words.
///
/// # Errors
/// [`AppError`]; what is wrong with the phrase is shown on the page instead.
pub async fn change(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
    form: Result<Form<PhraseForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("phrase form"))?;
    let id = PhraseId(id);
    match form.check() {
        Ok(text) if app.store.change_phrase(&viewer, id, &text).await? => Ok(see_other("/comments")),
        Ok(_) => Err(AppError::NotFound),
        Err(why) => page(&app, &visitor, &viewer, Some((Some(id), form.text, why))).await,
    }
}

/// `POST /comments/{phrase}/removal`.
///
/// # Errors
/// [`AppError::NotFound`] if it is not the viewer's.
pub async fn remove(
    State(app): State<AppState>,
    Person(viewer): Person,
    Path(id): Path<Uuid>,
) -> Result<Response, AppError> {
    match app.store.remove_phrase(&viewer, PhraseId(id)).await? {
        true => Ok(see_other("/comments")),
        false => Err(AppError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_one_line_that_says_something() {
        let check = |text: &str| PhraseForm { text: text.to_owned() }.check();
        assert_eq!(check("  Nice\r\n work! "), Ok("Nice work!".to_owned()));
        assert_eq!(check(" \n"), Err(PhraseError::Empty));
        assert_eq!(check(&"长".repeat(PHRASE_MAX + 1)), Err(PhraseError::TooLong));
    }
}
