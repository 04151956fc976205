//! What can go wrong in the store, named by cause.

use std::path::PathBuf;

/// What a database driver says.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store did not do what it was asked. Nothing of it was written then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, is busy for too long, or broke off: worth another try.
    #[error("the database is unavailable")]
    Unavailable(#[source] Cause),
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
        Self::unavailable(error)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::unavailable(error)
    }
}

/// What every call of the store gives.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
