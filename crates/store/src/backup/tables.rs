//! All rows of a database as lines of JSON: for each table a line with its name and columns, then a line for each row, in the
//! order of its key. Bytes are Base64. The lines are the same whichever database they come from, so their hash is too.

use std::io::{BufRead, Write};

use base64ct::{Base64, Encoding};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::StoreError;
use crate::connect::{self, Column, Kind, Table};

/// Rows read at once.
const PAGE: u64 = 500;
/// Values written at once; both databases take more.
const VALUES: usize = 10_000;
/// The table of migrations is not content: the manifest has them by name.
const MIGRATIONS: &str = "seaql_migrations";

/// A table in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counted {
    /// Its name.
    pub(super) table: String,
    /// Its rows.
    pub(super) rows: u64,
    /// SHA-256 of its lines, in hex.
    pub(super) sha256: String,
}

#[derive(Serialize, Deserialize)]
struct Head {
    table: String,
    columns: Vec<String>,
}

/// Something went wrong with the rows, or with where the lines come from or go to.
pub(super) enum Trouble {
    Store(StoreError),
    Stream(std::io::Error),
    Line(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sea_orm::DbErr> for Trouble {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Stream(error)
    }
}

impl Trouble {
    /// As an error of this file of a backup.
    pub(super) fn with(path: &std::path::Path) -> impl FnOnce(Self) -> super::BackupError {
        let path = path.to_owned();
        move |trouble| match trouble {
            Self::Store(error) => error.into(),
            Self::Stream(error) => super::BackupError::disk(&path)(error),
            Self::Line(why) => super::BackupError::damaged(&path, why),
        }
    }
}

/// Writes all rows of a snapshot.
pub(super) async fn dump(tx: &DatabaseTransaction, out: &mut impl Write) -> Result<Vec<Counted>, Trouble> {
    let mut counted = Vec::new();
    for table in connect::tables(tx).await? {
        if table.name == MIGRATIONS {
            continue;
        }
        counted.push(dump_table(tx, &table, out).await?);
    }
    Ok(counted)
}

async fn dump_table(tx: &DatabaseTransaction, table: &Table, out: &mut impl Write) -> Result<Counted, Trouble> {
    let columns = table.columns.iter().map(|column| column.name.clone()).collect();
    let mut hash = Sha256::new();
    line(&Head { table: table.name.clone(), columns }, out, &mut hash)?;
    let keys: Vec<usize> = (0..table.columns.len()).filter(|at| table.columns[*at].key).collect();
    if keys.is_empty() {
        return Err(StoreError::Damaged(format!("the table {} has no primary key", table.name)).into());
    }
    let (mut rows, mut after) = (0, Vec::new());
    loop {
        let page = page(tx, table, &keys, &after).await?;
        for row in &page {
            line(row, out, &mut hash)?;
        }
        rows += page.len() as u64;
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => after = keys.iter().map(|at| last[*at].clone()).collect(),
            _ => break,
        }
    }
    Ok(Counted { table: table.name.clone(), rows, sha256: hex::encode(hash.finalize()) })
}

/// The next rows after those with the key `after`, in the order of the key.
async fn page(
    tx: &DatabaseTransaction,
    table: &Table,
    keys: &[usize],
    after: &[Json],
) -> Result<Vec<Vec<Json>>, Trouble> {
    let mut query = Query::select();
    query.from(Alias::new(&table.name)).limit(PAGE);
    for column in &table.columns {
        query.column(Alias::new(&column.name));
    }
    let sorted = |at: &usize| connect::sorted(tx, &table.columns[*at]);
    for key in keys {
        query.order_by_expr(sorted(key), Order::Asc);
    }
    if !after.is_empty() {
        let values = keys.iter().zip(after).map(|(at, value)| value_of(&table.columns[*at], value.clone()));
        let values = values.map(|value| value.map(Expr::val)).collect::<Result<Vec<_>, _>>()?;
        query.and_where(Expr::tuple(keys.iter().map(sorted)).gt(Expr::tuple(values)));
    }
    let rows = tx.query_all(&query).await?;
    let row = |row: &QueryResult| table.columns.iter().map(|column| json_of(row, column)).collect();
    rows.iter().map(row).collect::<Result<_, StoreError>>().map_err(Trouble::from)
}

fn line(what: &impl Serialize, out: &mut impl Write, hash: &mut Sha256) -> Result<(), Trouble> {
    let mut text = serde_json::to_vec(what).map_err(std::io::Error::other)?;
    text.push(b'\n');
    hash.update(&text);
    Ok(out.write_all(&text)?)
}

