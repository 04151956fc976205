//! Write objects: only those that are new or changed. In a scan an unchanged object costs at most the scan's
//! number.

use std::collections::{HashMap, HashSet};

use crate::domain::entry::EntryId;
use crate::store::engine::error::Result;
use crate::store::engine::value::{Value, values};

use super::held::Held;
use super::page::Page;
use super::told::Told;
use super::{Kind, bulk, id_value};

const INSERT: &str = "INSERT INTO mirror_objects (directory, id, kind, dn, path, hash, mail_key, group_sid, facts, due_at, \
     then_due_at, scan, dirty, gone) VALUES";
const UPSERT: &str = "ON CONFLICT (directory, id) DO UPDATE SET kind = excluded.kind, dn = excluded.dn, \
     path = excluded.path, hash = excluded.hash, mail_key = excluded.mail_key, group_sid = excluded.group_sid, \
     facts = excluded.facts, due_at = excluded.due_at, \
     then_due_at = excluded.then_due_at, scan = excluded.scan, gone = 0, \
     dirty = CASE WHEN excluded.dirty = 0 THEN mirror_objects.dirty \
         WHEN excluded.dirty > abs(mirror_objects.dirty) THEN excluded.dirty ELSE abs(mirror_objects.dirty) + 1 END";

/// Removes from the report, and returns, objects that are stored as people and are something else now.
pub(super) fn no_persons_any_more(told: &mut Vec<Told<'_>>, held: &HashMap<EntryId, Held>) -> Vec<EntryId> {
    let turned = |told: &Told<'_>| {
        told.kind != Kind::Person && held.get(&told.id).is_some_and(|held| held.kind == Kind::Person)
    };
    let ids = told.iter().filter(|told| turned(told)).map(|told| told.id).collect();
    told.retain(|told| !turned(told));
    ids
}

impl Page<'_> {
    /// `rewritten` are objects whose name has just been rewritten by a move above them.
    pub(super) async fn write_objects(
        &mut self,
        told: &[Told<'_>],
        held: &HashMap<EntryId, Held>,
        rewritten: &HashSet<EntryId>,
    ) -> Result<()> {
        let (mut rows, mut same, mut written) = (Vec::new(), Vec::new(), Vec::new());
        for told in told {
            let held = held.get(&told.id);
            self.newly_seen += u64::from(held.is_none_or(|held| held.gone || held.scan != self.scan));
            match held {
                Some(held) if told.looks_like(held) && !rewritten.contains(&told.id) => {
                    if held.scan != self.scan {
                        same.push(id_value(told.id));
                    }
                }
                _ => {
                    self.note_change(told, held);
                    rows.push(self.row(told));
                    written.push(told);
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
    fn note_change(&mut self, told: &Told<'_>, held: Option<&Held>) {
        let before = held.filter(|held| !held.gone);
        if let Some(before) = before.filter(|before| before.path != told.path) {
            self.names.left(before);
        }
        match told.kind {
            Kind::Person => {
                self.dirt.written.insert(told.id);
                let old = before.and_then(|before| before.mail_key.as_ref());
                if old != told.mail_key.as_ref() {
                    self.dirt.mails_left.extend(old.cloned());
                    self.dirt.mails_taken.extend(told.mail_key.clone());
                }
            }
            Kind::Group => {
                self.done.groups_changed = true;
                self.dirt.sids.extend(told.group_sid.clone());
                self.dirt.sids.extend(before.and_then(|before| before.group_sid.clone()));
                if before.is_some_and(|before| before.kind == Kind::Group) {
                    self.dirt.groups.insert(told.id);
                }
            }
            Kind::Container => {}
        }
    }

    fn row(&self, told: &Told<'_>) -> Vec<Value> {
        values![
            self.directory,
            told.id.0.as_bytes().to_vec(),
            told.kind.as_str(),
            told.dn.as_str(),
            told.path.clone(),
            told.hash.clone(),
            &told.mail_key,
            &told.group_sid,
            &told.facts,
            told.due_at,
            told.then_due_at,
            self.scan.0,
            if told.kind == Kind::Person { self.version } else { 0 },
            0_i64,
        ]
    }
}

impl Told<'_> {
    fn looks_like(&self, held: &Held) -> bool {
        !held.gone && held.kind == self.kind && held.dn == self.dn.as_str() && held.hash == self.hash
    }
}
