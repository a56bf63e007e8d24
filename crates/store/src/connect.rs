//! Opening the two databases and the file store. What differs between SQLite and PostgreSQL is here.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiayin_domain::provide::{Clock, Entropy};
use sea_orm::sea_query::{Alias, Expr, Order, Query};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait, Statement,
};
use sea_orm_migration::{MigratorTrait, SchemaManager};

use crate::blobs::Blobs;
use crate::entity::person;
use crate::keyring::{KeyRing, RootKeySource};
use crate::migration::{Data, Keys};
use crate::{Store, StoreError};

/// The table in which both databases note their migrations; the first that is made.
const MIGRATIONS: &str = "seaql_migrations";

/// Where everything is kept.
pub struct Settings {
    /// `sqlite:` or `postgres:` address of the school's data.
    pub database_url: String,
    /// Address of the key ring's database. It must be another one: no backup may hold data and keys together.
    pub key_ring_url: String,
    /// Folder of the sealed files.
    pub files: PathBuf,
    /// Where the key that wraps all keys comes from.
    pub root: Arc<dyn RootKeySource>,
}

impl Store {
    /// Opens what is kept, and brings the databases up to date.
    ///
    /// # Errors
    /// If a database or the folder cannot be opened, or the root key is not that of this key ring.
    pub async fn open(
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let keys = KeyRing::at(&settings.key_ring_url, settings.root, &*clock, Arc::clone(&entropy)).await?;
        let db = connect(&settings.database_url, Durability::Crash).await?;
        Data::up(&db, None).await?;
        if keys.is_empty().await? && person::Entity::find().one(&db).await?.is_some() {
            return Err(StoreError::Keys("it is empty, and the data are not: it is not theirs".to_owned()));
        }
        let durable = connect(&settings.database_url, Durability::PowerLoss).await?;
        let blobs = Blobs::folder(&settings.files)?;
        let (keys, blobs) = (Arc::new(keys), Arc::new(blobs));
        let (policies, desk, checked) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { db, durable, keys, blobs, policies, clock, entropy, desk, checked })
    }
}

/// Whether nothing has ever been kept at an address: a file that is not there, a PostgreSQL database without our tables.
///
/// # Errors
/// If the database does not answer.
pub async fn is_unused(url: &str) -> Result<bool, StoreError> {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let file = file.strip_prefix("//").unwrap_or(file);
        return Ok(!Path::new(file.split('?').next().unwrap_or(file)).exists());
    }
    let db = Database::connect(ConnectOptions::new(url).max_connections(1).sqlx_logging(false).to_owned()).await?;
    let used = SchemaManager::new(&db).has_table(MIGRATIONS).await?;
    db.close().await?;
    Ok(!used)
}

/// Opens the database of a key ring and brings it up to date; a damaged one is refused.
pub(crate) async fn key_ring(url: &str) -> Result<DatabaseConnection, StoreError> {
    let damaged = |error: DbErr| StoreError::Keys(error.to_string());
    let db = connect(url, Durability::PowerLoss).await.map_err(|error| StoreError::Keys(error.to_string()))?;
    if db.get_database_backend() == DbBackend::Sqlite {
        let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check(1)");
        let row = db.query_one_raw(check).await.map_err(damaged)?;
        let said = row.map(|row| row.try_get_by_index::<String>(0)).transpose().map_err(damaged)?;
        if said.as_deref() != Some("ok") {
            return Err(StoreError::Keys("its file is damaged".to_owned()));
        }
    }
    Keys::up(&db, None).await.map_err(damaged)?;
    Ok(db)
}

/// Has the database forget what a page held before it was written anew: SQLite's log keeps it until it is folded in. Where
/// readers are in the way, the next time does it.
pub(crate) async fn forget_old_pages(db: &DatabaseConnection) -> Result<(), StoreError> {
    if db.get_database_backend() == DbBackend::Sqlite {
        db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    }
    Ok(())
}

/// Connections to PostgreSQL, and to SQLite, where readers do not wait for the one writer.
const CONNECTIONS: u32 = 8;
/// Connections for what must survive the loss of power, and to the key ring; both are short and few.
const DURABLE_CONNECTIONS: u32 = 3;
/// How long a writer waits for the others before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that rested so long is asked whether it is still there. Asking before every question takes as long as it.
const RESTED: Duration = Duration::from_secs(5);
/// Rows of a question that wait for the asker.
const ROWS: usize = 512;

/// What a commit survives. PostgreSQL always survives both.
#[derive(Clone, Copy)]
enum Durability {
    /// The end of the process, however sudden.
    Crash,
    /// The end of the power. Every commit then waits for the disk, and all commits before it are safe too.
    PowerLoss,
}

