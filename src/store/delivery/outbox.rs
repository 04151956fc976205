//! What is ready to be sent, and what the sender notes before and after each request.

use std::collections::{BTreeSet, HashSet};

use tokio::sync::watch;

use crate::domain::Millis;
use crate::domain::delivery::{Attribute, Kind, Known, LogEntry, RemoteId, Row, Subject, Urgency};

use super::rows::{COLUMNS, StoredDelivery};
use super::{log, wishes};
use crate::store::DeliveryStore;
use crate::store::engine::bulk;
use crate::store::engine::commit::{kind_word, known_text};
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, locked};
use crate::store::engine::value::{Value, values};
use crate::store::engine::wishes::wake_ups;

/// The condition of `Row::is_ready`, and the order of `Row::rank`.
const READY: &str = "WHERE target = $1 AND wished > delivered AND (quarantined_at IS NULL OR urgency = 0) \
     AND not_before <= $2 ORDER BY urgency, kind, dirty_since, subject LIMIT $3";
const QUARANTINED: &str = "WHERE target = $1 AND wished > delivered AND quarantined_at IS NOT NULL \
     AND (kind > $2 OR (kind = $2 AND subject > $3)) ORDER BY kind, subject LIMIT $4";
const COUNTS: &str = "SELECT count(*) AS waiting, count(quarantined_at) AS quarantined, \
     min(CASE WHEN quarantined_at IS NULL THEN dirty_since END) AS oldest \
     FROM deliveries WHERE target = $1 AND wished > delivered";

const UPDATE: &str = "UPDATE deliveries SET delivered = $4, dirty_since = $5, attempts = $6, not_before = $7, \
     quarantined_at = $8, words = $9, remote_id = $10, known = $11, active = $12, active_since = $13 \
     WHERE target = $1 AND kind = $2 AND subject = $3";

/// What an answer has changed.
#[derive(Clone, Copy, Debug)]
pub struct AttemptNote<'a> {
    pub known: &'a Known,
    /// The row of the log, if the attempt ends here.
    pub log: Option<&'a LogEntry>,
    /// The same if it ends here only because there is a newer wish.
    pub log_if_overtaken: Option<&'a LogEntry>,
}

