//! The feed of a server that reports no changes: everything is read again on a schedule and compared.

use tokio::time::{Duration, sleep};

use super::{ChangeBatch, ChangeFeed, FeedError};
use crate::directory::feed::objects::active_directory::{self, Lists};
use crate::directory::feed::objects::{hidden, ldap};
use crate::directory::feed::scan::FullReadPages;
use crate::directory::feed::server::{DatabaseSession, ServerLink};
use crate::directory::message::ExtraFilter;
use crate::domain::cursor::{Cursor, FeedKind, Position};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::domain::schema::Schema;
use crate::domain::shortfall::Shortfall;

/// Full reads of one server.
pub(crate) struct FullScan {
    pub(super) link: ServerLink,
    pub(super) extra: Option<ExtraFilter>,
    scan: FullReadPages,
    why: [Shortfall; 1],
}

impl FullScan {
    pub(super) fn new(link: ServerLink, extra: Option<ExtraFilter>, why: Shortfall) -> Self {
        Self { link, extra, scan: FullReadPages::default(), why: [why] }
    }
}

impl ChangeFeed for FullScan {
    fn kind(&self) -> FeedKind {
        FeedKind::FullScan
    }

    fn shortfalls(&self) -> &[Shortfall] {
        &self.why
    }

    async fn position(&mut self) -> Result<Cursor, FeedError> {
        Ok(Cursor { server: self.link.server.clone(), position: Position::FullScan })
    }

    /// Never reports a change; but a cursor of another feed means that changes were reported before, up to
    /// that cursor.
    async fn changes(
        &mut self,
        since: &Cursor,
        patience: Duration,
    ) -> Result<Option<ChangeBatch>, FeedError> {
        if since.position != Position::FullScan {
            let feed = since.position.feed();
            return Err(FeedError::Reset(format!(
                "the cursor is one of {feed}, which the server does not serve now"
            )));
        }
        sleep(patience).await;
        Ok(None)
    }

    fn begin_scan(&mut self) {
        self.scan = FullReadPages::Fresh;
    }

    async fn next_page(&mut self) -> Result<Option<Vec<Item>>, FeedError> {
        Ok(self.scan.next(&self.link, self.extra.as_ref()).await?)
    }

    async fn read(&mut self, ids: &[EntryId]) -> Result<Vec<Item>, FeedError> {
        let extra = self.extra.as_ref();
        match self.link.directory.naming().schema {
            Schema::ActiveDirectory => {
                let mut session = DatabaseSession::begin(&mut self.link).await?;
                let items = active_directory::read(&mut session, extra, ids, Lists::Read).await?;
                session.end();
                Ok(items)
            }
            Schema::Rfc2307bis => Ok(ldap::read(&mut self.link, extra, ids).await?),
        }
    }

    async fn hides_members(&mut self, group: &Dn) -> Result<bool, FeedError> {
        Ok(hidden::hides_members(&mut self.link, group).await?)
    }
}
