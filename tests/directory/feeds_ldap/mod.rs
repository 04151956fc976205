//! The change feeds of OpenLDAP: every kind of change, live and after a pause; changes that the server can't
//! report but that must not be missed; and the costs.

mod changes;
mod cursors;
mod failures;
mod scans;
mod size;

use std::time::Duration;

use cloudsync_idp::directory::Directory;
use cloudsync_idp::directory::feed::{AnyFeed, ChangeBatch, ChangeFeed, FeedError};
use cloudsync_idp::domain::cursor::{Cursor, FeedKind};
use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::mirror::{GroupItem, Item, Member, Members};

use super::reported::{container, group, is_gone, person};
use super::{deadline, ldap};
use crate::support::lab::LdapLab;

/// Long enough for any change to arrive; reached only if something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

async fn feed(directory: &Directory, since: Option<&Cursor>) -> AnyFeed {
    let (feed, probe) = directory.feed(since, None, deadline()).await.expect("a feed");
    assert_eq!((feed.kind(), probe.reasons.len()), (FeedKind::SyncRepl, 0), "{probe:?}");
    feed
}

async fn everything(feed: &mut AnyFeed) -> Result<Vec<Item>, FeedError> {
    feed.begin_scan();
    let mut all = Vec::new();
    while let Some(page) = feed.next_page().await? {
        all.extend(page);
    }
    Ok(all)
}

/// A feed and the cursor reached so far.
struct Follower {
    directory: Directory,
    feed: AnyFeed,
    at: Cursor,
}

impl Follower {
    async fn of(directory: &Directory) -> Self {
        let mut feed = feed(directory, None).await;
        let at = feed.position().await.expect("a position");
        Self { directory: directory.clone(), feed, at }
    }

    async fn of_lab(lab: &LdapLab) -> Self {
        Self::of(&ldap(lab)).await
    }

    /// The next changes, which must come.
    async fn next(&mut self) -> Vec<Item> {
        let changes = self.feed.changes(&self.at, PATIENCE).await.expect("an answer").expect("changes");
        self.taken(changes)
    }

    fn taken(&mut self, changes: ChangeBatch) -> Vec<Item> {
        let cursor = changes.cursor.expect("each step is whole");
        assert_ne!(cursor, self.at, "a step advances the cursor");
        self.at = cursor;
        changes.items
    }

    /// All changes until the expected one is among them.
    async fn until(&mut self, found: impl Fn(&[Item]) -> bool) -> Vec<Item> {
        let mut items = Vec::new();
        while !found(&items) {
            items.extend(self.next().await);
        }
        items
    }

    /// The changes that are available at once.
    async fn rest(&mut self) -> Result<Vec<Item>, FeedError> {
        let changes = self.feed.changes(&self.at, Duration::ZERO).await?;
        Ok(changes.map(|changes| self.taken(changes)).unwrap_or_default())
    }

    /// Disconnects, and reopens the feed with nothing but the cursor.
    async fn again(&mut self) {
        self.feed = feed(&self.directory, Some(&self.at)).await;
    }
}

fn lists(group: &GroupItem, member: &Dn) -> bool {
    matches!(&group.members, Members::All(all) if all.contains(&Member::by_dn(member)))
}

fn is_reset<T: std::fmt::Debug>(answer: &Result<T, FeedError>) -> bool {
    matches!(answer, Err(FeedError::Reset(_)))
}
