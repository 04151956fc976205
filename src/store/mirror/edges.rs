//! Write memberships. The reported members are compared with the stored ones, so that one change in a group
//! of thousands writes one row.

use std::collections::{HashMap, HashSet};

use crate::domain::entry::EntryId;
use crate::domain::mirror::{Member, Members};
use crate::store::engine::error::Result;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::{Value, values};

use super::reported::{LONGEST, ReportedRow};
use super::stored::StoredObject;
use super::writer::PageWriter;
use super::{bulk, id_cell, id_value, member_bytes};

impl PageWriter<'_> {
    /// Writes the members that groups report.
    pub(super) async fn write_members(
        &mut self,
        reported: &[ReportedRow<'_>],
        stored: &HashMap<EntryId, StoredObject>,
    ) -> Result<()> {
        for object in reported {
            match object.members {
                Members::NotTold => {}
                Members::All(all) => {
                    let all = bytes(all);
                    let known = match stored.get(&object.id) {
                        Some(_) => self.members_of(object.id).await?,
                        None => HashSet::new(),
                    };
                    let joined = all.difference(&known).cloned().collect();
                    let left = known.difference(&all).cloned().collect();
                    self.change_members(object.id, joined, left).await?;
                }
                Members::Changed { joined, left } => self.some_changed(object.id, joined, left).await?,
            }
        }
        Ok(())
    }

    async fn members_of(&mut self, group: EntryId) -> Result<HashSet<Vec<u8>>> {
        let sql = "SELECT member FROM mirror_members WHERE directory = $1 AND group_id = $2";
        members(&self.tx.rows(sql, values![self.directory, id_value(group)]).await?)
    }

    /// A member that is in both lists is a member.
    async fn some_changed(&mut self, group: EntryId, joined: &[Member], left: &[Member]) -> Result<()> {
        let (joined, left) = (bytes(joined), bytes(left));
        let sql = "SELECT member FROM mirror_members WHERE directory = $1 AND group_id = $2 AND member IN";
        let named = joined.union(&left).cloned().map(Value::from).collect();
        let rows = bulk::rows_in(&mut self.tx, sql, values![self.directory, id_value(group)], named).await?;
        let known = members(&rows)?;
        let left = left.difference(&joined).filter(|member| known.contains(*member)).cloned().collect();
        let joined = joined.difference(&known).cloned().collect();
        self.change_members(group, joined, left).await
    }

    async fn change_members(
        &mut self,
        group: EntryId,
        joined: Vec<Vec<u8>>,
        left: Vec<Vec<u8>>,
    ) -> Result<()> {
        let gone = left.iter().cloned().map(Value::from).collect();
        let sql = "DELETE FROM mirror_members WHERE directory = $1 AND group_id = $2 AND member IN";
        bulk::execute_in(&mut self.tx, sql, values![self.directory, id_value(group)], gone).await?;
        let edges = joined.iter().map(|member| (group, member.clone())).collect();
        self.insert_edges(edges).await?;
        self.done.edges += left.len() as u64;
        self.affected.members.extend(joined.into_iter().chain(left));
        Ok(())
    }

    async fn insert_edges(&mut self, edges: Vec<(EntryId, Vec<u8>)>) -> Result<()> {
        let row = |(group, member): (EntryId, Vec<u8>)| values![self.directory, id_value(group), member];
        let rows: Vec<Vec<Value>> = edges.into_iter().map(row).collect();
        self.done.edges += rows.len() as u64;
        let head = "INSERT INTO mirror_members (directory, group_id, member) VALUES";
        bulk::execute_rows(&mut self.tx, head, "ON CONFLICT DO NOTHING", rows).await?;
        Ok(())
    }

    /// Writes the groups that list an object, as the object reports them by current names. A name that no
    /// group has may belong to a group that was renamed: no membership is removed because of it.
    pub(super) async fn write_groups_of(&mut self, reported: &[ReportedRow<'_>]) -> Result<()> {
        let with_groups: Vec<&ReportedRow<'_>> =
            reported.iter().filter(|object| object.groups.is_some()).collect();
        if with_groups.is_empty() {
            return Ok(());
        }
        let ids = self.group_ids(&with_groups).await?;
        let mut known = self.edges_of(&with_groups).await?;
        let mut joined = Vec::new();
        for object in with_groups {
            let member = object.id.0.as_bytes().to_vec();
            let mut left = known.remove(&object.id).unwrap_or_default();
            let mut complete = true;
            let mut seen = HashSet::new();
            for dn in object.groups.into_iter().flatten() {
                match ids.get(&dn.path()) {
                    Some(group) if !left.remove(group) && seen.insert(*group) => {
                        joined.push((*group, member.clone()));
                    }
                    Some(group) => drop(seen.insert(*group)),
                    None => complete = false,
                }
            }
            match complete {
                true if !left.is_empty() => self.leave(&member, left).await?,
                true => {}
                // Groups that are stored and not named are read again, and their own lists decide: an unknown
                // name, because nobody may read that group, must not keep a person in the others.
                false => self.done.reread.extend(left),
            }
        }
        self.affected.members.extend(joined.iter().map(|(_, member)| member.clone()));
        self.insert_edges(joined).await
    }

    async fn leave(&mut self, member: &[u8], groups: HashSet<EntryId>) -> Result<()> {
        let sql = "DELETE FROM mirror_members WHERE directory = $1 AND member = $2 AND group_id IN";
        let groups = groups.into_iter().map(id_value).collect();
        let fixed = values![self.directory, member.to_vec()];
        self.done.edges += bulk::execute_in(&mut self.tx, sql, fixed, groups).await?;
        self.affected.members.insert(member.to_vec());
        Ok(())
    }

    /// The groups with the reported names, by path.
    async fn group_ids(&mut self, with_groups: &[&ReportedRow<'_>]) -> Result<HashMap<Vec<u8>, EntryId>> {
        let named = with_groups.iter().flat_map(|object| object.groups.into_iter().flatten());
        let paths: HashSet<Vec<u8>> = named.map(|dn| dn.path()).collect();
        let sql =
            "SELECT id, path, scan FROM mirror_objects WHERE directory = $1 AND kind = 'group' AND path IN";
        let paths = paths.into_iter().map(Value::from).collect();
        let mut found: Vec<(i64, Vec<u8>, EntryId)> = Vec::new();
        for row in bulk::rows_in(&mut self.tx, sql, values![self.directory], paths).await? {
            let cells = row.of("mirror_objects", "path");
            found.push((cells.cell("scan")?, cells.cell("path")?, id_cell(cells, "id")?));
        }
        // If two have the name, the deletion of one is not reported yet: take the one that was shown last.
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, path, id)| (path, id)).collect())
    }

    /// The groups that list these objects by id.
    async fn edges_of(
        &mut self,
        with_groups: &[&ReportedRow<'_>],
    ) -> Result<HashMap<EntryId, HashSet<EntryId>>> {
        let sql = "SELECT member, group_id FROM mirror_members WHERE directory = $1 AND member IN";
        let ids = with_groups.iter().map(|object| id_value(object.id)).collect();
        let mut edges: HashMap<EntryId, HashSet<EntryId>> = HashMap::new();
        for row in bulk::rows_in(&mut self.tx, sql, values![self.directory], ids).await? {
            let cells = row.of("mirror_members", "member");
            edges.entry(id_cell(cells, "member")?).or_default().insert(id_cell(cells, "group_id")?);
        }
        Ok(edges)
    }
}

fn bytes(members: &[Member]) -> HashSet<Vec<u8>> {
    let kept = |member: &Vec<u8>| !member.is_empty() && member.len() <= LONGEST;
    members.iter().map(member_bytes).filter(kept).collect()
}

fn members(rows: &[DbRow]) -> Result<HashSet<Vec<u8>>> {
    rows.iter().map(|row| row.of("mirror_members", "member").cell("member")).collect()
}
