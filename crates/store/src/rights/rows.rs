//! Rows of any table of the map, read by its names: the values with what their ids stand for, sealed ones opened.

use std::collections::HashMap;

use jiayin_domain::id::PersonId;
use jiayin_privacy::map::{self, BLOBS, BlobEntry};
use jiayin_privacy::plan::{About, Reading, Shown};
use jiayin_privacy::{Grant, SubjectKey, purpose};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;
use uuid::Uuid;

use super::see::Kind;
use crate::{Store, StoreError, time};

/// A row about a person.
pub struct Row {
    /// Its id, if the table has ids.
    pub id: Option<Uuid>,
    /// When it began, in milliseconds since 1970 UTC.
    pub began_ms: Option<i64>,
    /// When it goes, where that is a day and not an event.
    pub expires_ms: Option<i64>,
    /// The values, in the order of [`Reading::columns`]: moments as RFC 3339, bytes in hexadecimal.
    pub values: Vec<Value>,
    /// The file that the row describes.
    pub file: Option<(Kind, Uuid)>,
}

/// The condition that a row is about the person.
pub(super) fn is_about(about: &About, person: PersonId) -> SimpleExpr {
    let column = Expr::col(Alias::new(about.column));
    match about.via {
        None => column.eq(person.0),
        Some(via) => column.in_subquery(
            Query::select()
                .column(Alias::new(via.column))
                .from(Alias::new(via.table))
                .and_where(Expr::col(Alias::new(via.person)).eq(person.0))
                .to_owned(),
        ),
    }
}

/// The kinds of files that lie beside the rows of a reading, one for each row.
pub(super) fn kinds_of(about: &About) -> impl Iterator<Item = &'static BlobEntry> {
    let place = (about.table, about.column);
    BLOBS.iter().filter(move |kind| kind.place() == place && !kind.parts && kind.in_export)
}

/// A value as the database has it.
enum Raw {
    Nothing,
    Text(String),
    Number(i64),
    Real(f64),
    Truth(bool),
    Id(Uuid),
    Bytes(Vec<u8>),
}

/// Reads a value whatever it is. The order matters: SQLite keeps ids as bytes, so that text is asked for before them.
fn raw(row: &QueryResult, column: &str) -> Result<Raw, StoreError> {
    if let Ok(value) = row.try_get::<Option<String>>("", column) {
        return Ok(value.map_or(Raw::Nothing, Raw::Text));
    }
    if let Ok(value) = row.try_get::<Option<i64>>("", column) {
        return Ok(value.map_or(Raw::Nothing, Raw::Number));
    }
    if let Ok(value) = row.try_get::<Option<Uuid>>("", column) {
        return Ok(value.map_or(Raw::Nothing, Raw::Id));
    }
    if let Ok(value) = row.try_get::<Option<Vec<u8>>>("", column) {
        return Ok(value.map_or(Raw::Nothing, Raw::Bytes));
    }
    if let Ok(value) = row.try_get::<Option<bool>>("", column) {
        return Ok(value.map_or(Raw::Nothing, Raw::Truth));
    }
    if let Ok(value) = row.try_get::<Option<i32>>("", column) {
        return Ok(value.map_or(Raw::Nothing, |value| Raw::Number(value.into())));
    }
    Ok(row.try_get::<Option<f64>>("", column)?.map_or(Raw::Nothing, Raw::Real))
}

fn number(row: &QueryResult, column: Option<&str>) -> Result<Option<i64>, StoreError> {
    Ok(match column.map(|column| raw(row, column)).transpose()? {
        Some(Raw::Number(number)) => Some(number),
        _ => None,
    })
}

fn id(row: &QueryResult, column: &str) -> Result<Option<Uuid>, StoreError> {
    Ok(match raw(row, column)? {
        Raw::Id(id) => Some(id),
        _ => None,
    })
}

/// An open value as the person reads it.
fn open_value(raw: Raw, column: &str) -> Value {
    match raw {
        Raw::Nothing => Value::Null,
        Raw::Text(text) => text.into(),
        Raw::Number(moment) if map::is_time(column) => time(moment).to_string().into(),
        Raw::Number(number) => number.into(),
        Raw::Real(number) => number.into(),
        Raw::Truth(truth) => truth.into(),
        Raw::Id(id) => id.to_string().into(),
        Raw::Bytes(bytes) => hex::encode(bytes).into(),
    }
}

/// The columns that a reading needs, each once.
fn needed(reading: &Reading) -> Vec<&'static str> {
    let mut columns = vec![reading.order];
    let mut add = |column: &'static str| {
        if !columns.contains(&column) {
            columns.push(column);
        }
    };
    for shown in &reading.columns {
        add(shown.column());
        if let Shown::Personal(entry) = shown {
            if entry.sealed {
                add(entry.row);
            }
            if let Some(own) = entry.shown.first().and_then(|first| first.strip_prefix('.')) {
                add(own);
            }
        }
    }
    for column in reading.began.into_iter().chain(reading.expires_after().map(|(column, _)| column)) {
        add(column);
    }
    for only in kinds_of(&reading.about).filter_map(|kind| kind.only) {
        add(only);
    }
    columns
}

fn select(reading: &Reading, person: PersonId) -> SelectStatement {
    let mut select = Query::select();
    select.from(Alias::new(reading.about.table)).and_where(is_about(&reading.about, person));
    select
}

impl Store {
    /// How many rows a reading has.
    pub(super) async fn count_rows(&self, reading: &Reading, person: PersonId) -> Result<u64, StoreError> {
        self.count_about(&reading.about, person).await
    }

