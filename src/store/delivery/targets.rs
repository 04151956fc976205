//! The services that something is delivered to, and what is known of each as a whole.

use std::collections::BTreeMap;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::delivery::{Dialect, Stop, Subject, Urgency};
use crate::domain::settings::Provisioning;

use crate::store::DeliveryStore;
use crate::store::engine::commit::kind_word;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;
use crate::store::engine::wishes::{self, Wishes};
use crate::store::trail::audit;

/// A service as the settings name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryTarget {
    pub id: String,
    /// Another address is another service.
    pub base_url: String,
    /// What is delivered, as a text: once it changes, everybody is looked at again.
    pub delivered: String,
}

impl From<&Provisioning> for DeliveryTarget {
    fn from(service: &Provisioning) -> Self {
        Self {
            id: service.id.clone(),
            base_url: service.base_url.trim_end_matches('/').to_owned(),
            delivered: service.delivered(),
        }
    }
}

/// What is known of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetState {
    pub target: DeliveryTarget,
    /// When it was named, or what is delivered was changed.
    pub added_at: Millis,
    /// The last account of which is noted that it is to be delivered; `None` once all are.
    pub filled_to: Option<String>,
    /// What it has announced.
    pub dialect: Option<Dialect>,
    pub stopped: Option<StoppedTarget>,
    /// Why nothing can be sent for now.
    pub failing: Option<FailingTarget>,
    /// How often an administrator has resumed it.
    pub resumed: i64,
}

/// Why a service gets nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedTarget {
    pub why: Stop,
    pub at: Millis,
    /// The service's own words.
    pub words: String,
    /// The digest of its settings then: with others it is tried again.
    pub under: String,
}

/// A service that does not answer as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailingTarget {
    pub since: Millis,
    /// The service's own words, or those of the connection.
    pub words: String,
    /// Whether an event says so.
    pub is_noted: bool,
}

/// What a retry has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retried {
    /// Why the service was stopped, if it was.
    pub stopped: Option<Stop>,
    /// How many people and Team Shares in quarantine are tried again.
    pub released: u64,
}

const STATE: &str = "SELECT target, base_url, delivered, added_at, filled_to, dialect, stopped, stopped_at, \
     stopped_words, stopped_under, resumed, failing_since, failing_words, away_noted \
     FROM delivery_targets WHERE target = $1";
const STOP: &str = "UPDATE delivery_targets SET stopped = $2, stopped_at = $3, stopped_words = $4, stopped_under = $5 \
     WHERE target = $1 AND stopped IS NULL";
const RESUME: &str = "UPDATE delivery_targets SET stopped = NULL, stopped_at = NULL, stopped_words = NULL, \
     stopped_under = NULL, resumed = resumed + 1 WHERE target = $1";
const RELEASE: &str = "UPDATE deliveries SET attempts = 0, not_before = 0, quarantined_at = NULL, words = NULL \
     WHERE target = $1 AND wished > delivered";

/// How many accounts are noted in one transaction.
const PAGE: u32 = 500;

