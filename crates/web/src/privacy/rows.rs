//! `GET …/rows/{table}/{column}`: the rows of one kind, page by page, opened for the person, with recordings to be played.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use jiayin_privacy::plan::{self, Reading};
use jiayin_store::rights::Row;
use serde::Deserialize;

use super::Whose;
use super::words::{self, day, in_language};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::visitor::{Layout, Visitor};

/// Rows on a page.
const PAGE: u64 = 50;

/// The page.
#[derive(Template)]
#[template(path = "privacy/rows.html")]
pub struct RowsPage {
    /// Frame; someone is signed in.
    pub layout: Layout,
    /// Address of the page of everything.
    pub base: String,
    /// What the rows are.
    pub title: String,
    /// How long they are kept.
    pub keeping: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Whether there is a file to some of the rows.
    pub files: bool,
    /// The rows.
    pub rows: Vec<RowView>,
    /// Address of the rows before; empty if there are none.
    pub previous: String,
    /// Address of the rows after; empty if there are none.
    pub next: String,
}

/// A row.
pub struct RowView {
    /// Its values.
    pub cells: Vec<Cell>,
    /// Since when it is kept.
    pub began: String,
    /// Until when it is kept, if that is a day.
    pub expires: String,
    /// Address of its file; empty if it has none.
    pub file: String,
    /// Whether the file is sound.
    pub sound: bool,
    /// Address of the page that deletes it; empty if it cannot be deleted by itself.
    pub deletion: String,
}

/// A value.
pub struct Cell {
    /// As text.
    pub text: String,
    /// Whether it is long, and unfolds.
    pub long: bool,
}

/// Which rows: of a table, and in which part the person stands in them.
#[derive(Deserialize)]
pub struct Place {
    table: String,
    column: String,
}

/// Which page of them, from 0.
#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    page: u32,
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if the map knows no such rows.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    whose: Whose,
    Path(place): Path<Place>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, AppError> {
    let is_it = |reading: &Reading| reading.about.table == place.table && reading.about.column == place.column;
    let reading = plan::readings().into_iter().find(is_it).ok_or(AppError::NotFound)?;
    let first = u64::from(asked.page) * PAGE;
    let mut rows = app.store.kept_rows(&whose.claim, &reading, (first, PAGE + 1)).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let l = &visitor.l;
    let here = format!("{}/rows/{}/{}", whose.base, place.table, place.column);
    let page = |number: u32| format!("{here}?page={number}");
    html(&RowsPage {
        layout: Layout::new(&visitor, &app),
        title: in_language(l, reading.titles()).to_owned(),
        keeping: reading.retention.map_or_else(String::new, |it| in_language(l, (it.title_zh, it.title_en)).to_owned()),
        columns: reading.columns.iter().map(|column| in_language(l, column.labels()).to_owned()).collect(),
        files: rows.iter().any(|row| row.file.is_some()),
        rows: rows.iter().map(|row| view(l, &whose, &reading, row)).collect(),
        previous: asked.page.checked_sub(1).map(page).unwrap_or_default(),
        next: if more { page(asked.page.saturating_add(1)) } else { String::new() },
        base: whose.base,
    })
}

fn view(l: &Localizer, whose: &Whose, reading: &Reading, row: &Row) -> RowView {
    let cell = |(column, value): (&plan::Shown, &serde_json::Value)| match words::detail(value) {
        Some(text) => Cell { text, long: true },
        None => Cell { text: words::value(l, (reading.about.table, column.column()), value), long: false },
    };
    let file =
        row.file.map(|(kind, id)| (kind.entry().kind, format!("{}/files/{}/{id}", whose.base, kind.entry().kind)));
    let (kind, file) = file.unwrap_or_default();
    RowView {
        cells: reading.columns.iter().zip(&row.values).map(cell).collect(),
        began: row.began_ms.map(day).unwrap_or_default(),
        expires: row.expires_ms.map(day).unwrap_or_default(),
        sound: !file.is_empty(),
        deletion: if kind == "recording" && whose.claim.decides { format!("{file}/deletion") } else { String::new() },
        file,
    }
}
