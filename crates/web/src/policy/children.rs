//! `GET /policy/children`: the rules for children under fourteen, of the version in force (clause 8.3).

use axum::extract::State;
use axum::response::Html;

use super::markdown::render;
use super::page::{PolicyPage, VersionLine};
use super::pick;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::visitor::{Layout, Visitor};

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(State(app): State<AppState>, visitor: Visitor) -> Result<Html<String>, AppError> {
    let current = app.store.current_policy().await?.number;
    let version = app.store.policy(current).await?.ok_or(AppError::NotFound)?;
    let text = pick(visitor.l.locale(), version.texts.children_zh, version.texts.children_en);
    html(&PolicyPage {
        line: VersionLine::new(&version.head, current, app.clock.now()),
        layout: Layout::new(&visitor, &app),
        text: render(&text, "s"),
        children: None,
    })
}
