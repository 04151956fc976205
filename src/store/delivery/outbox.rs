//! What is ready to be sent, and what the sender notes before and after each request.

use crate::domain::Millis;
use crate::domain::delivery::{Kind, Known, RemoteId, Row, Subject};

use super::rows::{COLUMNS, StoredDelivery, kind_word, known_text};
use super::wishes;
use crate::store::DeliveryStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::locked;
use crate::store::engine::value::values;

/// The condition of `Row::is_ready`, and the order of `Row::rank`.
const READY: &str = "WHERE target = $1 AND wished > delivered AND (quarantined_at IS NULL OR urgency = 0) \
     AND not_before <= $2 ORDER BY urgency, kind, dirty_since, subject LIMIT $3";
const QUARANTINED: &str = "WHERE target = $1 AND wished > delivered AND quarantined_at IS NOT NULL \
     AND (kind > $2 OR (kind = $2 AND subject > $3)) ORDER BY kind, subject LIMIT $4";
const COUNTS: &str = "SELECT count(*) AS waiting, count(quarantined_at) AS quarantined, \
     min(CASE WHEN quarantined_at IS NULL THEN dirty_since END) AS oldest \
     FROM deliveries WHERE target = $1 AND wished > delivered";

const UPDATE: &str = "UPDATE deliveries SET delivered = $4, dirty_since = $5, attempts = $6, not_before = $7, \
     quarantined_at = $8, words = $9, remote_id = $10, known = $11 \
     WHERE target = $1 AND kind = $2 AND subject = $3";

/// What waits for one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// People and Team Shares that are to be delivered.
    pub waiting: u64,
    /// How many of these are in quarantine.
    pub quarantined: u64,
    /// Since when the others have waited, at most.
    pub oldest: Option<Millis>,
}

impl DeliveryStore<'_> {
    /// Who is to be sent now, the first in order.
    pub async fn ready(&self, target: &str, most: u32, now: Millis) -> Result<Vec<StoredDelivery>> {
        let sql = format!("SELECT {COLUMNS} FROM deliveries {READY}");
        let rows = self.store.db.rows(sql, values![target, now, most]).await?;
        rows.iter().map(StoredDelivery::try_from).collect()
    }

    /// One person or Team Share.
    pub async fn delivery(&self, target: &str, subject: &Subject) -> Result<Option<StoredDelivery>> {
        let sql =
            format!("SELECT {COLUMNS} FROM deliveries WHERE target = $1 AND kind = $2 AND subject = $3");
        let values = values![target, kind_word(subject.kind()), subject.external_id()];
        self.store.db.row(sql, values).await?.as_ref().map(StoredDelivery::try_from).transpose()
    }

    /// Whom the target knows under this id.
    pub async fn delivered_as(&self, target: &str, kind: Kind, id: &RemoteId) -> Result<Option<Subject>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE target = $1 AND kind = $2 AND remote_id = $3 \
             ORDER BY subject LIMIT 1"
        );
        let row = self.store.db.row(sql, values![target, kind_word(kind), &id.0]).await?;
        Ok(row.as_ref().map(StoredDelivery::try_from).transpose()?.map(|stored| stored.subject))
    }

    /// Notes what is known before a request whose effect it may lose (`Known::before`).
    pub async fn note_before(&self, target: &str, subject: &Subject, known: &Known) -> Result<()> {
        let sql = "UPDATE deliveries SET known = $4 WHERE target = $1 AND kind = $2 AND subject = $3";
        let key = values![target, kind_word(subject.kind()), subject.external_id(), known_text(known)];
        self.store.db.execute(sql, key).await?;
        Ok(())
    }

    /// Notes what an answer to this wish has changed. If a person has another id at the target then, the person's Team
    /// Shares are to be delivered too, in the same transaction. A row that is gone stays gone.
    pub async fn note_after(
        &self,
        target: &str,
        wish: (&Subject, u64),
        known: &Known,
        change: impl Fn(&mut Row),
        now: Millis,
    ) -> Result<()> {
        retry(|| self.try_note(target, wish, known, &change, now)).await
    }

    async fn try_note(
        &self,
        target: &str,
        (subject, wish): (&Subject, u64),
        known: &Known,
        change: &impl Fn(&mut Row),
        now: Millis,
    ) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        let sql = locked!(
            "SELECT kind, subject, wished, delivered, urgency, dirty_since, attempts, not_before, \
             quarantined_at, words, known FROM deliveries WHERE target = $1 AND kind = $2 AND subject = $3"
        );
        let key = || values![target, kind_word(subject.kind()), subject.external_id()];
        let Some(row) = tx.row(sql, key()).await? else { return Ok(()) };
        let mut stored = StoredDelivery::try_from(&row)?;
        let moved = stored.known.id() != known.id();
        stored.known = match stored.row.wished == wish {
            true => known.clone(),
            false => known.clone().over(&stored.known),
        };
        change(&mut stored.row);
        tx.execute(UPDATE, [key(), stored.changed()].concat()).await?;
        if let Subject::Person(person) = subject
            && moved
        {
            wishes::wish_shares(&mut tx, target, person, now).await?;
        }
        tx.commit().await
    }

    /// Forgets whom the target has erased, unless there is a newer wish.
    pub async fn forget(&self, target: &str, subject: &Subject, wish: u64) -> Result<()> {
        let sql = "DELETE FROM deliveries WHERE target = $1 AND kind = $2 AND subject = $3 AND wished = $4";
        let wish = i64::try_from(wish).unwrap_or(i64::MAX);
        let key = values![target, kind_word(subject.kind()), subject.external_id(), wish];
        self.store.db.execute(sql, key).await?;
        Ok(())
    }

    /// A page of those in quarantine, after this one.
    pub async fn quarantined(
        &self,
        target: &str,
        after: Option<&Subject>,
        most: u32,
    ) -> Result<Vec<StoredDelivery>> {
        let (kind, id) = after.map_or(("", ""), |after| (kind_word(after.kind()), after.external_id()));
        let sql = format!("SELECT {COLUMNS} FROM deliveries {QUARANTINED}");
        let rows = self.store.db.rows(sql, values![target, kind, id, most]).await?;
        rows.iter().map(StoredDelivery::try_from).collect()
    }

    /// Has all in quarantine tried again; returns how many.
    pub async fn retry_all(&self, target: &str) -> Result<u64> {
        let sql = "UPDATE deliveries SET attempts = 0, not_before = 0, quarantined_at = NULL, words = NULL \
             WHERE target = $1 AND wished > delivered AND quarantined_at IS NOT NULL";
        self.store.db.execute(sql, values![target]).await
    }

    /// How much waits for a target.
    pub async fn waiting(&self, target: &str) -> Result<Waiting> {
        let row = self.store.db.row(COUNTS, values![target]).await?;
        let Some(row) = row else { return Ok(Waiting { waiting: 0, quarantined: 0, oldest: None }) };
        let cells = row.of("deliveries", "waiting");
        let count = |column| cells.parsed(column, |number: i64| u64::try_from(number).ok());
        Ok(Waiting {
            waiting: count("waiting")?,
            quarantined: count("quarantined")?,
            oldest: cells.cell("oldest")?,
        })
    }
}
