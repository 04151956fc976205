//! Requests in a row to one database of a domain controller.

use ldap3::{LdapResult, Scope};
use tokio::time::{Duration, Instant, sleep};

use super::database::{COUNTER, DatabaseState, database_state};
use super::link::{ANSWER_TIME, ServerLink, by_ids};
use crate::directory::connection::{Connection, Query, SearchResponse, root_dse};
use crate::directory::error::{DirectoryError, LdapFault};
use crate::directory::message::paging::whole;
use crate::directory::message::{Attributes, LdapFilter, code, control};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;

/// How often the counter is read. (A server's own notifications may be later: Samba's take up to five
/// seconds.)
const POLL: Duration = Duration::from_millis(300);
/// A read of the counter that takes longer means that the server is frozen.
const POLL_TIME: Duration = Duration::from_secs(3);

/// Requests in a row on one connection, and so to one database. After an error no more are sent.
pub(crate) struct DatabaseSession<'a> {
    pub(crate) link: &'a mut ServerLink,
    connection: Connection,
}

impl<'a> DatabaseSession<'a> {
    pub(crate) async fn begin(link: &'a mut ServerLink) -> Result<Self, DirectoryError> {
        let connection = link.take().await?;
        Ok(Self { link, connection })
    }

    /// Keeps the connection for the next use.
    pub(crate) fn end(self) {
        self.link.give_back(self.connection);
    }

    /// Any response of the server.
    pub(crate) async fn answer(&mut self, query: &Query<'_>) -> Result<SearchResponse, DirectoryError> {
        let answer = self.connection.search(query, Instant::now() + ANSWER_TIME).await;
        answer.map_err(|fault| self.link.broken(fault))
    }

    /// The same; `None` for too many entries, which is no fault of the server.
    pub(crate) async fn bounded(
        &mut self,
        query: &Query<'_>,
    ) -> Result<Option<SearchResponse>, DirectoryError> {
        match self.connection.search(query, Instant::now() + ANSWER_TIME).await {
            Ok(answer) => Ok(Some(answer)),
            Err(LdapFault::TooMany(_)) => Ok(None),
            Err(fault) => Err(self.link.broken(fault)),
        }
    }

    /// All entries that a search finds; an incomplete result is an error.
    pub(crate) async fn search(&mut self, query: &Query<'_>) -> Result<Vec<Attributes>, DirectoryError> {
        let answer = self.answer(query).await?;
        whole(&answer.result).map(|()| answer.entries)
    }

    /// The objects of this kind with these ids.
    pub(crate) async fn find(
        &mut self,
        ids: &[EntryId],
        kind: LdapFilter,
        attributes: &[&str],
    ) -> Result<Vec<Attributes>, DirectoryError> {
        let directory = self.link.directory.clone();
        self.search(&by_ids(&directory, ids, kind, attributes)).await
    }

    /// The connection and its link, for reading in pages.
    pub(crate) fn parts(&mut self) -> (&mut Connection, &ServerLink) {
        (&mut self.connection, self.link)
    }

    pub(crate) async fn database_state(&mut self) -> Result<DatabaseState, DirectoryError> {
        self.try_database_state().await?.ok_or_else(|| unreadable("invocationId"))
    }

    /// `None` where it is unreadable.
    pub(crate) async fn try_database_state(&mut self) -> Result<Option<DatabaseState>, DirectoryError> {
        let found = database_state(&mut self.connection, Instant::now() + ANSWER_TIME).await;
        found.map_err(|fault| self.link.broken(fault))
    }

    /// The naming context that contains the domain's people (MS-ADTS 3.1.1.3.2.4).
    pub(crate) async fn naming_context(&mut self) -> Result<Dn, DirectoryError> {
        let found = self.search(&root_dse(&["defaultNamingContext"])).await?;
        let context = found.first().and_then(|dse| dse.names("defaultNamingContext").pop());
        context.ok_or_else(|| unreadable("defaultNamingContext"))
    }

    /// Waits until the counter differs from `seen`; false at the time limit.
    pub(crate) async fn moved_from(&mut self, seen: i64, until: Instant) -> Result<bool, DirectoryError> {
        loop {
            let polled = self.connection.search(&root_dse(&[COUNTER]), Instant::now() + POLL_TIME).await;
            let polled = polled.map_err(|fault| self.link.broken(fault))?;
            let usn = polled.entries.first().and_then(|dse| dse.number(COUNTER));
            if usn.ok_or_else(|| unreadable(COUNTER))? != seen {
                return Ok(true);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            sleep(left.min(POLL)).await;
        }
    }

    /// Whether the account sees deleted objects: by default only administrators do, and for others they seem
    /// never to have existed.
    pub(crate) async fn sees_deleted(&mut self, context: &Dn) -> Result<bool, DirectoryError> {
        if !self.link.features().show_deleted {
            return Ok(false);
        }
        let base = deleted_objects(context);
        let query = Query {
            scope: Scope::Base,
            controls: vec![control::show_deleted()],
            ..Query::read(&base, &["objectGUID", "isDeleted"])
        };
        let answer = self.answer(&query).await?;
        Ok(answer.result.rc == code::SUCCESS
            && answer.entries.first().is_some_and(|object| object.bytes("objectGUID").is_some()))
    }
}

/// MS-ADTS 3.1.1.4.1.
pub(crate) fn deleted_objects(context: &Dn) -> String {
    format!("CN=Deleted Objects,{context}")
}

/// The server's refusal as text.
pub(crate) fn refusal(result: &LdapResult) -> String {
    format!("{}: {}", result.rc, result.text)
}

fn unreadable(attribute: &'static str) -> DirectoryError {
    DirectoryError::Incomplete(format!("the server does not show its {attribute}"))
}
