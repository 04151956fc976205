//! One request and the servers that may serve it. A search goes to the next server when one fails. A bind as a person
//! goes on only as long as nothing has been sent: repeated elsewhere it could count as a second wrong try.

use ldap3::LdapResult;
use ldap3::controls::RawControl;
use tokio::time::{Duration, Instant};

use super::connection::{Answer, Connection, Query};
use super::error::{DirectoryError, Fault, ServerFault};
use super::outcome::code;
use super::pool::{Pool, Slot};
use super::ppolicy;
use super::servers::{Server, Servers};
use super::service::{ServiceAccount, ServiceFault};
use super::turns::Rank;
use crate::domain::dn::Dn;
use crate::domain::secret::Plain;

/// Everything that a request needs.
pub(crate) struct Requests {
    pub(crate) servers: Servers,
    pub(crate) searches: Pool,
    pub(crate) binds: Pool,
    pub(crate) service: ServiceAccount,
    /// TCP, TLS and the service account's bind together.
    pub(crate) connect_timeout: Duration,
    /// One answer.
    pub(crate) operation_timeout: Duration,
}

/// What carries a password, and so is sent once or not at all.
pub(crate) enum Operation<'a> {
    /// A bind as a person.
    Bind { dn: &'a str, password: &'a Plain },
    /// A change of an Active Directory password by the service account's connection.
    ChangeUnicodePwd { dn: &'a str, old: &'a Plain, new: &'a Plain },
}

/// The answer to an [`Operation`], and the connection that it came on, which is closed unless it is kept.
pub(crate) struct Answered<'a> {
    pub(crate) result: LdapResult,
    pub(crate) server: &'a Server,
    pub(crate) connection: Connection,
    slot: Slot<'a>,
    at: usize,
}

/// Who will use a new connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The service account.
    Reading,
    /// A person, by a bind still to come.
    Binding,
}

/// Why a server did not serve.
enum Failure {
    /// Its own fault: another one is asked.
    Server(Fault),
    /// The same, after the password may have left this machine: nobody else is asked.
    Sent(Fault),
    /// No other server would answer otherwise.
    Final(DirectoryError),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Server(fault)
    }
}

impl Requests {
    /// Searches on a kept connection, or a new one, of the first server that serves.
    pub(crate) async fn search(
        &self,
        query: &Query<'_>,
        rank: Rank,
        deadline: Instant,
    ) -> Result<Answer, DirectoryError> {
        let slot = self.searches.enter(rank, deadline).await?;
        let mut round = Round::new(self, &self.searches, deadline);
        while let Some((at, server)) = round.next() {
            match self.search_on(&slot, at, server, query, deadline).await {
                Ok(answer) => return Ok(self.served(at, server, answer)),
                Err(failure) => round.failed(server, failure)?,
            }
        }
        Err(round.unavailable())
    }

    async fn search_on(
        &self,
        slot: &Slot<'_>,
        at: usize,
        server: &Server,
        query: &Query<'_>,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        if let Some(mut connection) = slot.kept(at, self.answer_by(deadline)).await {
            match connection.search(query, self.answer_by(deadline)).await {
                Ok(answer) => {
                    slot.give_back(at, connection);
                    return Ok(answer);
                }
                Err(fault @ (Fault::Timeout | Fault::Unwilling { .. })) => return Err(fault.into()),
                // a kept connection may have ended for reasons of its own: a new one tells
                Err(_) => {}
            }
        }
        slot.opening();
        let mut connection = self.open(server, Purpose::Reading, deadline).await?;
        let answer = connection.search(query, self.answer_by(deadline)).await?;
        slot.give_back(at, connection);
        Ok(answer)
    }

    /// Sends one password, once. The caller has refused blank ones.
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

    /// The same, with a turn that was waited for before.
    pub(crate) async fn once_in<'a>(
        &'a self,
        slot: Slot<'a>,
        operation: &Operation<'_>,
        deadline: Instant,
    ) -> Result<Answered<'a>, DirectoryError> {
        let mut round = Round::new(self, slot.pool(), deadline);
        while let Some((at, server)) = round.next() {
            match self.once_on(&slot, at, server, operation, deadline).await {
                Ok((result, connection)) => {
                    let result = self.served(at, server, result);
                    return Ok(Answered { result, server, connection, slot, at });
                }
                Err(failure) => round.failed(server, failure)?,
            }
        }
        Err(round.unavailable())
    }

    async fn once_on(
        &self,
        slot: &Slot<'_>,
        at: usize,
        server: &Server,
        operation: &Operation<'_>,
        deadline: Instant,
    ) -> Result<(LdapResult, Connection), Failure> {
        if let Some(mut connection) = slot.kept(at, self.answer_by(deadline)).await {
            match operation.send(&mut connection, server, self.answer_by(deadline)).await {
                Err(Fault::NotSent) => {}
                answer => return willing(answer).map(|result| (result, connection)),
            }
        }
        slot.opening();
        let mut connection = self.open(server, operation.purpose(), deadline).await?;
        let answer = operation.send(&mut connection, server, self.answer_by(deadline)).await;
        willing(answer).map(|result| (result, connection))
    }

    /// Searches on one server and no other; `None` when that one does not serve now.
    pub(crate) async fn search_at(
        &self,
        at: usize,
        query: &Query<'_>,
        rank: Rank,
        deadline: Instant,
    ) -> Option<Answer> {
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

    /// Which domain controller a server is: asked once, by a connection of its own.
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

    async fn look_at(&self, server: &Server, until: Instant) -> Result<(), Fault> {
        let mut connection = Connection::open(&server.dialer, until).await?;
        server.learn_features(&mut connection, until).await
    }

    /// A new connection of the service account, of the first server that serves, that belongs to no pool; and the
    /// server's place.
    pub(crate) async fn connection(
        &self,
        deadline: Instant,
    ) -> Result<(usize, &Server, Connection), DirectoryError> {
        let mut round = Round::new(self, &self.searches, deadline);
        while let Some((at, server)) = round.next() {
            match self.open(server, Purpose::Reading, deadline).await {
                Ok(connection) => return Ok((at, server, self.served(at, server, connection))),
                Err(failure) => round.failed(server, failure)?,
            }
        }
        Err(round.unavailable())
    }

    /// The same, of one server and no other.
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
        server: &Server,
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

    /// A time-out speaks against a server that had at least this long.
    fn fair_share(&self) -> Duration {
        self.operation_timeout.min(self.connect_timeout) / 2
    }

    fn served<T>(&self, at: usize, server: &Server, answer: T) -> T {
        if self.servers.served(at) {
            tracing::info!(server = %server.name, "the directory is served by another server now");
            self.searches.keep_only(at);
            self.binds.keep_only(at);
        }
        answer
    }
}

