//! The audit trail. An event that belongs to another write is written in that write's transaction.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;

use super::Store;
use super::error::{Result, StoreError};
use super::sql::{Row, Tx};
use super::value::{Value, values};

/// One event of the trail. The decision stays a word, so that a trail that a later version wrote can still be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Grows with time; [`Store::audit_page`] pages by it.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// What was decided.
    pub decision: String,
    /// The id that the person was shown.
    pub attempt_id: Option<String>,
    /// Whose account.
    pub account_id: Option<String>,
    /// Which directory.
    pub directory: Option<String>,
    /// Which client.
    pub client_id: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// The cause in one word.
    pub cause: Option<String>,
    /// Evidence as JSON.
    pub detail: Option<String>,
}

/// Which events to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFilter {
    /// All.
    All,
    /// Those of one attempt.
    Attempt(String),
    /// Those of one account.
    Account(AccountId),
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, at, decision, attempt_id, account, directory, client_id, address, cause, detail FROM audit ",
            $rest
        )
    };
}

const INSERT: &str = "INSERT INTO audit \
    (at, decision, attempt_id, account, directory, client_id, address, cause, detail, kept_until) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// The same for an event that may have been written before.
pub(super) const INSERT_ONCE: &str = "INSERT INTO audit \
    (at, decision, attempt_id, account, directory, client_id, address, cause, detail, kept_until) \
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE NOT EXISTS \
    (SELECT 1 FROM audit WHERE attempt_id = $3 AND at = $1 AND decision = $2)";

/// Writes an event in the transaction of what it tells.
pub(super) async fn insert(tx: &mut Tx, event: &Event) -> Result<()> {
    tx.execute(INSERT, values_of(event)).await?;
    Ok(())
}

impl Store {
    /// Writes an event that stands alone (a refusal writes nothing else). While the database is away it is kept in memory:
    /// an answer that is decided does not wait for the trail.
    pub async fn append(&self, event: &Event) -> Result<()> {
        if self.unwritten.is_empty() {
            match self.db.execute_soon(INSERT, values_of(event)).await {
                Err(error) if error.is_outage() => {}
                done => return done.map(drop),
            }
        }
        self.unwritten.keep(event.clone());
        Ok(())
    }

    /// Events, the newest first, older than the one with the id `before`.
    pub async fn audit_page(
        &self,
        before: Option<i64>,
        limit: u32,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditRow>> {
        let before = before.unwrap_or(i64::MAX);
        let (sql, values) = match filter {
            AuditFilter::All => (select!("WHERE id < $1 ORDER BY id DESC LIMIT $2"), values![before, limit]),
            AuditFilter::Attempt(id) => (
                select!("WHERE id < $1 AND attempt_id = $3 ORDER BY id DESC LIMIT $2"),
                values![before, limit, id],
            ),
            AuditFilter::Account(id) => (
                select!("WHERE id < $1 AND account = $3 ORDER BY id DESC LIMIT $2"),
                values![before, limit, id],
            ),
        };
        self.db.rows(sql, values).await?.iter().map(AuditRow::try_from).collect()
    }
}

pub(super) fn values_of(event: &Event) -> Vec<Value> {
    values![
        event.at,
        event.decision.as_str(),
        &event.attempt_id,
        &event.account_id,
        &event.directory,
        &event.client_id,
        &event.address,
        &event.cause,
        &event.detail,
        event.at + event.keep.lifetime(),
    ]
}

impl TryFrom<&Row> for AuditRow {
    type Error = StoreError;

    fn try_from(row: &Row) -> Result<Self> {
        let cells = row.of("audit", "id");
        Ok(Self {
            id: cells.cell("id")?,
            at: cells.cell("at")?,
            decision: cells.cell("decision")?,
            attempt_id: cells.cell("attempt_id")?,
            account_id: cells.cell("account")?,
            directory: cells.cell("directory")?,
            client_id: cells.cell("client_id")?,
            address: cells.cell("address")?,
            cause: cells.cell("cause")?,
            detail: cells.cell("detail")?,
        })
    }
}
