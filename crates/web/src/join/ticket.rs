//! Tickets and cards as their maker sees them: a link, and the same as a picture to photograph. The secret is shown once.

use std::fmt::Write as _;

use askama::Template;
use axum::response::{IntoResponse, Response};
use jiayin_store::sessions::Token;
use qrcode::{EcLevel, QrCode};

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::visitor::{Layout, Visitor};

/// A ticket to show or to print.
pub struct Card {
    /// What stands on it first: what it is, or whose.
    pub title: String,
    /// How it is used.
    pub text: String,
    /// Where it leads.
    pub link: String,
    /// The same to be photographed: an SVG picture of ours.
    pub picture: String,
}

/// Side of the picture in pixels, where the style sheet says nothing else.
const SIDE: u32 = 132;
/// Modules that stay white around a code (ISO/IEC 18004).
const QUIET: usize = 4;

impl Card {
    /// An invitation.
    ///
    /// # Errors
    /// If the link does not fit into a picture: `public_url` is then longer than any address.
    pub fn to_join(app: &AppState, l: &Localizer, ticket: &Token) -> Result<Self, AppError> {
        Self::new(app, "join", ticket, l.t("invite-card-title"), l.t("invite-card"))
    }

    /// A card by which a child signs in; `name` is empty where it goes without saying.
    ///
    /// # Errors
    /// As [`Card::to_join`].
    pub fn to_enter(app: &AppState, l: &Localizer, name: String, card: &Token) -> Result<Self, AppError> {
        let title = if name.is_empty() { l.t("card-title-short") } else { name };
        Self::new(app, "enter", card, title, l.t("card-text"))
    }

    /// Where an invitation leads.
    pub fn link_to_join(app: &AppState, ticket: &Token) -> String {
        link(app, "join", ticket)
    }

    fn new(app: &AppState, path: &str, secret: &Token, title: String, text: String) -> Result<Self, AppError> {
        let link = link(app, path, secret);
        let code = QrCode::with_error_correction_level(&link, EcLevel::M)
            .map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(Self { title, text, link, picture: drawn(&code) })
    }
}

/// A code as a small SVG picture, with its quiet zone: a stroke for each run of dark modules in a row. A list of a thousand
/// children is a page of a thousand of them.
fn drawn(code: &QrCode) -> String {
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut strokes = String::new();
    for (y, row) in code.to_colors().chunks(width.max(1)).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&qrcode::Color::Dark) {
                let _ = write!(strokes, "M{} {}.5h{}", x + QUIET, y + QUIET, run.len());
            }
            x += run.len();
        }
    }
    format!(
        "<svg viewBox=\"0 0 {side} {side}\" width=\"{SIDE}\" height=\"{SIDE}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path stroke=\"#000\" d=\"{strokes}\"/></svg>"
    )
}

fn link(app: &AppState, path: &str, secret: &Token) -> String {
    format!("{}/{path}/{}", app.config.public_url.trim_end_matches('/'), secret.to_text())
}

/// The page of tickets or cards that were just made.
#[derive(Template)]
#[template(path = "join/ticket.html")]
pub struct TicketPage {
    /// Frame.
    pub layout: Layout,
    /// Key of the title.
    pub key: &'static str,
    /// What was made.
    pub cards: Vec<Card>,
}

/// Shows what was just made; `back` is the page from which it came.
///
/// # Errors
/// If the template fails.
pub fn page(
    app: &AppState,
    visitor: &Visitor,
    key: &'static str,
    back: &str,
    cards: Vec<Card>,
) -> Result<Response, AppError> {
    let mut layout = Layout::new(visitor, app);
    layout.path = back.to_owned();
    Ok(html(&TicketPage { layout, key, cards })?.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_dark_modules_of_its_code_and_no_others() {
        let code =
            QrCode::with_error_correction_level("https://school.example/join/abcdefghijklmnop", EcLevel::M).unwrap();
        let picture = drawn(&code);
        let mut dark = vec![qrcode::Color::Light; code.width() * code.width()];
        let strokes = picture.split(" d=\"").nth(2).and_then(|rest| rest.split('"').next()).unwrap();
        for stroke in strokes.split('M').skip(1) {
            let (x, rest) = stroke.split_once(' ').unwrap();
            let (y, length) = rest.split_once(".5h").unwrap();
            let number = |text: &str| text.parse::<usize>().unwrap();
            let begin = (number(y) - QUIET) * code.width() + number(x) - QUIET;
            dark[begin..begin + number(length)].fill(qrcode::Color::Dark);
        }
        assert_eq!(dark, code.to_colors());
        assert!(picture.len() < 4096, "{}", picture.len());
    }
}
