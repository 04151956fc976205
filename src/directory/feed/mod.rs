//! Learn what has changed in a directory. A feed reports each change of people, groups and containers at
//! least once, in a form that all feeds share ([`Item`]), and how far it has come ([`Cursor`]). When it can't
//! be sure that nothing was missed, it returns [`FeedError::Reset`], and everything is read again.

mod active_directory;
mod any;
mod full_scan;
mod objects;
mod scan;
mod server;
mod syncrepl;

use std::future::Future;

use tokio::time::Duration;

pub use any::{AnyFeed, FeedSelection};

use super::error::DirectoryError;
use crate::domain::cursor::{Cursor, FeedKind};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::domain::schema::Schema;
use crate::domain::settings;
use crate::domain::shortfall::Shortfall;

/// The reason of a reset: no feed reports which people that affects.
const BY_GROUPS: &str = "a group has changed, and the scope's filter depends on group membership";

/// What feeds keep of people in a directory with these settings, as one text. If it is another one than that of
/// the last full read, changes are not enough: unchanged people lack what is new.
#[must_use]
pub fn attributes_of_people(directory: &settings::Directory) -> String {
    let attributes = attributes_kept(directory.schema).join(" ");
    format!("{attributes}; email address: {:?}", directory.email_attribute)
}

/// The attributes that feeds keep of people; in Active Directory also those of other objects.
#[must_use]
pub fn attributes_kept(schema: Schema) -> &'static [&'static str] {
    match schema {
        Schema::ActiveDirectory => &objects::active_directory::ANY,
        Schema::Rfc2307bis => &objects::ldap::PERSON,
    }
}

/// Why a feed could not continue.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The earlier cursor does not fit this server any more (another server, a restored one, a refused or
    /// older cookie): everything must be read again. The text gives the reason, for the log.
    #[error("everything must be read again: {0}")]
    Reset(String),
    /// The directory's response is missing or incomplete: no deletion may be concluded.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// A part of the changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeBatch {
    /// Containers first, then groups, then people, then deleted objects.
    pub items: Vec<Item>,
    /// The position after these; `None` while more of the same step follows.
    pub cursor: Option<Cursor>,
    /// More changes wait at the server: make no decision before they are read.
    pub more: bool,
}

/// One way to learn of changes, at one server.
pub trait ChangeFeed: Send {
    /// The kind of feed.
    fn kind(&self) -> FeedKind;

    /// Whether it reports deletions. If not, only a full read finds them.
    fn tells_deletions(&self) -> bool {
        true
    }

    /// Why a better feed is not possible, and what this one does not report.
    fn shortfalls(&self) -> &[Shortfall] {
        &[]
    }

    /// The current position: a full read that starts after this, followed by the changes since, misses
    /// nothing.
    fn position(&mut self) -> impl Future<Output = Result<Cursor, FeedError>> + Send;

    /// The changes since a cursor; waits up to `patience` for one, and returns `None` without any.
    fn changes(
        &mut self,
        since: &Cursor,
        patience: Duration,
    ) -> impl Future<Output = Result<Option<ChangeBatch>, FeedError>> + Send;

    /// Starts a full read: all containers, then all groups, then all people of the base DN.
    fn begin_scan(&mut self);

    /// The next page of the full read; `None` after the last one of a complete list. An error ends the read.
    fn next_page(&mut self) -> impl Future<Output = Result<Option<Vec<Item>>, FeedError>> + Send;

    /// The current state of these objects, groups with all their members; [`Item::Gone`] for each that does
    /// not exist. An existing object that can't be read gives no item: nothing is known about it, and no
    /// one may lose access because of that.
    fn read(&mut self, ids: &[EntryId]) -> impl Future<Output = Result<Vec<Item>, FeedError>> + Send;

    /// Whether this group, which appeared without members, has some that are hidden from us.
    fn hides_members(&mut self, group: &Dn) -> impl Future<Output = Result<bool, FeedError>> + Send;
}