impl DeliveryStore<'_> {
    /// Makes these the services. What was to be delivered to others is forgotten.
    pub async fn set_targets(&self, targets: &[DeliveryTarget], now: Millis) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            set(&mut tx, targets, now).await?;
            tx.commit().await
        })
        .await
    }

    /// What is known of a service; `None` if the settings don't name it.
    pub async fn target(&self, id: &str) -> Result<Option<TargetState>> {
        self.store.db.row(STATE, values![id]).await?.as_ref().map(state).transpose()
    }

    /// Notes what a service announces.
    pub async fn note_dialect(&self, id: &str, dialect: &Dialect, now: Millis) -> Result<()> {
        let text = serde_json::to_string(dialect).unwrap_or_default();
        let sql = "UPDATE delivery_targets SET dialect = $2, dialect_read_at = $3 WHERE target = $1";
        self.store.db.execute(sql, values![id, text, now]).await?;
        Ok(())
    }

    /// Stops a service, with the event. False if it was stopped before.
    pub async fn stop(&self, id: &str, stop: &StoppedTarget, event: &Event) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let StoppedTarget { why, at, words, under } = stop;
            let stopped = tx.execute(STOP, values![id, why.as_str(), *at, words, under]).await? == 1;
            if stopped {
                audit::insert(&mut tx, event).await?;
            }
            tx.commit().await?;
            Ok(stopped)
        })
        .await
    }

    /// Notes that a service does not answer as it should, unless that is known.
    pub async fn note_failing(&self, id: &str, words: &str, now: Millis) -> Result<()> {
        let sql = "UPDATE delivery_targets SET failing_since = $2, failing_words = $3, away_noted = 0 \
             WHERE target = $1 AND failing_since IS NULL";
        self.store.db.execute(sql, values![id, now, words]).await?;
        Ok(())
    }

    /// Notes that a service answers. False if it did before.
    pub async fn note_well(&self, id: &str) -> Result<bool> {
        let sql = "UPDATE delivery_targets SET failing_since = NULL, failing_words = NULL, away_noted = 0 \
             WHERE target = $1 AND failing_since IS NOT NULL";
        Ok(self.store.db.execute(sql, values![id]).await? == 1)
    }

    /// Writes the event that a service has been failing for long, once.
    pub async fn note_away(&self, id: &str, event: &Event) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "UPDATE delivery_targets SET away_noted = 1 \
                 WHERE target = $1 AND failing_since IS NOT NULL AND away_noted = 0";
            if tx.execute(sql, values![id]).await? == 1 {
                audit::insert(&mut tx, event).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// Resumes a service after its settings were changed.
    pub async fn resume(&self, id: &str) -> Result<()> {
        self.store.db.execute(RESUME, values![id]).await?;
        Ok(())
    }

    /// Resumes a service and has everybody in quarantine tried again, or only this person or Team Share, with the
    /// event of that.
    pub async fn retry(
        &self,
        id: &str,
        only: Option<&Subject>,
        event: impl Fn(Retried) -> Event,
    ) -> Result<Retried> {
        let retried = retry(|| self.try_again(id, only, &event)).await?;
        wishes::wake();
        Ok(retried)
    }

    async fn try_again(
        &self,
        id: &str,
        only: Option<&Subject>,
        event: &impl Fn(Retried) -> Event,
    ) -> Result<Retried> {
        let mut tx = self.store.db.begin().await?;
        let sql = "SELECT stopped FROM delivery_targets WHERE target = $1";
        let stopped: Option<String> = match tx.row(sql, values![id]).await? {
            Some(row) => row.of("delivery_targets", "stopped").cell("stopped")?,
            None => None,
        };
        tx.execute(RESUME, values![id]).await?;
        let released = release(&mut tx, id, only).await?;
        let retried = Retried { stopped: stopped.as_deref().and_then(Stop::parse), released };
        audit::insert(&mut tx, &event(retried)).await?;
        tx.commit().await?;
        Ok(retried)
    }

    /// Notes for the next accounts that they are to be delivered to a service, and at last for all Team Shares.
    /// False if nothing is left to note, or the settings have changed since `state` was read.
    pub async fn fill(&self, state: &TargetState, now: Millis) -> Result<bool> {
        let Some(after) = &state.filled_to else { return Ok(false) };
        let mut tx = self.store.db.begin().await?;
        let sql = "SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2";
        let ids = texts(&tx.rows(sql, values![after, PAGE]).await?, ("accounts", "id"))?;
        let last = ids.last().cloned();
        let mut wishes = Wishes::default();
        for id in ids {
            wishes.add(Subject::Person(AccountId(id)), Urgency::Fill, now);
        }
        if last.is_none() {
            let sql = "SELECT DISTINCT team_share FROM share_memberships";
            for name in texts(&tx.rows(sql, Vec::new()).await?, ("share_memberships", "team_share"))? {
                wishes.add(Subject::Share(name), Urgency::Fill, now);
            }
        }
        let id = &state.target.id;
        tx.write_wishes_at(std::slice::from_ref(id), &wishes).await?;
        let sql = "UPDATE delivery_targets SET filled_to = $2 WHERE target = $1 AND added_at = $3 AND filled_to = $4";
        if tx.execute(sql, values![id, &last, state.added_at, after]).await? == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(last.is_some())
    }
}

