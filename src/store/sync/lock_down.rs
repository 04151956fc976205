//! Lock down an account for an administrator: suspended here, with everything that it has opened, in one transaction.
//! The row stays until the suspension ends, so that everybody sees what of it is confirmed.

use std::collections::BTreeSet;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::audit::Event;
use crate::domain::delivery::{Subject, Urgency};
use crate::domain::history::ChangeKind;
use crate::domain::lock_down::EndedHere;

use super::suspend_here::{here, noted, suspended};
use crate::store::IdentityStore;
use crate::store::delivery;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;
use crate::store::identity::accounts;
use crate::store::identity::logouts;
use crate::store::trail::audit;

const COLUMNS: &str = "account, at, ordered_by, times, ended, clients, concluded_at";

const PUT: &str = "INSERT INTO lock_downs (account, at, ordered_by, times, ended, clients, concluded_at) \
     VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT (account) DO UPDATE SET at = excluded.at, \
     ordered_by = excluded.ordered_by, times = excluded.times, ended = excluded.ended, \
     clients = excluded.clients, concluded_at = NULL";

/// The clients with tokens of an account.
const CLIENTS: &str = "SELECT DISTINCT client_id FROM grants WHERE account = $1 AND client_id IS NOT NULL \
     AND revoked_at IS NULL AND expires_at > $2";

/// A person who is locked down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockDownRow {
    pub account: AccountId,
    /// When it was ordered first.
    pub at: Millis,
    /// Who ordered it first, as in the audit log.
    pub by: String,
    /// How often it was ordered.
    pub times: i64,
    pub ended: EndedHere,
    /// The clients that had tokens, or were not told yet of the end of a session.
    pub clients: BTreeSet<String>,
    /// When every step was confirmed or given up.
    pub concluded_at: Option<Millis>,
}

