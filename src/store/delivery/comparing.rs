//! Working tables of a comparison: the list of a service, and who differs. Both are keyed by the run, so that two
//! comparisons of one service never mix, and removed at its end. The comparison is thereby done in flat memory.

use std::collections::BTreeMap;

use crate::domain::Millis;
use crate::domain::delivery::{Difference, Finding, Kind, RemoteId, Subject};
use crate::domain::secret::Sealed;

use super::log::{attributes_of, attributes_text};
use super::rows::subject_of;
use crate::store::DeliveryStore;
use crate::store::engine::bulk;
use crate::store::engine::columns::{Columns, columns};
use crate::store::engine::commit::kind_word;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Db, DbRow};
use crate::store::engine::value::{Value, values};

/// Which comparison of which service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparisonRun {
    pub target: String,
    /// A random id.
    pub run: String,
}

/// A resource of the service. The columns are what it is looked for by; all that it says of itself is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedResource {
    pub id: RemoteId,
    pub external_id: Option<String>,
    /// `userName`, or `displayName` of a group.
    pub name: Option<String>,
    pub content: Sealed,
}

/// What resources are looked for by.
#[derive(Clone, Debug, Default)]
pub struct ListedKeys {
    pub ids: Vec<RemoteId>,
    pub external_ids: Vec<String>,
    /// In lower case.
    pub names: Vec<String>,
}

/// Somebody who differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDifference {
    pub subject: Subject,
    /// The email address of a person, the name of a Team Share.
    pub name: String,
    pub difference: Difference,
    /// The number of the newest wish when it was compared; `None`: there was none.
    pub wished: Option<u64>,
    /// The id of a resource that is certainly this one, although it was not known to be there.
    pub learned: Option<RemoteId>,
}

const LISTED: &str = "SELECT remote_id, external_id, name, content FROM delivery_listed \
     WHERE target = $1 AND run = $2 AND kind = $3";
/// A service may show a resource on two pages, if others are deleted meanwhile.
const AGAIN: &str = "ON CONFLICT (target, run, kind, remote_id) DO UPDATE SET \
     external_id = excluded.external_id, name = excluded.name, name_key = excluded.name_key, \
     content = excluded.content";
const FINDINGS: &str = "SELECT finding, kind, subject, name, remote_id, attributes, joining, leaving, words, \
     wished, learned FROM delivery_findings WHERE target = $1 AND run = $2";
const FOUND_AGAIN: &str = "ON CONFLICT (target, run, finding, kind, subject) DO NOTHING";