async fn connect(url: &str, durability: Durability) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    let connections = match durability {
        Durability::Crash => CONNECTIONS,
        Durability::PowerLoss => DURABLE_CONNECTIONS,
    };
    options.test_before_acquire_if_idle_for(RESTED);
    options.max_connections(connections).acquire_timeout(PATIENCE * 2).sqlx_logging(false).map_sqlx_sqlite_opts(
        move |options| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(match durability {
                    Durability::Crash => SqliteSynchronous::Normal,
                    Durability::PowerLoss => SqliteSynchronous::Full,
                })
                .busy_timeout(PATIENCE)
                // A class has fewer, so that nobody waits in the middle.
                .row_buffer_size(ROWS)
                .foreign_keys(true)
                // In KiB, for each connection; the operating system keeps the file in memory anyway.
                .pragma("cache_size", "-3000")
                .pragma("temp_store", "memory")
                // Deleted rows are overwritten: what is erased is not left in free pages.
                .pragma("secure_delete", "on")
        },
    );
    Ok(Database::connect(options).await?)
}

/// What makes a table keep its rows by their key alone. SQLite otherwise numbers them as they come.
pub(crate) fn rows_by_key(backend: DbBackend) -> Option<&'static str> {
    (backend == DbBackend::Sqlite).then_some("WITHOUT ROWID")
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    Text,
    Bytes,
    Number,
}

/// A column, as the database tells.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Whether it is of the primary key.
    pub(crate) key: bool,
}

/// A table with its columns, in the order of their names.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
}

const POSTGRES_COLUMNS: &str = "SELECT c.table_name AS t, c.column_name AS c, c.data_type AS k, \
    CAST(CASE WHEN EXISTS (SELECT 1 FROM information_schema.table_constraints p \
        JOIN information_schema.key_column_usage u USING (constraint_schema, constraint_name) \
        WHERE p.constraint_type = 'PRIMARY KEY' AND p.table_schema = c.table_schema \
        AND p.table_name = c.table_name AND u.column_name = c.column_name) THEN 1 ELSE 0 END AS bigint) AS pk \
    FROM information_schema.columns c WHERE c.table_schema = current_schema() \
    ORDER BY c.table_name COLLATE \"C\", c.column_name COLLATE \"C\"";
const SQLITE_COLUMNS: &str = "SELECT m.name AS t, p.name AS c, lower(p.type) AS k, \
    p.pk > 0 AS pk \
    FROM sqlite_master m, pragma_table_info(m.name) p \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2";

/// The tables of a database, as the database itself tells.
pub(crate) async fn tables(db: &impl ConnectionTrait) -> Result<Vec<Table>, StoreError> {
    let backend = db.get_database_backend();
    let sql = if backend == DbBackend::Postgres { POSTGRES_COLUMNS } else { SQLITE_COLUMNS };
    let mut tables: Vec<Table> = Vec::new();
    for row in db.query_all_raw(Statement::from_string(backend, sql)).await? {
        let (table, name): (String, String) = (row.try_get("", "t")?, row.try_get("", "c")?);
        let declared: String = row.try_get("", "k")?;
        let kind = match &*declared {
            "uuid" | "uuid_text" => Kind::Id,
            "text" | "varchar" | "character varying" => Kind::Text,
            "bytea" | "blob" => Kind::Bytes,
            "bigint" | "integer" => Kind::Number,
            _ => {
                return Err(StoreError::Damaged(format!("{table}.{name} is of a kind ({declared}) that is not known")));
            }
        };
        let column = Column { name, kind, key: row.try_get::<i64>("", "pk")? > 0 };
        match tables.last_mut() {
            Some(last) if last.name == table => last.columns.push(column),
            _ => tables.push(Table { name: table, columns: vec![column] }),
        }
    }
    Ok(tables)
}

/// A column as it is sorted by: texts by their bytes on both databases.
pub(crate) fn sorted(db: &impl ConnectionTrait, column: &Column) -> Expr {
    if db.get_database_backend() == DbBackend::Postgres && column.kind == Kind::Text {
        Expr::cust(format!("\"{}\" COLLATE \"C\"", column.name))
    } else {
        Expr::col(Alias::new(&column.name))
    }
}

/// The tables of a database with the names of their columns.
///
/// # Errors
/// If the database cannot be opened or asked.
pub async fn schema(url: &str) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let tables = tables(&connect(url, Durability::Crash).await?).await?;
    let names = |table: Table| (table.name, table.columns.into_iter().map(|column| column.name).collect());
    Ok(tables.into_iter().map(names).collect())
}

/// Names of the migrations of the school's data that this program knows, in order.
pub(crate) fn known_migrations() -> Vec<String> {
    Data::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// Names of the migrations that a database has had, in order.
pub(crate) async fn migrations(db: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let table = Query::select()
        .column(Alias::new("version"))
        .from(Alias::new("seaql_migrations"))
        .order_by(Alias::new("version"), Order::Asc)
        .to_owned();
    let rows = db.query_all(&table).await?;
    Ok(rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?)
}

/// Makes the tables of the school's data in an empty database, as they are after so many migrations.
pub(crate) async fn empty(url: &str, migrations: u32) -> Result<DatabaseConnection, StoreError> {
    let db = connect(url, Durability::PowerLoss).await?;
    if !tables(&db).await?.is_empty() {
        return Err(StoreError::Damaged(
            "there are tables in it already; data is restored into an empty one".to_owned(),
        ));
    }
    Data::up(&db, Some(migrations)).await?;
    Ok(db)
}

/// Brings the tables of the school's data up to date.
pub(crate) async fn bring_up_to_date(db: &DatabaseConnection) -> Result<(), StoreError> {
    Ok(Data::up(db, None).await?)
}
