//! One row of the outbox.

use crate::domain::account::AccountId;
use crate::domain::delivery::{Known, Quarantine, Row, Subject, Urgency};

use crate::store::engine::commit::{known_text, urgency_number};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::{Value, values};

/// The columns of a row.
pub(super) const COLUMNS: &str = "kind, subject, wished, delivered, urgency, dirty_since, attempts, not_before, \
     quarantined_at, words, known";

/// A person or Team Share at one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDelivery {
    pub subject: Subject,
    pub row: Row,
    pub known: Known,
}

fn urgency_of(number: i64) -> Option<Urgency> {
    [Urgency::Suspend, Urgency::Change, Urgency::Fill].into_iter().find(|one| urgency_number(*one) == number)
}

/// The subject with this word and id.
pub(super) fn subject_of(kind: &str, id: String) -> Option<Subject> {
    match kind {
        "person" => Some(Subject::Person(AccountId(id))),
        "share" => Some(Subject::Share(id)),
        _ => None,
    }
}

impl TryFrom<&DbRow> for StoredDelivery {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("deliveries", "subject");
        let id: String = cells.cell("subject")?;
        let count = |column| cells.parsed(column, |number: i64| u64::try_from(number).ok());
        let quarantine = match cells.cell("quarantined_at")? {
            Some(since) => {
                let words: Option<String> = cells.cell("words")?;
                Some(Quarantine { since, words: words.unwrap_or_default() })
            }
            None => None,
        };
        Ok(Self {
            subject: cells.word("kind", |kind| subject_of(kind, id))?,
            row: Row {
                wished: count("wished")?,
                delivered: count("delivered")?,
                urgency: cells.parsed("urgency", urgency_of)?,
                dirty_since: cells.cell("dirty_since")?,
                attempts: cells.parsed("attempts", |number: i64| u32::try_from(number).ok())?,
                not_before: cells.cell("not_before")?,
                quarantine,
            },
            known: cells.word("known", |text| serde_json::from_str(text).ok())?,
        })
    }
}

impl StoredDelivery {
    /// The values of what an attempt changes, in the order of the statement.
    pub(super) fn changed(&self) -> Vec<Value> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let quarantine = self.row.quarantine.as_ref();
        values![
            number(self.row.delivered),
            self.row.dirty_since,
            self.row.attempts,
            self.row.not_before,
            quarantine.map(|quarantine| quarantine.since),
            quarantine.map(|quarantine| quarantine.words.clone()),
            self.known.id().map(|id| id.0.clone()),
            known_text(&self.known),
        ]
    }
}
