//! `GET` and `POST /enter/{card}`: a child comes in with a card. Looking at the page does nothing yet: messengers open links to
//! show what is behind them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_store::sessions::Token;

use super::device::ThisDevice;
use super::sign_in::welcome;
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::join::view::closed;
use crate::visitor::{Layout, Visitor};

/// The page with one big button.
#[derive(Template)]
#[template(path = "accounts/card.html")]
pub struct CardPage {
    /// Frame.
    pub layout: Layout,
    /// The card's secret, for the form's address.
    pub card: String,
}

/// `GET /enter/{card}`.
///
/// # Errors
/// If the database does not answer.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(card): Path<String>,
) -> Result<Response, AppError> {
    let known = match Token::from_text(&card) {
        Some(token) => app.store.card_holder(&token).await?,
        None => None,
    };
    if known.is_none() {
        return closed(&app, &visitor, "card-unknown", StatusCode::NOT_FOUND);
    }
    let mut layout = Layout::new(&visitor, &app);
    layout.path = "/".to_owned();
    Ok(html(&CardPage { layout, card })?.into_response())
}

/// `POST /enter/{card}`.
///
/// # Errors
/// If the database does not answer.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    device: ThisDevice,
    Path(card): Path<String>,
) -> Result<Response, AppError> {
    let holder = match Token::from_text(&card) {
        Some(token) => app.store.card_holder(&token).await?,
        None => None,
    };
    let Some(learner) = holder else { return closed(&app, &visitor, "card-unknown", StatusCode::NOT_FOUND) };
    app.store.card_used(learner).await?;
    welcome(&app, &visitor, learner, "/", &device).await
}
