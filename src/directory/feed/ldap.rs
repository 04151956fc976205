//! Choose the best feed of a directory other than Active Directory that the server and the service account's
//! permissions allow.

use tokio::time::Duration;

use super::full_scan::FullScan;
use super::{ChangeBatch, ChangeFeed, FeedError};
use crate::directory::error::DirectoryError;
use crate::directory::feed::server::ServerLink;
use crate::directory::feed::syncrepl::{NotServed, SyncRepl};
use crate::directory::message::ExtraFilter;
use crate::domain::cursor::{Cursor, FeedKind};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::domain::shortfall::Shortfall;

/// Either kind of feed.
pub enum LdapFeed {
    /// The server reports changes.
    SyncRepl(SyncRepl),
    /// Everything is read and compared.
    FullScan(FullScan),
}

/// Opens the best feed of one server.
pub(super) async fn open(link: ServerLink, extra: Option<ExtraFilter>) -> Result<LdapFeed, DirectoryError> {
    match SyncRepl::probe(&link).await {
        Ok(()) => Ok(LdapFeed::SyncRepl(SyncRepl::new(link, extra))),
        Err(NotServed::Never(why)) => Ok(LdapFeed::FullScan(FullScan::new(link, extra, why))),
        Err(NotServed::Fault(error)) => Err(error),
    }
}

impl ChangeFeed for LdapFeed {
    fn kind(&self) -> FeedKind {
        match self {
            Self::SyncRepl(feed) => feed.kind(),
            Self::FullScan(feed) => feed.kind(),
        }
    }

    fn shortfalls(&self) -> &[Shortfall] {
        match self {
            Self::SyncRepl(feed) => feed.shortfalls(),
            Self::FullScan(feed) => feed.shortfalls(),
        }
    }

    async fn position(&mut self) -> Result<Cursor, FeedError> {
        match self {
            Self::SyncRepl(feed) => feed.position().await,
            Self::FullScan(feed) => feed.position().await,
        }
    }

    async fn changes(
        &mut self,
        since: &Cursor,
        patience: Duration,
    ) -> Result<Option<ChangeBatch>, FeedError> {
        match self {
            Self::SyncRepl(feed) => feed.changes(since, patience).await,
            Self::FullScan(feed) => feed.changes(since, patience).await,
        }
    }

    fn begin_scan(&mut self) {
        match self {
            Self::SyncRepl(feed) => feed.begin_scan(),
            Self::FullScan(feed) => feed.begin_scan(),
        }
    }

    async fn next_page(&mut self) -> Result<Option<Vec<Item>>, FeedError> {
        match self {
            Self::SyncRepl(feed) => feed.next_page().await,
            Self::FullScan(feed) => feed.next_page().await,
        }
    }

    async fn read(&mut self, ids: &[EntryId]) -> Result<Vec<Item>, FeedError> {
        match self {
            Self::SyncRepl(feed) => feed.read(ids).await,
            Self::FullScan(feed) => feed.read(ids).await,
        }
    }

    async fn hides_members(&mut self, group: &Dn) -> Result<bool, FeedError> {
        match self {
            Self::SyncRepl(feed) => feed.hides_members(group).await,
            Self::FullScan(feed) => feed.hides_members(group).await,
        }
    }
}
