//! Remove objects, and names that nothing has any more. A person who is gone is kept, without name and email
//! address, until judged; memberships end at once, so that a restored tombstone does not bring them back.

use std::collections::{HashMap, HashSet};

use crate::domain::entry::EntryId;
use crate::store::engine::error::Result;
use crate::store::engine::value::{Value, values};

use super::reported::ReportedRow;
use super::stored::StoredObject;
use super::writer::PageWriter;
use super::{MOST_REREAD, MirroredKind, bulk, id_cell, id_value, path_end};

impl PageWriter<'_> {
    pub(super) async fn remove_gone(
        &mut self,
        gone: &[EntryId],
        reported: &[ReportedRow<'_>],
        stored: &HashMap<EntryId, StoredObject>,
    ) -> Result<()> {
        let was_group =
            |id: &EntryId| stored.get(id).is_some_and(|stored| stored.kind == MirroredKind::Group);
        let turned =
            reported.iter().filter(|object| object.kind != MirroredKind::Group).map(|object| object.id);
        let mut groups: Vec<EntryId> = turned.filter(was_group).collect();
        let (mut persons, mut others) = (Vec::new(), Vec::new());
        for (id, stored) in
            gone.iter().filter_map(|id| Some((*id, stored.get(id)?))).filter(|(_, stored)| !stored.gone)
        {
            self.names.left(stored);
            self.done.gone += 1;
            match stored.kind {
                MirroredKind::Person => persons.push(id),
                MirroredKind::Group => groups.push(id),
                MirroredKind::Container => self.names.emptied.push(stored.path.clone()),
            }
            if stored.kind != MirroredKind::Person {
                others.push(id_value(id));
            }
            self.affected.emails_left.extend(stored.mail_key.clone());
        }
        let sids = groups.iter().filter_map(|id| stored.get(id)?.group_sid.clone());
        self.affected.sids.extend(sids);
        self.end_groups(&groups).await?;
        self.end_memberships(gone).await?;
        let sql = "UPDATE mirror_objects SET gone = 1, dirty = abs(dirty) + 1, path = $2, mail_key = NULL, \
             group_sid = NULL, due_at = NULL, then_due_at = NULL WHERE directory = $1 AND id IN";
        self.forget_logins(persons.iter().copied()).await?;
        let persons = persons.into_iter().map(id_value).collect();
        bulk::execute_in(&mut self.tx, sql, values![self.directory, Vec::new()], persons).await?;
        let sql = "DELETE FROM mirror_objects WHERE directory = $1 AND id IN";
        bulk::execute_in(&mut self.tx, sql, values![self.directory], others).await?;
        Ok(())
    }

    /// Groups that are gone have no members.
    async fn end_groups(&mut self, groups: &[EntryId]) -> Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        self.done.groups_changed = true;
        let ids: Vec<Value> = groups.iter().copied().map(id_value).collect();
        let sql = "SELECT member FROM mirror_members WHERE directory = $1 AND group_id IN";
        for row in bulk::rows_in(&mut self.tx, sql, values![self.directory], ids.clone()).await? {
            self.affected.members.insert(row.of("mirror_members", "member").cell("member")?);
        }
        let sql = "DELETE FROM mirror_members WHERE directory = $1 AND group_id IN";
        self.done.edges += bulk::execute_in(&mut self.tx, sql, values![self.directory], ids).await?;
        Ok(())
    }

    /// An object that is gone is no member by its id; the next object with its name is one by that name.
    pub(super) async fn end_memberships(&mut self, gone: &[EntryId]) -> Result<()> {
        let ids: Vec<Value> = gone.iter().copied().map(id_value).collect();
        let sql = "DELETE FROM mirror_members WHERE directory = $1 AND member IN";
        self.done.edges += bulk::execute_in(&mut self.tx, sql, values![self.directory], ids).await?;
        Ok(())
    }

    /// Whether anything is left in a container that is gone. The container was moved out of the base DN, and
    /// the directory does not report what moved with it.
    pub(super) async fn find_left_behind(&mut self) -> Result<()> {
        for path in std::mem::take(&mut self.names.emptied) {
            let sql = "SELECT id FROM mirror_objects \
                 WHERE directory = $1 AND path >= $2 AND path < $3 AND gone = 0 LIMIT 1";
            let values = values![self.directory, path.clone(), path_end(&path)];
            self.done.too_many |= self.tx.row(sql, values).await?.is_some();
        }
        Ok(())
    }

    /// Finds the groups that list a name which was given up in this page.
    pub(super) async fn find_rereads(&mut self) -> Result<()> {
        let mut found: HashSet<EntryId> = self.done.reread.drain(..).collect();
        let single = std::mem::take(&mut self.names.single);
        let sql = "SELECT DISTINCT group_id FROM mirror_members WHERE directory = $1 AND member IN";
        let paths = single.into_iter().map(Value::from).collect();
        let mut rows = bulk::rows_in(&mut self.tx, sql, values![self.directory], paths).await?;
        for path in std::mem::take(&mut self.names.trees) {
            let sql = "SELECT DISTINCT group_id FROM mirror_members \
                 WHERE directory = $1 AND member >= $2 AND member < $3 LIMIT $4";
            let most = i64::try_from(MOST_REREAD).unwrap_or(i64::MAX) + 1;
            let values = values![self.directory, path.clone(), path_end(&path), most];
            rows.extend(self.tx.rows(sql, values).await?);
        }
        for row in &rows {
            found.insert(id_cell(row.of("mirror_members", "group_id"), "group_id")?);
        }
        self.done.too_many |= !self.in_scan && found.len() > MOST_REREAD;
        if !self.done.too_many {
            self.done.reread = found.into_iter().collect();
            self.done.reread.sort_unstable();
        }
        Ok(())
    }
}
