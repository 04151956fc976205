//! Requests of admins for what needs two owners. A decision counts once: it is written together with what it
//! decides, while the request still waits.

use crate::domain::account::AccountId;
use crate::domain::admin::{APPROVAL_LIFETIME, Approval, ApprovalState, DRAFT_LIFETIME, Role, TaskKind};
use crate::domain::audit::Event;
use crate::domain::secret::Sealed;
use crate::domain::{DAY, Millis};

use super::tasks::{self, NewTask};
use crate::store::AdminStore;
use crate::store::engine::counted::Counted;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;
use crate::store::settings::versions::{self, NewSettings};
use crate::store::trail::audit;

/// How many requests of one person wait at most.
const MOST_OF_ONE: i64 = 10;
/// How many requests wait at most.
const MOST: i64 = 100;
/// How many decided requests are shown.
const MOST_SHOWN: i64 = 200;
/// How long a request is kept.
const KEEP: Millis = 30 * DAY;

const COLUMNS: &str =
    "id, kind, content, generation, state, asked_by, role, why, made_at, decided_by, decided_at, reason";
const INSERT: &str = "INSERT INTO approvals (id, kind, content, generation, state, asked_by, role, why, made_at) \
     SELECT $1, $2, $3, $4, 'open', $5, $6, '', $7 \
     WHERE (SELECT count(*) FROM approvals WHERE content IS NOT NULL) < $8 \
     AND (SELECT count(*) FROM approvals WHERE content IS NOT NULL AND asked_by = $5) < $9";
const ASK: &str = "UPDATE approvals SET state = 'waiting', why = $3, made_at = $4 \
     WHERE id = $1 AND asked_by = $2 AND state = 'open' AND made_at > $5";
const END: &str = "UPDATE approvals SET state = $2, decided_by = $3, decided_at = $4, reason = $5, content = NULL \
     WHERE id = $1 AND state IN ('open', 'waiting')";
/// A request that expires in the same moment is not approved.
const APPROVE: &str = "UPDATE approvals SET state = 'approved', decided_by = $2, decided_at = $3, content = NULL \
     WHERE id = $1 AND state = 'waiting' AND made_at > $4";

/// How a request ends without being carried out.
#[derive(Clone, Copy, Debug)]
pub struct EndedApproval<'a> {
    pub id: &'a str,
    pub state: ApprovalState,
    pub reason: Option<&'a str>,
}

/// What was approved.
#[derive(Clone, Copy, Debug)]
pub enum ApprovedDeed<'a> {
    /// Save this version on top of the expected one.
    Settings {
        expected: i64,
        version: NewSettings<'a>,
    },
    Task(NewTask<'a>),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarriedOut {
    Saved,
    /// The id of the task.
    Ordered(String),
    /// Somebody else has decided, or the settings were changed. Nothing was written.
    TooLate,
    /// So many tasks wait that there is no room for another. Nothing was written: the request still waits.
    NoRoom,
}

