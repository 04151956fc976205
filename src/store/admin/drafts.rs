//! What an admin has sent and has to confirm: sealed by the caller, for some minutes, used once.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::admin::DRAFT_LIFETIME;
use crate::domain::secret::Sealed;

use crate::store::AdminStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::values;

/// How many drafts one browser session has at most; a further one replaces the oldest.
const MOST_OF_ONE: i64 = 4;
/// How many drafts all have at most.
const MOST: i64 = 100;

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    pub id: String,
    /// The path of the action to which it was sent.
    pub path: String,
    pub content: Sealed,
}

/// Whose drafts: those of this person in this browser.
#[derive(Clone, Copy, Debug)]
pub struct DraftOwner<'a> {
    pub account: &'a AccountId,
    pub sid: &'a str,
}

const INSERT: &str = "INSERT INTO admin_drafts (id, account, sid, path, content, made_at) \
     SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM admin_drafts) < $7";
const OLDEST: &str = "DELETE FROM admin_drafts WHERE id IN \
     (SELECT id FROM admin_drafts WHERE account = $1 AND sid = $2 ORDER BY made_at DESC, id LIMIT $3 OFFSET $4)";
const ONE: &str = "SELECT id, path, content FROM admin_drafts \
     WHERE id = $1 AND account = $2 AND sid = $3 AND made_at > $4";
const TAKE: &str = "DELETE FROM admin_drafts WHERE id = $1 AND account = $2 AND sid = $3 AND made_at > $4 \
     AND path = $5 RETURNING id, path, content";

impl AdminStore<'_> {
    /// Keeps a draft. False if there is no room.
    pub async fn keep_draft(&self, owner: DraftOwner<'_>, draft: &DraftRow, now: Millis) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            tx.execute("DELETE FROM admin_drafts WHERE made_at <= $1", values![now - DRAFT_LIFETIME]).await?;
            let (account, sid) = (owner.account.0.as_str(), owner.sid);
            tx.execute(OLDEST, values![account, sid, MOST, MOST_OF_ONE - 1]).await?;
            let content = draft.content.0.clone();
            let row = values![draft.id.as_str(), account, sid, draft.path.as_str(), content, now, MOST];
            let kept = tx.execute(INSERT, row).await? == 1;
            tx.commit().await?;
            Ok(kept)
        })
        .await
    }

    /// A draft of this owner that has not expired.
    pub async fn draft(&self, owner: DraftOwner<'_>, id: &str, now: Millis) -> Result<Option<DraftRow>> {
        let values = values![id, owner.account.0.as_str(), owner.sid, now - DRAFT_LIFETIME];
        self.store.db.row(ONE, values).await?.as_ref().map(found).transpose()
    }

    /// The same for the action at this path; it is gone afterwards.
    pub async fn take_draft(
        &self,
        owner: DraftOwner<'_>,
        id: &str,
        path: &str,
        now: Millis,
    ) -> Result<Option<DraftRow>> {
        // Not repeated after a commit whose result is unknown: the draft is used then.
        let mut tx = self.store.db.begin().await?;
        let values = values![id, owner.account.0.as_str(), owner.sid, now - DRAFT_LIFETIME, path];
        let row = tx.row(TAKE, values).await?;
        let draft = row.as_ref().map(found).transpose()?;
        tx.commit().await?;
        Ok(draft)
    }

    /// Forgets all drafts of this owner.
    pub async fn drop_drafts(&self, owner: DraftOwner<'_>) -> Result<()> {
        let sql = "DELETE FROM admin_drafts WHERE account = $1 AND sid = $2";
        self.store.db.execute(sql, values![owner.account.0.as_str(), owner.sid]).await?;
        Ok(())
    }
}

fn found(row: &DbRow) -> Result<DraftRow> {
    let cells = row.of("admin_drafts", "id");
    let content = Sealed(cells.cell("content")?);
    Ok(DraftRow { id: cells.cell("id")?, path: cells.cell("path")?, content })
}