impl Operation<'_> {
    fn purpose(&self) -> Purpose {
        match self {
            Self::Bind { .. } => Purpose::Binding,
            Self::ChangeUnicodePwd { .. } => Purpose::Reading,
        }
    }

    async fn send(
        &self,
        connection: &mut Connection,
        server: &Server,
        until: Instant,
    ) -> Result<LdapResult, Fault> {
        match *self {
            Self::Bind { dn, password } => connection.bind(dn, password, policy_request(server), until).await,
            Self::ChangeUnicodePwd { dn, old, new } => {
                connection.change_unicode_pwd(dn, old, new, until).await
            }
        }
    }
}

impl Answered<'_> {
    /// Keeps the connection for the next one: only after an answer that speaks of the person.
    pub(crate) fn keep(self) {
        self.slot.give_back(self.at, self.connection);
    }
}

/// From here on the password has left this machine, unless the fault says otherwise.
fn willing(answer: Result<LdapResult, Fault>) -> Result<LdapResult, Failure> {
    let result = answer.map_err(|fault| match fault {
        Fault::NotSent => Failure::Server(fault),
        fault => Failure::Sent(fault),
    })?;
    match result.rc {
        code @ (code::BUSY | code::UNAVAILABLE) => {
            Err(Failure::Sent(Fault::Unwilling { code, text: result.text }))
        }
        _ => Ok(result),
    }
}

pub(crate) fn policy_request(server: &Server) -> Vec<RawControl> {
    if server.features().password_policy { vec![ppolicy::request()] } else { Vec::new() }
}

/// One request's way from server to server.
struct Round<'a> {
    candidates: Box<dyn Iterator<Item = (usize, &'a Server)> + Send + 'a>,
    pool: &'a Pool,
    deadline: Instant,
    /// A time-out speaks against a server that had at least this long.
    fair_share: Duration,
    since: Instant,
    over: bool,
    faults: Vec<ServerFault>,
}

impl<'a> Round<'a> {
    fn new(requests: &'a Requests, pool: &'a Pool, deadline: Instant) -> Self {
        Self {
            candidates: Box::new(requests.servers.candidates()),
            pool,
            deadline,
            fair_share: requests.fair_share(),
            since: Instant::now(),
            over: false,
            faults: Vec::new(),
        }
    }

    /// The next server that may be asked, as long as there is time.
    fn next(&mut self) -> Option<(usize, &'a Server)> {
        self.since = Instant::now();
        while !self.over && self.since < self.deadline {
            let (at, server) = self.candidates.next()?;
            match server.admit() {
                Ok(()) => return Some((at, server)),
                Err(fault) => self.faults.push(server.fault(fault)),
            }
        }
        None
    }

    fn failed(&mut self, server: &Server, failure: Failure) -> Result<(), DirectoryError> {
        let fault = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Sent(fault) => {
                self.over = true;
                fault
            }
            Failure::Server(fault) => fault,
        };
        if fault == Fault::Timeout {
            self.pool.timed_out();
        }
        let hurried = fault == Fault::Timeout && self.since.elapsed() < self.fair_share;
        self.faults.push(if hurried { server.fault(fault) } else { server.failed(fault) });
        Ok(())
    }

    fn unavailable(self) -> DirectoryError {
        if self.over {
            DirectoryError::Unanswered(self.faults)
        } else if Instant::now() < self.deadline {
            DirectoryError::Unavailable(self.faults)
        } else {
            DirectoryError::Timeout(self.faults)
        }
    }
}
