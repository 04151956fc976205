//! Send one request to the servers that may serve it. A search moves to the next server after a failure. A
//! bind as a person moves on only while nothing has been sent: repeated, it could count as a second wrong
//! attempt.

use ldap3::LdapResult;
use tokio::time::{Duration, Instant};

use super::operation::{Operation, Purpose, willing};
use super::round::{Failure, Round};
use super::service::{ServiceAccount, ServiceFault};
use crate::directory::connection::{
    Connection, DirectoryServer, Pool, Query, Rank, SearchResponse, Servers, Slot,
};
use crate::directory::error::{DirectoryError, LdapFault};
use crate::domain::dn::Dn;

/// The parts that a request needs.
pub(crate) struct Requests {
    pub(crate) servers: Servers,
    pub(crate) searches: Pool,
    pub(crate) binds: Pool,
    pub(crate) service: ServiceAccount,
    /// For TCP, TLS and the service account's bind together.
    pub(crate) connect_timeout: Duration,
    pub(crate) operation_timeout: Duration,
}

/// The response to an [`Operation`], and its connection, which is closed unless it is kept.
pub(crate) struct Answered<'a> {
    pub(crate) result: LdapResult,
    pub(crate) server: &'a DirectoryServer,
    pub(crate) connection: Connection,
    slot: Slot<'a>,
    at: usize,
}

impl Requests {
    /// Searches on a kept or new connection to the first server that serves.
    pub(crate) async fn search(
        &self,
        query: &Query<'_>,
        rank: Rank,
        deadline: Instant,
    ) -> Result<SearchResponse, DirectoryError> {
        let slot = self.searches.enter(rank, deadline).await?;
        let search = |at, server| self.search_on(&slot, at, server, query, deadline);
        let (_, _, answer) = self.at_first_server(&self.searches, deadline, search).await?;
        Ok(answer)
    }

    /// Tries one server after the other; returns the first that serves, its index, and what it gave.
    async fn at_first_server<'a, T, F: Future<Output = Result<T, Failure>>>(
        &'a self,
        pool: &'a Pool,
        deadline: Instant,
        attempt: impl Fn(usize, &'a DirectoryServer) -> F,
    ) -> Result<(usize, &'a DirectoryServer, T), DirectoryError> {
        let mut round = Round::new(&self.servers, pool, self.fair_share(), deadline);
        while let Some((at, server)) = round.next() {
            match attempt(at, server).await {
                Ok(answer) => return Ok((at, server, self.served(at, server, answer))),
                Err(failure) => round.failed(server, failure)?,
            }
        }
        Err(round.unavailable())
    }

    async fn search_on(
        &self,
        slot: &Slot<'_>,
        at: usize,
        server: &DirectoryServer,
        query: &Query<'_>,
        deadline: Instant,
    ) -> Result<SearchResponse, Failure> {
        if let Some(mut connection) = slot.kept(at, self.answer_by(deadline)).await {
            match connection.search(query, self.answer_by(deadline)).await {
                Ok(answer) => {
                    slot.give_back(at, connection);
                    return Ok(answer);
                }
                Err(fault @ (LdapFault::Timeout | LdapFault::Unwilling { .. })) => return Err(fault.into()),
                // a kept connection may have ended for its own reasons: a new one shows whether the server is
                // at fault
                Err(_) => {}
            }
        }
        slot.opening();
        let mut connection = self.open(server, Purpose::Reading, deadline).await?;
        let answer = connection.search(query, self.answer_by(deadline)).await?;
        slot.give_back(at, connection);
        Ok(answer)
    }

