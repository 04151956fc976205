//! Copy the groups with their parents into `directory_groups`, which the rest of the program reads.

use std::collections::{HashMap, HashSet};

use crate::domain::dn::Dn;
use crate::domain::entry::{DirectoryId, EntryId, Sid};
use crate::domain::group::Group;
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;

use super::reported::GroupFacts;
use super::{bulk, id_cell, id_value};

impl SyncStore<'_> {
    /// Updates `directory_groups` from the mirror, if any group changed since the last time.
    pub async fn refresh_directory_groups(&self, directory: &DirectoryId) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        let sql = "UPDATE mirror_cursors SET groups_stale = 0 WHERE directory = $1 AND groups_stale = 1";
        if tx.execute(sql, values![directory]).await? == 0 {
            return Ok(());
        }
        let groups = groups(&mut tx, directory).await?;
        crate::store::mirror::directory_groups::replace(&mut tx, directory, groups).await?;
        tx.commit().await
    }

    /// Which of these groups have members, as far as the mirror knows.
    pub async fn groups_with_members(
        &self,
        directory: &DirectoryId,
        ids: &[EntryId],
    ) -> Result<HashSet<EntryId>> {
        let sql = "SELECT DISTINCT group_id FROM mirror_members WHERE directory = $1 AND group_id IN";
        let ids = ids.iter().map(|id| id_value(*id)).collect();
        let rows = bulk::read_in(&self.store.db, sql, values![directory], ids).await?;
        rows.iter().map(|row| id_cell(row.of("mirror_members", "group_id"), "group_id")).collect()
    }
}

async fn groups(tx: &mut Tx, directory: &DirectoryId) -> Result<Vec<Group>> {
    let mut parents: HashMap<EntryId, Vec<EntryId>> = HashMap::new();
    for (child, parent) in nested(tx, directory).await? {
        parents.entry(child).or_default().push(parent);
    }
    let sql = "SELECT id, dn, facts FROM mirror_objects WHERE directory = $1 AND kind = 'group' ORDER BY id";
    let mut groups = Vec::new();
    for row in tx.rows(sql, values![directory]).await? {
        let cells = row.of("mirror_objects", "dn");
        let id = id_cell(cells, "id")?;
        let facts: GroupFacts = cells.parsed("facts", |facts: String| serde_json::from_str(&facts).ok())?;
        let mut parents = parents.remove(&id).unwrap_or_default();
        parents.sort_unstable();
        parents.dedup();
        groups.push(Group {
            id,
            dn: cells.parsed("dn", |dn: String| Dn::parse(&dn).ok())?,
            sid: facts.sid.map(Sid),
            name: facts.name,
            security: facts.security,
            parents,
        });
    }
    Ok(groups)
}

/// Each direct membership of a group in a group: the inner, then the outer one.
pub(super) async fn nested(tx: &mut Tx, directory: &DirectoryId) -> Result<Vec<(EntryId, EntryId)>> {
    // SQLite keeps the order of a CROSS JOIN: the groups are few, the memberships are not.
    let by_id = "SELECT inside.id AS id, mirror_members.group_id AS group_id \
         FROM mirror_objects AS inside CROSS JOIN mirror_members \
         WHERE inside.directory = $1 AND inside.kind = 'group' \
         AND mirror_members.directory = $1 AND mirror_members.member = inside.id";
    let by_name = "SELECT inside.id AS id, mirror_members.group_id AS group_id \
         FROM mirror_objects AS inside CROSS JOIN mirror_members \
         WHERE inside.directory = $1 AND inside.kind = 'group' \
         AND mirror_members.directory = $1 AND mirror_members.member = inside.path";
    let mut rows = tx.rows(by_id, values![directory]).await?;
    rows.extend(tx.rows(by_name, values![directory]).await?);
    let pair = |row: &DbRow| {
        let cells = row.of("mirror_members", "group_id");
        Ok((id_cell(cells, "id")?, id_cell(cells, "group_id")?))
    };
    rows.iter().map(pair).collect()
}
