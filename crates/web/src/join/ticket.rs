//! A ticket as its maker sees it: a link and the same as a picture to photograph. The secret is shown once, and nowhere kept.

use askama::Template;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::InvitationId;
use jiayin_store::sessions::Token;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::visitor::{Layout, Visitor};

/// A ticket to show or to print.
pub struct Card {
    /// Where it leads.
    pub link: String,
    /// The same to be photographed: an SVG picture of ours.
    pub picture: String,
}

/// Side of the picture in pixels, at least.
const SIDE: u32 = 132;

impl Card {
    /// The card of a ticket.
    ///
    /// # Errors
    /// If the link does not fit into a picture: `public_url` is then longer than any address.
    pub fn new(app: &AppState, ticket: &Token) -> Result<Self, AppError> {
        let link = format!("{}/join/{}", app.config.public_url.trim_end_matches('/'), ticket.to_text());
        let code = QrCode::with_error_correction_level(&link, EcLevel::M)
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let picture = code.render::<svg::Color<'_>>().min_dimensions(SIDE, SIDE).quiet_zone(true).build();
        // The declaration belongs to files, not to pictures inside a page.
        let picture = picture.split_once("?>").map_or(picture.clone(), |(_, svg)| svg.to_owned());
        Ok(Self { link, picture })
    }
}

/// The page of a ticket that was just made.
#[derive(Template)]
#[template(path = "join/ticket.html")]
pub struct TicketPage {
    /// Frame.
    pub layout: Layout,
    /// The tickets.
    pub cards: Vec<Card>,
}

/// Shows tickets that were just made; `back` is the page from which they came.
///
/// # Errors
/// As [`Card::new`].
pub fn page(
    app: &AppState,
    visitor: &Visitor,
    back: &str,
    made: &[(InvitationId, Token)],
) -> Result<Response, AppError> {
    let mut layout = Layout::new(visitor, app);
    layout.path = back.to_owned();
    let cards = made.iter().map(|(_, token)| Card::new(app, token)).collect::<Result<_, _>>()?;
    Ok(html(&TicketPage { layout, cards })?.into_response())
}
