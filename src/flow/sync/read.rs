//! Bring the mirror up to date: by the changes since the cursor, or by a full read if there are none to be
//! had. Nothing is taken from anybody here. An interrupted read leaves the mirror older, never wrong: an
//! entry missing from a full read is read by id before it counts as gone.

use std::collections::HashSet;

use tokio::time::Duration;

use super::hidden::with_members_as_they_were;
use super::order::SyncError;
use crate::directory::DirectoryError;
use crate::directory::feed::{ChangeBatch, ChangeFeed, FeedError, attributes_of_people};
use crate::domain::cursor::{Cursor, FeedKind};
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::sync::orphaned::{self, OrphanedAccounts};
use crate::flow::sync::run_log::Log;
use crate::store::{Fenced, MirrorState, ScanId, ScanState};

/// How many objects are read by id at once.
const AT_ONCE: u32 = 200;

/// The mirror of one directory while it is written.
pub(super) struct MirrorReader<'a, 'l, F> {
    parts: &'l SyncParts,
    site: &'l Site,
    feed: &'a mut F,
    log: &'a mut Log<'l>,
    version: i64,
    /// Only changes are read.
    by_changes: bool,
}

impl<'a, 'l, F: ChangeFeed> MirrorReader<'a, 'l, F> {
    pub(super) fn new(feed: &'a mut F, version: i64, log: &'a mut Log<'l>) -> Self {
        log.read.shortfalls = feed.shortfalls().to_vec();
        Self { parts: log.parts, site: log.site, feed, log, version, by_changes: false }
    }

    /// Brings the mirror up to date and returns its version. `first` is what the feed has reported already;
    /// `requested` is why to read everything even if changes could be read.
    pub(super) async fn catch_up(
        mut self,
        state: MirrorState,
        first: Option<ChangeBatch>,
        requested: Option<String>,
    ) -> Result<i64, SyncError> {
        self.log.read.from = state.cursor.clone();
        self.log.read.to = state.cursor.clone();
        let attributes = attributes_of_people(&self.site.settings);
        let reason = requested.or_else(|| why_everything(&state, self.feed.kind(), &attributes));
        let done = match (reason, state.cursor) {
            (None, Some(cursor)) => {
                self.by_changes = true;
                self.changes(cursor, first).await
            }
            (reason, _) => Err(FeedError::Reset(reason.unwrap_or_default()).into()),
        };
        match done {
            Err(SyncError::Feed(FeedError::Reset(reason))) => {
                tracing::info!(directory = %self.site.id(), reason, "everything is read");
                self.log.read.reason = Some(reason);
                self.log.read.every_account = true;
                self.by_changes = false;
                self.everything(state.scan).await?;
            }
            done => done?,
        }
        if self.log.read.every_account {
            self.orphaned().await?;
        }
        self.publish_groups().await
    }

    /// Reads these objects again, whatever the feed reports; returns the mirror's version.
    pub(super) async fn again(mut self, ids: &[EntryId]) -> Result<i64, SyncError> {
        for ids in ids.chunks(AT_ONCE as usize) {
            self.ask(ids).await?;
        }
        self.publish_groups().await
    }

    /// Publishes the groups as they are now; returns the mirror's version.
    async fn publish_groups(self) -> Result<i64, SyncError> {
        if self.parts.store.sync().mirror_state(self.site.id()).await?.groups_stale {
            self.parts.store.sync().refresh_directory_groups(self.site.id()).await?;
        }
        Ok(self.version)
    }

    /// Reads the changes since the cursor.
    async fn changes(&mut self, mut cursor: Cursor, first: Option<ChangeBatch>) -> Result<(), SyncError> {
        let mut next = match first {
            Some(changes) => Some(changes),
            None => self.feed.changes(&cursor, Duration::ZERO).await?,
        };
        let mut first = true;
        while let Some(changes) = next {
            let goes_on = changes.cursor.as_ref().map_or(!changes.items.is_empty(), |now| *now != cursor);
            if changes.more && !goes_on {
                let what = "the server has more changes but does not return them".to_owned();
                return Err(DirectoryError::Incomplete(what).into());
            }
            let moved = changes.items.iter().any(|item| matches!(item, Item::Container { .. }));
            if moved && (changes.more || !first) {
                // The containers of one page move at once; with a page boundary between them, their effects
                // on each other can't be followed. The cursor is not stored, so the next read gets the same
                // result.
                let why = "containers changed among very many other changes";
                return Err(FeedError::Reset(why.to_owned()).into());
            }
            first = false;
            self.log.stop_if_asked().await?;
            self.write(None, &changes.items, changes.cursor.as_ref()).await?;
            cursor = changes.cursor.unwrap_or(cursor);
            self.log.read.to = Some(cursor.clone());
            next = match changes.more {
                true => self.feed.changes(&cursor, Duration::ZERO).await?,
                false => None,
            };
        }
        Ok(())
    }

