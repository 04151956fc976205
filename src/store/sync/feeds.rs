//! By which feed each directory was last read, and why not by a better one.

use crate::domain::Millis;
use crate::domain::cursor::FeedKind;
use crate::domain::entry::DirectoryId;
use crate::domain::shortfall::Shortfall;

use crate::store::SyncStore;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{Cells, DbRow};
use crate::store::engine::value::values;

/// The result of the last probe of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// `host:port`.
    pub server: String,
    pub feed: FeedKind,
    /// Whether the feed reports deletions.
    pub tells_deletions: bool,
    /// Why it is not a better feed.
    pub shortfalls: Vec<Shortfall>,
    pub probed_at: Millis,
}

impl SyncStore<'_> {
    /// The result of the last probe for this directory.
    pub async fn feed_of(&self, directory: &DirectoryId) -> Result<Option<FeedRow>> {
        let sql = "SELECT directory, server, feed, tells_deletions, shortfalls, probed_at FROM feeds WHERE directory = $1";
        self.store.db.row(sql, values![directory]).await?.as_ref().map(FeedRow::try_from).transpose()
    }

    /// Records the result of a probe.
    pub async fn note_feed(&self, directory: &DirectoryId, found: &FeedRow) -> Result<()> {
        let sql = "INSERT INTO feeds (directory, server, feed, tells_deletions, shortfalls, probed_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (directory) DO UPDATE SET server = excluded.server, \
             feed = excluded.feed, tells_deletions = excluded.tells_deletions, \
             shortfalls = excluded.shortfalls, probed_at = excluded.probed_at";
        let shortfalls = text(&found.shortfalls)?;
        let deletions = i64::from(found.tells_deletions);
        let feed = found.feed.as_str();
        let values = values![directory, &found.server, feed, deletions, shortfalls, found.probed_at];
        self.store.db.execute(sql, values).await?;
        Ok(())
    }
}

/// Shortfalls as stored.
pub(in crate::store) fn text(shortfalls: &[Shortfall]) -> Result<String> {
    serde_json::to_string(shortfalls).map_err(StoreError::unavailable)
}

/// Reads stored shortfalls; NULL is none.
pub(in crate::store) fn shortfalls(cells: Cells<'_>) -> Result<Vec<Shortfall>> {
    let Some(text) = cells.cell::<Option<String>>("shortfalls")? else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|_| cells.corrupt("shortfalls can't be read"))
}

impl TryFrom<&DbRow> for FeedRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("feeds", "directory");
        Ok(Self {
            server: cells.cell("server")?,
            feed: cells.parsed("feed", |name: String| FeedKind::parse(&name))?,
            tells_deletions: cells.cell::<i64>("tells_deletions")? == 1,
            shortfalls: shortfalls(cells)?,
            probed_at: cells.cell("probed_at")?,
        })
    }
}
