//! What a comparison asks of the outbox, what it has corrected there, and its result.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::delivery::{Drift, Kind, RemoteId, Subject, Urgency};

use super::rows::{COLUMNS, StoredDelivery};
use super::wishes::wish_shares;
use crate::store::DeliveryStore;
use crate::store::engine::bulk;
use crate::store::engine::commit::{kind_word, known_text};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx, locked};
use crate::store::engine::value::{Value, values};
use crate::store::engine::wishes::{self, Wishes};
use crate::store::trail::audit;

/// Somebody about whom there is to be a newer wish, because they differ over there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub subject: Subject,
    /// The number of the newest wish when it was compared; `None`: there was none. With another one it is left alone.
    pub wished: Option<u64>,
    /// See `Known::doubted`.
    pub learned: Option<RemoteId>,
    pub urgency: Urgency,
}

/// The newest comparison of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonRow {
    pub begun_at: Millis,
    pub ended_at: Millis,
    /// About how many a newer wish was noted.
    pub fixed: u64,
    /// `None` if it failed.
    pub drift: Option<Drift>,
    /// Why it failed.
    pub failed: Option<String>,
}

const ERASED: &str = "WHERE target = $1 AND kind = 'person' AND subject > $2 \
     AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = deliveries.subject) ORDER BY subject LIMIT $3";
const LEARN: &str =
    "UPDATE deliveries SET known = $4, remote_id = $5 WHERE target = $1 AND kind = $2 AND subject = $3";

