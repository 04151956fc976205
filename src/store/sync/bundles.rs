//! Record which support bundles were written automatically, and where: one per directory, by the first
//! process.

use crate::domain::entry::DirectoryId;
use crate::domain::{MINUTE, Millis};

use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;

/// A process that is not done after this time has died.
const WRITING: Millis = 5 * MINUTE;

/// A support bundle that was written automatically.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleRow {
    /// Where it is, in words: a file, and on which machine.
    pub place: String,
    pub made_at: Millis,
}

impl SyncStore<'_> {
    /// True for the one process that may write the bundle of this directory.
    pub async fn claim_bundle(&self, directory: &DirectoryId, now: Millis) -> Result<bool> {
        let sql = "INSERT INTO bundles (directory, made_at) VALUES ($1, $2) \
             ON CONFLICT (directory) DO UPDATE SET made_at = excluded.made_at \
             WHERE bundles.place IS NULL AND bundles.made_at <= $3";
        Ok(self.store.db.execute(sql, values![directory, now, now - WRITING]).await? == 1)
    }

    /// Records where it was written.
    pub async fn note_bundle(&self, directory: &DirectoryId, place: &str) -> Result<()> {
        let sql = "UPDATE bundles SET place = $2 WHERE directory = $1";
        self.store.db.execute(sql, values![directory, place]).await?;
        Ok(())
    }

    /// The bundle of this directory, if one was written.
    pub async fn bundle_of(&self, directory: &DirectoryId) -> Result<Option<BundleRow>> {
        let sql = "SELECT directory, place, made_at FROM bundles WHERE directory = $1 AND place IS NOT NULL";
        let row = self.store.db.row(sql, values![directory]).await?;
        row.map(|row| {
            let cells = row.of("bundles", "directory");
            Ok(BundleRow { place: cells.cell("place")?, made_at: cells.cell("made_at")? })
        })
        .transpose()
    }
}
