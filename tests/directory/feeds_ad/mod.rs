//! The change feeds of Active Directory: every kind of change in each kind of feed, changes that can't be
//! reported but must not be missed, and the cost of a change in a large group.

mod changes;
mod filters;
mod resets;
mod scans;

use std::time::Duration;

use cloudsync_idp::directory::Directory;
use cloudsync_idp::directory::feed::{AnyFeed, ChangeBatch, ChangeFeed, FeedError, FeedSelection};
use cloudsync_idp::domain::cursor::{Cursor, FeedKind};
use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::mirror::{GroupItem, Item, Member, Members, Person};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{self, Encryption, Server};

use super::reported::{container, group, is_gone, person};
use super::{ad_settings, deadline};
use crate::support::lab::AdLab;
use crate::support::relay;

/// Long enough for any change to arrive; reached only if something is broken.
const PATIENCE: Duration = Duration::from_secs(20);
const DIRSYNC: &str = "1.2.840.113556.1.4.841";

/// The permissions of the service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    /// It may replicate, and see deleted objects.
    Replica,
    /// It is a plain account.
    Reader,
    /// It may see deleted objects, and the server has no DirSync.
    Tombstones,
    /// It is a plain account, and the server has no DirSync.
    Nothing,
}

impl Rights {
    fn kind(self) -> FeedKind {
        match self {
            Self::Replica | Self::Reader => FeedKind::DirSync,
            Self::Tombstones | Self::Nothing => FeedKind::UsnChanged,
        }
    }

    fn tells_deletions(self) -> bool {
        matches!(self, Self::Replica | Self::Tombstones)
    }

    /// A word from each shortfall of the feed.
    fn lacks(self) -> &'static [&'static str] {
        match self {
            Self::Replica => &[],
            Self::Reader => &["Replicating Directory Changes (50", "deletions"],
            Self::Tombstones => &["DirSync"],
            Self::Nothing => &["DirSync", "deletions"],
        }
    }

    async fn directory(self, lab: &AdLab) -> Directory {
        let mut settings = ad_settings(lab);
        if !self.tells_deletions() {
            settings.service_account = lab.dn("CN=Svc Reader,OU=Svc");
        }
        if self.kind() == FeedKind::UsnChanged {
            let port = relay::without(&lab.addr, 389, DIRSYNC).await;
            settings = plain(settings, port);
        }
        Directory::new(&settings, Plain::new(lab.service_password.clone())).expect("good settings")
    }
}

/// The same domain in clear text, through this loopback port.
fn plain(settings: settings::Directory, port: u16) -> settings::Directory {
    settings::Directory {
        encryption: Encryption::UnencryptedLoopbackOnly,
        servers: vec![Server { host: "127.0.0.1".into(), port: Some(port), tls_name: None, via: None }],
        ..settings
    }
}

async fn feed(directory: &Directory, since: Option<&Cursor>) -> (AnyFeed, FeedSelection) {
    directory.feed(since, None, deadline()).await.expect("a feed")
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
    feed: AnyFeed,
    at: Cursor,
}

impl Follower {
    async fn of(directory: &Directory) -> Self {
        let (feed, _) = feed(directory, None).await;
        Self::at_now(feed).await
    }

    async fn at_now(mut feed: AnyFeed) -> Self {
        let at = feed.position().await.expect("a position");
        Self { feed, at }
    }

    /// All changes until the expected one is among them.
    async fn until(&mut self, found: impl Fn(&[Item]) -> bool) -> Vec<Item> {
        let mut items = Vec::new();
        while !found(&items) {
            let changes = self.feed.changes(&self.at, PATIENCE).await.expect("an answer");
            items.extend(self.taken(changes.unwrap_or_else(|| panic!("no more after {items:?}"))));
        }
        items
    }

    /// The changes that are available at once.
    async fn rest(&mut self) -> Result<Vec<Item>, FeedError> {
        let changes = self.feed.changes(&self.at, Duration::ZERO).await?;
        Ok(changes.map(|changes| self.taken(changes)).unwrap_or_default())
    }

    fn taken(&mut self, changes: ChangeBatch) -> Vec<Item> {
        let cursor = changes.cursor.expect("each step is whole");
        assert_ne!(cursor, self.at, "a step advances the cursor");
        self.at = cursor;
        changes.items
    }

    async fn person(&mut self, login: &str) -> Person {
        let items = self.until(|items| person(items, login).is_some()).await;
        person(&items, login).expect("just found")
    }

    async fn group(&mut self, name: &str) -> GroupItem {
        let items = self.until(|items| group(items, name).is_some()).await;
        group(&items, name).expect("just found")
    }
}

/// Whether the group has this member now, as far as the item shows.
fn has(group: &GroupItem, member: EntryId) -> bool {
    let member = Member::by_id(member);
    match &group.members {
        Members::All(all) => all.contains(&member),
        Members::Changed { joined, .. } => joined.contains(&member),
        Members::NotTold => false,
    }
}

/// Whether the item shows that this member has left.
fn lost(group: &GroupItem, member: EntryId) -> bool {
    let member = Member::by_id(member);
    match &group.members {
        Members::All(all) => !all.contains(&member),
        Members::Changed { left, .. } => left.contains(&member),
        Members::NotTold => false,
    }
}

fn is_reset<T: std::fmt::Debug>(answer: &Result<T, FeedError>, word: &str) -> bool {
    matches!(answer, Err(FeedError::Reset(why)) if why.contains(word))
}