    /// How many rows of a table are about a person.
    pub(super) async fn count_about(&self, about: &About, person: PersonId) -> Result<u64, StoreError> {
        let mut count = Query::select();
        count
            .expr_as(Expr::col(Alias::new(about.column)).count(), Alias::new("n"))
            .from(Alias::new(about.table))
            .and_where(is_about(about, person));
        let found = self.db.query_one(&count).await?.map(|row| row.try_get::<i64>("", "n")).transpose()?;
        Ok(u64::try_from(found.unwrap_or(0)).unwrap_or(0))
    }

    /// Rows of a reading from the oldest on, opened.
    pub(super) async fn read_rows(
        &self,
        reading: &Reading,
        key: &SubjectKey,
        grant: &Grant<purpose::Rights>,
        (offset, limit): (u64, u64),
    ) -> Result<Vec<Row>, StoreError> {
        let mut page = select(reading, key.subject());
        for column in needed(reading) {
            page.column(Alias::new(column));
        }
        page.order_by(Alias::new(reading.order), Order::Asc).offset(offset).limit(limit);
        let found = self.db.query_all(&page).await?;
        let names = self.names_of_ids(reading, &found).await?;
        found.iter().map(|row| opened(reading, row, key, grant, &names)).collect()
    }

    /// What the ids of some rows stand for: for each column, id and text.
    async fn names_of_ids(
        &self,
        reading: &Reading,
        found: &[QueryResult],
    ) -> Result<HashMap<(&'static str, Uuid), String>, StoreError> {
        let mut names = HashMap::new();
        for shown in &reading.columns {
            let Shown::Personal(entry) = shown else { continue };
            let (start, steps) = match entry.shown {
                [] => continue,
                [first, rest @ ..] => match first.strip_prefix('.') {
                    Some(own) => (own, rest),
                    None => (entry.column, entry.shown),
                },
            };
            let ids: Vec<Uuid> = found.iter().filter_map(|row| id(row, start).transpose()).collect::<Result<_, _>>()?;
            // From each id to the one where the way has come so far.
            let mut way: HashMap<Uuid, Uuid> = ids.iter().map(|id| (*id, *id)).collect();
            for (place, step) in steps.iter().enumerate() {
                let Some((table, column)) = step.split_once('.') else { continue };
                let mut select = Query::select();
                select.columns([Alias::new("id"), Alias::new(column)]).from(Alias::new(table));
                select.and_where(Expr::col(Alias::new("id")).is_in(way.values().copied().collect::<Vec<_>>()));
                let rows = self.db.query_all(&select).await?;
                let last = place + 1 == steps.len();
                let mut onward = HashMap::new();
                for row in &rows {
                    let Some(here) = id(row, "id")? else { continue };
                    let from = way.iter().filter(|(_, at)| **at == here).map(|(from, _)| *from);
                    match raw(row, column)? {
                        Raw::Text(text) if last => names.extend(from.map(|from| ((entry.column, from), text.clone()))),
                        Raw::Id(next) => onward.extend(from.map(|from| (from, next))),
                        _ => {}
                    }
                }
                way = onward;
            }
        }
        Ok(names)
    }
}

fn opened(
    reading: &Reading,
    row: &QueryResult,
    key: &SubjectKey,
    grant: &Grant<purpose::Rights>,
    names: &HashMap<(&'static str, Uuid), String>,
) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(reading.columns.len());
    for shown in &reading.columns {
        values.push(match shown {
            Shown::Plain(column, ..) => open_value(raw(row, column)?, column),
            Shown::Personal(entry) if entry.sealed => match (raw(row, entry.column)?, id(row, entry.row)?) {
                (Raw::Bytes(sealed), Some(id)) => key.open_mapped(entry, id, &sealed, grant)?,
                _ => Value::Null,
            },
            Shown::Personal(entry) => {
                let value = raw(row, entry.column)?;
                let own = entry.shown.first().and_then(|first| first.strip_prefix('.'));
                let pointer = match (own, &value) {
                    (Some(own), _) => raw(row, own)?,
                    (None, Raw::Id(id)) => Raw::Id(*id),
                    (None, _) => Raw::Nothing,
                };
                match pointer {
                    Raw::Text(text) if !entry.shown.is_empty() => text.into(),
                    Raw::Number(number) if !entry.shown.is_empty() => {
                        open_value(Raw::Number(number), own.unwrap_or_default())
                    }
                    Raw::Id(id) if !entry.shown.is_empty() => match names.get(&(entry.column, id)) {
                        Some(name) => name.clone().into(),
                        None => Value::Null,
                    },
                    _ => open_value(value, entry.column),
                }
            }
        });
    }
    let row_id = if reading.order == "id" { id(row, "id")? } else { None };
    let mut file = None;
    for kind in kinds_of(&reading.about) {
        let is_it = match kind.only {
            Some(only) => matches!(raw(row, only)?, Raw::Text(text) if text == kind.kind),
            None => true,
        };
        file = file.or(row_id.filter(|_| is_it).map(|id| (Kind(kind), id)));
    }
    let expires = match reading.expires_after() {
        Some((column, days)) => {
            number(row, Some(column))?.map(|from| from.saturating_add(i64::from(days) * 24 * 3600 * 1000))
        }
        None => None,
    };
    Ok(Row { id: row_id, began_ms: number(row, reading.began)?, expires_ms: expires, values, file })
}
