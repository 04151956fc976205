//! The model's change feed: reports what a real one would, in pages, with resets and interrupted reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloudsync_idp::directory::DirectoryError;
use cloudsync_idp::directory::feed::{ChangeBatch, ChangeFeed, FeedError};
use cloudsync_idp::domain::cursor::{Cursor, FeedKind, Position};
use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::mirror::Item;
use tokio::time::Duration;

use super::world::World;

/// Shared by the sequence, which changes it, and the feed, which reports the changes.
#[derive(Clone)]
pub struct Model(Arc<Mutex<World>>);

impl Model {
    pub fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What happens in the middle of a full read.
pub type Meanwhile = Box<dyn FnMut(&mut World) + Send>;

pub struct ModelFeed {
    pub model: Model,
    /// Objects per page.
    pub page: usize,
    /// A full read is interrupted after this many pages, once.
    pub breaks_after: Option<usize>,
    /// Called once, after the first page of a full read.
    pub meanwhile: Option<Meanwhile>,
    /// What a full read still has to report.
    open: Vec<EntryId>,
    pages: usize,
}

impl ModelFeed {
    pub fn new(model: &Model) -> Self {
        Self {
            model: model.clone(),
            page: 3,
            breaks_after: None,
            meanwhile: None,
            open: Vec::new(),
            pages: 0,
        }
    }
}

impl ChangeFeed for ModelFeed {
    fn kind(&self) -> FeedKind {
        FeedKind::UsnChanged
    }

    async fn position(&mut self) -> Result<Cursor, FeedError> {
        let world = self.model.world();
        let position = Position::UsnChanged { invocation_id: world.invocation, usn: world.usn };
        Ok(Cursor { server: "model".to_owned(), position })
    }

    async fn changes(&mut self, since: &Cursor, _: Duration) -> Result<Option<ChangeBatch>, FeedError> {
        let world = self.model.world();
        let Position::UsnChanged { invocation_id, usn } = &since.position else {
            return Err(FeedError::Reset("a cursor of another feed".to_owned()));
        };
        if *invocation_id != world.invocation || *usn > world.usn {
            return Err(FeedError::Reset("another state of the database".to_owned()));
        }
        let items = world.changes_since(*usn);
        if items.is_empty() {
            return Ok(None);
        }
        let position = Position::UsnChanged { invocation_id: world.invocation, usn: world.usn };
        let cursor = Some(Cursor { server: "model".to_owned(), position });
        Ok(Some(ChangeBatch { items, cursor, more: false }))
    }

    fn begin_scan(&mut self) {
        self.open = self.model.world().everything();
        self.open.reverse();
        self.pages = 0;
    }

    async fn next_page(&mut self) -> Result<Option<Vec<Item>>, FeedError> {
        if self.pages == 1
            && let Some(mut meanwhile) = self.meanwhile.take()
        {
            meanwhile(&mut self.model.world());
        }
        if self.breaks_after == Some(self.pages) {
            self.breaks_after = None;
            return Err(DirectoryError::Incomplete("the line was cut".to_owned()).into());
        }
        self.pages += 1;
        let from = self.open.len().saturating_sub(self.page);
        let ids = self.open.split_off(from);
        if ids.is_empty() {
            return Ok(None);
        }
        let world = self.model.world();
        // Objects deleted since are missing; objects moved since have their new place.
        Ok(Some(ids.iter().rev().filter_map(|id| world.item(*id, None)).collect()))
    }

    async fn read(&mut self, ids: &[EntryId]) -> Result<Vec<Item>, FeedError> {
        let world = self.model.world();
        Ok(ids.iter().map(|id| world.item(*id, None).unwrap_or(Item::Gone(*id))).collect())
    }

    async fn hides_members(&mut self, _: &Dn) -> Result<bool, FeedError> {
        Ok(false)
    }
}
