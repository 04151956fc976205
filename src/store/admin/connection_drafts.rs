//! What admins have typed for the connection to a directory, sealed by the caller, with the report of its test.
//! Any node can show the report while the node that tests writes it.

use crate::domain::Millis;
use crate::domain::admin::DRAFT_LIFETIME;
use crate::domain::secret::Sealed;

use crate::store::AdminStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::value::values;

/// How many drafts one session has at most; a further one replaces the oldest.
const MOST_OF_ONE: i64 = 8;
/// How many drafts all have at most.
const MOST: i64 = 200;

/// A draft of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionDraftRow {
    pub content: Sealed,
    /// The report of its test; `None` if it was never tested.
    pub report: Option<String>,
    /// When the report was written.
    pub reported_at: Millis,
}

const OLDEST: &str = "DELETE FROM connection_drafts WHERE id IN \
     (SELECT id FROM connection_drafts WHERE owner = $1 ORDER BY made_at DESC, id LIMIT $2 OFFSET $3)";
const INSERT: &str = "INSERT INTO connection_drafts (id, owner, content, reported_at, made_at) \
     SELECT $1, $2, $3, $4, $4 WHERE (SELECT count(*) FROM connection_drafts) < $5";
const ONE: &str = "SELECT content, report, reported_at FROM connection_drafts \
     WHERE id = $1 AND owner = $2 AND made_at > $3";

impl AdminStore<'_> {
    /// Keeps a draft of this owner. False if there is no room.
    pub async fn keep_connection_draft(
        &self,
        owner: &str,
        id: &str,
        content: &Sealed,
        now: Millis,
    ) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let expired = "DELETE FROM connection_drafts WHERE made_at <= $1";
            tx.execute(expired, values![now - DRAFT_LIFETIME]).await?;
            tx.execute(OLDEST, values![owner, MOST, MOST_OF_ONE - 1]).await?;
            let kept = tx.execute(INSERT, values![id, owner, content, now, MOST]).await? == 1;
            tx.commit().await?;
            Ok(kept)
        })
        .await
    }

    /// A draft of this owner that has not expired.
    pub async fn connection_draft(
        &self,
        owner: &str,
        id: &str,
        now: Millis,
    ) -> Result<Option<ConnectionDraftRow>> {
        let Some(row) = self.store.db.row(ONE, values![id, owner, now - DRAFT_LIFETIME]).await? else {
            return Ok(None);
        };
        let cells = row.of("connection_drafts", "id");
        Ok(Some(ConnectionDraftRow {
            content: Sealed(cells.cell("content")?),
            report: cells.cell("report")?,
            reported_at: cells.cell("reported_at")?,
        }))
    }

    /// Writes the report of a draft's test.
    pub async fn report_connection(&self, id: &str, report: &str, now: Millis) -> Result<()> {
        let sql = "UPDATE connection_drafts SET report = $2, reported_at = $3 WHERE id = $1";
        self.store.db.execute(sql, values![id, report, now]).await?;
        Ok(())
    }

    /// Forgets what was typed, once it is saved; the report stays.
    pub async fn empty_connection_draft(&self, id: &str) -> Result<()> {
        let sql = "UPDATE connection_drafts SET content = $2 WHERE id = $1";
        self.store.db.execute(sql, values![id, Vec::new()]).await?;
        Ok(())
    }

    /// Forgets all drafts of this owner.
    pub async fn drop_connection_drafts(&self, owner: &str) -> Result<()> {
        self.store.db.execute("DELETE FROM connection_drafts WHERE owner = $1", values![owner]).await?;
        Ok(())
    }
}