impl DeliveryStore<'_> {
    /// The rows of these people or Team Shares at a service.
    pub async fn deliveries_of(
        &self,
        target: &str,
        subjects: &[Subject],
    ) -> Result<HashMap<Subject, StoredDelivery>> {
        let mut found = HashMap::new();
        for kind in [Kind::User, Kind::Group] {
            let of_kind = subjects.iter().filter(|subject| subject.kind() == kind);
            let list = of_kind.map(|subject| Value::from(subject.external_id())).collect();
            let sql =
                format!("SELECT {COLUMNS} FROM deliveries WHERE target = $1 AND kind = $2 AND subject IN");
            for row in bulk::read_in(&self.store.db, sql, values![target, kind_word(kind)], list).await? {
                let stored = StoredDelivery::try_from(&row)?;
                found.insert(stored.subject.clone(), stored);
            }
        }
        Ok(found)
    }

    /// A page of the rows of people whose account was erased, after this one.
    pub async fn erased_page(
        &self,
        target: &str,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<StoredDelivery>> {
        let after = after.map_or("", |after| after.0.as_str());
        let sql = format!("SELECT {COLUMNS} FROM deliveries {ERASED}");
        let rows = self.store.db.rows(sql, values![target, after, limit]).await?;
        rows.iter().map(StoredDelivery::try_from).collect()
    }

    /// The names of all Team Shares that somebody has, or that were delivered to a service.
    pub async fn shares_at(&self, target: &str) -> Result<BTreeSet<String>> {
        let held =
            self.store.db.rows("SELECT DISTINCT team_share FROM share_memberships", Vec::new()).await?;
        let sql = "SELECT subject FROM deliveries WHERE target = $1 AND kind = 'share'";
        let delivered = self.store.db.rows(sql, values![target]).await?;
        let held = held.iter().map(|row| row.of("share_memberships", "team_share").cell("team_share"));
        let delivered = delivered.iter().map(|row| row.of("deliveries", "subject").cell("subject"));
        held.chain(delivered).collect()
    }

    /// Who is delivered as these resources.
    pub async fn owners(
        &self,
        target: &str,
        kind: Kind,
        ids: &[RemoteId],
    ) -> Result<HashMap<RemoteId, Subject>> {
        let sql =
            format!("SELECT {COLUMNS} FROM deliveries WHERE target = $1 AND kind = $2 AND remote_id IN");
        let list = ids.iter().map(|id| Value::from(&id.0)).collect();
        let rows = bulk::read_in(&self.store.db, sql, values![target, kind_word(kind)], list).await?;
        let mut owners = HashMap::new();
        for row in &rows {
            let stored = StoredDelivery::try_from(row)?;
            if let Some(id) = stored.known.id() {
                owners.insert(id.clone(), stored.subject);
            }
        }
        Ok(owners)
    }

    /// Which of these ids are those of accounts here.
    pub async fn account_ids(&self, ids: &[String]) -> Result<HashSet<String>> {
        let list = ids.iter().map(Value::from).collect();
        let rows =
            bulk::read_in(&self.store.db, "SELECT id FROM accounts WHERE id IN", Vec::new(), list).await?;
        rows.iter().map(|row| row.of("accounts", "id").cell("id")).collect()
    }

    /// Notes newer wishes about those who differ over there, and that what is known of them has to be read again.
    /// Whoever has a newer wish by now, or is being delivered, is left alone. Returns how many were noted.
    pub async fn correct(&self, target: &str, corrections: &[Correction], now: Millis) -> Result<u64> {
        let mut sorted: Vec<&Correction> = corrections.iter().collect();
        // The order in which all transactions lock these rows.
        sorted.sort_by(|one, other| one.subject.cmp(&other.subject));
        let corrected = retry(|| self.try_correct(target, &sorted, now)).await?;
        wishes::wake();
        Ok(corrected)
    }

    async fn try_correct(&self, target: &str, corrections: &[&Correction], now: Millis) -> Result<u64> {
        let mut tx = self.store.db.begin().await?;
        let (mut wishes, mut corrected) = (Wishes::default(), 0);
        for one in corrections {
            if doubt(&mut tx, target, one, now).await? {
                wishes.add(one.subject.clone(), one.urgency, now);
                corrected += 1;
            }
        }
        tx.write_wishes_at(&[target.to_owned()], &wishes).await?;
        tx.commit().await?;
        Ok(corrected)
    }

    /// Notes the result of a comparison, with its event.
    pub async fn note_comparison(
        &self,
        target: &str,
        comparison: &ComparisonRow,
        event: Option<&Event>,
    ) -> Result<()> {
        let sql = "INSERT INTO delivery_comparisons (target, begun_at, ended_at, fixed, numbers, failed) \
             SELECT target, $2, $3, $4, $5, $6 FROM delivery_targets WHERE target = $1 \
             ON CONFLICT (target) DO UPDATE SET begun_at = excluded.begun_at, ended_at = excluded.ended_at, \
             fixed = excluded.fixed, numbers = excluded.numbers, failed = excluded.failed";
        let numbers = comparison.drift.as_ref().map(|drift| {
            // Numbers under words can always be written as JSON.
            serde_json::to_string(drift).unwrap_or_default()
        });
        let fixed = i64::try_from(comparison.fixed).unwrap_or(i64::MAX);
        let values =
            values![target, comparison.begun_at, comparison.ended_at, fixed, numbers, &comparison.failed];
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            tx.execute(sql, values.clone()).await?;
            if let Some(event) = event {
                audit::insert(&mut tx, event).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// The newest comparison of a service.
    pub async fn comparison(&self, target: &str) -> Result<Option<ComparisonRow>> {
        let sql = "SELECT target, begun_at, ended_at, fixed, numbers, failed FROM delivery_comparisons \
             WHERE target = $1";
        self.store.db.row(sql, values![target]).await?.as_ref().map(ComparisonRow::try_from).transpose()
    }
}

/// Whether a newer wish is to be noted. What is known is in doubt then.
async fn doubt(tx: &mut Tx, target: &str, one: &Correction, now: Millis) -> Result<bool> {
    let sql = locked!(
        "SELECT kind, subject, wished, delivered, urgency, dirty_since, attempts, not_before, \
         quarantined_at, words, known FROM deliveries WHERE target = $1 AND kind = $2 AND subject = $3"
    );
    let key = || values![target, kind_word(one.subject.kind()), one.subject.external_id()];
    let stored = tx.row(sql, key()).await?.as_ref().map(StoredDelivery::try_from).transpose()?;
    let (stored, wished) = match (stored, one.wished) {
        (None, None) => return Ok(true),
        (Some(stored), Some(wished)) => (stored, wished),
        _ => return Ok(false),
    };
    if stored.row.is_dirty() || stored.row.wished != wished {
        return Ok(false);
    }
    let known = stored.known.clone().doubted(one.subject.kind(), one.learned.clone());
    let remote_id = known.id().map(|id| id.0.clone());
    tx.execute(LEARN, [key(), values![known_text(&known), remote_id]].concat()).await?;
    if let Subject::Person(person) = &one.subject
        && stored.known.id() != known.id()
    {
        wish_shares(tx, target, (person, one.urgency.max(Urgency::Change)), now).await?;
    }
    Ok(true)
}

impl TryFrom<&DbRow> for ComparisonRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("delivery_comparisons", "target");
        let numbers: Option<String> = cells.cell("numbers")?;
        Ok(Self {
            begun_at: cells.cell("begun_at")?,
            ended_at: cells.cell("ended_at")?,
            fixed: cells.parsed("fixed", |fixed: i64| u64::try_from(fixed).ok())?,
            // Numbers that another version has written in a form of its own are not shown.
            drift: numbers.and_then(|text| serde_json::from_str(&text).ok()),
            failed: cells.cell("failed")?,
        })
    }
}
