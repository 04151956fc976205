//! What can go wrong in the store, named by cause.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// PostgreSQL's `disk_full`, and its class of integrity constraint violations.
const DISK_FULL: &str = "53100";
const INTEGRITY: &str = "23";

/// What a database driver says.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store did not do what it was asked. Nothing of it was written then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, is busy for too long, or broke off: worth another try.
    #[error("the database is unavailable")]
    Unavailable(#[source] Cause),
    /// What was to be written contradicts what is there (a key, a reference, a check): a fault of this program, which
    /// another try does not mend.
    #[error("the database refused a value")]
    Constraint(#[source] Cause),
    /// The disk, or the room that the database may take of it, is full: somebody must make room.
    #[error("the database has no room left")]
    NoRoom(#[source] Cause),
    /// A row says something that this program never writes.
    #[error("table {table}, row {row}: {what}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The key of the row.
        row: String,
        /// What is wrong with it.
        what: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema can't be brought up to date")]
    Migration(#[source] Cause),
    /// The store's URL is not one that we know.
    #[error("store URL: {0}")]
    Url(String),
    /// The database file can't be made or protected.
    #[error("database file {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl StoreError {
    pub(super) fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        match code.as_str() {
            DISK_FULL => Self::NoRoom(error.into()),
            code if code.starts_with(INTEGRITY) => Self::Constraint(error.into()),
            _ => Self::unavailable(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::NoRoom(error.into()),
            Some(ErrorCode::ConstraintViolation) => Self::Constraint(error.into()),
            _ => Self::unavailable(error),
        }
    }
}

/// What every call of the store gives.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_contradiction_are_not_taken_for_an_outage() {
        let file = rusqlite::Connection::open_in_memory().expect("a database");
        file.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB); PRAGMA max_page_count = 3;")
            .expect("a table");
        let write = |sql: &str| StoreError::from(file.execute(sql, []).expect_err("refused"));
        let full = write("INSERT INTO t VALUES (1, zeroblob(100000))");
        assert!(matches!(full, StoreError::NoRoom(_)), "{full:?}");
        file.execute("INSERT INTO t VALUES (1, NULL)", []).expect("the first");
        let twice = write("INSERT INTO t VALUES (1, NULL)");
        assert!(matches!(twice, StoreError::Constraint(_)), "{twice:?}");
    }
}
