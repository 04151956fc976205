//! Read people from the mirror, page by page, with the groups that list them.

use std::collections::{HashMap, HashSet};

use crate::domain::dn::Dn;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::mirror::PersonFacts;
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::{Value, values};

use super::settle::SettledPerson;
use super::{MirroredKind, ScanId, bulk, id_cell, id_value, reported};

/// A `SELECT` of people.
macro_rules! select_person {
    ($rest:literal) => {
        concat!("SELECT id, dn, path, facts, gone, in_scope, dirty, mail_key FROM mirror_objects ", $rest)
    };
}

/// A person in the mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirroredPerson {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    /// The DN of the entry; its last one, if the entry is gone.
    pub dn: Dn,
    /// The stored attributes of the entry.
    pub facts: PersonFacts,
    pub gone: bool,
    /// Whether they were allowed an account when they were last judged; `None`: never judged.
    pub entitled_before: Option<bool>,
    /// The groups that list them by id, by name or by short name, without the primary group.
    pub direct_groups: Vec<EntryId>,
    /// The version of the person's state; above zero while they wait to be judged.
    pub stamp: i64,
}

/// A place in the queue of people who wait to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    stamp: i64,
    id: EntryId,
}

impl MirroredPerson {
    /// The person's place in the queue.
    #[must_use]
    pub fn waiting(&self) -> QueuePlace {
        QueuePlace { stamp: self.stamp, id: self.id }
    }

    /// States that this version of the person has been judged.
    #[must_use]
    pub fn judged(&self, entitled: bool) -> SettledPerson {
        SettledPerson { entry: self.id, stamp: self.stamp, entitled }
    }
}

impl SyncStore<'_> {
    /// People who wait to be judged, after `after`. A person who is marked meanwhile may come once more.
    pub async fn dirty_people(
        &self,
        directory: &DirectoryId,
        after: Option<QueuePlace>,
        limit: u32,
    ) -> Result<Vec<MirroredPerson>> {
        let sql = select_person!(
            "WHERE directory = $1 AND dirty > 0 AND (dirty, id) > ($2, $3) ORDER BY dirty, id LIMIT $4"
        );
        let stamp = after.map_or(0, |after| after.stamp);
        let id = behind(after.map(|after| after.id));
        let rows = self.store.db.rows(sql, values![directory, stamp, id, limit]).await?;
        self.people(directory, &rows).await
    }

    /// All people, by id, after `after`; also those who are gone.
    pub async fn people_page(
        &self,
        directory: &DirectoryId,
        after: Option<EntryId>,
        limit: u32,
    ) -> Result<Vec<MirroredPerson>> {
        let sql = select_person!("WHERE directory = $1 AND kind = 'person' AND id > $2 ORDER BY id LIMIT $3");
        let rows = self.store.db.rows(sql, values![directory, behind(after), limit]).await?;
        self.people(directory, &rows).await
    }

    /// Those of these people that the mirror has.
    pub async fn people_among(
        &self,
        directory: &DirectoryId,
        ids: &[EntryId],
    ) -> Result<Vec<MirroredPerson>> {
        let sql = select_person!("WHERE directory = $1 AND kind = 'person' AND id IN");
        let ids = ids.iter().map(|id| id_value(*id)).collect();
        let rows = bulk::read_in(&self.store.db, sql, values![directory], ids).await?;
        self.people(directory, &rows).await
    }

    /// Everybody who shares one of these email addresses (folded) with another person.
    pub async fn people_sharing_email(
        &self,
        directory: &DirectoryId,
        mail_keys: impl IntoIterator<Item = String>,
    ) -> Result<HashMap<String, Vec<MirroredPerson>>> {
        let keys: Vec<Value> = mail_keys.into_iter().map(Value::from).collect();
        let sql = "SELECT mail_key FROM mirror_objects WHERE directory = $1 AND mail_key IN";
        let (mut many, mut shared) = (HashMap::<String, u32>::new(), Vec::new());
        for row in bulk::read_in(&self.store.db, sql, values![directory], keys).await? {
            let key: String = row.of("mirror_objects", "mail_key").cell("mail_key")?;
            let count = many.entry(key.clone()).or_default();
            *count += 1;
            if *count == 2 {
                shared.push(Value::from(key));
            }
        }
        let sql = select_person!("WHERE directory = $1 AND mail_key IN");
        let rows = bulk::read_in(&self.store.db, sql, values![directory], shared).await?;
        let people = self.people(directory, &rows).await?;
        let mut sharers: HashMap<String, Vec<MirroredPerson>> = HashMap::new();
        for (row, person) in rows.iter().zip(people) {
            let key: Option<String> = row.of("mirror_objects", "dn").cell("mail_key")?;
            sharers.entry(key.unwrap_or_default()).or_default().push(person);
        }
        Ok(sharers)
    }

    /// Which of these email addresses (folded) a person of another directory has.
    pub async fn emails_elsewhere(
        &self,
        directory: &DirectoryId,
        mail_keys: &[String],
    ) -> Result<HashSet<String>> {
        let sql = "SELECT mail_key FROM mirror_objects WHERE directory IN \
             (SELECT directory FROM mirror_cursors WHERE directory <> $1) AND mail_key IN";
        let keys = mail_keys.iter().map(Value::from).collect();
        let rows = bulk::read_in(&self.store.db, sql, values![directory], keys).await?;
        rows.iter().map(|row| row.of("mirror_objects", "mail_key").cell("mail_key")).collect()
    }

    /// What an object is, and where.
    pub async fn object_by_id(
        &self,
        directory: &DirectoryId,
        id: EntryId,
    ) -> Result<Option<(MirroredKind, Dn)>> {
        let sql = "SELECT id, kind, dn FROM mirror_objects WHERE directory = $1 AND id = $2 AND gone = 0";
        let row = self.store.db.row(sql, values![directory, id_value(id)]).await?;
        row.as_ref().map(object).transpose().map(|found| found.map(|(_, kind, dn)| (kind, dn)))
    }

    /// Which object has this name.
    pub async fn object_by_dn(
        &self,
        directory: &DirectoryId,
        dn: &Dn,
    ) -> Result<Option<(EntryId, MirroredKind)>> {
        let sql = "SELECT id, kind, dn FROM mirror_objects WHERE directory = $1 AND path = $2 AND gone = 0 \
             ORDER BY scan DESC, id LIMIT 1";
        let row = self.store.db.row(sql, values![directory, dn.path()]).await?;
        row.as_ref().map(object).transpose().map(|found| found.map(|(id, kind, _)| (id, kind)))
    }

    /// Which of these people the mirror has, also those who are gone.
    pub async fn mirrored_among(&self, directory: &DirectoryId, ids: &[EntryId]) -> Result<HashSet<EntryId>> {
        let sql = "SELECT id FROM mirror_objects WHERE directory = $1 AND kind = 'person' AND id IN";
        let ids = ids.iter().map(|id| id_value(*id)).collect();
        let rows = bulk::read_in(&self.store.db, sql, values![directory], ids).await?;
        rows.iter().map(|row| id_cell(row.of("mirror_objects", "id"), "id")).collect()
    }

    /// Objects that a complete scan has not shown, by id, after `after`.
    pub async fn unseen_by_scan(
        &self,
        directory: &DirectoryId,
        scan: ScanId,
        after: Option<EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryId>> {
        let sql = "SELECT id FROM mirror_objects WHERE directory = $1 AND scan <> $2 AND gone = 0 AND id > $3 \
             ORDER BY id LIMIT $4";
        let rows = self.store.db.rows(sql, values![directory, scan.0, behind(after), limit]).await?;
        rows.iter().map(|row| id_cell(row.of("mirror_objects", "id"), "id")).collect()
    }

    /// The people of these rows, in their order, with two more statements however many they are.
    async fn people(&self, directory: &DirectoryId, rows: &[DbRow]) -> Result<Vec<MirroredPerson>> {
        let mut people = rows.iter().map(person).collect::<Result<Vec<_>>>()?;
        let names = people.iter().zip(rows).map(|(person, row)| names(person, row));
        let names = names.collect::<Result<Vec<_>>>()?;
        let members = names.iter().flatten().cloned().map(Value::from).collect();
        let sql = "SELECT member, group_id FROM mirror_members WHERE directory = $1 AND member IN";
        let mut listed: HashMap<Vec<u8>, Vec<EntryId>> = HashMap::new();
        for row in bulk::read_in(&self.store.db, sql, values![directory], members).await? {
            let cells = row.of("mirror_members", "group_id");
            listed.entry(cells.cell("member")?).or_default().push(id_cell(cells, "group_id")?);
        }
        for (person, names) in people.iter_mut().zip(&names) {
            person.direct_groups =
                names.iter().filter_map(|name| listed.get(name)).flatten().copied().collect();
            person.direct_groups.sort_unstable();
            person.direct_groups.dedup();
        }
        Ok(people)
    }
}

