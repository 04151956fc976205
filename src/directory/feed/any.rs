//! Choose the best feed that a server and the service account's permissions allow, and report why a better
//! one is not possible.

use tokio::time::{Duration, Instant, timeout_at};

use super::full_scan::FullScan;
use super::{ChangeBatch, ChangeFeed, FeedError};
use crate::directory::Directory;
use crate::directory::error::DirectoryError;
use crate::directory::feed::active_directory::{AdFeed, DirSyncFeed, DirSyncTrial, UsnChanged, Way};
use crate::directory::feed::server::{DatabaseSession, ServerLink};
use crate::directory::feed::syncrepl::{NotServed, SyncRepl};
use crate::directory::message::{ExtraFilter, code};
use crate::domain::cursor::{Cursor, FeedKind, Position};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::domain::schema::Schema;
use crate::domain::shortfall::Shortfall;

/// A feed of any directory.
pub struct AnyFeed(ServerFeed);

enum ServerFeed {
    /// The changes of a domain controller.
    ActiveDirectory(Box<AdFeed>),
    SyncRepl(Box<SyncRepl>),
    /// Everything is read and compared.
    FullScan(Box<FullScan>),
}

/// What was learned about a server before reading from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSelection {
    /// `host:port`.
    pub server: String,
    pub chosen: FeedKind,
    /// Why a better feed is not possible, and what this one does not report.
    pub reasons: Vec<Shortfall>,
    /// Whether it reports deletions.
    pub tells_deletions: bool,
}

impl Directory {
    /// Opens the best available feed, at the server of `since` if it works, else at the first that does.
    /// `extra` is the extra filter of the sync scope.
    pub async fn feed(
        &self,
        since: Option<&Cursor>,
        extra_filter: Option<&str>,
        deadline: Instant,
    ) -> Result<(AnyFeed, FeedSelection), DirectoryError> {
        let refused =
            |error| DirectoryError::Refused { code: code::PROTOCOL_ERROR, text: format!("scope: {error}") };
        let extra = extra_filter.map(ExtraFilter::parse).transpose().map_err(refused)?;
        let opened = timeout_at(deadline, open(self, since, extra, deadline)).await;
        let (feed, server) = opened.map_err(|_| DirectoryError::Timeout(Vec::new()))??;
        let (chosen, tells_deletions) = (feed.kind(), feed.tells_deletions());
        let probe = FeedSelection { server, chosen, reasons: feed.shortfalls().to_vec(), tells_deletions };
        Ok((feed, probe))
    }
}

async fn open(
    directory: &Directory,
    since: Option<&Cursor>,
    extra: Option<ExtraFilter>,
    deadline: Instant,
) -> Result<(AnyFeed, String), DirectoryError> {
    let preferred = since.map(|since| since.server.as_str());
    let link = ServerLink::open(directory, preferred, deadline).await?;
    let server = link.server.clone();
    let feed = match directory.naming().schema {
        Schema::ActiveDirectory => open_ad(link, since.map(|since| &since.position), extra).await?,
        Schema::Rfc2307bis => open_ldap(link, extra).await?,
    };
    Ok((AnyFeed(feed), server))
}

async fn open_ad(
    mut link: ServerLink,
    since: Option<&Position>,
    extra: Option<ExtraFilter>,
) -> Result<ServerFeed, DirectoryError> {
    let cookie = match since {
        Some(Position::DirSync { cookie, .. }) => cookie.as_slice(),
        _ => &[],
    };
    let mut session = DatabaseSession::begin(&mut link).await?;
    let Some(database_state) = session.try_database_state().await? else {
        drop(session);
        let scan = FullScan::new(link, extra, Shortfall::DatabaseNotKnown);
        return Ok(ServerFeed::FullScan(Box::new(scan)));
    };
    let context = session.naming_context().await?;
    let tombstones = session.sees_deleted(&context).await?;
    let tried = match session.link.features().dirsync {
        true => DirSyncFeed::try_out(&mut session, context.clone(), extra.as_ref(), cookie).await?,
        false => DirSyncTrial::Never(Shortfall::DirSyncNotOffered),
    };
    session.end();
    link.database = Some(database_state.invocation_id);
    let (way, mut shortfalls) = match tried {
        DirSyncTrial::Serves(dirsync, shortfall) => (Way::DirSync(dirsync), Vec::from_iter(shortfall)),
        DirSyncTrial::Never(why) => (Way::Usn(UsnChanged { context, tombstones }), vec![why]),
    };
    // Even with the right to replicate, Samba does not report deleted objects that the account may not see.
    if !tombstones {
        shortfalls.push(Shortfall::DeletionsNotTold);
    }
    let feed = AdFeed::new(link, extra, way, shortfalls);
    Ok(ServerFeed::ActiveDirectory(Box::new(feed)))
}

async fn open_ldap(link: ServerLink, extra: Option<ExtraFilter>) -> Result<ServerFeed, DirectoryError> {
    match SyncRepl::probe(&link).await {
        Ok(()) => Ok(ServerFeed::SyncRepl(Box::new(SyncRepl::new(link, extra)))),
        Err(NotServed::Never(why)) => Ok(ServerFeed::FullScan(Box::new(FullScan::new(link, extra, why)))),
        Err(NotServed::Fault(error)) => Err(error),
    }
}

/// Calls a method of whichever feed it is.
macro_rules! of_each {
    ($any:expr, $feed:ident => $call:expr) => {
        match $any {
            ServerFeed::ActiveDirectory($feed) => $call,
            ServerFeed::SyncRepl($feed) => $call,
            ServerFeed::FullScan($feed) => $call,
        }
    };
}

impl ChangeFeed for AnyFeed {
    fn kind(&self) -> FeedKind {
        of_each!(&self.0, feed => feed.kind())
    }

    fn tells_deletions(&self) -> bool {
        of_each!(&self.0, feed => feed.tells_deletions())
    }

    fn shortfalls(&self) -> &[Shortfall] {
        of_each!(&self.0, feed => feed.shortfalls())
    }

    async fn position(&mut self) -> Result<Cursor, FeedError> {
        of_each!(&mut self.0, feed => feed.position().await)
    }

    async fn changes(
        &mut self,
        since: &Cursor,
        patience: Duration,
    ) -> Result<Option<ChangeBatch>, FeedError> {
        of_each!(&mut self.0, feed => feed.changes(since, patience).await)
    }

    fn begin_scan(&mut self) {
        of_each!(&mut self.0, feed => feed.begin_scan());
    }

    async fn next_page(&mut self) -> Result<Option<Vec<Item>>, FeedError> {
        of_each!(&mut self.0, feed => feed.next_page().await)
    }

    async fn read(&mut self, ids: &[EntryId]) -> Result<Vec<Item>, FeedError> {
        of_each!(&mut self.0, feed => feed.read(ids).await)
    }

    async fn hides_members(&mut self, group: &Dn) -> Result<bool, FeedError> {
        of_each!(&mut self.0, feed => feed.hides_members(group).await)
    }
}
