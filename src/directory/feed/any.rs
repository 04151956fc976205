//! The best feed that a server and the service account's rights allow: which one, and why not a better one.

use tokio::time::{Duration, Instant, timeout_at};

use super::ad_feed::{AdFeed, Way};
use super::dirsync::{DirSync, Tried};
use super::domain_controller::Talk;
use super::full_scan::FullScan;
use super::ldap::{self, LdapFeed};
use super::link::Link;
use super::usn::UsnChanged;
use super::{ChangeFeed, Changes, FeedError};
use crate::directory::Directory;
use crate::directory::error::DirectoryError;
use crate::directory::filter::ExtraFilter;
use crate::directory::outcome::code;
use crate::domain::cursor::{Cursor, FeedKind, Position};
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::domain::settings::Schema;

/// A feed of any directory.
pub enum AnyFeed {
    /// A domain controller tells changes.
    ActiveDirectory(Box<AdFeed>),
    /// Another directory, or everything is read.
    Ldap(Box<LdapFeed>),
}

/// What was found out about a server before it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Which server, `host:port`.
    pub server: String,
    /// The way that was chosen.
    pub chosen: FeedKind,
    /// Why not a better one, and what this one does not tell.
    pub reasons: Vec<String>,
    /// Whether it tells what was deleted.
    pub tells_deletions: bool,
}

impl Directory {
    /// Opens the best feed that there is, at the server that `since` is of if that serves, else at the first that does. The
    /// filter is the extra one of the sync scope.
    pub async fn feed(
        &self,
        since: Option<&Cursor>,
        extra_filter: Option<&str>,
        deadline: Instant,
    ) -> Result<(AnyFeed, Probe), DirectoryError> {
        let refused =
            |error| DirectoryError::Refused { code: code::PROTOCOL_ERROR, text: format!("scope: {error}") };
        let extra = extra_filter.map(ExtraFilter::parse).transpose().map_err(refused)?;
        let opened = timeout_at(deadline, open(self, since, extra, deadline)).await;
        let (feed, server, mut reasons) = opened.map_err(|_| DirectoryError::Timeout(Vec::new()))??;
        let tells_deletions = feed.tells_deletions();
        if !tells_deletions {
            reasons.push(
                "the service account does not see deleted objects: what is deleted is noticed by reading everything"
                    .to_owned(),
            );
        }
        let probe = Probe { server, chosen: feed.kind(), reasons, tells_deletions };
        Ok((feed, probe))
    }
}

type Opened = (AnyFeed, String, Vec<String>);

async fn open(
    directory: &Directory,
    since: Option<&Cursor>,
    extra: Option<ExtraFilter>,
    deadline: Instant,
) -> Result<Opened, DirectoryError> {
    let preferred = since.map(|since| since.server.as_str());
    let link = Link::open(directory, preferred, deadline).await?;
    let server = link.server.clone();
    let (feed, reasons) = match directory.naming().schema {
        Schema::ActiveDirectory => open_ad(link, since.map(|since| &since.position), extra).await?,
        Schema::Rfc2307bis => {
            let (feed, reasons) = ldap::open(link, extra).await?;
            (AnyFeed::Ldap(Box::new(feed)), reasons)
        }
    };
    Ok((feed, server, reasons))
}

async fn open_ad(
    mut link: Link,
    since: Option<&Position>,
    extra: Option<ExtraFilter>,
) -> Result<(AnyFeed, Vec<String>), DirectoryError> {
    let cookie = match since {
        Some(Position::DirSync { cookie, .. }) => cookie.as_slice(),
        _ => &[],
    };
    let mut reasons = Vec::new();
    let mut talk = Talk::begin(&mut link).await?;
    let Some(standing) = talk.try_standing().await? else {
        drop(talk);
        reasons.push(
            "the server's invocationId can't be read, so that an older state of it would not be noticed"
                .to_owned(),
        );
        return Ok((AnyFeed::Ldap(Box::new(LdapFeed::FullScan(FullScan::new(link, extra)))), reasons));
    };
    let context = talk.naming_context().await?;
    let tombstones = talk.sees_deleted(&context).await?;
    let tried = match talk.link.features().dirsync {
        true => DirSync::try_out(&mut talk, context.clone(), extra.as_ref(), cookie).await?,
        false => Tried::Never("the server does not offer DirSync".to_owned()),
    };
    talk.end();
    link.database = Some(standing.invocation_id);
    let way = match tried {
        Tried::Serves(dirsync) => Way::DirSync(dirsync),
        Tried::Never(why) => {
            reasons.push(why);
            Way::Usn(UsnChanged { context, tombstones })
        }
    };
    // Not even the right to replicate makes Samba tell of what the account may not see once it is deleted.
    let feed = AdFeed::new(link, extra, way, tombstones);
    Ok((AnyFeed::ActiveDirectory(Box::new(feed)), reasons))
}

impl ChangeFeed for AnyFeed {
    fn kind(&self) -> FeedKind {
        match self {
            Self::ActiveDirectory(feed) => feed.kind(),
            Self::Ldap(feed) => feed.kind(),
        }
    }

    fn tells_deletions(&self) -> bool {
        match self {
            Self::ActiveDirectory(feed) => feed.tells_deletions(),
            Self::Ldap(feed) => feed.tells_deletions(),
        }
    }

    async fn position(&mut self) -> Result<Cursor, FeedError> {
        match self {
            Self::ActiveDirectory(feed) => feed.position().await,
            Self::Ldap(feed) => feed.position().await,
        }
    }

    async fn changes(&mut self, since: &Cursor, patience: Duration) -> Result<Option<Changes>, FeedError> {
        match self {
            Self::ActiveDirectory(feed) => feed.changes(since, patience).await,
            Self::Ldap(feed) => feed.changes(since, patience).await,
        }
    }

    fn begin_scan(&mut self) {
        match self {
            Self::ActiveDirectory(feed) => feed.begin_scan(),
            Self::Ldap(feed) => feed.begin_scan(),
        }
    }

    async fn next_page(&mut self) -> Result<Option<Vec<Item>>, FeedError> {
        match self {
            Self::ActiveDirectory(feed) => feed.next_page().await,
            Self::Ldap(feed) => feed.next_page().await,
        }
    }

    async fn read(&mut self, ids: &[EntryId]) -> Result<Vec<Item>, FeedError> {
        match self {
            Self::ActiveDirectory(feed) => feed.read(ids).await,
            Self::Ldap(feed) => feed.read(ids).await,
        }
    }
}
