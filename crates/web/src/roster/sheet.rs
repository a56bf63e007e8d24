//! The sheet of an import: the invitations beside the names for which they were prepared, shown this once. `POST
//! /campus/roster/sheet` gives the same as a file, to be kept by the school and imported again.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::RosterImportId;
use jiayin_domain::roster::{Count, Entry};
use jiayin_store::Viewer;
use jiayin_store::roster_import::Prepared;
use jiayin_store::sessions::Token;
use jiff::Timestamp;
use serde::Deserialize;

use super::export::row;
use super::file::Column;
use super::held::{self, HeldRow, HeldSheet};
use crate::app::AppState;
use crate::csv::Csv;
use crate::error::{AppError, html};
use crate::join::ticket::Card;
use crate::locale::Locale;
use crate::school_time::Moment;
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// What was done, and the invitations.
#[derive(Template)]
#[template(path = "roster/sheet.html")]
pub struct SheetPage {
    /// Frame.
    pub layout: Layout,
    /// The import.
    pub import: RosterImportId,
    /// How many rows there were of each kind.
    pub count: Count,
    /// The invitations in the order of the list.
    pub cards: Vec<Card>,
    /// Until when they are good.
    pub until: Moment,
    /// The sheet, sealed.
    pub token: String,
}

/// The page after an import.
pub(super) fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (import, prepared, until): (RosterImportId, Vec<Prepared>, Timestamp),
    (entries, count): (Vec<Entry>, Count),
) -> Result<Response, AppError> {
    let mut cards = Vec::with_capacity(prepared.len());
    let mut rows = Vec::with_capacity(prepared.len());
    for made in prepared {
        let Some(entry) = entries.get(made.row) else { continue };
        let mut card = Card::to_join(app, &visitor.l, &made.token)?;
        card.title = format!("{} · {}", entry.name, entry.class);
        cards.push(card);
        rows.push(HeldRow { entry: entry.clone(), id: made.id, secret: made.token.to_text() });
    }
    let token = if rows.is_empty() { String::new() } else { held::seal(app, viewer, HeldSheet { rows })? };
    let until = Moment::new(&visitor.l, until, app.clock.now());
    let mut layout = Layout::new(visitor, app);
    layout.path = "/campus/roster".to_owned();
    Ok(html(&SheetPage { layout, import, count, cards, until, token })?.into_response())
}

/// The form that gives the sheet back.
#[derive(Deserialize)]
pub struct SheetForm {
    token: String,
}

/// `POST /campus/roster/sheet`.
///
/// # Errors
/// [`AppError::Gone`] if the sheet was made too long ago, or for somebody else.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    form: Result<Form<SheetForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("sheet of invitations"))?;
    let held: HeldSheet = held::open(&app, &viewer, &form.token).ok_or(AppError::Gone)?;
    let chinese = visitor.l.locale() == Locale::ZhCn;
    let mut table = Csv::new(Column::ALL.map(|column| column.header(chinese)))?;
    for made in &held.rows {
        let link = Token::from_text(&made.secret).map(|token| Card::link_to_join(&app, &token)).unwrap_or_default();
        let id = made.id.to_string();
        table.row(Column::ALL.map(|column| row(&made.entry, column, chinese, (&id, &link))))?;
    }
    table.answer("invitations.csv")
}
