//! The audit trail. An event that belongs to another write is written in that write's transaction. Events
//! that anybody can cause share a row ([`Event::bucket`]), so that no number of wrong passwords fills the
//! disk. Each of them keeps only the number that its person was shown, in some hundred bytes, so that the
//! help desk finds the row by it.

use crate::store::LoginStore;
use aws_lc_rs::digest::{SHA256, digest};

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;

use super::conditions::AuditConditions;
use crate::store::engine::columns::{Columns, columns};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{DbRow, Sql, Tx};
use crate::store::engine::value::{Value, values};

/// One event of the trail. The decision stays a string, so that events of a later version can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Grows with time; `audit_page` pages by it.
    pub id: i64,
    pub at: Millis,
    pub decision: String,
    /// The id that the person was shown.
    pub attempt_id: Option<String>,
    pub account_id: Option<String>,
    pub directory: Option<String>,
    pub client_id: Option<String>,
    pub address: Option<String>,
    pub cause: Option<String>,
    /// Evidence as JSON; of several events, that of the latest.
    pub detail: Option<String>,
    /// How many events of the same kind this row stands for.
    pub times: i64,
    /// The time of the latest of several events.
    pub last_at: Option<Millis>,
    /// The admin who did it.
    pub actor: Option<String>,
    /// The role in the panel in which it was done.
    pub role: Option<String>,
}

/// Which events to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFilter {
    All,
    Attempt(String),
    Account(AccountId),
    Where(AuditConditions),
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, at, decision, attempt_id, account, directory, client_id, address, cause, detail, times, last_at, \
             actor, role FROM audit ",
            $rest
        )
    };
}

/// Inserts a row under a condition, or counts the event in the row of its bucket.
macro_rules! if_so {
    ($condition:literal) => {
        concat!(
            "WHERE ",
            $condition,
            " ON CONFLICT (bucket) WHERE bucket IS NOT NULL DO UPDATE SET times = audit.times + 1, \
             last_at = excluded.at, detail = excluded.detail, kept_until = excluded.kept_until"
        )
    };
}

const ALWAYS: &str = if_so!("true");

/// For an event that may have been written before.
const ONCE: &str = if_so!(
    "NOT EXISTS (SELECT 1 FROM audit WHERE attempt_id = :attempt_id AND at = :at AND decision = :decision) \
     AND NOT EXISTS (SELECT 1 FROM attempts WHERE attempt = :attempt_id AND bucket = :bucket)"
);

const NOTE: &str =
    "INSERT INTO attempts (attempt, bucket, at) VALUES ($1, $2, $3) ON CONFLICT (attempt, bucket) DO NOTHING";

/// How many rows that stand for several events are kept, about 80 MB; the clean-up removes older ones.
pub(in crate::store) const MOST_BUCKETS: i64 = 100_000;

/// How many numbers of refusals are kept, some 50 MB; the clean-up removes older ones.
pub(in crate::store) const MOST_ATTEMPTS: i64 = 500_000;

/// Writes an event in the transaction of what it reports.
pub(in crate::store) async fn insert(tx: &mut Tx, event: &Event) -> Result<()> {
    run(tx, ALWAYS, event).await
}

/// The same for an event that may have been written before.
pub(in crate::store) async fn insert_once(tx: &mut Tx, event: &Event) -> Result<()> {
    run(tx, ONCE, event).await
}

async fn run(tx: &mut Tx, when: &'static str, event: &Event) -> Result<()> {
    for (sql, values) in statements(when, event) {
        tx.execute(sql, values).await?;
    }
    Ok(())
}

/// The statements for an event, and for the number of one that has no row of its own.
fn statements(when: &'static str, event: &Event) -> Vec<(Sql, Vec<Value>)> {
    let mut all = vec![row(event).insert_select("audit", when, Columns::default())];
    if let (Some(id), Some(bucket)) = (&event.attempt_id, bucket(event)) {
        all.push((NOTE.into(), values![id, bucket, event.at]));
    }
    all
}

fn bucket(event: &Event) -> Option<Vec<u8>> {
    event.bucket().map(|bucket| digest(&SHA256, bucket.as_bytes()).as_ref()[..16].to_vec())
}

impl LoginStore<'_> {
    /// Writes an event on its own (a refusal writes nothing else). While the database is unreachable it is
    /// kept in memory: a response does not wait for the trail.
    pub async fn append(&self, event: &Event) -> Result<()> {
        if self.store.unwritten.is_empty() {
            match self.store.db.execute_soon(statements(ALWAYS, event)).await {
                Err(error) if error.is_outage() => {}
                done => return done.map(drop),
            }
        }
        self.store.unwritten.keep(event.clone());
        Ok(())
    }

    /// Events beyond the one with the id `beyond`. The newest are first, unless the conditions say otherwise.
    pub async fn audit_page(
        &self,
        beyond: Option<i64>,
        limit: u32,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditRow>> {
        let before = beyond.unwrap_or(i64::MAX);
        let (sql, values): (Sql, Vec<Value>) = match filter {
            AuditFilter::All => {
                (select!("WHERE id < $1 ORDER BY id DESC LIMIT $2").into(), values![before, limit])
            }
            AuditFilter::Attempt(id) => {
                let sql = select!(
                    "WHERE id < $1 AND id IN (SELECT id FROM audit WHERE attempt_id = $3 \
                     UNION SELECT audit.id FROM attempts JOIN audit ON audit.bucket = attempts.bucket \
                     WHERE attempts.attempt = $3 AND audit.bucket IS NOT NULL) ORDER BY id DESC LIMIT $2"
                );
                (sql.into(), values![before, limit, id])
            }
            AuditFilter::Account(id) => (
                select!("WHERE id < $1 AND account = $3 ORDER BY id DESC LIMIT $2").into(),
                values![before, limit, id],
            ),
            AuditFilter::Where(conditions) => {
                let ids = conditions.ids(&self.store.db, beyond).await?;
                conditions.select(select!(""), &ids, limit)
            }
        };
        self.store.db.rows(sql, values).await?.iter().map(AuditRow::try_from).collect()
    }
}

fn row(event: &Event) -> Columns {
    columns! {
        "at" => event.at,
        "decision" => event.decision.as_str(),
        "attempt_id" => &event.attempt_id,
        "account" => &event.account_id,
        "directory" => &event.directory,
        "client_id" => &event.client_id,
        "address" => &event.address,
        "cause" => &event.cause,
        "detail" => &event.detail,
        "kept_until" => event.at + event.keep.lifetime(),
        "bucket" => bucket(event),
        "actor" => &event.actor,
        "role" => event.role,
    }
}

impl TryFrom<&DbRow> for AuditRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
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
            times: cells.cell("times")?,
            last_at: cells.cell("last_at")?,
            actor: cells.cell("actor")?,
            role: cells.cell("role")?,
        })
    }
}