    /// Reads everything, then what changed meanwhile, since the first pages are older than the last.
    async fn everything(&mut self, interrupted: Option<ScanState>) -> Result<(), SyncError> {
        self.log.begin().await?;
        let from = self.feed.position().await?;
        let (store, id) = (&self.parts.store, self.site.id());
        let begun = store.sync().begin_scan(id, self.version, &from, self.parts.now()).await?;
        let scan = self.fenced(begun)?;
        let from = interrupted.filter(|_| scan.resumed).map_or(from, |interrupted| interrupted.from);
        let mut people = 0;
        self.feed.begin_scan();
        while let Some(page) = self.feed.next_page().await? {
            people += page.iter().filter(|item| matches!(item, Item::Person(_))).count() as u64;
            self.write(Some(scan.id), &page, None).await?;
            self.log.progress("reading", people, None).await?;
        }
        if people == 0 {
            self.refuse_if_empty().await?;
        }
        self.missing(scan.id).await?;
        let attributes = attributes_of_people(&self.site.settings);
        let ended = store.sync().end_scan(id, self.version, scan.id, &attributes, self.parts.now()).await?;
        self.fenced(ended)?;
        self.log.read.to = Some(from.clone());
        match from.position.feed() {
            FeedKind::FullScan => Ok(()),
            _ => self.changes(from, None).await,
        }
    }

    /// An empty directory is more likely an error than the truth if there are linked accounts.
    async fn refuse_if_empty(&self) -> Result<(), SyncError> {
        match self.parts.store.identity().count_linked(self.site.id()).await? {
            0 => Ok(()),
            linked => Err(SyncError::Empty { linked }),
        }
    }

    /// Entries missing from the full read may have moved from a later page to an earlier one, or may be
    /// hidden from searches: each is read by id.
    async fn missing(&mut self, scan: ScanId) -> Result<(), SyncError> {
        let mut after: Option<EntryId> = None;
        loop {
            let ids = self.parts.store.sync().unseen_by_scan(self.site.id(), scan, after, AT_ONCE).await?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = Some(*last);
            self.log.stop_if_asked().await?;
            let items = self.feed.read(&ids).await?;
            self.write(Some(scan), &items, None).await?;
        }
    }

    /// People who signed in before the first read and are missing from this one may have just been created.
    async fn orphaned(&mut self) -> Result<(), SyncError> {
        let mut orphaned = OrphanedAccounts::of(self.parts, self.site);
        while let Some(page) = orphaned.next_page(AT_ONCE).await? {
            let ids: Vec<EntryId> = page.iter().filter_map(orphaned::entry).collect();
            self.ask(&ids).await?;
        }
        Ok(())
    }

    /// Reads these objects by id and remembers the response.
    async fn ask(&mut self, ids: &[EntryId]) -> Result<(), SyncError> {
        let items = self.feed.read(ids).await?;
        self.log.read.asked.note(ids, &items);
        self.write(None, &items, None).await
    }

    async fn write(
        &mut self,
        scan: Option<ScanId>,
        items: &[Item],
        cursor: Option<&Cursor>,
    ) -> Result<(), SyncError> {
        let mut reread = self.write_once(scan, items, cursor).await?;
        if reread.is_empty() {
            return Ok(());
        }
        // The server may have rewritten the member lists of these groups without reporting it, and a group
        // found under a new name is a member of others itself.
        let mut seen: HashSet<EntryId> = reread.iter().copied().collect();
        while !reread.is_empty() {
            let mut further = Vec::new();
            for ids in reread.chunks(AT_ONCE as usize) {
                let groups = self.feed.read(ids).await?;
                further.extend(self.write_once(scan, &groups, None).await?);
            }
            further.retain(|id| seen.insert(*id));
            reread = further;
        }
        match self.parts.store.sync().mirror_reread(self.site.id(), self.version).await? {
            true => Ok(()),
            false => Err(SyncError::Overtaken),
        }
    }

    async fn write_once(
        &mut self,
        scan: Option<ScanId>,
        items: &[Item],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<EntryId>, SyncError> {
        let items =
            with_members_as_they_were(self.parts, self.site, self.feed, items, self.by_changes).await?;
        let written =
            self.parts.store.sync().mirror_page(self.site.id(), self.version, scan, &items, cursor).await?;
        let mirrored = self.fenced(written)?;
        if mirrored.too_many {
            return Err(FeedError::Reset("more was moved than can be followed one by one".to_owned()).into());
        }
        Ok(mirrored.reread)
    }

    fn fenced<T>(&mut self, written: Fenced<T>) -> Result<T, SyncError> {
        match written {
            Fenced::Done(done) => {
                self.version += 1;
                Ok(done)
            }
            Fenced::Overtaken => Err(SyncError::Overtaken),
        }
    }
}

/// Why changes alone are not enough.
fn why_everything(state: &MirrorState, feed: FeedKind, attributes: &str) -> Option<String> {
    if state.scan.is_some() {
        return Some("the last full read was interrupted".to_owned());
    }
    if let Some(reason) = &state.full_read_due {
        return Some(reason.clone());
    }
    match &state.cursor {
        None => Some("it was never read before".to_owned()),
        Some(_) if feed == FeedKind::FullScan => Some("its server reports no changes".to_owned()),
        Some(cursor) if cursor.position.feed() != feed => {
            Some(format!("it was read by {}, and is now read by {feed}", cursor.position.feed()))
        }
        Some(_) if state.attributes.as_deref() != Some(attributes) => {
            Some("other attributes of people are read now".to_owned())
        }
        Some(_) => None,
    }
}