impl DeliveryStore<'_> {
    /// Adds resources from a page of the list.
    pub async fn add_listed(
        &self,
        run: &ComparisonRun,
        kind: Kind,
        page: &[ListedResource],
        now: Millis,
    ) -> Result<()> {
        // Two with the same id can't be in one statement.
        let page: BTreeMap<&RemoteId, &ListedResource> = page.iter().map(|one| (&one.id, one)).collect();
        let row = |one: &&ListedResource| -> Columns {
            columns! {
                "target" => &run.target,
                "run" => &run.run,
                "kind" => kind_word(kind),
                "remote_id" => &one.id.0,
                "at" => now,
                "external_id" => &one.external_id,
                "name" => &one.name,
                "name_key" => one.name.as_ref().map(|name| name.to_lowercase()),
                "content" => &one.content,
                "claimed" => 0_i64,
            }
        };
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let rows = page.values().map(&row).collect();
            bulk::insert_rows(&mut tx, "delivery_listed", AGAIN, rows).await?;
            tx.commit().await
        })
        .await
    }

    /// How many different resources were on the list.
    pub async fn count_listed(&self, run: &ComparisonRun, kind: Kind) -> Result<u64> {
        let sql = "SELECT count(*) AS many FROM delivery_listed WHERE target = $1 AND run = $2 AND kind = $3";
        self.count(sql, values![&run.target, &run.run, kind_word(kind)]).await
    }

    /// How many of them nobody here knows, once all were claimed.
    pub async fn count_unclaimed(&self, run: &ComparisonRun, kind: Kind) -> Result<u64> {
        let sql = "SELECT count(*) AS many FROM delivery_listed \
             WHERE target = $1 AND run = $2 AND kind = $3 AND claimed = 0";
        self.count(sql, values![&run.target, &run.run, kind_word(kind)]).await
    }

    async fn count(&self, sql: &'static str, values: Vec<Value>) -> Result<u64> {
        let row = self.store.db.row(sql, values).await?;
        row.map_or(Ok(0), |row| {
            row.of("delivery_listed", "many").parsed("many", |many: i64| u64::try_from(many).ok())
        })
    }

    /// Has PostgreSQL plan by what was added: it gathers statistics only once a minute, and plans a table that was empty
    /// then as small.
    pub async fn analyze_listed(&self) -> Result<()> {
        if let Db::Postgres(_) = &self.store.db {
            self.store.db.execute("ANALYZE delivery_listed", Vec::new()).await?;
        }
        Ok(())
    }

    /// The resources with one of these ids, external ids or names.
    pub async fn listed(
        &self,
        run: &ComparisonRun,
        kind: Kind,
        keys: &ListedKeys,
    ) -> Result<Vec<ListedResource>> {
        let lists = [
            (" AND remote_id IN", keys.ids.iter().map(|id| Value::from(&id.0)).collect::<Vec<_>>()),
            (" AND external_id IN", keys.external_ids.iter().map(Value::from).collect()),
            (" AND name_key IN", keys.names.iter().map(Value::from).collect()),
        ];
        let mut found = BTreeMap::new();
        for (by, list) in lists {
            let key = values![&run.target, &run.run, kind_word(kind)];
            for row in bulk::read_in(&self.store.db, format!("{LISTED}{by}"), key, list).await? {
                let one = ListedResource::try_from(&row)?;
                found.insert(one.id.clone(), one);
            }
        }
        Ok(found.into_values().collect())
    }

    /// Notes that these resources are known here.
    pub async fn claim_listed(&self, run: &ComparisonRun, kind: Kind, ids: &[RemoteId]) -> Result<()> {
        let sql = "UPDATE delivery_listed SET claimed = 1 \
             WHERE target = $1 AND run = $2 AND kind = $3 AND remote_id IN";
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let list = ids.iter().map(|id| Value::from(&id.0)).collect();
            let key = values![&run.target, &run.run, kind_word(kind)];
            bulk::execute_in(&mut tx, sql, key, list).await?;
            tx.commit().await
        })
        .await
    }

    /// A page of the resources that nobody here knows, by id, after this one.
    pub async fn unclaimed(
        &self,
        run: &ComparisonRun,
        kind: Kind,
        after: Option<&RemoteId>,
        limit: u32,
    ) -> Result<Vec<ListedResource>> {
        let sql = format!("{LISTED} AND claimed = 0 AND remote_id > $4 ORDER BY remote_id LIMIT $5");
        let after = after.map_or("", |after| after.0.as_str());
        let values = values![&run.target, &run.run, kind_word(kind), after, limit];
        self.store.db.rows(sql, values).await?.iter().map(ListedResource::try_from).collect()
    }

    /// Adds differences.
    pub async fn add_findings(
        &self,
        run: &ComparisonRun,
        found: &[FoundDifference],
        now: Millis,
    ) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let rows = found.iter().map(|one| finding_columns(run, one, now)).collect();
            bulk::insert_rows(&mut tx, "delivery_findings", FOUND_AGAIN, rows).await?;
            tx.commit().await
        })
        .await
    }

    /// A page of the differences, by finding and then by subject, after this one.
    pub async fn findings(
        &self,
        run: &ComparisonRun,
        after: Option<&FoundDifference>,
        limit: u32,
    ) -> Result<Vec<FoundDifference>> {
        let place = after.map_or(("", "", ""), |after| {
            let kind = kind_word(after.subject.kind());
            (after.difference.finding.as_str(), kind, after.subject.external_id())
        });
        let sql = format!(
            "{FINDINGS} AND (finding, kind, subject) > ($3, $4, $5) ORDER BY finding, kind, subject LIMIT $6"
        );
        let values = values![&run.target, &run.run, place.0, place.1, place.2, limit];
        self.store.db.rows(sql, values).await?.iter().map(FoundDifference::try_from).collect()
    }

    /// Removes what a comparison has written here.
    pub async fn end_comparison(&self, run: &ComparisonRun) -> Result<()> {
        let listed = "DELETE FROM delivery_listed WHERE (target, run, kind, remote_id) IN \
             (SELECT target, run, kind, remote_id FROM delivery_listed WHERE target = $1 AND run = $2 LIMIT 2000)";
        let findings = "DELETE FROM delivery_findings WHERE (target, run, finding, kind, subject) IN \
             (SELECT target, run, finding, kind, subject FROM delivery_findings \
             WHERE target = $1 AND run = $2 LIMIT 2000)";
        for sql in [listed, findings] {
            while self.store.db.execute(sql, values![&run.target, &run.run]).await? > 0 {}
        }
        Ok(())
    }
}

fn finding_columns(run: &ComparisonRun, one: &FoundDifference, now: Millis) -> Columns {
    let FoundDifference { subject, name, difference, wished, learned } = one;
    columns! {
        "target" => &run.target,
        "run" => &run.run,
        "finding" => difference.finding.as_str(),
        "kind" => kind_word(subject.kind()),
        "subject" => subject.external_id(),
        "at" => now,
        "name" => name,
        "remote_id" => difference.id.as_ref().map(|id| id.0.clone()),
        "attributes" => attributes_text(&difference.attributes),
        "joining" => difference.joining,
        "leaving" => difference.leaving,
        "words" => &difference.words,
        "wished" => wished.map(|wished| i64::try_from(wished).unwrap_or(i64::MAX)),
        "learned" => learned.as_ref().map(|id| id.0.clone()),
    }
}

impl TryFrom<&DbRow> for ListedResource {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("delivery_listed", "remote_id");
        Ok(Self {
            id: RemoteId(cells.cell("remote_id")?),
            external_id: cells.cell("external_id")?,
            name: cells.cell("name")?,
            content: Sealed(cells.cell("content")?),
        })
    }
}

impl TryFrom<&DbRow> for FoundDifference {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("delivery_findings", "subject");
        let subject: String = cells.cell("subject")?;
        let count = |column| cells.parsed(column, |number: i64| u32::try_from(number).ok());
        let difference = Difference {
            finding: cells.word("finding", Finding::parse)?,
            id: cells.cell::<Option<String>>("remote_id")?.map(RemoteId),
            attributes: cells.word("attributes", attributes_of)?,
            joining: count("joining")?,
            leaving: count("leaving")?,
            words: cells.cell("words")?,
        };
        let wished: Option<i64> = cells.cell("wished")?;
        Ok(Self {
            subject: cells.word("kind", |kind| subject_of(kind, subject))?,
            name: cells.cell("name")?,
            difference,
            wished: wished.and_then(|wished| u64::try_from(wished).ok()),
            learned: cells.cell::<Option<String>>("learned")?.map(RemoteId),
        })
    }
}
