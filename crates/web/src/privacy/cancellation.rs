//! `GET` and `POST …/cancellation`: the account is cancelled, after a week to think it over or at once; what goes and what
//! stays is said before. `POST …/cancellation/undo`: it is kept after all.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{Html, Response};
use jiayin_store::rights::Closing;
use serde::Deserialize;

use super::Whose;
use super::words::{in_language, moment};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// The page that says what goes and what stays, and asks.
#[derive(Template)]
#[template(path = "privacy/cancellation.html")]
pub struct CancellationPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Address of the page of everything.
    pub base: String,
    /// Whose account it is.
    pub name: String,
    /// Whether it is the visitor's own.
    pub own: bool,
    /// When it is to be erased; empty if it is not cancelled.
    pub closing: String,
    /// Until when a legal hold keeps everything; empty if none does.
    pub held: String,
    /// What goes: name and number.
    pub goes: Vec<(String, u64)>,
    /// What stays.
    pub stays: Vec<Stays>,
}

/// Something that stays.
pub struct Stays {
    /// What it is.
    pub title: String,
    /// How many there are.
    pub count: u64,
    /// Why.
    pub reason: String,
    /// Until when.
    pub keeping: String,
}

/// Says and asks.
///
/// # Errors
/// [`AppError::NotFound`] for a child.
pub async fn get(State(app): State<AppState>, visitor: Visitor, whose: Whose) -> Result<Html<String>, AppError> {
    let claim = whose.deciding()?;
    let l = &visitor.l;
    let found = app.store.cancellation(claim).await?;
    let stays = found.stays.iter().map(|(kept, count)| Stays {
        title: in_language(l, kept.titles).to_owned(),
        count: *count,
        reason: in_language(l, kept.reasons).to_owned(),
        // What is kept as long as the account outlives it as an empty shell.
        keeping: match kept.retention.filter(|it| it.days.is_some()) {
            Some(it) => in_language(l, (it.title_zh, it.title_en)).to_owned(),
            None => l.t("cancel-shell"),
        },
    });
    html(&CancellationPage {
        layout: Layout::new(&visitor, &app),
        name: app.store.name_of(claim).await?,
        own: claim.is_own(),
        closing: app.store.closing_at(claim.person).await?.map(moment).unwrap_or_default(),
        held: app.store.held_until(claim.person).await?.map(moment).unwrap_or_default(),
        goes: found.goes.into_iter().map(|(titles, count)| (in_language(l, titles).to_owned(), count)).collect(),
        stays: stays.collect(),
        base: whose.base,
    })
}

/// When.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// After a week.
    Later,
    /// At once.
    Now,
}

/// The form. Whoever wants it at once ticks a box for that.
#[derive(Deserialize)]
pub struct CancellationForm {
    when: When,
    sure: Option<String>,
}

/// Cancels.
///
/// # Errors
/// [`AppError::NotFound`] for a child; [`AppError::BadRequest`] if it is to be at once and the box is not ticked.
pub async fn post(
    State(app): State<AppState>,
    whose: Whose,
    form: Result<Form<CancellationForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("cancellation form"))?;
    let claim = whose.deciding()?;
    let place = match form.when {
        When::Later => {
            app.store.cancel(claim, Closing::InAWeek).await?;
            format!("{}/cancellation", whose.base)
        }
        When::Now if form.sure.is_some() => {
            app.store.cancel(claim, Closing::Now).await?;
            if claim.is_own() { "/".to_owned() } else { "/family".to_owned() }
        }
        When::Now => return Err(AppError::BadRequest("the box is not ticked")),
    };
    app.wake_workers();
    Ok(see_other(&place))
}

/// Keeps the account.
///
/// # Errors
/// [`AppError::NotFound`] if there is nothing to be undone, or for a child.
pub async fn undo(State(app): State<AppState>, whose: Whose, _: Person) -> Result<Response, AppError> {
    if !app.store.keep_account(whose.deciding()?).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(&whose.base))
}
