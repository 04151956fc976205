//! The groups of a directory by the mirror, with a generation for processes that cache the graph.

use std::collections::HashMap;

use crate::domain::dn::Dn;
use crate::domain::entry::{DirectoryId, EntryId, Sid};
use crate::domain::group::Group;

use crate::store::SyncStore;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{Cells, DbRow, Tx};
use crate::store::engine::value::values;

const SELECT: &str = "SELECT id, dn, sid, name, security, parents FROM directory_groups WHERE directory = $1";

impl SyncStore<'_> {
    /// The groups of a directory, with their parents.
    pub async fn groups(&self, directory: &DirectoryId) -> Result<Vec<Group>> {
        self.store.db.rows(SELECT, values![directory]).await?.iter().map(group).collect()
    }

    /// Grows whenever the groups of a directory change.
    pub async fn groups_generation(&self, directory: &DirectoryId) -> Result<i64> {
        self.store.generation(&generation_name(directory)).await
    }
}

/// Replaces the groups of the directory, in the caller's transaction. Only differences are written.
pub(in crate::store) async fn replace(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: Vec<Group>,
) -> Result<()> {
    // First, because it also locks: concurrent imports run one after the other.
    let sql = "INSERT INTO generations (name, value) VALUES ($1, 0) \
         ON CONFLICT (name) DO UPDATE SET value = generations.value";
    tx.execute(sql, values![generation_name(directory)]).await?;
    let rows = tx.rows(SELECT, values![directory]).await?;
    let held = rows.iter().map(group).collect::<Result<Vec<_>>>()?;
    let mut held: HashMap<EntryId, Group> = held.into_iter().map(|group| (group.id, group)).collect();
    let mut changed = false;
    for group in groups {
        if held.remove(&group.id).as_ref() != Some(&group) {
            upsert(tx, directory, &group).await?;
            changed = true;
        }
    }
    for id in held.into_keys() {
        let sql = "DELETE FROM directory_groups WHERE directory = $1 AND id = $2";
        tx.execute(sql, values![directory, id]).await?;
        changed = true;
    }
    if changed { raise_generation(tx, directory).await } else { Ok(()) }
}

/// Invalidates cached groups of a directory; locks the row until the transaction ends.
pub(in crate::store) async fn raise_generation(tx: &mut Tx, directory: &DirectoryId) -> Result<()> {
    let sql = "INSERT INTO generations (name, value) VALUES ($1, 1) \
         ON CONFLICT (name) DO UPDATE SET value = generations.value + 1";
    tx.execute(sql, values![generation_name(directory)]).await?;
    Ok(())
}

async fn upsert(tx: &mut Tx, directory: &DirectoryId, group: &Group) -> Result<()> {
    let parents: Vec<String> = group.parents.iter().map(ToString::to_string).collect();
    let sql = "INSERT INTO directory_groups (directory, id, dn, sid, name, security, parents) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (directory, id) DO UPDATE SET dn = excluded.dn, \
         sid = excluded.sid, name = excluded.name, security = excluded.security, parents = excluded.parents";
    let values = values![
        directory,
        group.id,
        group.dn.as_str(),
        group.sid.as_ref().map(|sid| sid.0.as_str()),
        &group.name,
        i64::from(group.security),
        parents.join(" "),
    ];
    tx.execute(sql, values).await?;
    Ok(())
}

fn generation_name(directory: &DirectoryId) -> String {
    format!("groups:{directory}")
}

fn group(row: &DbRow) -> Result<Group> {
    GroupRow(row.of("directory_groups", "id")).try_into()
}

/// A row that is not validated yet.
struct GroupRow<'r>(Cells<'r>);

impl TryFrom<GroupRow<'_>> for Group {
    type Error = StoreError;

    fn try_from(GroupRow(cells): GroupRow<'_>) -> Result<Self> {
        let flag = |number: i64| match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        };
        let ids = |text: String| text.split_ascii_whitespace().map(EntryId::from_entry_uuid).collect();
        Ok(Self {
            id: cells.parsed("id", |text: String| EntryId::from_entry_uuid(&text))?,
            dn: cells.parsed("dn", |text: String| Dn::parse(&text).ok())?,
            sid: cells.cell::<Option<String>>("sid")?.map(Sid),
            name: cells.cell("name")?,
            security: cells.parsed("security", flag)?,
            parents: cells.parsed("parents", ids)?,
        })
    }
}
