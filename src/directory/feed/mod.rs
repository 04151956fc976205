//! Learning what has changed. A feed tells each change of people, groups and containers at least once, in words that all
//! feeds share ([`Item`]), and how far it has told ([`Cursor`]). It refuses to guess: where it can't be sure that nothing
//! was missed, it says [`FeedError::Reset`], and everything is read again.

mod ad_feed;
mod ad_objects;
mod ad_scan;
mod any;
mod dirsync;
mod dirsync_control;
mod domain_controller;
mod full_scan;
mod hidden;
mod ldap;
mod ldap_objects;
mod ldap_scan;
mod link;
mod sync_messages;
mod sync_stream;
mod syncrepl;
mod unseen;
mod usn;

use std::future::Future;

use tokio::time::Duration;

pub use ad_feed::AdFeed;
pub use any::{AnyFeed, Probe};
pub use full_scan::FullScan;
pub use ldap::LdapFeed;
pub use syncrepl::SyncRepl;

use super::error::DirectoryError;
use crate::domain::cursor::{Cursor, FeedKind};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::domain::shortfall::Shortfall;

/// Why a feed could not go on.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// What was read until now does not fit this server any more (another server, a restored one, a refused or older
    /// cookie): everything must be read again. The words say why, for the log.
    #[error("everything must be read again: {0}")]
    Reset(String),
    /// The directory did not answer, or not completely: nothing is known to be gone.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// A part of what has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What has changed, containers first, then groups, then people, then what is gone.
    pub items: Vec<Item>,
    /// How far this brings us; `None`: not yet past anything (more of the same step follows).
    pub cursor: Option<Cursor>,
    /// More is waiting at the server: nobody should be judged before it has been read.
    pub more: bool,
}

/// One way to learn of changes, at one server.
pub trait ChangeFeed: Send {
    /// Which way it is.
    fn kind(&self) -> FeedKind;

    /// Whether it tells what was deleted. If not, only a full read finds out.
    fn tells_deletions(&self) -> bool {
        true
    }

    /// Why it is not a better one, and what it does not tell.
    fn shortfalls(&self) -> &[Shortfall] {
        &[]
    }

    /// Where the directory stands now: a full read that begins after this, followed by the changes since, misses nothing.
    fn position(&mut self) -> impl Future<Output = Result<Cursor, FeedError>> + Send;

    /// What has changed since; waits up to `patience` for something. `None`: nothing has.
    fn changes(
        &mut self,
        since: &Cursor,
        patience: Duration,
    ) -> impl Future<Output = Result<Option<Changes>, FeedError>> + Send;

    /// Begins to read everything: all containers, then all groups, then all people of the base DN.
    fn begin_scan(&mut self);

    /// The next page of everything; `None` after the last one of a complete list. An error ends the read.
    fn next_page(&mut self) -> impl Future<Output = Result<Option<Vec<Item>>, FeedError>> + Send;

    /// These objects as they are now, groups with all their members; [`Item::Gone`] for each that is not there. What is
    /// there and can't be read is not among them: nothing is known of it, and nobody may lose anything for that.
    fn read(&mut self, ids: &[EntryId]) -> impl Future<Output = Result<Vec<Item>, FeedError>> + Send;

    /// Whether this group, which was shown without members, has some that may not be seen.
    fn hides_members(&mut self, group: &Dn) -> impl Future<Output = Result<bool, FeedError>> + Send;
}