impl IdentityStore<'_> {
    /// Locks an account down, in one transaction with the event: suspends it here, ends sessions, grants, sessions of
    /// the panel and codes of the help desk, forgets browsers, has each client told and each service told first. What
    /// is not confirmed of an earlier time is repeated. `None` if there is no such account.
    pub async fn lock_down(&self, id: &AccountId, event: &Event) -> Result<Option<LockDownRow>> {
        retry(|| self.try_lock_down(id, event)).await
    }

    async fn try_lock_down(&self, id: &AccountId, event: &Event) -> Result<Option<LockDownRow>> {
        let mut tx = self.store.db.begin().await?;
        let Some(before) = accounts::locked(&mut tx, id).await? else { return Ok(None) };
        let earlier = match here(&before) {
            true => {
                tx.row(format!("SELECT {COLUMNS} FROM lock_downs WHERE account = $1"), values![id]).await?
            }
            false => None,
        };
        let earlier = earlier.as_ref().map(LockDownRow::try_from).transpose()?;
        let new = end_all(&mut tx, &before, event).await?;
        let row = match earlier {
            Some(earlier) => earlier.again(&new),
            None => new.clone(),
        };
        put(&mut tx, &row).await?;
        let status = match here(&before) {
            true => {
                tx.wish(Subject::Person(id.clone()), Urgency::Suspend, event.at);
                None
            }
            false => noted(&mut tx, ChangeKind::Suspended, &before, event).await?,
        };
        let changes = status.into_iter().chain(new.ended.changes());
        audit::insert(&mut tx, &event.clone().changing(changes)).await?;
        delivery::verify_everywhere(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// The lock-down of an account; `None` if there was none since it was reactivated.
    pub async fn locked_down(&self, id: &AccountId) -> Result<Option<LockDownRow>> {
        let sql = format!("SELECT {COLUMNS} FROM lock_downs WHERE account = $1");
        self.store.db.row(sql, values![id]).await?.as_ref().map(LockDownRow::try_from).transpose()
    }

    /// Lock-downs of which a step is still open, the oldest first, from this place on.
    pub async fn open_lock_downs(
        &self,
        after: Option<(Millis, &AccountId)>,
        most: u32,
    ) -> Result<Vec<LockDownRow>> {
        let (at, account) = after.map_or((i64::MIN, ""), |(at, account)| (at, account.0.as_str()));
        let sql = format!(
            "SELECT {COLUMNS} FROM lock_downs WHERE concluded_at IS NULL \
             AND (at > $1 OR (at = $1 AND account > $2)) ORDER BY at, account LIMIT $3"
        );
        let rows = self.store.db.rows(sql, values![at, account, most]).await?;
        rows.iter().map(LockDownRow::try_from).collect()
    }

    /// Notes that every step of a lock-down has ended, with the event. False if it was ordered again since, or somebody
    /// else has noted it.
    pub async fn conclude_lock_down(&self, row: &LockDownRow, event: &Event) -> Result<bool> {
        retry(|| self.try_conclude(row, event)).await
    }

    async fn try_conclude(&self, row: &LockDownRow, event: &Event) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let sql = "UPDATE lock_downs SET concluded_at = $4 \
             WHERE account = $1 AND at = $2 AND times = $3 AND concluded_at IS NULL";
        if tx.execute(sql, values![&row.account, row.at, row.times, event.at]).await? == 0 {
            return Ok(false);
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Ends all that an account has opened.
async fn end_all(tx: &mut Tx, account: &Account, event: &Event) -> Result<LockDownRow> {
    let id = &account.id;
    let mut clients = BTreeSet::new();
    for row in tx.rows(CLIENTS, values![id, event.at]).await? {
        clients.insert(row.of("grants", "client_id").cell("client_id")?);
    }
    let ended = suspended(tx, account, event.at).await?;
    // Behind the sessions and grants in the order of locks.
    clients.extend(logouts::hurry(tx, id, event.at).await?);
    let sql = "DELETE FROM remembered_browsers WHERE account = $1";
    let remembered_browsers = tx.execute(sql, values![id]).await?;
    let panel_sessions = tx.execute("DELETE FROM admin_sessions WHERE account = $1", values![id]).await?;
    let sql = "DELETE FROM invitations WHERE account = $1 AND used_at IS NULL AND expires_at > $2";
    let help_desk_codes = tx.execute(sql, values![id, event.at]).await?;
    let (sessions, refresh_families) = (ended.sessions, ended.grants);
    Ok(LockDownRow {
        account: id.clone(),
        at: event.at,
        by: event.actor.clone().unwrap_or_default(),
        times: 1,
        ended: EndedHere { sessions, refresh_families, remembered_browsers, panel_sessions, help_desk_codes },
        clients,
        concluded_at: None,
    })
}

async fn put(tx: &mut Tx, row: &LockDownRow) -> Result<()> {
    // Numbers and texts can always be written as JSON.
    let ended = serde_json::to_string(&row.ended).unwrap_or_default();
    let clients = serde_json::to_string(&row.clients).unwrap_or_default();
    tx.execute(PUT, values![&row.account, row.at, &row.by, row.times, ended, clients]).await?;
    Ok(())
}

impl LockDownRow {
    /// The same, ordered once more.
    fn again(self, new: &Self) -> Self {
        Self {
            times: self.times + 1,
            ended: self.ended.and(new.ended),
            clients: self.clients.union(&new.clients).cloned().collect(),
            concluded_at: None,
            ..self
        }
    }
}

impl TryFrom<&DbRow> for LockDownRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("lock_downs", "account");
        Ok(Self {
            account: AccountId(cells.cell("account")?),
            at: cells.cell("at")?,
            by: cells.cell("ordered_by")?,
            times: cells.cell("times")?,
            ended: cells.word("ended", |text| serde_json::from_str(text).ok())?,
            clients: cells.word("clients", |text| serde_json::from_str(text).ok())?,
            concluded_at: cells.cell("concluded_at")?,
        })
    }
}
