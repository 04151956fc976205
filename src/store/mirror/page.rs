//! Write one page of a feed's report in one transaction, in this order: objects move, all at once; objects
//! are removed; the others take the names that the page reports; memberships change; at the end everybody
//! affected is marked dirty. Within a page each object is reported once (a page that reports one twice is
//! split in two).

use std::collections::HashSet;

use crate::domain::cursor::Cursor;
use crate::domain::entry::DirectoryId;
use crate::domain::mirror::Item;
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;

use super::reported::ReportedRow;
use super::state::{TOO_MANY, UNREAD, current_scan, fence, text};
use super::stored::stored_objects;
use super::writer::{Affected, Names, PageWriter};
use super::{Fenced, Mirrored, ScanId};

impl SyncStore<'_> {
    /// Writes a page of a scan or of changes, and the new cursor in the same transaction.
    pub async fn mirror_page(
        &self,
        directory: &DirectoryId,
        version: i64,
        scan: Option<ScanId>,
        items: &[Item],
        cursor: Option<&Cursor>,
    ) -> Result<Fenced<Mirrored>> {
        let mut tx = self.store.db.begin().await?;
        if !fence(&mut tx, directory, version).await? {
            return Ok(Fenced::Overtaken);
        }
        let (current, scanning) = current_scan(&mut tx, directory).await?;
        if scan.is_some_and(|scan| !scanning || scan != current) {
            return Ok(Fenced::Overtaken);
        }
        let mut page = PageWriter {
            tx,
            directory,
            version: version + 1,
            scan: current,
            in_scan: scan.is_some(),
            finds_rereads: scan.is_none()
                || items.iter().any(|item| matches!(item, Item::Person(_) | Item::Gone(_))),
            newly_seen: 0,
            affected: Affected::default(),
            names: Names::default(),
            done: Mirrored { reported: items.len() as u64, ..Mirrored::default() },
        };
        for batch in distinct(items) {
            page.write(batch).await?;
        }
        let newly_seen = if page.in_scan { page.newly_seen } else { 0 };
        let (done, seen) = page.finish(cursor).await?;
        self.store.refresh_statistics(seen.saturating_sub(newly_seen), seen).await;
        Ok(Fenced::Done(done))
    }
}

impl PageWriter<'_> {
    async fn write(&mut self, items: &[Item]) -> Result<()> {
        let stored = stored_objects(&mut self.tx, self.directory, items.iter().map(Item::id)).await?;
        let (mut reported, mut gone) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            match ReportedRow::new(item)? {
                Some(one) => reported.push(one),
                None => gone.push(item.id()),
            }
        }
        // A person that is another object now has left, and is judged before the id gets the new meaning.
        gone.extend(super::objects::take_former_people(&mut reported, &stored));
        let rewritten = match self.in_scan {
            true => HashSet::new(),
            false => self.follow_moves(&reported, &stored).await?,
        };
        // Before names are looked up: a new object may have the name of one that is gone.
        self.remove_gone(&gone, &reported, &stored).await?;
        self.write_objects(&reported, &stored, &rewritten).await?;
        self.write_members(&reported, &stored).await?;
        self.write_groups_of(&reported).await?;
        self.end_memberships(&gone).await
    }

    /// Returns what was done, and how many objects the scan has shown.
    async fn finish(mut self, cursor: Option<&Cursor>) -> Result<(Mirrored, u64)> {
        self.mark_affected().await?;
        if self.finds_rereads {
            self.find_rereads().await?;
        }
        if !self.in_scan {
            self.find_left_behind().await?;
        }
        // An interrupted scan starts over and reads all groups.
        let full_read_due = match &self.done {
            _ if self.in_scan => None,
            done if done.too_many => Some(TOO_MANY),
            done => (!done.reread.is_empty()).then_some(UNREAD),
        };
        let sql = "UPDATE mirror_cursors SET cursor = coalesce($2, cursor), scan_seen = scan_seen + $3, \
             groups_stale = CASE WHEN $4 = 1 THEN 1 ELSE groups_stale END, \
             owes = CASE WHEN $5 = 1 THEN $6 ELSE coalesce(owes, $6) END WHERE directory = $1 RETURNING directory, scan_seen";
        let seen = i64::try_from(self.newly_seen).unwrap_or(i64::MAX);
        let values = values![
            self.directory,
            cursor.map(text).transpose()?,
            if self.in_scan { seen } else { 0 },
            i64::from(self.done.groups_changed),
            i64::from(self.done.too_many),
            full_read_due,
        ];
        let row = self.tx.row(sql, values).await?;
        let seen =
            row.map(|row| row.of("mirror_cursors", "directory").cell::<i64>("scan_seen")).transpose()?;
        self.tx.commit().await?;
        Ok((self.done, seen.and_then(|seen| u64::try_from(seen).ok()).unwrap_or_default()))
    }
}

/// The items in the order of the report, in batches that report no object twice.
fn distinct(items: &[Item]) -> Vec<&[Item]> {
    let (mut batches, mut start, mut seen) = (Vec::new(), 0, HashSet::new());
    for (at, item) in items.iter().enumerate() {
        if !seen.insert(item.id()) {
            batches.push(&items[start..at]);
            start = at;
            seen = HashSet::from([item.id()]);
        }
    }
    if start < items.len() {
        batches.push(&items[start..]);
    }
    batches
}