impl AdminStore<'_> {
    /// Keeps a request that its asker has not asked for yet. False if there is no room.
    pub async fn keep_approval(&self, new: &Approval) -> Result<bool> {
        retry(|| async {
            let kind = new.kind.map(TaskKind::as_str);
            let content = new.content.as_ref().map(|Sealed(bytes)| bytes.clone());
            let (id, role) = (new.id.as_str(), new.role.as_str());
            let by = new.asked_by.0.as_str();
            let row = values![id, kind, content, new.generation, by, role, new.made_at, MOST, MOST_OF_ONE];
            let mut tx = self.store.db.begin().await?;
            tx.count_alone(Counted::Approvals).await?;
            drop_open(&mut tx, new.made_at).await?;
            let kept = tx.execute(INSERT, row).await? == 1;
            tx.commit().await?;
            Ok(kept)
        })
        .await
    }

    /// A request.
    pub async fn approval(&self, id: &str) -> Result<Option<Approval>> {
        let sql = format!("SELECT {COLUMNS} FROM approvals WHERE id = $1");
        self.store.db.row(sql, values![id]).await?.as_ref().map(approval).transpose()
    }

    /// Those that were asked for, the newest first.
    pub async fn approvals(&self) -> Result<Vec<Approval>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM approvals WHERE state <> 'open' ORDER BY made_at DESC, id LIMIT $1"
        );
        self.store.db.rows(sql, values![MOST_SHOWN]).await?.iter().map(approval).collect()
    }

    /// The asker asks for it. False if it is too old, or was asked for already.
    pub async fn ask_approval(&self, id: &str, by: &AccountId, why: &str, event: &Event) -> Result<bool> {
        let asked = values![id, by.0.as_str(), why, event.at, event.at - DRAFT_LIFETIME];
        self.changed(ASK, asked, event).await
    }

    /// Ends a request. False if it has ended already.
    pub async fn end_approval(&self, end: EndedApproval<'_>, event: &Event) -> Result<bool> {
        let by = event.actor.as_deref();
        self.changed(END, values![end.id, end.state.as_str(), by, event.at, end.reason], event).await
    }

    async fn changed(
        &self,
        sql: &'static str,
        values: Vec<crate::store::engine::value::Value>,
        event: &Event,
    ) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            if tx.execute(sql, values.clone()).await? == 0 {
                return Ok(false);
            }
            audit::insert(&mut tx, event).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Carries out what another owner has approved, together with the decision: once, or not at all. `decided`
    /// is its event, `done` the event of what is done.
    pub async fn carry_out(
        &self,
        id: &str,
        deed: ApprovedDeed<'_>,
        decided: &Event,
        done: &Event,
    ) -> Result<CarriedOut> {
        // Not repeated after a commit whose result is unknown: it is done then.
        let mut tx = self.store.db.begin().await?;
        let row = values![id, decided.actor.as_deref(), decided.at, decided.at - APPROVAL_LIFETIME];
        if tx.execute(APPROVE, row).await? == 0 {
            return Ok(CarriedOut::TooLate);
        }
        let carried = match deed {
            ApprovedDeed::Settings { expected, version } => {
                if !versions::insert(&mut tx, expected, version, done).await? {
                    return Ok(CarriedOut::TooLate);
                }
                CarriedOut::Saved
            }
            ApprovedDeed::Task(task) => match tasks::insert(&mut tx, task, done).await? {
                Some(id) => CarriedOut::Ordered(id),
                None => return Ok(CarriedOut::NoRoom),
            },
        };
        audit::insert(&mut tx, decided).await?;
        tx.commit().await?;
        Ok(carried)
    }

    /// The requests that wait too long, or on settings that were changed.
    pub async fn overdue_approvals(&self, generation: i64, now: Millis) -> Result<Vec<Approval>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM approvals WHERE state = 'waiting' AND (made_at <= $1 OR generation <> $2)"
        );
        let due = values![now - APPROVAL_LIFETIME, generation];
        self.store.db.rows(sql, due).await?.iter().map(approval).collect()
    }

    /// Removes requests that were decided long ago, and those that nobody has asked for.
    pub(super) async fn forget_approvals(&self, now: Millis) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        drop_open(&mut tx, now).await?;
        tx.execute("DELETE FROM approvals WHERE made_at <= $1 AND content IS NULL", values![now - KEEP])
            .await?;
        tx.commit().await
    }
}

async fn drop_open(tx: &mut Tx, now: Millis) -> Result<()> {
    let sql = "DELETE FROM approvals WHERE state = 'open' AND made_at <= $1";
    tx.execute(sql, values![now - DRAFT_LIFETIME]).await?;
    Ok(())
}

fn approval(row: &DbRow) -> Result<Approval> {
    let cells = row.of("approvals", "id");
    Ok(Approval {
        id: cells.cell("id")?,
        kind: cells.cell::<Option<String>>("kind")?.as_deref().and_then(TaskKind::parse),
        content: cells.cell::<Option<Vec<u8>>>("content")?.map(Sealed),
        generation: cells.cell("generation")?,
        state: cells.word("state", ApprovalState::parse)?,
        asked_by: AccountId(cells.cell("asked_by")?),
        role: cells.word("role", Role::parse)?,
        why: cells.cell("why")?,
        made_at: cells.cell("made_at")?,
        decided_by: cells.cell("decided_by")?,
        decided_at: cells.cell("decided_at")?,
        reason: cells.cell("reason")?,
    })
}
