//! `GET /campus/roster/list`: the list of a campus as a file, which imported again leaves every row alone.

use axum::extract::State;
use axum::response::Response;
use jiayin_domain::roster::{Entry, Part};

use super::file::{Column, part_word};
use crate::app::AppState;
use crate::csv::Csv;
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

/// `GET /campus/roster/list`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer manages no campus.
pub async fn get(State(app): State<AppState>, visitor: Visitor, Person(viewer): Person) -> Result<Response, AppError> {
    let kept = app.store.roster_list(&viewer).await?.ok_or(AppError::NotFound)?;
    let chinese = visitor.l.locale() == Locale::ZhCn;
    let mut table = Csv::new(COLUMNS.map(|column| column.header(chinese)))?;
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
        table.row(COLUMNS.map(|column| row(&entry, column, chinese, ("", ""))))?;
    }
    table.answer("roster.csv")
}
