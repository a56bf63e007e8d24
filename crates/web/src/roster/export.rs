//! `GET /campus/roster/list`: the list of a campus as a file, which imported again leaves every row alone.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use jiayin_domain::roster::{Entry, Part};

use super::file::{Column, guarded, part_word};
use crate::app::AppState;
use crate::error::AppError;
use crate::locale::Locale;
use crate::session::Person;
use crate::visitor::Visitor;

/// The columns of a list; an invitation has no place in it.
const COLUMNS: [Column; 8] = [
    Column::Campus,
    Column::Term,
    Column::First,
    Column::Last,
    Column::Class,
    Column::Role,
    Column::Name,
    Column::Number,
];

/// A table that is being written: UTF-8 with its mark, by which spreadsheets know it, and lines as they want them.
pub(super) struct Columns<'a> {
    columns: &'a [Column],
    writer: csv::Writer<Vec<u8>>,
}

impl<'a> Columns<'a> {
    /// Begins a table with its headers, in Chinese or English.
    pub(super) fn new(columns: &'a [Column], chinese: bool) -> Result<Self, AppError> {
        let begun = "\u{feff}".as_bytes().to_vec();
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(begun);
        writer.write_record(columns.iter().map(|column| column.header(chinese))).map_err(failed)?;
        Ok(Self { columns, writer })
    }

    /// Writes a row.
    pub(super) fn write(&mut self, cell: impl Fn(Column) -> String) -> Result<(), AppError> {
        self.writer.write_record(self.columns.iter().map(|column| guarded(&cell(*column)))).map_err(failed)
    }
}

fn failed(error: csv::Error) -> AppError {
    AppError::Internal(error.to_string())
}

/// A cell of a row.
pub(super) fn row(entry: &Entry, column: Column, chinese: bool, (invitation, link): (&str, &str)) -> String {
    match column {
        Column::Campus => entry.campus.clone(),
        Column::Term => entry.term.clone(),
        Column::First => entry.first.clone(),
        Column::Last => entry.last.clone(),
        Column::Class => entry.class.clone(),
        Column::Role => part_word(entry.part, chinese).to_owned(),
        Column::Name => entry.name.clone(),
        Column::Number => entry.number.clone(),
        Column::Contact => entry.contact.clone(),
        Column::Invitation => invitation.to_owned(),
        Column::Link => link.to_owned(),
    }
}

/// The table as a file to be saved.
pub(super) fn attachment(table: Columns<'_>, name: &str) -> Result<Response, AppError> {
    let bytes = table.writer.into_inner().map_err(|error| AppError::Internal(error.to_string()))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// `GET /campus/roster/list`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer manages no campus.
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    let kept = app.store.roster_list(&viewer).await?.ok_or(AppError::NotFound)?;
    let chinese = visitor.l.locale() == Locale::ZhCn;
    let mut table = Columns::new(&COLUMNS, chinese)?;
    for listed in &kept.rows {
        let Some(name) = kept.names.get(&listed.person) else { continue };
        let number = kept.numbers.get(&listed.person).filter(|_| listed.part == Part::Learner);
        let number = number.map(|number| number.read(&kept.grant)).transpose()?;
        let day = |of: fn(&jiayin_store::terms::Term) -> jiff::civil::Date| {
            listed.term.as_ref().map(|term| of(term).to_string()).unwrap_or_default()
        };
        let entry = Entry {
            campus: kept.campus.clone(),
            term: listed.term.as_ref().map(|term| term.name.clone()).unwrap_or_default(),
            first: day(|term| term.first),
            last: day(|term| term.last),
            class: listed.class.clone(),
            part: listed.part,
            name: name.read(&kept.grant)?.clone(),
            number: number.cloned().unwrap_or_default(),
            ..Entry::default()
        };
        table.write(|column| row(&entry, column, chinese, ("", "")))?;
    }
    attachment(table, "roster.csv")
}