    /// Sends one password, once. The caller has rejected blank ones.
    pub(crate) async fn once(
        &self,
        operation: &Operation<'_>,
        rank: Rank,
        deadline: Instant,
    ) -> Result<Answered<'_>, DirectoryError> {
        let pool = match operation {
            Operation::Bind { .. } => &self.binds,
            Operation::ChangeUnicodePwd { .. } => &self.searches,
        };
        self.once_in(pool.enter(rank, deadline).await?, operation, deadline).await
    }

    /// The same, on a connection that was reserved before.
    pub(crate) async fn once_in<'a>(
        &'a self,
        slot: Slot<'a>,
        operation: &Operation<'_>,
        deadline: Instant,
    ) -> Result<Answered<'a>, DirectoryError> {
        let send = |at, server| self.once_on(&slot, at, server, operation, deadline);
        let (at, server, (result, connection)) = self.at_first_server(slot.pool(), deadline, send).await?;
        Ok(Answered { result, server, connection, slot, at })
    }

    async fn once_on(
        &self,
        slot: &Slot<'_>,
        at: usize,
        server: &DirectoryServer,
        operation: &Operation<'_>,
        deadline: Instant,
    ) -> Result<(LdapResult, Connection), Failure> {
        if let Some(mut connection) = slot.kept(at, self.answer_by(deadline)).await {
            match operation.send(&mut connection, server, self.answer_by(deadline)).await {
                Err(LdapFault::NotSent) => {}
                answer => return willing(answer).map(|result| (result, connection)),
            }
        }
        slot.opening();
        let mut connection = self.open(server, operation.purpose(), deadline).await?;
        let answer = operation.send(&mut connection, server, self.answer_by(deadline)).await;
        willing(answer).map(|result| (result, connection))
    }

    /// Searches on this server only; `None` when it does not serve now.
    pub(crate) async fn search_at(
        &self,
        at: usize,
        query: &Query<'_>,
        rank: Rank,
        deadline: Instant,
    ) -> Option<SearchResponse> {
        let deadline = deadline.min(Instant::now() + self.fair_share());
        let slot = self.searches.enter(rank, deadline).await.ok()?;
        let server = self.servers.get(at)?;
        server.admit().ok()?;
        match self.search_on(&slot, at, server, query, deadline).await {
            Ok(answer) => {
                server.succeeded();
                Some(answer)
            }
            Err(Failure::Server(fault) | Failure::Sent(fault)) => {
                server.failed(fault);
                None
            }
            Err(Failure::Final(_)) => None,
        }
    }

    /// Which domain controller a server is: asked once, on a separate connection.
    pub(crate) async fn identity(&self, at: usize, deadline: Instant) -> Option<&Dn> {
        let server = self.servers.get(at)?;
        if server.identity().is_none() {
            server.admit().ok()?;
            let until = deadline.min(Instant::now() + self.fair_share());
            match self.look_at(server, until).await {
                Ok(()) => server.succeeded(),
                Err(fault) => {
                    server.failed(fault);
                }
            }
        }
        server.identity()
    }

    async fn look_at(&self, server: &DirectoryServer, until: Instant) -> Result<(), LdapFault> {
        let mut connection = Connection::open(&server.dialer, until).await?;
        server.learn_features(&mut connection, until).await
    }

    /// A new connection of the service account to the first server that serves, outside the pools; and the
    /// server's index.
    pub(crate) async fn connection(
        &self,
        deadline: Instant,
    ) -> Result<(usize, &DirectoryServer, Connection), DirectoryError> {
        let open = |_, server| self.open(server, Purpose::Reading, deadline);
        self.at_first_server(&self.searches, deadline, open).await
    }

    /// The same, to this server only.
    pub(crate) async fn connection_at(
        &self,
        at: usize,
        deadline: Instant,
    ) -> Result<Connection, DirectoryError> {
        let Some(server) = self.servers.get(at) else { return Err(DirectoryError::Unavailable(Vec::new())) };
        let unavailable = |fault| DirectoryError::Unavailable(vec![fault]);
        server.admit().map_err(|fault| unavailable(server.fault(fault)))?;
        match self.open(server, Purpose::Reading, deadline).await {
            Ok(connection) => {
                server.succeeded();
                Ok(connection)
            }
            Err(Failure::Server(fault) | Failure::Sent(fault)) => Err(unavailable(server.failed(fault))),
            Err(Failure::Final(error)) => Err(error),
        }
    }

    async fn open(
        &self,
        server: &DirectoryServer,
        purpose: Purpose,
        deadline: Instant,
    ) -> Result<Connection, Failure> {
        let until = deadline.min(Instant::now() + self.connect_timeout);
        let mut connection = Connection::open(&server.dialer, until).await?;
        if purpose == Purpose::Reading {
            self.service.bind(&mut connection, until).await.map_err(|fault| match fault {
                ServiceFault::Server(fault) => Failure::Server(fault),
                ServiceFault::Account { code, text } => {
                    Failure::Final(DirectoryError::ServiceAccountRefused { code, text })
                }
            })?;
        }
        server.learn_features(&mut connection, until).await?;
        Ok(connection)
    }

    pub(crate) fn answer_by(&self, deadline: Instant) -> Instant {
        deadline.min(Instant::now() + self.operation_timeout)
    }

    /// A timeout counts as a server's failure only if the server had at least this long.
    fn fair_share(&self) -> Duration {
        self.operation_timeout.min(self.connect_timeout) / 2
    }

    fn served<T>(&self, at: usize, server: &DirectoryServer, answer: T) -> T {
        if self.servers.served(at) {
            tracing::info!(server = %server.name, "requests to this directory now go to another server");
            self.searches.keep_only(at);
            self.binds.keep_only(at);
        }
        answer
    }
}

impl Answered<'_> {
    /// Keeps the connection for the next request; only after a response about the person.
    pub(crate) fn keep(self) {
        self.slot.give_back(self.at, self.connection);
    }
}