impl<'a> AttemptNote<'a> {
    /// Without a row of the log.
    #[must_use]
    pub fn unlogged(known: &'a Known) -> Self {
        Self { known, log: None, log_if_overtaken: None }
    }
}

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

    /// Which of these are the ids of users whom accounts here are delivered as.
    pub async fn ours(&self, target: &str, ids: &BTreeSet<RemoteId>) -> Result<HashSet<RemoteId>> {
        let sql = "SELECT remote_id FROM deliveries WHERE target = $1 AND kind = 'person' AND remote_id IN";
        let ids = ids.iter().map(|id| Value::from(&id.0)).collect();
        remote_ids(&bulk::read_in(&self.store.db, sql, values![target], ids).await?)
    }

    /// The ids of those members of a Team Share who are at a service.
    pub async fn members_at(&self, target: &str, share: &str) -> Result<BTreeSet<RemoteId>> {
        let sql = "SELECT DISTINCT d.remote_id AS remote_id FROM share_memberships m \
             JOIN deliveries d ON d.target = $1 AND d.kind = 'person' AND d.subject = m.account \
             WHERE m.team_share = $2 AND d.remote_id IS NOT NULL";
        remote_ids(&self.store.db.rows(sql, values![target, share]).await?)
    }

    /// Whether a Team Share has members.
    pub async fn has_members(&self, share: &str) -> Result<bool> {
        let sql = "SELECT team_share FROM share_memberships WHERE team_share = $1 LIMIT 1";
        Ok(self.store.db.row(sql, values![share]).await?.is_some())
    }

    /// How many people and Team Shares are known to be at a service.
    pub async fn known_at(&self, target: &str) -> Result<u64> {
        let sql = "SELECT count(*) AS many FROM deliveries WHERE target = $1 AND remote_id IS NOT NULL";
        let row = self.store.db.row(sql, values![target]).await?;
        row.map_or(Ok(0), |row| {
            row.of("deliveries", "many").parsed("many", |many: i64| u64::try_from(many).ok())
        })
    }

    /// Changes each time this process has noted wishes. Those of others are found only by looking.
    #[must_use]
    pub fn wake_ups(&self) -> watch::Receiver<()> {
        wake_ups()
    }

    /// Notes what is known before a request whose effect it may lose (`Known::before`). False if there is a newer wish
    /// than this one: nothing is noted then.
    pub async fn note_before(
        &self,
        target: &str,
        (subject, wish): (&Subject, u64),
        known: &Known,
    ) -> Result<bool> {
        let sql = "UPDATE deliveries SET known = $4 \
             WHERE target = $1 AND kind = $2 AND subject = $3 AND wished = $5";
        let wish = i64::try_from(wish).unwrap_or(i64::MAX);
        let key = values![target, kind_word(subject.kind()), subject.external_id(), known_text(known), wish];
        Ok(self.store.db.execute(sql, key).await? == 1)
    }

    /// Notes what an answer to this wish has changed. If a person has another id at the target then, the person's Team
    /// Shares are to be delivered too, in the same transaction. A row that is gone stays gone. Returns whether the wish is
    /// still the newest.
    pub async fn note_after(
        &self,
        target: &str,
        wish: (&Subject, u64),
        known: &Known,
        change: impl Fn(&mut Row),
        now: Millis,
    ) -> Result<bool> {
        self.note_attempt(target, wish, AttemptNote::unlogged(known), change, now).await
    }

    /// The same, with a row of the log.
    pub async fn note_attempt(
        &self,
        target: &str,
        wish: (&Subject, u64),
        note: AttemptNote<'_>,
        change: impl Fn(&mut Row),
        now: Millis,
    ) -> Result<bool> {
        retry(|| self.try_note(target, wish, note, &change, now)).await
    }

    async fn try_note(
        &self,
        target: &str,
        (subject, wish): (&Subject, u64),
        note: AttemptNote<'_>,
        change: &impl Fn(&mut Row),
        now: Millis,
    ) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let sql = locked!(
            "SELECT kind, subject, wished, delivered, urgency, dirty_since, attempts, not_before, \
             quarantined_at, words, known, active, active_since FROM deliveries \
             WHERE target = $1 AND kind = $2 AND subject = $3"
        );
        let key = || values![target, kind_word(subject.kind()), subject.external_id()];
        let Some(row) = tx.row(sql, key()).await? else {
            if let Some(entry) = note.log.or(note.log_if_overtaken) {
                log::insert(&mut tx, target, subject, entry, now).await?;
                tx.commit().await?;
            }
            return Ok(false);
        };
        let mut stored = StoredDelivery::try_from(&row)?;
        let known = note.known;
        let active = active_since(&row, known, now)?;
        let moved = stored.known.id() != known.id();
        let is_newest = stored.row.wished == wish;
        stored.known = match is_newest {
            true => known.clone(),
            false => known.clone().over(&stored.known),
        };
        // Whoever waits behind others has the Team Shares wait there too.
        let urgency = stored.row.urgency.max(Urgency::Change);
        change(&mut stored.row);
        tx.execute(UPDATE, [key(), stored.changed(), active].concat()).await?;
        if let Some(entry) = note.log.or(note.log_if_overtaken.filter(|_| !is_newest)) {
            log::insert(&mut tx, target, subject, entry, now).await?;
        }
        if let Subject::Person(person) = subject
            && moved
        {
            wishes::wish_shares(&mut tx, target, (person, urgency), now).await?;
        }
        tx.commit().await?;
        Ok(is_newest)
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

/// Whether a person is active over there and since when: the time of the first confirmation of that.
fn active_since(row: &DbRow, known: &Known, now: Millis) -> Result<Vec<Value>> {
    let cells = row.of("deliveries", "subject");
    let (before, since): (Option<i64>, Option<i64>) = (cells.cell("active")?, cells.cell("active_since")?);
    if known.id().is_none() {
        return Ok(values![None::<i64>, None::<i64>]);
    }
    let confirmed = known.values.get(&Attribute::Active).and_then(Option::as_deref);
    let active = confirmed.map(|active| i64::from(active == "true"));
    Ok(match active {
        Some(active) if before != Some(active) => values![active, now],
        _ => values![before, since],
    })
}

fn remote_ids<C: FromIterator<RemoteId>>(rows: &[DbRow]) -> Result<C> {
    rows.iter().map(|row| row.of("deliveries", "remote_id").cell("remote_id").map(RemoteId)).collect()
}
