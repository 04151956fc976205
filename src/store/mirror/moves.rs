//! Move everything below an object that moved, which no directory reports. All moves of a page happen at
//! once: each object follows the deepest moved object above it, by the old names, so two OUs may swap their
//! names.

use std::collections::{HashMap, HashSet};

use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::store::engine::error::Result;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::values;

use super::reported::ReportedRow;
use super::stored::StoredObject;
use super::writer::PageWriter;
use super::{MirroredKind, bulk, id_cell, path_end};

/// How many objects one step moves.
const STEP: i64 = 1_000;

/// No name begins with this byte: moved objects are stored under it until all moves of the page are done.
const ASIDE: u8 = 1;

/// A name that changed, or stayed while an object above it moved.
struct MoveRule {
    path: Vec<u8>,
    to_path: Vec<u8>,
    name: Dn,
    to: Dn,
}

impl PageWriter<'_> {
    /// Moves what lies below objects with a new name; returns which of the reported objects were affected.
    pub(super) async fn follow_moves(
        &mut self,
        reported: &[ReportedRow<'_>],
        stored: &HashMap<EntryId, StoredObject>,
    ) -> Result<HashSet<EntryId>> {
        let rules = rules(reported, stored);
        let reported_ids: HashSet<EntryId> = reported.iter().map(|object| object.id).collect();
        let mut rewritten = HashSet::new();
        for rule in &rules {
            loop {
                let sql = "SELECT id, kind, dn, path FROM mirror_objects \
                     WHERE directory = $1 AND path >= $2 AND path < $3 ORDER BY path LIMIT $4";
                let values = values![self.directory, rule.path.clone(), path_end(&rule.path), STEP];
                let rows = self.tx.rows(sql, values).await?;
                if rows.is_empty() {
                    break;
                }
                rewritten.extend(
                    self.set_aside(rule, &rows).await?.into_iter().filter(|id| reported_ids.contains(id)),
                );
            }
        }
        if !rules.is_empty() {
            let sql = "UPDATE mirror_objects SET path = substr(path, 2) \
                 WHERE directory = $1 AND path >= $2 AND path < $3";
            self.tx.execute(sql, values![self.directory, vec![ASIDE], vec![ASIDE + 1]]).await?;
        }
        Ok(rewritten)
    }

    /// Gives these objects their new names, prefixed by [`ASIDE`].
    async fn set_aside(&mut self, rule: &MoveRule, rows: &[DbRow]) -> Result<Vec<EntryId>> {
        let (mut moved, mut ids) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        let stays = rule.path == rule.to_path;
        for row in rows {
            let cells = row.of("mirror_objects", "dn");
            let id = id_cell(cells, "id")?;
            let kind = cells.parsed("kind", |word: String| MirroredKind::parse(&word))?;
            let path: Vec<u8> = cells.cell("path")?;
            let dn = cells.parsed("dn", |dn: String| Dn::parse(&dn).ok()?.moved(&rule.name, &rule.to))?;
            let below = path.get(rule.path.len()..).unwrap_or_default();
            if kind == MirroredKind::Group && !stays {
                self.affected.groups.insert(id);
                self.done.groups_changed = true;
            }
            let dirty = i64::from(kind == MirroredKind::Person && !stays);
            let path = [&[ASIDE], rule.to_path.as_slice(), below].concat();
            moved.push(values![self.directory, id.0.as_bytes().to_vec(), dn.as_str(), path, dirty]);
            ids.push(id);
        }
        let head = "UPDATE mirror_objects SET dn = v.column3, path = v.column4, \
             dirty = CASE WHEN v.column5 = 1 THEN abs(dirty) + 1 ELSE dirty END FROM (VALUES";
        let tail = ") AS v WHERE directory = v.column1 AND id = v.column2";
        bulk::execute_rows(&mut self.tx, head, tail, moved).await?;
        Ok(ids)
    }
}

/// The deepest first. A reported object that stayed is a rule as well if an object above it has moved: what
/// lies below it stays with it.
fn rules(reported: &[ReportedRow<'_>], stored: &HashMap<EntryId, StoredObject>) -> Vec<MoveRule> {
    let rule = |object: &ReportedRow<'_>| {
        let stored = stored.get(&object.id).filter(|stored| !stored.gone)?;
        Some(MoveRule {
            path: stored.path.clone(),
            to_path: object.path.clone(),
            name: stored.name()?,
            to: object.dn.clone(),
        })
    };
    let changes =
        |object: &&ReportedRow<'_>| stored.get(&object.id).is_some_and(|stored| stored.path != object.path);
    let mut rules: Vec<MoveRule> = reported.iter().filter(changes).filter_map(rule).collect();
    if rules.is_empty() {
        return rules;
    }
    let moved: HashSet<Vec<u8>> = rules.iter().map(|rule| rule.path.clone()).collect();
    let stays =
        |object: &&ReportedRow<'_>| !changes(object) && above(&object.path).any(|path| moved.contains(path));
    rules.extend(reported.iter().filter(stays).filter_map(rule));
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.path.len()));
    rules
}

/// The paths above this one.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == 0).map(|(at, _)| at + 1);
    ends.filter(|end| *end < path.len()).map(|end| &path[..end])
}
