//! Write objects that are new or changed. In a scan an unchanged object costs at most the scan's number.

use std::collections::{HashMap, HashSet};

use crate::domain::entry::EntryId;
use crate::store::engine::error::Result;
use crate::store::engine::value::{Value, values};

use super::reported::ReportedRow;
use super::stored::StoredObject;
use super::writer::PageWriter;
use super::{MirroredKind, bulk, id_value};

const INSERT: &str = "INSERT INTO mirror_objects (directory, id, kind, dn, path, hash, mail_key, group_sid, facts, due_at, \
     then_due_at, scan, dirty, gone) VALUES";
const UPSERT: &str = "ON CONFLICT (directory, id) DO UPDATE SET kind = excluded.kind, dn = excluded.dn, \
     path = excluded.path, hash = excluded.hash, mail_key = excluded.mail_key, group_sid = excluded.group_sid, \
     facts = excluded.facts, due_at = excluded.due_at, \
     then_due_at = excluded.then_due_at, scan = excluded.scan, gone = 0, \
     dirty = CASE WHEN excluded.dirty = 0 THEN mirror_objects.dirty \
         WHEN excluded.dirty > abs(mirror_objects.dirty) THEN excluded.dirty ELSE abs(mirror_objects.dirty) + 1 END";

/// Removes from the report, and returns, objects that are stored as people and are something else now.
pub(super) fn take_former_people(
    reported: &mut Vec<ReportedRow<'_>>,
    stored: &HashMap<EntryId, StoredObject>,
) -> Vec<EntryId> {
    let turned = |object: &ReportedRow<'_>| {
        object.kind != MirroredKind::Person
            && stored.get(&object.id).is_some_and(|stored| stored.kind == MirroredKind::Person)
    };
    let ids = reported.iter().filter(|object| turned(object)).map(|object| object.id).collect();
    reported.retain(|object| !turned(object));
    ids
}

impl PageWriter<'_> {
    /// `rewritten` are objects whose name has just been rewritten by a move above them.
    pub(super) async fn write_objects(
        &mut self,
        reported: &[ReportedRow<'_>],
        stored: &HashMap<EntryId, StoredObject>,
        rewritten: &HashSet<EntryId>,
    ) -> Result<()> {
        let (mut rows, mut same, mut written) = (Vec::new(), Vec::new(), Vec::new());
        for object in reported {
            let stored = stored.get(&object.id);
            self.newly_seen += u64::from(stored.is_none_or(|stored| stored.gone || stored.scan != self.scan));
            match stored {
                Some(stored) if object.looks_like(stored) && !rewritten.contains(&object.id) => {
                    if stored.scan != self.scan {
                        same.push(id_value(object.id));
                    }
                }
                _ => {
                    self.note_change(object, stored);
                    rows.push(self.row(object));
                    written.push(object);
                }
            }
        }
        self.done.written += rows.len() as u64;
        bulk::execute_rows(&mut self.tx, INSERT, UPSERT, rows).await?;
        self.write_logins(&written).await?;
        let sql = "UPDATE mirror_objects SET scan = $2 WHERE directory = $1 AND id IN";
        bulk::execute_in(&mut self.tx, sql, values![self.directory, self.scan.0], same).await?;
        Ok(())
    }

    /// Records what else the change of one object affects.
    fn note_change(&mut self, object: &ReportedRow<'_>, stored: Option<&StoredObject>) {
        let before = stored.filter(|stored| !stored.gone);
        if let Some(before) = before.filter(|before| before.path != object.path) {
            self.names.left(before);
        }
        match object.kind {
            MirroredKind::Person => {
                self.affected.written.insert(object.id);
                let old = before.and_then(|before| before.mail_key.as_ref());
                if old != object.mail_key.as_ref() {
                    self.affected.emails_left.extend(old.cloned());
                    self.affected.emails_taken.extend(object.mail_key.clone());
                }
            }
            MirroredKind::Group => {
                self.done.groups_changed = true;
                self.affected.sids.extend(object.group_sid.clone());
                self.affected.sids.extend(before.and_then(|before| before.group_sid.clone()));
                if before.is_some_and(|before| before.kind == MirroredKind::Group) {
                    self.affected.groups.insert(object.id);
                }
            }
            MirroredKind::Container => {}
        }
    }

    fn row(&self, object: &ReportedRow<'_>) -> Vec<Value> {
        values![
            self.directory,
            object.id.0.as_bytes().to_vec(),
            object.kind.as_str(),
            object.dn.as_str(),
            object.path.clone(),
            object.hash.clone(),
            &object.mail_key,
            &object.group_sid,
            &object.facts,
            object.due_at,
            object.then_due_at,
            self.scan.0,
            if object.kind == MirroredKind::Person { self.version } else { 0 },
            0_i64,
        ]
    }
}

impl ReportedRow<'_> {
    fn looks_like(&self, stored: &StoredObject) -> bool {
        !stored.gone && stored.kind == self.kind && stored.dn == self.dn.as_str() && stored.hash == self.hash
    }
}
