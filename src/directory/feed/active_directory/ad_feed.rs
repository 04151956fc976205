//! The change feed of one domain controller, by DirSync or uSNChanged. A counter shows when to ask for
//! changes. Before each request the database is checked: the cursor means nothing to another database or to
//! an older state of the same one.

use std::cmp::Ordering;

use tokio::time::{Duration, Instant, sleep_until};
use uuid::Uuid;

use super::dirsync::DirSyncFeed;
use super::usn::UsnChanged;
use crate::directory::feed::objects::active_directory::{self, Lists};
use crate::directory::feed::objects::hidden;
use crate::directory::feed::scan::FullReadPages;
use crate::directory::feed::server::{DatabaseSession, DatabaseState, ServerLink};
use crate::directory::feed::{ChangeBatch, ChangeFeed, FeedError};
use crate::directory::message::ExtraFilter;
use crate::domain::cursor::{Cursor, FeedKind, Position};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;
use crate::domain::shortfall::Shortfall;

/// When none of our objects change, the cursor is still renewed this often, so that it does not expire.
const REMIND: Duration = Duration::from_secs(10 * 60);

/// The pause after a change of other objects: as long as it took to find that out, within these limits.
const SOONEST: Duration = Duration::from_millis(300);
const LATEST: Duration = Duration::from_secs(5);

/// The changes of one domain controller.
pub(crate) struct AdFeed {
    link: ServerLink,
    extra: Option<ExtraFilter>,
    way: Way,
    shortfalls: Vec<Shortfall>,
    scan: FullReadPages,
    ahead: Option<Ahead>,
}

pub(crate) enum Way {
    DirSync(DirSyncFeed),
    Usn(UsnChanged),
}

/// A position up to which there are no changes for us, after a cursor.
struct Ahead {
    since: Position,
    until: Position,
    reported_at: Instant,
}

impl AdFeed {
    pub(crate) fn new(
        link: ServerLink,
        extra: Option<ExtraFilter>,
        way: Way,
        shortfalls: Vec<Shortfall>,
    ) -> Self {
        Self { link, extra, way, shortfalls, scan: FullReadPages::default(), ahead: None }
    }

    fn cursor(&self, position: Position) -> Cursor {
        Cursor { server: self.link.server.clone(), position }
    }

    /// Where to start for a reader that has everything up to `since`.
    fn begin(&self, since: &Position) -> Result<Position, FeedError> {
        if since.feed() != self.kind() {
            let (was, is) = (since.feed(), self.kind());
            return Err(FeedError::Reset(format!(
                "the cursor is one of {was}, and changes are read by {is} now"
            )));
        }
        if let Some(is) = self.link.database {
            same_database(since, is).map_err(FeedError::Reset)?;
        }
        let ahead = self.ahead.as_ref().filter(|ahead| ahead.since == *since);
        Ok(ahead.map_or_else(|| since.clone(), |ahead| ahead.until.clone()))
    }

    fn nothing(&mut self) -> Option<ChangeBatch> {
        let ahead = self.ahead.take_if(|ahead| ahead.reported_at.elapsed() > REMIND)?;
        Some(ChangeBatch { items: Vec::new(), cursor: Some(self.cursor(ahead.until)), more: false })
    }

    /// The changes between a position and now, if there are any.
    async fn changes_after(
        &mut self,
        from: &Position,
        until: Instant,
    ) -> Result<Option<(Vec<Item>, Position, bool)>, FeedError> {
        let mut session = DatabaseSession::begin(&mut self.link).await?;
        let found = match session.moved_from(usn(from), until).await? {
            false => None,
            true => {
                let database_state = session.database_state().await?;
                fits(from, database_state).map_err(FeedError::Reset)?;
                Some(self.way.changes_since(&mut session, self.extra.as_ref(), from, database_state).await?)
            }
        };
        session.end();
        Ok(found)
    }

    fn remember_position(&mut self, since: &Position, until: &Position) {
        match &mut self.ahead {
            Some(ahead) if ahead.since == *since => ahead.until = until.clone(),
            ahead => {
                *ahead =
                    Some(Ahead { since: since.clone(), until: until.clone(), reported_at: Instant::now() });
            }
        }
    }
}

