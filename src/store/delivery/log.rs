//! The log of deliveries: what was sent when, and how it ended.

use std::collections::BTreeSet;

use crate::domain::delivery::{Action, Attribute, Ending, LogEntry, Subject};
use crate::domain::{DAY, Millis};

use super::rows::subject_of;
use crate::store::DeliveryStore;
use crate::store::engine::columns::columns;
use crate::store::engine::commit::kind_word;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;

/// How long a row is kept.
pub(in crate::store) const KEPT: Millis = 90 * DAY;
/// How many rows are kept at most, of all services together.
pub(in crate::store) const MOST: i64 = 1_000_000;

const COLUMNS: &str = "id, at, target, kind, subject, action, attributes, joined, departed, ending, words";

/// One row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedDelivery {
    pub id: i64,
    pub at: Millis,
    pub target: String,
    pub subject: Subject,
    pub entry: LogEntry,
}

/// Which rows to read, the newest first.
#[derive(Clone, Debug, Default)]
pub struct DeliveryLogFilter {
    pub target: Option<String>,
    pub subject: Option<Subject>,
    /// Only rows that are older than the one with this id.
    pub before: Option<i64>,
}

impl DeliveryStore<'_> {
    /// A page of the log, the newest first.
    pub async fn log_page(&self, filter: &DeliveryLogFilter, limit: u32) -> Result<Vec<LoggedDelivery>> {
        let before = filter.before.unwrap_or(i64::MAX);
        let page = |conditions: &str| {
            format!("SELECT {COLUMNS} FROM delivery_log WHERE id < $1{conditions} ORDER BY id DESC LIMIT $2")
        };
        let (sql, more) = match (&filter.target, &filter.subject) {
            (None, None) => (page(""), Vec::new()),
            (Some(target), None) => (page(" AND target = $3"), values![target]),
            (None, Some(one)) => {
                let key = values![kind_word(one.kind()), one.external_id()];
                (page(" AND kind = $3 AND subject = $4"), key)
            }
            (Some(target), Some(one)) => {
                let key = values![kind_word(one.kind()), one.external_id(), target];
                (page(" AND kind = $3 AND subject = $4 AND target = $5"), key)
            }
        };
        let values = [values![before, limit], more].concat();
        let rows = self.store.db.rows(sql, values).await?;
        rows.iter().map(LoggedDelivery::try_from).collect()
    }

    /// Adds a row about an attempt whose end no other transaction notes.
    pub async fn log(&self, target: &str, subject: &Subject, entry: &LogEntry, now: Millis) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        insert(&mut tx, target, subject, entry, now).await?;
        tx.commit().await
    }
}

/// Adds a row.
pub(super) async fn insert(
    tx: &mut Tx,
    target: &str,
    subject: &Subject,
    entry: &LogEntry,
    now: Millis,
) -> Result<()> {
    let columns = columns! {
        "at" => now,
        "target" => target,
        "kind" => kind_word(subject.kind()),
        "subject" => subject.external_id(),
        "action" => entry.action.as_str(),
        "attributes" => attributes_text(&entry.attributes),
        "joined" => entry.joined,
        "departed" => entry.left,
        "ending" => entry.ending.as_str(),
        "words" => &entry.words,
    };
    let head = columns.insert_head("delivery_log");
    let sql = format!("{head} ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    tx.execute(sql, columns.into_values()).await?;
    Ok(())
}

/// Attributes as they are stored: a list of names.
pub(super) fn attributes_text(attributes: &BTreeSet<Attribute>) -> String {
    // Names can always be written as JSON.
    serde_json::to_string(attributes).unwrap_or_default()
}

/// Reads such a list. An attribute that this version does not know is left out.
pub(super) fn attributes_of(text: &str) -> Option<BTreeSet<Attribute>> {
    let names: Vec<String> = serde_json::from_str(text).ok()?;
    Some(names.iter().filter_map(|name| Attribute::parse(name)).collect())
}

impl TryFrom<&DbRow> for LoggedDelivery {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("delivery_log", "id");
        let subject: String = cells.cell("subject")?;
        let count = |column| cells.parsed(column, |number: i64| u32::try_from(number).ok());
        Ok(Self {
            id: cells.cell("id")?,
            at: cells.cell("at")?,
            target: cells.cell("target")?,
            subject: cells.word("kind", |kind| subject_of(kind, subject))?,
            entry: LogEntry {
                action: cells.word("action", Action::parse)?,
                attributes: cells.word("attributes", attributes_of)?,
                joined: count("joined")?,
                left: count("departed")?,
                ending: cells.word("ending", Ending::parse)?,
                words: cells.cell("words")?,
            },
        })
    }
}
