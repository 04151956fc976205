//! What an admin has typed and not saved yet: sealed by the caller, for some minutes. A form that waits for its
//! confirmation is used once; the connection to a directory has the report of its test, which any node can show while
//! another one tests.

use crate::domain::Millis;
use crate::domain::admin::{Actor, DRAFT_LIFETIME};
use crate::domain::secret::Sealed;

use crate::store::AdminStore;
use crate::store::engine::counted::Counted;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;

/// How many drafts one person has at most, in all sessions; a further one replaces the oldest.
const MOST_OF_ONE: i64 = 12;
/// How many drafts all have at most.
const MOST: i64 = 300;

/// A draft to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewDraft<'a> {
    pub id: &'a str,
    /// Who may read it: a session, or a person in one browser.
    pub owner: &'a str,
    /// Who has typed it, as in the audit log, in whatever session.
    pub person: &'a str,
    /// What it was typed for: the path of an action.
    pub path: &'a str,
    pub content: &'a Sealed,
}

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    pub id: String,
    pub path: String,
    pub content: Sealed,
    /// The report of a test of it; `None` if there was none.
    pub report: Option<String>,
    /// When the report was written.
    pub reported_at: Millis,
}

const INSERT: &str = "INSERT INTO admin_drafts (id, owner, path, content, reported_at, made_at, person) \
     SELECT $1, $2, $3, $4, $5, $5, $7 WHERE (SELECT count(*) FROM admin_drafts) < $6";
const OLDEST: &str = "DELETE FROM admin_drafts WHERE id IN \
     (SELECT id FROM admin_drafts WHERE person = $1 ORDER BY made_at DESC, id LIMIT $2 OFFSET $3)";
const ONE: &str = "SELECT id, path, content, report, reported_at FROM admin_drafts \
     WHERE id = $1 AND owner = $2 AND made_at > $3";
const TAKE: &str = "DELETE FROM admin_drafts WHERE id = $1 AND owner = $2 AND made_at > $3 AND path = $4 \
     RETURNING id, path, content, report, reported_at";

impl AdminStore<'_> {
    /// Keeps a draft. False if there is no room.
    pub async fn keep_draft(&self, draft: NewDraft<'_>, now: Millis) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            tx.count_alone(Counted::Drafts).await?;
            tx.execute("DELETE FROM admin_drafts WHERE made_at <= $1", values![now - DRAFT_LIFETIME]).await?;
            tx.execute(OLDEST, values![draft.person, MOST, MOST_OF_ONE - 1]).await?;
            let row = values![draft.id, draft.owner, draft.path, draft.content, now, MOST, draft.person];
            let kept = tx.execute(INSERT, row).await? == 1;
            tx.commit().await?;
            Ok(kept)
        })
        .await
    }

    /// A draft of this owner that has not expired.
    pub async fn draft(&self, owner: &str, id: &str, now: Millis) -> Result<Option<DraftRow>> {
        let values = values![id, owner, now - DRAFT_LIFETIME];
        self.store.db.row(ONE, values).await?.as_ref().map(found).transpose()
    }

    /// The same for the action at this path; it is gone afterwards.
    pub async fn take_draft(
        &self,
        owner: &str,
        id: &str,
        path: &str,
        now: Millis,
    ) -> Result<Option<DraftRow>> {
        // Not repeated after a commit whose result is unknown: the draft is used then.
        let mut tx = self.store.db.begin().await?;
        let row = tx.row(TAKE, values![id, owner, now - DRAFT_LIFETIME, path]).await?;
        let draft = row.as_ref().map(found).transpose()?;
        tx.commit().await?;
        Ok(draft)
    }

    /// Writes the report of a draft's test.
    pub async fn report_draft(&self, id: &str, report: &str, now: Millis) -> Result<()> {
        let sql = "UPDATE admin_drafts SET report = $2, reported_at = $3 WHERE id = $1";
        self.store.db.execute(sql, values![id, report, now]).await?;
        Ok(())
    }

    /// Forgets what was typed, once it is saved; the report stays.
    pub async fn empty_draft(&self, id: &str) -> Result<()> {
        let sql = "UPDATE admin_drafts SET content = $2 WHERE id = $1";
        self.store.db.execute(sql, values![id, Vec::new()]).await?;
        Ok(())
    }

    /// Forgets all drafts of this owner.
    pub async fn drop_drafts(&self, owner: &str) -> Result<()> {
        self.store.db.execute("DELETE FROM admin_drafts WHERE owner = $1", values![owner]).await?;
        Ok(())
    }
}

/// Forgets what was typed in sessions of break-glass links, since they have ended.
pub(super) async fn drop_of_links(tx: &mut Tx) -> Result<()> {
    let sql = "DELETE FROM admin_drafts WHERE person LIKE $1";
    tx.execute(sql, values![Actor::names_of_break_glass()]).await.map(|_| ())
}

fn found(row: &DbRow) -> Result<DraftRow> {
    let cells = row.of("admin_drafts", "id");
    Ok(DraftRow {
        id: cells.cell("id")?,
        path: cells.cell("path")?,
        content: Sealed(cells.cell("content")?),
        report: cells.cell("report")?,
        reported_at: cells.cell("reported_at")?,
    })
}