impl Way {
    async fn changes_since(
        &self,
        session: &mut DatabaseSession<'_>,
        extra: Option<&ExtraFilter>,
        from: &Position,
        database_state: DatabaseState,
    ) -> Result<(Vec<Item>, Position, bool), FeedError> {
        let DatabaseState { invocation_id, usn } = database_state;
        match (self, from) {
            (Self::DirSync(dirsync), Position::DirSync { cookie, usn: before, .. }) => {
                let step = dirsync.changes_since(session, extra, cookie).await?;
                let (cookie, more) = (step.progress.cookie, step.progress.more);
                // while there are more changes, the cookie has not yet reached this number
                let usn = if more { *before } else { usn };
                Ok((step.items, Position::DirSync { cookie, invocation_id, usn }, more))
            }
            (Self::Usn(by_usn), _) => {
                let items = by_usn.changes_since(session, extra, self::usn(from)).await?;
                Ok((items, Position::UsnChanged { invocation_id, usn }, false))
            }
            (Self::DirSync(_), _) => Err(FeedError::Reset("the cursor has no cookie".to_owned())),
        }
    }
}

/// Whether this database knows the position.
fn fits(from: &Position, now: DatabaseState) -> Result<(), String> {
    same_database(from, now.invocation_id)?;
    match now.usn.cmp(&usn(from)) {
        Ordering::Less => Err(format!(
            "the server's database went back from {} to {}: a snapshot was restored",
            usn(from),
            now.usn
        )),
        Ordering::Equal | Ordering::Greater => Ok(()),
    }
}

fn same_database(from: &Position, is: Uuid) -> Result<(), String> {
    match database(from) {
        Some(was) if was != is => {
            Err("the server has another database than the one that was read (its invocationId differs)"
                .to_owned())
        }
        _ => Ok(()),
    }
}

fn usn(position: &Position) -> i64 {
    match position {
        Position::DirSync { usn, .. } | Position::UsnChanged { usn, .. } => *usn,
        Position::SyncRepl { .. } | Position::FullScan => 0,
    }
}

fn database(position: &Position) -> Option<Uuid> {
    match position {
        Position::DirSync { invocation_id, .. } | Position::UsnChanged { invocation_id, .. } => {
            Some(*invocation_id)
        }
        Position::SyncRepl { .. } | Position::FullScan => None,
    }
}

impl ChangeFeed for AdFeed {
    fn kind(&self) -> FeedKind {
        match self.way {
            Way::DirSync(_) => FeedKind::DirSync,
            Way::Usn(_) => FeedKind::UsnChanged,
        }
    }

    fn tells_deletions(&self) -> bool {
        !self.shortfalls.contains(&Shortfall::DeletionsNotTold)
    }

    fn shortfalls(&self) -> &[Shortfall] {
        &self.shortfalls
    }

    /// The counter is read before the cookie: changes in between are reported twice at worst.
    async fn position(&mut self) -> Result<Cursor, FeedError> {
        let mut session = DatabaseSession::begin(&mut self.link).await?;
        let DatabaseState { invocation_id, usn } = session.database_state().await?;
        let position = match &self.way {
            Way::DirSync(dirsync) => {
                Position::DirSync { cookie: dirsync.now(&mut session).await?, invocation_id, usn }
            }
            Way::Usn(_) => Position::UsnChanged { invocation_id, usn },
        };
        session.end();
        Ok(self.cursor(position))
    }

    async fn changes(
        &mut self,
        since: &Cursor,
        patience: Duration,
    ) -> Result<Option<ChangeBatch>, FeedError> {
        let until = Instant::now() + patience;
        let since = &since.position;
        let mut from = self.begin(since)?;
        loop {
            let begun = Instant::now();
            let Some((items, position, more)) = self.changes_after(&from, until).await? else {
                return Ok(self.nothing());
            };
            if more || !items.is_empty() {
                return Ok(Some(ChangeBatch { items, cursor: Some(self.cursor(position)), more }));
            }
            self.remember_position(since, &position);
            from = position;
            // constant changes of other objects in a large domain must not make us keep the server busy
            sleep_until(until.min(Instant::now() + begun.elapsed().clamp(SOONEST, LATEST))).await;
            if Instant::now() >= until {
                return Ok(self.nothing());
            }
        }
    }

    fn begin_scan(&mut self) {
        self.scan = FullReadPages::Fresh;
    }

    async fn next_page(&mut self) -> Result<Option<Vec<Item>>, FeedError> {
        Ok(self.scan.next(&self.link, self.extra.as_ref()).await?)
    }

    async fn read(&mut self, ids: &[EntryId]) -> Result<Vec<Item>, FeedError> {
        let mut session = DatabaseSession::begin(&mut self.link).await?;
        let items = active_directory::read(&mut session, self.extra.as_ref(), ids, Lists::Read).await?;
        session.end();
        Ok(items)
    }

    async fn hides_members(&mut self, group: &Dn) -> Result<bool, FeedError> {
        Ok(hidden::hides_members(&mut self.link, group).await?)
    }
}
