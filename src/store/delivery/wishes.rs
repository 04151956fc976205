//! Targets, and notes that there is a newer wish. A transaction that changes an account notes it at every target.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::delivery::{Known, Subject, Urgency, Values};

use super::rows::{kind_word, known_text, urgency_number};
use crate::store::DeliveryStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Sql, Tx, locked};
use crate::store::engine::value::values;

/// The same as `Row::wish`. Whoever waits keeps their place, and goes faster if the new wish is more urgent.
macro_rules! newer_wish {
    ($head:literal) => {
        concat!(
            $head,
            " ON CONFLICT (target, kind, subject) DO UPDATE SET \
             urgency = CASE WHEN deliveries.wished > deliveries.delivered \
             AND deliveries.urgency < excluded.urgency THEN deliveries.urgency ELSE excluded.urgency END, \
             dirty_since = CASE WHEN deliveries.wished > deliveries.delivered THEN deliveries.dirty_since \
             ELSE excluded.dirty_since END, \
             wished = deliveries.wished + 1, attempts = 0, not_before = 0, quarantined_at = NULL, words = NULL"
        )
    };
}

const WISH: &str = newer_wish!(
    "INSERT INTO deliveries (target, kind, subject, wished, delivered, urgency, dirty_since, \
     attempts, not_before, known) SELECT target, $1, $2, 1, 0, $3, $4, 0, 0, $5 FROM delivery_targets WHERE 1 = 1"
);
const WISH_SHARES: &str = newer_wish!(
    "INSERT INTO deliveries (target, kind, subject, wished, delivered, urgency, dirty_since, \
     attempts, not_before, known) SELECT $1, 'share', s.team_share, 1, 0, $2, $3, 0, 0, $4 FROM \
     (SELECT DISTINCT team_share FROM share_memberships WHERE account = $5 ORDER BY team_share) s WHERE 1 = 1"
);

const KNOWN: Sql =
    locked!("SELECT target, known FROM deliveries WHERE kind = 'person' AND subject = $1 ORDER BY target");
const ERASE: &str = "UPDATE deliveries SET known = $3, wished = wished + 1, \
     urgency = CASE WHEN wished > delivered AND urgency < 1 THEN urgency ELSE 1 END, \
     dirty_since = CASE WHEN wished > delivered THEN dirty_since ELSE $4 END, \
     attempts = 0, not_before = 0, quarantined_at = NULL, words = NULL \
     WHERE target = $1 AND kind = 'person' AND subject = $2";

impl DeliveryStore<'_> {
    /// Makes these the targets. What was to be delivered to others is forgotten.
    pub async fn set_targets(&self, targets: &[&str], now: Millis) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let rows = tx.rows("SELECT target FROM delivery_targets ORDER BY target", Vec::new()).await?;
            for row in &rows {
                let old: String = row.of("delivery_targets", "target").cell("target")?;
                if !targets.contains(&old.as_str()) {
                    tx.execute("DELETE FROM deliveries WHERE target = $1", values![&old]).await?;
                    tx.execute("DELETE FROM delivery_targets WHERE target = $1", values![&old]).await?;
                }
            }
            for target in targets {
                let sql = "INSERT INTO delivery_targets (target, added_at) VALUES ($1, $2) \
                     ON CONFLICT (target) DO NOTHING";
                tx.execute(sql, values![*target, now]).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// Notes at every target that there is a newer wish about each of these, in one transaction.
    pub async fn wish(&self, subjects: &[Subject], urgency: Urgency, now: Millis) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            wish(&mut tx, subjects, urgency, now).await?;
            tx.commit().await
        })
        .await
    }
}

/// Notes newer wishes in the caller's transaction, in one order, so that two transactions do not wait for each other.
pub(in crate::store) async fn wish(
    tx: &mut Tx,
    subjects: &[Subject],
    urgency: Urgency,
    now: Millis,
) -> Result<()> {
    let mut subjects: Vec<&Subject> = subjects.iter().collect();
    subjects.sort_unstable();
    subjects.dedup();
    let known = known_text(&Known::default());
    for subject in subjects {
        let (kind, id) = (kind_word(subject.kind()), subject.external_id());
        tx.execute(WISH, values![kind, id, urgency_number(urgency), now, &known]).await?;
    }
    Ok(())
}

/// Notes newer wishes about the Team Shares of a person at one target: the person has another id there.
pub(super) async fn wish_shares(tx: &mut Tx, target: &str, person: &AccountId, now: Millis) -> Result<()> {
    let (urgency, known) = (urgency_number(Urgency::Change), known_text(&Known::default()));
    tx.execute(WISH_SHARES, values![target, urgency, now, &known, person]).await?;
    Ok(())
}

/// Notes in the transaction that erases an account that the person is to be erased at each target that may know them, and
/// forgets the values that were delivered. The memberships are still there.
pub(in crate::store) async fn erase(tx: &mut Tx, person: &AccountId, now: Millis) -> Result<()> {
    for row in &tx.rows(KNOWN, values![person]).await? {
        let cells = row.of("deliveries", "target");
        let target: String = cells.cell("target")?;
        let known: Known = cells.word("known", |text| serde_json::from_str(text).ok())?;
        let known = known_text(&Known { values: Values::new(), ..known });
        tx.execute(ERASE, values![&target, person, known, now]).await?;
        wish_shares(tx, &target, person, now).await?;
    }
    Ok(())
}
