//! Why something could not be kept or read. What is not there is no error: methods return `Option`.

use std::io::ErrorKind;

use jiayin_privacy::Refusal;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is busy with other writers; trying again helps.
    #[error("the database is busy")]
    Busy,
    /// There is no room left on the disk.
    #[error("no room left to store anything")]
    Full,
    /// The database does not answer, or not as it should.
    #[error("database: {0}")]
    Database(DbErr),
    /// The file store does not answer, or not as it should.
    #[error("files: {0}")]
    Files(object_store::Error),
    /// A file that should be there is not.
    #[error("a stored file is missing")]
    Lost,
    /// A sealed value does not open: it was altered, or its key is another's.
    #[error("a sealed value does not open: {0}")]
    Sealed(String),
    /// The database is not as this program has made it.
    #[error("the database is not as it should be: {0}")]
    Damaged(String),
    /// The key ring cannot be used.
    #[error("key ring: {0}")]
    Keys(String),
    /// No version of the policy is in force: nothing can be agreed to yet.
    #[error("there is no policy in force")]
    NoPolicy,
    /// The privacy engine says no.
    #[error("refused: {0:?}")]
    Refused(Refusal),
}

/// SQLite's result codes (sqlite3.h) for a locked or busy database and a full disk.
const SQLITE_BUSY: [&str; 2] = ["5", "6"];
const SQLITE_FULL: &str = "13";
/// SQLite's extended code for a write that the operating system refused: a quota, or a limit on the size of files. Of a full
/// disk it tells by itself.
const SQLITE_WRITE_REFUSED: &str = "778";
/// PostgreSQL's condition codes: serialisation failure, deadlock, lock not available; disk full.
const POSTGRES_BUSY: [&str; 3] = ["40001", "40P01", "55P03"];
const POSTGRES_FULL: &str = "53100";

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if matches!(error, DbErr::ConnectionAcquire(_)) {
            return Self::Busy;
        }
        match code(&error).as_deref() {
            // SQLite's extended codes carry the plain one in their low byte.
            Some(code) if POSTGRES_BUSY.contains(&code) => Self::Busy,
            Some(code) if code == POSTGRES_FULL || code == SQLITE_WRITE_REFUSED => Self::Full,
            Some(code) => match code.parse::<u32>().ok().map(|code| (code & 0xff).to_string()) {
                Some(low) if SQLITE_BUSY.contains(&low.as_str()) => Self::Busy,
                Some(low) if low == SQLITE_FULL => Self::Full,
                _ => Self::Database(error),
            },
            None => Self::Database(error),
        }
    }
}

fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))
    | DbErr::Conn(RuntimeErr::SqlxError(inner))) = error
    else {
        return None;
    };
    inner.as_database_error()?.code().map(|code| code.into_owned())
}

/// Whether a unique index refused the row.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Lost,
            other if is_full(&other) => Self::Full,
            other => Self::Files(other),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        object_store::Error::Generic { store: "file", source: Box::new(error) }.into()
    }
}

/// Whether the cause is a disk without room, or a limit of the operating system on what may be written.
fn is_full(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|io| {
            matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
        }) {
            return true;
        }
        cause = error.source();
    }
    false
}

impl From<jiayin_privacy::OpenError> for StoreError {
    fn from(error: jiayin_privacy::OpenError) -> Self {
        Self::Sealed(error.to_string())
    }
}

impl From<jiayin_privacy::OutOfScope> for StoreError {
    fn from(error: jiayin_privacy::OutOfScope) -> Self {
        Self::Sealed(error.to_string())
    }
}

impl From<jiayin_privacy::SealError> for StoreError {
    fn from(error: jiayin_privacy::SealError) -> Self {
        Self::Sealed(error.to_string())
    }
}

impl From<jiayin_privacy::KeyError> for StoreError {
    fn from(error: jiayin_privacy::KeyError) -> Self {
        Self::Keys(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_other_troubles_of_the_file_store() {
        let of = |kind: ErrorKind| {
            let source = Box::new(std::io::Error::from(kind));
            StoreError::from(object_store::Error::Generic { store: "test", source })
        };
        for full in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge] {
            assert!(matches!(of(full), StoreError::Full), "{full}");
        }
        assert!(matches!(of(ErrorKind::PermissionDenied), StoreError::Files(_)));
    }
}
