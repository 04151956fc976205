//! Count rows and add one, so that a limit holds for whatever is sent at once to all nodes.

use super::error::Result;
use super::sql::{Dialect, Tx};
use super::value::Value;

/// Rows of which there may be only so many.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Counted {
    Tasks,
    Drafts,
    Approvals,
    Keyed,
}

impl Counted {
    /// The number of the advisory lock, the same on every node and in every version.
    const fn lock(self) -> i64 {
        match self {
            Self::Tasks => 0x1d9_0001,
            Self::Drafts => 0x1d9_0002,
            Self::Approvals => 0x1d9_0003,
            Self::Keyed => 0x1d9_0004,
        }
    }
}

impl Tx {
    /// Waits until no other transaction counts the same rows, so that what is counted and added here stays within
    /// its limit. SQLite writes one transaction at a time anyway.
    pub async fn count_alone(&mut self, counted: Counted) -> Result<()> {
        match self.dialect() {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => {
                let sql = "SELECT pg_advisory_xact_lock($1)";
                self.execute(sql, vec![Value::Int(Some(counted.lock()))]).await.map(|_| ())
            }
        }
    }
}