/// The id, name and short names by which groups may list a person. A person who is gone is in no group, even
/// if one still lists them.
fn names(person: &MirroredPerson, row: &DbRow) -> Result<Vec<Vec<u8>>> {
    if person.gone {
        return Ok(Vec::new());
    }
    let path: Vec<u8> = row.of("mirror_objects", "dn").cell("path")?;
    let own = [person.id.0.as_bytes().to_vec(), path];
    Ok(own.into_iter().filter(|name| !name.is_empty()).chain(reported::login_keys(&person.facts)).collect())
}

/// Where a page begins: ids have sixteen bytes, so the empty one sorts first.
fn behind(after: Option<EntryId>) -> Vec<u8> {
    after.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec())
}

fn person(row: &DbRow) -> Result<MirroredPerson> {
    let cells = row.of("mirror_objects", "dn");
    Ok(MirroredPerson {
        id: id_cell(cells, "id")?,
        dn: cells.parsed("dn", |dn: String| Dn::parse(&dn).ok())?,
        facts: cells.parsed("facts", |facts: String| serde_json::from_str(&facts).ok())?,
        gone: cells.cell::<i64>("gone")? == 1,
        // The name of the column says less: who is disabled or expired is not entitled either.
        entitled_before: cells.cell::<Option<i64>>("in_scope")?.map(|flag| flag == 1),
        direct_groups: Vec::new(),
        stamp: cells.cell("dirty")?,
    })
}

fn object(row: &DbRow) -> Result<(EntryId, MirroredKind, Dn)> {
    let cells = row.of("mirror_objects", "dn");
    let kind = cells.parsed("kind", |word: String| MirroredKind::parse(&word))?;
    Ok((id_cell(cells, "id")?, kind, cells.parsed("dn", |dn: String| Dn::parse(&dn).ok())?))
}
