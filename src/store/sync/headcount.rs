//! How many people and accounts a directory has. To count 100,000 rows takes a database tens of milliseconds, so
//! the numbers are kept in memory until something is written that may change them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::entry::DirectoryId;
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;

/// The version of the mirror, and the newest change, import and erasure of accounts. Each write that adds or removes a
/// person or an active account changes one of them, on whatever node it happens.
const LAST_WRITES: &str = "SELECT \
    (SELECT version FROM mirror_cursors WHERE directory = $1) AS version, \
    (SELECT max(id) FROM changes) AS change, \
    (SELECT max(id) FROM audit WHERE decision = 'accounts_imported') AS import, \
    (SELECT max(id) FROM audit WHERE decision = 'account_erased') AS erasure";

type LastWrites = [Option<i64>; 4];

/// The size of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headcount {
    /// People in the mirror.
    pub people: u64,
    /// Active accounts that are linked to the directory.
    pub accounts: i64,
}

/// The last counts of each directory, and the writes that they include.
#[derive(Debug, Default)]
pub(in crate::store) struct Headcounts {
    counted: Mutex<HashMap<DirectoryId, (LastWrites, Headcount)>>,
}

impl SyncStore<'_> {
    /// How many people and active accounts a directory has, as of the last write.
    pub async fn headcount(&self, directory: &DirectoryId) -> Result<Headcount> {
        // Read first: what is written while we count makes the next caller count again.
        let writes = self.last_writes(directory).await?;
        if let Some((included, counted)) = self.store.headcounts.with(|all| all.get(directory).copied())
            && included == writes
        {
            return Ok(counted);
        }
        let counted = Headcount {
            people: self.count_people(directory).await?,
            accounts: self.store.identity().count_linked(directory).await?,
        };
        self.store.headcounts.with(|all| all.insert(directory.clone(), (writes, counted)));
        Ok(counted)
    }

    async fn last_writes(&self, directory: &DirectoryId) -> Result<LastWrites> {
        let Some(row) = self.store.db.row(LAST_WRITES, values![directory]).await? else {
            return Ok([None; 4]);
        };
        let cells = row.of("mirror_cursors", "directory");
        Ok([cells.cell("version")?, cells.cell("change")?, cells.cell("import")?, cells.cell("erasure")?])
    }
}

impl Headcounts {
    fn with<T>(&self, use_them: impl FnOnce(&mut HashMap<DirectoryId, (LastWrites, Headcount)>) -> T) -> T {
        use_them(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
