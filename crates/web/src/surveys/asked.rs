//! `GET /surveys/asked`: the surveys that ask the viewer, and those that they have answered, from where answers are changed
//! and taken back.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use jiayin_domain::id::SurveyId;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::school_time::Moment;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// A survey in the list.
pub struct AskedRow {
    /// Id; a part of the address.
    pub id: SurveyId,
    /// Its title.
    pub title: String,
    /// Nobody can tell whose answers are whose.
    pub anonymous: bool,
    /// It can be answered now.
    pub open: bool,
    /// This person has answered.
    pub answered: bool,
    /// When it closes.
    pub closes: Option<Moment>,
}

/// The list.
#[derive(Template)]
#[template(path = "surveys/asked.html")]
pub struct AskedPage {
    /// Frame; somebody is signed in.
    pub layout: Layout,
    /// The surveys, the newest first.
    pub rows: Vec<AskedRow>,
    /// An answer was just taken back.
    pub back: bool,
}

/// What the address may carry.
#[derive(Deserialize, Default)]
pub struct Shown {
    back: Option<u8>,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Query(shown): Query<Shown>,
) -> Result<Html<String>, AppError> {
    let now = app.clock.now();
    let rows = app.store.surveys_for(&viewer).await?.into_iter().map(|asked| AskedRow {
        id: asked.survey,
        title: asked.title,
        anonymous: asked.anonymous,
        open: asked.open,
        answered: asked.answered,
        closes: asked.closes_at.map(|at| Moment::new(&visitor.l, at, now)),
    });
    html(&AskedPage { rows: rows.collect(), back: shown.back == Some(1), layout: Layout::new(&visitor, &app) })
}
