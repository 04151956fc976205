//! The errors of the store, by cause.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// PostgreSQL's `disk_full`, and its class of integrity constraint violations.
const DISK_FULL: &str = "53100";
const INTEGRITY: &str = "23";
/// PostgreSQL codes that mean nothing was done: it is stopping or starting, or has no connection left. A
/// backend that is told to stop (57P01) first finishes a commit that it has begun, so a client that gets this
/// code was not committed. Nor was the victim of a deadlock or of a serialization failure (40P01, 40001).
const UNREACHABLE: [&str; 6] = ["57P01", "57P03", "57P05", "53300", "40P01", "40001"];
/// Classes of temporary errors: connection exceptions, rollbacks, insufficient resources, operator
/// intervention; also a server that is read-only (after a failover) and a lock that was not available.
const TEMPORARY: [&str; 6] = ["08", "40", "53", "57", "25006", "55P03"];

/// The error of a database driver.
pub type DriverError = Box<dyn std::error::Error + Send + Sync>;

/// Why the store did not do what it was asked. Nothing of it was written, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, or the connection broke before a commit: nothing was written, so the
    /// same call may be repeated.
    #[error("the database can't be reached")]
    Unreachable(#[source] DriverError),
    /// The database was busy for too long, or failed during a commit, which may have been made.
    #[error("the database is unavailable")]
    Unavailable(#[source] DriverError),
    /// An error that a retry does not change: a table is missing, the file is damaged.
    #[error("the database failed")]
    Failed(#[source] DriverError),
    /// The values contradict stored data (a key, a reference, a check): a bug here, which a retry does not
    /// fix.
    #[error("the database refused a value")]
    Constraint(#[source] DriverError),
    /// The disk, or the space that the database may use on it, is full: an operator must free space.
    #[error("the database has no space left")]
    NoRoom(#[source] DriverError),
    /// A row contains something that this program never writes.
    #[error("table {table}, row {row}: {what}")]
    Corrupt { table: &'static str, row: String, what: String },
    #[error("the database schema can't be brought up to date")]
    Migration(#[source] DriverError),
    #[error("store URL: {0}")]
    Url(String),
    /// The database file can't be created or protected.
    #[error("database file {}", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

impl StoreError {
    pub(in crate::store) fn unavailable(cause: impl Into<DriverError>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// True for a database outage, which ends by itself or by its operator: the request was valid.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unavailable(_) | Self::NoRoom(_))
    }

    /// The error of a commit, or of a statement that commits by itself: without a response from the server it
    /// is unknown whether it was made.
    pub(in crate::store) fn unsure(error: sqlx::Error) -> Self {
        match Self::from(error) {
            Self::Unreachable(cause) if !is_response(&cause) => Self::Unavailable(cause),
            other => other,
        }
    }
}

fn is_response(cause: &DriverError) -> bool {
    matches!(cause.downcast_ref(), Some(sqlx::Error::Database(_)))
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        match (code.as_str(), &error) {
            (DISK_FULL, _) => Self::NoRoom(error.into()),
            (code, _) if code.starts_with(INTEGRITY) => Self::Constraint(error.into()),
            (code, _) if UNREACHABLE.contains(&code) => Self::Unreachable(error.into()),
            (code, _) if TEMPORARY.iter().any(|class| code.starts_with(class)) => Self::unavailable(error),
            (_, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut) => {
                Self::Unreachable(error.into())
            }
            _ => Self::Failed(error.into()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::NoRoom(error.into()),
            Some(ErrorCode::ConstraintViolation) => Self::Constraint(error.into()),
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory,
            ) => Self::unavailable(error),
            _ => Self::Failed(error.into()),
        }
    }
}

/// The result of every call of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_violated_constraint_are_no_outage() {
        let file = rusqlite::Connection::open_in_memory().expect("a database");
        file.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB); PRAGMA max_page_count = 3;")
            .expect("a table");
        let write = |sql: &str| StoreError::from(file.execute(sql, []).expect_err("refused"));
        let full = write("INSERT INTO t VALUES (1, zeroblob(100000))");
        assert!(matches!(full, StoreError::NoRoom(_)), "{full:?}");
        file.execute("INSERT INTO t VALUES (1, NULL)", []).expect("the first");
        let twice = write("INSERT INTO t VALUES (1, NULL)");
        assert!(matches!(twice, StoreError::Constraint(_)), "{twice:?}");
        let missing = write("INSERT INTO nothing VALUES (1)");
        assert!(matches!(missing, StoreError::Failed(_)) && !missing.is_outage(), "{missing:?}");
    }

    #[test]
    fn only_what_was_certainly_not_written_may_be_repeated() {
        let broken = || sqlx::Error::Io(std::io::ErrorKind::UnexpectedEof.into());
        let inside = StoreError::from(broken());
        assert!(
            matches!(inside, StoreError::Unreachable(_)),
            "an interrupted transaction leaves nothing: {inside:?}"
        );
        let commit = StoreError::unsure(broken());
        assert!(matches!(commit, StoreError::Unavailable(_)), "a commit may have been made: {commit:?}");
        assert!(inside.is_outage() && commit.is_outage());
    }
}
