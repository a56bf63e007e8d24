//! Opening the two databases and the file store. What differs between SQLite and PostgreSQL is here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiayin_domain::provide::{Clock, Entropy};
use jiayin_privacy::RootKey;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;

use crate::blobs::Blobs;
use crate::keyring::KeyRing;
use crate::migration::{Data, Keys};
use crate::{Store, StoreError};

/// Where everything is kept.
pub struct Settings {
    /// `sqlite:` or `postgres:` address of the school's data.
    pub database_url: String,
    /// Address of the key ring's database. It must be another one: no backup may hold data and keys together.
    pub key_ring_url: String,
    /// Folder of the sealed files.
    pub files: PathBuf,
    /// The key that wraps all keys.
    pub root: RootKey,
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
        let db = connect(&settings.database_url, Durability::Crash).await?;
        Data::up(&db, None).await?;
        let durable = connect(&settings.database_url, Durability::PowerLoss).await?;
        let ring = connect(&settings.key_ring_url, Durability::PowerLoss).await?;
        Keys::up(&ring, None).await?;
        let keys = KeyRing::open(ring, settings.root, &*clock, Arc::clone(&entropy)).await?;
        let blobs = Blobs::folder(&settings.files)?;
        let (keys, blobs) = (Arc::new(keys), Arc::new(blobs));
        let (policies, desk, checked) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { db, durable, keys, blobs, policies, clock, entropy, desk, checked })
    }
}

/// Connections to PostgreSQL, and to SQLite, where readers do not wait for the one writer.
const CONNECTIONS: u32 = 8;
/// Connections for what must survive the loss of power, and to the key ring; both are short and few.
const DURABLE_CONNECTIONS: u32 = 3;
/// How long a writer waits for the others before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// The tables of a database with their columns, as the database itself tells.
///
/// # Errors
/// If the database cannot be opened or asked.
pub async fn schema(url: &str) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let db = connect(url, Durability::Crash).await?;
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns \
             WHERE table_schema = current_schema() ORDER BY 1, ordinal_position"
        }
        _ => {
            "SELECT m.name AS t, p.name AS c FROM sqlite_master m, pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, p.cid"
        }
    };
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for row in db.query_all_raw(Statement::from_string(backend, sql)).await? {
        let (table, column): (String, String) = (row.try_get("", "t")?, row.try_get("", "c")?);
        match tables.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => tables.push((table, vec![column])),
        }
    }
    Ok(tables)
}
