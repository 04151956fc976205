//! The one server that a feed reads from. A position is valid only at the server that gave it, so nothing
//! here switches servers: a failure is an error, and the next feed is opened at a server that works.

use ldap3::Scope;
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use super::database::database_state;
use crate::directory::Directory;
use crate::directory::connection::{Connection, Features, Query, SearchResponse};
use crate::directory::error::{DirectoryError, LdapFault, ServerFault};
use crate::directory::message::paging::whole;
use crate::directory::message::{Attributes, LdapFilter};
use crate::domain::entry::EntryId;

/// Time limit for finding a server.
const START_TIME: Duration = Duration::from_secs(10);
/// Time limit for one response of a long read.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(30);
/// Ids in one request.
pub(crate) const BATCH: usize = 50;
/// A connection that was idle for longer is checked before use.
const TRUSTED_IDLE: Duration = Duration::from_secs(5);

/// A server, with a connection for short requests.
pub(crate) struct ServerLink {
    pub(crate) directory: Directory,
    /// `host:port`.
    pub(crate) server: String,
    /// The database that must be behind the address (its invocationId), if known: one address may lead to
    /// several.
    pub(crate) database: Option<Uuid>,
    at: usize,
    kept: Option<Connection>,
}

impl ServerLink {
    /// Connects to this server if it works, else to the first that does.
    pub(crate) async fn open(
        directory: &Directory,
        preferred: Option<&str>,
        deadline: Instant,
    ) -> Result<Self, DirectoryError> {
        let requests = directory.requests();
        let place = |name: &str| requests.servers.iter().position(|server| server.name == name);
        if let Some(at) = preferred.and_then(place) {
            match requests.connection_at(at, deadline).await {
                Ok(connection) => return Ok(Self::new(directory, at, connection)),
                Err(refused @ DirectoryError::ServiceAccountRefused { .. }) => return Err(refused),
                Err(_) => {}
            }
        }
        let (at, _, connection) = requests.connection(deadline).await?;
        Ok(Self::new(directory, at, connection))
    }

    fn new(directory: &Directory, at: usize, connection: Connection) -> Self {
        let name = directory.requests().servers.get(at).map(|server| server.name.clone());
        let (directory, server) = (directory.clone(), name.unwrap_or_default());
        Self { directory, server, database: None, at, kept: Some(connection) }
    }

    /// Another link to the same server, without a connection yet.
    pub(crate) fn sibling(&self) -> Self {
        let (directory, server) = (self.directory.clone(), self.server.clone());
        Self { directory, server, database: self.database, at: self.at, kept: None }
    }

    /// The features that the server announces.
    pub(crate) fn features(&self) -> Features {
        let server = self.directory.requests().servers.get(self.at);
        server.map(|server| server.features()).unwrap_or_default()
    }

    /// A separate connection.
    pub(crate) async fn connect(&self) -> Result<Connection, DirectoryError> {
        let until = Instant::now() + START_TIME;
        let mut connection = self.directory.requests().connection_at(self.at, until).await?;
        if let Some(database) = self.database {
            let found = database_state(&mut connection, until).await;
            let found = found.map_err(|fault| self.broken(fault))?;
            if found.is_none_or(|found| found.invocation_id != database) {
                let text = format!("another database answers at {} now", self.server);
                return Err(DirectoryError::Incomplete(text));
            }
        }
        Ok(connection)
    }

    /// A live connection, kept or new. The caller gives it back after use.
    pub(crate) async fn take(&mut self) -> Result<Connection, DirectoryError> {
        if let Some(mut kept) = self.kept()
            && kept.is_alive(TRUSTED_IDLE, Instant::now() + ANSWER_TIME).await
        {
            return Ok(kept);
        }
        self.connect().await
    }

    /// The kept connection, if it may be reused.
    fn kept(&mut self) -> Option<Connection> {
        let mut kept = self.kept.take()?;
        kept.is_fit(Instant::now()).then_some(kept)
    }

    /// Keeps a connection for the next request.
    pub(crate) fn give_back(&mut self, connection: Connection) {
        self.kept = Some(connection);
    }

    /// All entries that a search finds; an incomplete result is an error.
    pub(crate) async fn search(&mut self, query: &Query<'_>) -> Result<Vec<Attributes>, DirectoryError> {
        let answer = self.ask(query).await?;
        whole(&answer.result).map(|()| answer.entries)
    }

    /// The objects of this kind with these ids.
    pub(crate) async fn find(
        &mut self,
        ids: &[EntryId],
        kind: LdapFilter,
        attributes: &[&str],
    ) -> Result<Vec<Attributes>, DirectoryError> {
        let directory = self.directory.clone();
        self.search(&by_ids(&directory, ids, kind, attributes)).await
    }

    /// The server's response to a search, with any result.
    pub(crate) async fn ask(&mut self, query: &Query<'_>) -> Result<SearchResponse, DirectoryError> {
        let until = Instant::now() + ANSWER_TIME;
        if let Some(mut connection) = self.kept() {
            match connection.search(query, until).await {
                Ok(answer) => {
                    self.kept = Some(connection);
                    return Ok(answer);
                }
                Err(fault @ (LdapFault::Timeout | LdapFault::Unwilling { .. })) => {
                    return Err(self.broken(fault));
                }
                // a kept connection may have ended for its own reasons: a new one shows whether the server is
                // at fault
                Err(_) => {}
            }
        }
        let mut connection = self.connect().await?;
        let answer = connection.search(query, until).await.map_err(|fault| self.broken(fault))?;
        self.kept = Some(connection);
        Ok(answer)
    }

    /// Records this server's fault and returns it as an error.
    pub(crate) fn broken(&self, fault: LdapFault) -> DirectoryError {
        DirectoryError::Unavailable(vec![ServerFault { server: self.server.clone(), fault }])
    }
}

/// Searches for the objects of one kind with these ids.
pub(super) fn by_ids<'a>(
    directory: &'a Directory,
    ids: &[EntryId],
    kind: LdapFilter,
    attributes: &'a [&'a str],
) -> Query<'a> {
    let naming = directory.naming();
    let named = LdapFilter::any(ids.iter().map(|id| naming.object_with_id(*id)));
    Query {
        base: naming.base.as_str(),
        scope: Scope::Subtree,
        filter: LdapFilter::all([named, kind]),
        attributes,
        controls: directory.controls(),
        most: ids.len(),
        stop_at_most: false,
    }
}
