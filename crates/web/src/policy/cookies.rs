//! `GET /policy/cookies`: the one registry of cookies and browser storage, as it is now (clause 3.1).

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::markdown::render;
use super::tables;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::visitor::{Layout, Visitor};

/// The page.
#[derive(Template)]
#[template(path = "policy/cookies.html")]
pub struct CookiesPage {
    /// Frame.
    pub layout: Layout,
    /// The table as HTML.
    pub table: String,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Html<String>, AppError> {
    let table = render(&tables::table(&visitor.l, "browser"), "s").html;
    html(&CookiesPage { layout: Layout::new(&visitor, &app), table })
}
