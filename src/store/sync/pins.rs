//! Which objects the DNs in the settings refer to. Every change here raises the generation of the directory's
//! groups, so that every node judges by groups and pins of the same moment.

use crate::domain::Millis;
use crate::domain::dn::Dn;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::scope::{Pin, PinKind, Pins};

use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::{Value, values};
use crate::store::mirror::directory_groups::raise_generation;

const SELECT: &str = "SELECT kind, configured, entry, dn, gone_since FROM scope_pins WHERE directory = $1";

impl SyncStore<'_> {
    /// The pins of a directory.
    pub async fn pins(&self, directory: &DirectoryId) -> Result<Pins> {
        self.store.db.rows(SELECT, values![directory]).await?.iter().map(pin).collect()
    }

    /// Records which object a DN of the settings refers to, and where it is; replaces an earlier record.
    pub async fn pin(
        &self,
        directory: &DirectoryId,
        kind: PinKind,
        configured: &Dn,
        entry: EntryId,
        dn: &Dn,
    ) -> Result<()> {
        let sql = "INSERT INTO scope_pins (directory, kind, configured, entry, dn) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (directory, kind, configured) DO UPDATE SET entry = excluded.entry, dn = excluded.dn, \
             gone_since = NULL";
        let key = configured.key();
        self.write_pins(directory, sql, values![directory, kind.as_str(), key, entry, dn.as_str()]).await?;
        Ok(())
    }

    /// Records where a pinned object is now, and that it exists; true if that changed.
    pub async fn pin_moved(&self, directory: &DirectoryId, entry: EntryId, dn: &Dn) -> Result<bool> {
        let sql = "UPDATE scope_pins SET dn = $3, gone_since = NULL \
             WHERE directory = $1 AND entry = $2 AND (dn <> $3 OR gone_since IS NOT NULL)";
        self.write_pins(directory, sql, values![directory, entry, dn.as_str()]).await
    }

    /// Records that a pinned object was not found; true if that changed.
    pub async fn pin_gone(&self, directory: &DirectoryId, entry: EntryId, now: Millis) -> Result<bool> {
        let sql = "UPDATE scope_pins SET gone_since = $3 \
             WHERE directory = $1 AND entry = $2 AND gone_since IS NULL";
        self.write_pins(directory, sql, values![directory, entry, now]).await
    }

    /// Forgets the pins of DNs that the settings no longer have; true if there were any.
    pub async fn forget_pins(&self, directory: &DirectoryId, configured: &[(PinKind, Dn)]) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let mut forgotten = 0;
        for row in &tx.rows(SELECT, values![directory]).await? {
            let pin = pin(row)?;
            if configured.iter().any(|(kind, dn)| *kind == pin.kind && dn.key() == pin.configured) {
                continue;
            }
            let sql = "DELETE FROM scope_pins WHERE directory = $1 AND kind = $2 AND configured = $3";
            forgotten += tx.execute(sql, values![directory, pin.kind.as_str(), pin.configured]).await?;
        }
        changed(tx, directory, forgotten).await
    }

    async fn write_pins(
        &self,
        directory: &DirectoryId,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let written = tx.execute(sql, values).await?;
        changed(tx, directory, written).await
    }
}

async fn changed(mut tx: Tx, directory: &DirectoryId, written: u64) -> Result<bool> {
    if written > 0 {
        raise_generation(&mut tx, directory).await?;
        tx.commit().await?;
    }
    Ok(written > 0)
}

fn pin(row: &DbRow) -> Result<Pin> {
    let cells = row.of("scope_pins", "configured");
    Ok(Pin {
        kind: cells.parsed("kind", |word: String| PinKind::parse(&word))?,
        configured: cells.cell("configured")?,
        entry: cells.parsed("entry", |text: String| EntryId::from_entry_uuid(&text))?,
        dn: cells.parsed("dn", |text: String| Dn::parse(&text).ok())?,
        gone_since: cells.cell("gone_since")?,
    })
}