fn json_of(row: &QueryResult, column: &Column) -> Result<Json, StoreError> {
    let name = column.name.as_str();
    Ok(match column.kind {
        Kind::Id => row.try_get::<Option<Uuid>>("", name)?.map_or(Json::Null, |id| id.to_string().into()),
        Kind::Text => row.try_get::<Option<String>>("", name)?.into(),
        Kind::Number => row.try_get::<Option<i64>>("", name)?.into(),
        Kind::Bytes => row.try_get::<Option<Vec<u8>>>("", name)?.map(|bytes| Base64::encode_string(&bytes)).into(),
    })
}

fn value_of(column: &Column, json: Json) -> Result<Value, Trouble> {
    let wrong = || Trouble::Line(format!("a value of {} is of another kind", column.name));
    Ok(match (column.kind, json) {
        (Kind::Id, Json::String(text)) => text.parse::<Uuid>().map_err(|_| wrong())?.into(),
        (Kind::Text, Json::String(text)) => text.into(),
        (Kind::Number, Json::Number(number)) => number.as_i64().ok_or_else(wrong)?.into(),
        (Kind::Bytes, Json::String(text)) => Base64::decode_vec(&text).map_err(|_| wrong())?.into(),
        (Kind::Id, Json::Null) => None::<Uuid>.into(),
        (Kind::Text, Json::Null) => None::<String>.into(),
        (Kind::Number, Json::Null) => None::<i64>.into(),
        (Kind::Bytes, Json::Null) => None::<Vec<u8>>.into(),
        _ => return Err(wrong()),
    })
}

/// Writes the rows into a database whose tables are there and empty.
pub(super) async fn load(tx: &DatabaseTransaction, from: &mut impl BufRead) -> Result<Vec<Counted>, Trouble> {
    let tables = connect::tables(tx).await?;
    let mut counted: Vec<Counted> = Vec::new();
    let mut filling: Option<Filling> = None;
    let mut text = Vec::new();
    while from.read_until(b'\n', &mut text)? > 0 {
        let wrong = |error: serde_json::Error| Trouble::Line(format!("a line is none of rows: {error}"));
        if text.first() == Some(&b'{') {
            let head: Head = serde_json::from_slice(&text).map_err(wrong)?;
            if let Some(full) = filling.replace(Filling::begin(head, &tables)?) {
                counted.push(full.finish(tx).await?);
            }
        }
        let table = filling.as_mut().ok_or_else(|| Trouble::Line("rows of no table".to_owned()))?;
        table.hash.update(&text);
        if text.first() != Some(&b'{') {
            table.add(serde_json::from_slice(&text).map_err(wrong)?, tx).await?;
        }
        text.clear();
    }
    if let Some(full) = filling {
        counted.push(full.finish(tx).await?);
    }
    Ok(counted)
}

/// A table that is being filled.
struct Filling {
    table: String,
    columns: Vec<Column>,
    waiting: Vec<Vec<Value>>,
    rows: u64,
    hash: Sha256,
}

impl Filling {
    fn begin(head: Head, tables: &[Table]) -> Result<Self, Trouble> {
        let unknown = || Trouble::Line(format!("the table {} or a column of it is not known here", head.table));
        let table = tables.iter().find(|table| table.name == head.table).ok_or_else(unknown)?;
        let find = |name: &String| table.columns.iter().find(|column| column.name == *name).cloned();
        let columns = head.columns.iter().map(find).collect::<Option<_>>().ok_or_else(unknown)?;
        Ok(Self { table: head.table, columns, waiting: Vec::new(), rows: 0, hash: Sha256::new() })
    }

    async fn add(&mut self, row: Vec<Json>, tx: &DatabaseTransaction) -> Result<(), Trouble> {
        if row.len() != self.columns.len() {
            return Err(Trouble::Line(format!("a row of {} has another number of values", self.table)));
        }
        let values = self.columns.iter().zip(row).map(|(column, json)| value_of(column, json));
        self.waiting.push(values.collect::<Result<_, _>>()?);
        self.rows += 1;
        if (self.waiting.len() + 1) * self.columns.len() > VALUES { self.write(tx).await } else { Ok(()) }
    }

    async fn write(&mut self, tx: &DatabaseTransaction) -> Result<(), Trouble> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut insert = Query::insert();
        insert.into_table(Alias::new(&self.table));
        insert.columns(self.columns.iter().map(|column| Alias::new(&column.name)));
        for row in self.waiting.drain(..) {
            let values = row.into_iter().map(Expr::val);
            insert.values(values).map_err(|error| Trouble::Line(error.to_string()))?;
        }
        tx.execute(&insert).await?;
        Ok(())
    }

    async fn finish(mut self, tx: &DatabaseTransaction) -> Result<Counted, Trouble> {
        self.write(tx).await?;
        Ok(Counted { table: self.table, rows: self.rows, sha256: hex::encode(self.hash.finalize()) })
    }
}
