//! Read which database a domain controller serves and its change counter. A restored database has another
//! invocationId (MS-ADTS 3.1.1.1.9); if a snapshot was restored unnoticed, the counter has gone back.

use ldap3::controls::RawControl;
use ldap3::{LdapResult, Scope};
use tokio::time::{Duration, Instant, sleep};
use uuid::Uuid;

use super::link::{ANSWER_TIME, ServerLink};
use crate::directory::attributes::Attributes;
use crate::directory::connection::{Connection, Query, SearchResponse, root_dse};
use crate::directory::error::{DirectoryError, LdapFault};
use crate::directory::outcome::code;
use crate::directory::paging::whole;
use crate::directory::servers::SHOW_DELETED;
use crate::domain::dn::Dn;

/// How often the counter is read. (A server's own notifications may be later: Samba's take up to five
/// seconds.)
const POLL: Duration = Duration::from_millis(300);
/// A read of the counter that takes longer means that the server is frozen.
const POLL_TIME: Duration = Duration::from_secs(3);
const COUNTER: &str = "highestCommittedUSN";

/// The state of one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DatabaseState {
    pub(super) invocation_id: Uuid,
    /// Counts each change (MS-ADTS 3.1.1.1.9).
    pub(super) usn: i64,
}

/// Reads it; `None` where it is unreadable. The counter comes first: what is read later is at least as new.
pub(super) async fn database_state(
    connection: &mut Connection,
    until: Instant,
) -> Result<Option<DatabaseState>, LdapFault> {
    let dse = connection.search(&root_dse(&["dsServiceName", COUNTER]), until).await?;
    let dse = dse.entries.first();
    let Some((service, usn)) =
        dse.and_then(|dse| Some((dse.names("dsServiceName").pop()?, dse.number(COUNTER)?)))
    else {
        return Ok(None);
    };
    let settings = connection.search(&Query::read(service.as_str(), &["invocationId"]), until).await?;
    let id = settings.entries.first().and_then(|settings| settings.bytes("invocationId"));
    let id = id.and_then(|id| Uuid::from_slice_le(id).ok());
    Ok(id.map(|invocation_id| DatabaseState { invocation_id, usn }))
}

/// Requests in a row on one connection, and so to one database. After an error no more are sent.
pub(super) struct DatabaseSession<'a> {
    pub(super) link: &'a mut ServerLink,
    connection: Connection,
}

impl<'a> DatabaseSession<'a> {
    pub(super) async fn begin(link: &'a mut ServerLink) -> Result<Self, DirectoryError> {
        let connection = link.take().await?;
        Ok(Self { link, connection })
    }

    /// Keeps the connection for the next use.
    pub(super) fn end(self) {
        self.link.give_back(self.connection);
    }

    /// Any response of the server.
    pub(super) async fn answer(&mut self, query: &Query<'_>) -> Result<SearchResponse, DirectoryError> {
        let answer = self.connection.search(query, Instant::now() + ANSWER_TIME).await;
        answer.map_err(|fault| self.link.broken(fault))
    }

    /// The same; `None` for too many entries, which is no fault of the server.
    pub(super) async fn bounded(
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
    pub(super) async fn search(&mut self, query: &Query<'_>) -> Result<Vec<Attributes>, DirectoryError> {
        let answer = self.answer(query).await?;
        whole(&answer.result).map(|()| answer.entries)
    }

    /// The connection and its link, for reading in pages.
    pub(super) fn parts(&mut self) -> (&mut Connection, &ServerLink) {
        (&mut self.connection, self.link)
    }

    pub(super) async fn database_state(&mut self) -> Result<DatabaseState, DirectoryError> {
        self.try_database_state().await?.ok_or_else(|| unreadable("invocationId"))
    }

    /// `None` where it is unreadable.
    pub(super) async fn try_database_state(&mut self) -> Result<Option<DatabaseState>, DirectoryError> {
        let found = database_state(&mut self.connection, Instant::now() + ANSWER_TIME).await;
        found.map_err(|fault| self.link.broken(fault))
    }

    /// The naming context that contains the domain's people (MS-ADTS 3.1.1.3.2.4).
    pub(super) async fn naming_context(&mut self) -> Result<Dn, DirectoryError> {
        let found = self.search(&root_dse(&["defaultNamingContext"])).await?;
        let context = found.first().and_then(|dse| dse.names("defaultNamingContext").pop());
        context.ok_or_else(|| unreadable("defaultNamingContext"))
    }

    /// Waits until the counter differs from `seen`; false at the time limit.
    pub(super) async fn moved_from(&mut self, seen: i64, until: Instant) -> Result<bool, DirectoryError> {
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
    pub(super) async fn sees_deleted(&mut self, context: &Dn) -> Result<bool, DirectoryError> {
        if !self.link.features().show_deleted {
            return Ok(false);
        }
        let base = deleted_objects(context);
        let query = Query {
            scope: Scope::Base,
            controls: vec![show_deleted()],
            ..Query::read(&base, &["objectGUID", "isDeleted"])
        };
        let answer = self.answer(&query).await?;
        Ok(answer.result.rc == code::SUCCESS
            && answer.entries.first().is_some_and(|object| object.bytes("objectGUID").is_some()))
    }
}

/// MS-ADTS 3.1.1.4.1.
pub(super) fn deleted_objects(context: &Dn) -> String {
    format!("CN=Deleted Objects,{context}")
}

pub(super) fn show_deleted() -> RawControl {
    RawControl { ctype: SHOW_DELETED.to_owned(), crit: true, val: None }
}

/// The server's refusal as text.
pub(super) fn refusal(result: &LdapResult) -> String {
    format!("{}: {}", result.rc, result.text)
}

fn unreadable(attribute: &'static str) -> DirectoryError {
    DirectoryError::Incomplete(format!("the server does not show its {attribute}"))
}
