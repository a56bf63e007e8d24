//! Tickets and cards as their maker sees them: a link, and the same as a picture to photograph. The secret is shown once.

use askama::Template;
use axum::response::{IntoResponse, Response};
use jiayin_store::sessions::Token;
use qrcode::render::svg;
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

/// Side of the picture in pixels, at least.
const SIDE: u32 = 132;

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
        let picture = code.render::<svg::Color<'_>>().min_dimensions(SIDE, SIDE).quiet_zone(true).build();
        // The declaration belongs to files, not to pictures inside a page.
        let picture = picture.split_once("?>").map_or(picture.clone(), |(_, svg)| svg.to_owned());
        Ok(Self { title, text, link, picture })
    }
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