async fn release(tx: &mut Tx, id: &str, only: Option<&Subject>) -> Result<u64> {
    let count = "SELECT count(*) AS many FROM deliveries \
         WHERE target = $1 AND wished > delivered AND quarantined_at IS NOT NULL";
    let (key, of_one) = match only {
        Some(one) => {
            (values![id, kind_word(one.kind()), one.external_id()], " AND kind = $2 AND subject = $3")
        }
        None => (values![id], ""),
    };
    let row = tx.row(format!("{count}{of_one}"), key.clone()).await?;
    let many = row.map_or(Ok(0), |row| {
        row.of("deliveries", "many").parsed("many", |many: i64| u64::try_from(many).ok())
    })?;
    tx.execute(format!("{RELEASE}{of_one}"), key).await?;
    Ok(many)
}

/// Makes these the services, in the transaction that saves the settings.
pub(in crate::store) async fn set(tx: &mut Tx, targets: &[DeliveryTarget], now: Millis) -> Result<()> {
    let sql = "SELECT target, base_url, delivered FROM delivery_targets ORDER BY target";
    let mut known = BTreeMap::new();
    for row in &tx.rows(sql, Vec::new()).await? {
        let target = target(row)?;
        known.insert(target.id.clone(), target);
    }
    for old in known.values() {
        if !targets.iter().any(|target| target.id == old.id && target.base_url == old.base_url) {
            tx.execute("DELETE FROM deliveries WHERE target = $1", values![&old.id]).await?;
            tx.execute("DELETE FROM delivery_comparisons WHERE target = $1", values![&old.id]).await?;
            tx.execute("DELETE FROM delivery_targets WHERE target = $1", values![&old.id]).await?;
        }
    }
    for target in targets.iter().filter(|target| known.get(&target.id) != Some(*target)) {
        let sql = "INSERT INTO delivery_targets (target, base_url, delivered, added_at, filled_to) \
             VALUES ($1, $2, $3, $4, '') ON CONFLICT (target) DO UPDATE \
             SET delivered = excluded.delivered, added_at = excluded.added_at, filled_to = ''";
        let DeliveryTarget { id, base_url, delivered } = target;
        tx.execute(sql, values![id, base_url, delivered, now]).await?;
    }
    Ok(())
}

fn target(row: &DbRow) -> Result<DeliveryTarget> {
    let cells = row.of("delivery_targets", "target");
    Ok(DeliveryTarget {
        id: cells.cell("target")?,
        base_url: cells.cell("base_url")?,
        delivered: cells.cell("delivered")?,
    })
}

fn state(row: &DbRow) -> Result<TargetState> {
    let cells = row.of("delivery_targets", "target");
    let dialect: Option<String> = cells.cell("dialect")?;
    let why: Option<String> = cells.cell("stopped")?;
    let stopped = match why.as_deref().and_then(Stop::parse) {
        Some(why) => Some(StoppedTarget {
            why,
            at: cells.cell::<Option<i64>>("stopped_at")?.unwrap_or_default(),
            words: cells.cell::<Option<String>>("stopped_words")?.unwrap_or_default(),
            under: cells.cell::<Option<String>>("stopped_under")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(TargetState {
        target: target(row)?,
        added_at: cells.cell("added_at")?,
        filled_to: cells.cell("filled_to")?,
        // One that another version has written in a form of its own is read again.
        dialect: dialect.and_then(|text| serde_json::from_str(&text).ok()),
        stopped,
        failing: match cells.cell("failing_since")? {
            Some(since) => Some(FailingTarget {
                since,
                words: cells.cell::<Option<String>>("failing_words")?.unwrap_or_default(),
                is_noted: cells.cell::<i64>("away_noted")? != 0,
            }),
            None => None,
        },
        resumed: cells.cell("resumed")?,
    })
}

fn texts(rows: &[DbRow], (table, column): (&'static str, &'static str)) -> Result<Vec<String>> {
    rows.iter().map(|row| row.of(table, column).cell(column)).collect()
}
