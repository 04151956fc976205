//! One request and the servers that may serve it. A search goes to the next server when one fails. A bind as a person
//! goes on only as long as nothing has been sent: repeated elsewhere it could count as a second wrong try.

use ldap3::controls::RawControl;
use tokio::time::{Duration, Instant};

use super::connection::{Answer, Connection, Query};
use super::error::{DirectoryError, Fault, ServerFault};
use super::outcome::{self, code};
use super::pool::{Pool, Slot};
use super::ppolicy;
use super::servers::{Server, Servers};
use super::service::{ServiceAccount, ServiceFault};
use crate::domain::bind::BindOutcome;
use crate::domain::secret::Plain;
use crate::domain::settings::Schema;

/// Everything that a request needs.
pub(crate) struct Requests {
    pub(crate) servers: Servers,
    pub(crate) searches: Pool,
    pub(crate) binds: Pool,
    pub(crate) service: ServiceAccount,
    pub(crate) schema: Schema,
    /// TCP, TLS and the service account's bind together.
    pub(crate) connect_timeout: Duration,
    /// One answer.
    pub(crate) operation_timeout: Duration,
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
        deadline: Instant,
    ) -> Result<Answer, DirectoryError> {
        let slot = self.searches.enter(deadline).await?;
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

    /// Binds as a person, once. The caller has refused blank passwords.
    pub(crate) async fn bind(
        &self,
        dn: &str,
        password: &Plain,
        deadline: Instant,
    ) -> Result<BindOutcome, DirectoryError> {
        let slot = self.binds.enter(deadline).await?;
        let mut round = Round::new(self, &self.binds, deadline);
        while let Some((at, server)) = round.next() {
            match self.bind_on(&slot, at, server, (dn, password), deadline).await {
                Ok(outcome) => return Ok(self.served(at, server, outcome)),
                Err(failure) => round.failed(server, failure)?,
            }
        }
        Err(round.unavailable())
    }

    async fn bind_on(
        &self,
        slot: &Slot<'_>,
        at: usize,
        server: &Server,
        (dn, password): (&str, &Plain),
        deadline: Instant,
    ) -> Result<BindOutcome, Failure> {
        if let Some(mut connection) = slot.kept(at, self.answer_by(deadline)).await {
            match connection.bind(dn, password, policy_request(server), self.answer_by(deadline)).await {
                Err(Fault::NotSent) => {}
                answer => return self.outcome(answer, slot, at, connection),
            }
        }
        slot.opening();
        let mut connection = self.open(server, Purpose::Binding, deadline).await?;
        let answer = connection.bind(dn, password, policy_request(server), self.answer_by(deadline)).await;
        self.outcome(answer, slot, at, connection)
    }

    /// Reads the answer to a bind. Only after one that speaks of the person the connection is kept.
    fn outcome(
        &self,
        answer: Result<ldap3::LdapResult, Fault>,
        slot: &Slot<'_>,
        at: usize,
        connection: Connection,
    ) -> Result<BindOutcome, Failure> {
        let result = answer.map_err(|fault| match fault {
            Fault::NotSent => Failure::Server(fault),
            fault => Failure::Sent(fault),
        })?;
        if let Some(outcome) = outcome::of_bind(self.schema, &result) {
            slot.give_back(at, connection);
            return Ok(outcome);
        }
        let (code, text) = (result.rc, result.text);
        Err(match code {
            code::BUSY | code::UNAVAILABLE => Failure::Sent(Fault::Unwilling { code, text }),
            _ => Failure::Final(DirectoryError::Refused { code, text }),
        })
    }

    /// A new connection of the service account, of the first server that serves, that belongs to no pool.
    pub(crate) async fn connection(
        &self,
        deadline: Instant,
    ) -> Result<(&Server, Connection), DirectoryError> {
        let mut round = Round::new(self, &self.searches, deadline);
        while let Some((at, server)) = round.next() {
            match self.open(server, Purpose::Reading, deadline).await {
                Ok(connection) => return Ok((server, self.served(at, server, connection))),
                Err(failure) => round.failed(server, failure)?,
            }
        }
        Err(round.unavailable())
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

    fn answer_by(&self, deadline: Instant) -> Instant {
        deadline.min(Instant::now() + self.operation_timeout)
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

fn policy_request(server: &Server) -> Vec<RawControl> {
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
            fair_share: requests.operation_timeout.min(requests.connect_timeout) / 2,
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
        if Instant::now() < self.deadline {
            DirectoryError::Unavailable(self.faults)
        } else {
            DirectoryError::Timeout(self.faults)
        }
    }
}
