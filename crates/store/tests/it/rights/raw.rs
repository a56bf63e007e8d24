//! The databases without the store: rows changed behind its back, and everything that a thief of the files would find.

use std::fmt::Write as _;
use std::path::Path;

use jiayin_domain::id::PersonId;
use jiayin_privacy::plan::About;
use jiayin_privacy::{RootKey, SubjectKey, WrappedKey};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};
use uuid::Uuid;

/// A connection of the test's own.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    pub async fn open(url: &str) -> Self {
        if url.starts_with("sqlite") {
            let mut database = SqliteConnection::connect(url).await.unwrap();
            // What the test itself plants must not lie about in free pages.
            database.execute("PRAGMA secure_delete = on").await.unwrap();
            Self::Sqlite(database)
        } else {
            Self::Postgres(PgConnection::connect(url).await.unwrap())
        }
    }

    pub async fn run(&mut self, sql: String) {
        match self {
            Self::Sqlite(database) => drop(database.execute(AssertSqlSafe(sql)).await.unwrap()),
            Self::Postgres(database) => drop(database.execute(AssertSqlSafe(sql)).await.unwrap()),
        }
    }

    /// The first column of each row, as bytes.
    pub async fn bytes(&mut self, sql: String) -> Vec<Vec<u8>> {
        match self {
            Self::Sqlite(database) => {
                let rows = database.fetch_all(AssertSqlSafe(sql)).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(database) => {
                let rows = database.fetch_all(AssertSqlSafe(sql)).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    pub async fn count(&mut self, sql: String) -> i64 {
        match self {
            Self::Sqlite(database) => database.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0),
            Self::Postgres(database) => database.fetch_one(AssertSqlSafe(sql)).await.unwrap().get(0),
        }
    }

    /// The first column of each row, as text.
    pub async fn texts(&mut self, sql: String) -> Vec<String> {
        match self {
            Self::Sqlite(database) => {
                let rows = database.fetch_all(AssertSqlSafe(sql)).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(database) => {
                let rows = database.fetch_all(AssertSqlSafe(sql)).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Puts a row about a person into a table, with whatever the other columns ask for.
    pub async fn plant_row(&mut self, table: &str, subject: &str, person: PersonId) {
        let sql = match self {
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
            Self::Postgres(_) => format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() \
                 AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let columns = self.texts(sql).await;
        let mut values = Vec::new();
        for column in &columns {
            let digest = Sha256::digest(format!("{table} {subject} {column} {person}"));
            let value = match self.shape(table, column).await {
                _ if column == subject => self.id(person.0),
                "text" => "'planted'".to_owned(),
                "bytes" => self.blob(&digest),
                "number" => "7".to_owned(),
                _ => self.id(Uuid::from_slice(&digest[..16]).unwrap()),
            };
            values.push(value);
        }
        self.run(format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), values.join(", "))).await;
    }

    /// How a column keeps its values: `text`, `bytes`, `number`, `id`.
    pub async fn shape(&mut self, table: &str, column: &str) -> &'static str {
        let sql = match self {
            Self::Sqlite(_) => format!("SELECT type FROM pragma_table_info('{table}') WHERE name = '{column}'"),
            Self::Postgres(_) => format!(
                "SELECT data_type::text FROM information_schema.columns WHERE table_schema = current_schema() \
                 AND table_name = '{table}' AND column_name = '{column}'"
            ),
        };
        match self.texts(sql).await.remove(0).to_lowercase().as_str() {
            "text" => "text",
            "blob" | "bytea" => "bytes",
            "bigint" | "integer" | "boolean" => "number",
            _ => "id",
        }
    }

    /// An id as it is written in SQL.
    pub fn id(&self, id: Uuid) -> String {
        match self {
            Self::Sqlite(_) => self.blob(id.as_bytes()),
            Self::Postgres(_) => format!("'{id}'"),
        }
    }

    /// Bytes as they are written in SQL.
    pub fn blob(&self, bytes: &[u8]) -> String {
        let hex = bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        match self {
            Self::Sqlite(_) => format!("X'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// The condition that a row is about a person.
    pub fn about(&self, about: &About, person: PersonId) -> String {
        let id = self.id(person.0);
        match about.via {
            None => format!("{} = {id}", about.column),
            Some(via) => {
                format!("{} IN (SELECT {} FROM {} WHERE {} = {id})", about.column, via.column, via.table, via.person)
            }
        }
    }

    /// All that lies in the database: the file with its journal, or every row of every table as text.
    pub async fn everything(&mut self, url: &str) -> Vec<u8> {
        if let Self::Sqlite(database) = self {
            // A connection that has not read since the journal was begun would not know of it.
            database.fetch_one("SELECT count(*) FROM sqlite_master").await.unwrap();
            let done = database.fetch_one("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
            assert_eq!(done.get::<i64, _>(0), 0, "the journal is in use");
            let file = url.trim_start_matches("sqlite:");
            let mut bytes = std::fs::read(file).unwrap();
            bytes.extend(std::fs::read(format!("{file}-wal")).unwrap_or_default());
            return bytes;
        }
        let tables = self
            .texts(
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
                    .to_owned(),
            )
            .await;
        let mut dump = String::new();
        for table in tables {
            for row in self.texts(format!("SELECT t::text FROM \"{table}\" t")).await {
                dump += &row;
                dump.push('\n');
            }
        }
        dump.into_bytes()
    }
}

/// A person's key, from the key ring's own table.
pub async fn key_of(ring: &str, root: &RootKey, person: PersonId) -> SubjectKey {
    let mut ring = Raw::open(ring).await;
    let sql = format!("SELECT wrapped FROM subject_key WHERE subject_id = {}", ring.id(person.0));
    let wrapped = ring.bytes(sql).await.remove(0);
    root.unwrap(person, &WrappedKey::from_bytes(wrapped)).unwrap()
}

/// Whether the text stands in the bytes, openly or in hexadecimal as a dump shows bytes.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    let hex: String = text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    [text.as_bytes(), hex.as_bytes()].iter().any(|sought| bytes.windows(sought.len()).any(|window| window == *sought))
}

/// The bytes of all files below a folder, one after the other.
pub fn files_below(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(files_below(&path));
        } else {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}

/// How many files there are below a folder.
pub fn count_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}

/// Copies a folder with all below it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy_folder(&path, &target) } else { assert!(std::fs::copy(&path, &target).is_ok()) }
    }
}
