//! Commit a transaction with its wishes: whoever changes an account or a membership notes it, and the rows of the
//! outbox are written at the end, in one order, so that two transactions do not wait for each other.

use crate::domain::Millis;
use crate::domain::delivery::{Kind, Known, Subject, Urgency};

use super::bulk;
use super::columns::{Columns, columns};
use super::error::Result;
use super::sql::Tx;
use super::wake::Wake;
use super::wishes::{self, Wishes};

/// The same as `Row::wish`. Whoever waits keeps their place, and goes faster if the new wish is more urgent.
macro_rules! newer_wish {
    () => {
        "ON CONFLICT (target, kind, subject) DO UPDATE SET \
         urgency = CASE WHEN deliveries.wished > deliveries.delivered \
         AND deliveries.urgency < excluded.urgency THEN deliveries.urgency ELSE excluded.urgency END, \
         dirty_since = CASE WHEN deliveries.wished > deliveries.delivered THEN deliveries.dirty_since \
         ELSE excluded.dirty_since END, \
         wished = deliveries.wished + 1, attempts = 0, not_before = 0, quarantined_at = NULL, words = NULL"
    };
}

impl Tx {
    /// Notes that there is a newer wish about a person or Team Share at each service.
    pub fn wish(&mut self, subject: Subject, urgency: Urgency, now: Millis) {
        self.wishes.add(subject, urgency, now);
    }

    /// Wakes what waits for this once the transaction is committed.
    pub fn wakes(&mut self, wake: &'static Wake) {
        self.wakes.push(wake);
    }

    /// Writes the wishes and commits, and has the senders of this process look.
    pub async fn commit(mut self) -> Result<()> {
        let wished = self.write_wishes().await?;
        let wakes = std::mem::take(&mut self.wakes);
        self.end().await?;
        wakes.into_iter().for_each(Wake::wake);
        if wished {
            wishes::wake();
        }
        Ok(())
    }

    /// False if nothing is to be delivered anywhere.
    async fn write_wishes(&mut self) -> Result<bool> {
        let wishes = std::mem::take(&mut self.wishes);
        if wishes.is_empty() {
            return Ok(false);
        }
        let targets = self.rows("SELECT target FROM delivery_targets ORDER BY target", Vec::new()).await?;
        let targets: Result<Vec<String>> =
            targets.iter().map(|row| row.of("delivery_targets", "target").cell("target")).collect();
        let targets = targets?;
        self.write_wishes_at(&targets, &wishes).await?;
        Ok(!targets.is_empty())
    }

    /// Writes wishes at these services, in the order of [`Wishes`].
    pub(in crate::store) async fn write_wishes_at(
        &mut self,
        targets: &[String],
        wishes: &Wishes,
    ) -> Result<()> {
        let known = known_text(&Known::default());
        let row = |target: &String, (subject, urgency, at): (&Subject, Urgency, Millis)| -> Columns {
            columns! {
                "target" => target,
                "kind" => kind_word(subject.kind()),
                "subject" => subject.external_id(),
                "wished" => 1_i64,
                "delivered" => 0_i64,
                "urgency" => urgency_number(urgency),
                "dirty_since" => at,
                "attempts" => 0_i64,
                "not_before" => 0_i64,
                "known" => &known,
            }
        };
        let rows = wishes.iter().flat_map(|one| targets.iter().map(move |target| (target, one)));
        let rows = rows.map(|(target, one)| row(target, one)).collect();
        bulk::insert_rows(self, "deliveries", newer_wish!(), rows).await?;
        Ok(())
    }
}

/// The word for a resource type.
pub(in crate::store) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "person",
        Kind::Group => "share",
    }
}

/// The number of an urgency: the smallest goes first.
pub(in crate::store) fn urgency_number(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Suspend => 0,
        Urgency::Change => 1,
        Urgency::Fill => 2,
    }
}

/// What is known, as it is stored. Texts as keys can always be written.
pub(in crate::store) fn known_text(known: &Known) -> String {
    serde_json::to_string(known).unwrap_or_default()
}
