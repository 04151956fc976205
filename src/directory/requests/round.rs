//! One request's progress through the servers of a directory.

use tokio::time::{Duration, Instant};

use crate::directory::connection::{DirectoryServer, Pool, Servers};
use crate::directory::error::{DirectoryError, LdapFault, ServerFault};

/// Why a server did not serve the request.
pub(super) enum Failure {
    /// A fault of the server: the next one is tried.
    Server(LdapFault),
    /// A fault after the password may have been sent: no other server is tried.
    Sent(LdapFault),
    /// Every server would respond the same.
    Final(DirectoryError),
}

impl From<LdapFault> for Failure {
    fn from(fault: LdapFault) -> Self {
        Self::Server(fault)
    }
}

/// One request's progress through the servers.
pub(super) struct Round<'a> {
    candidates: Box<dyn Iterator<Item = (usize, &'a DirectoryServer)> + Send + 'a>,
    pool: &'a Pool,
    deadline: Instant,
    /// A timeout counts as a server's failure only if the server had at least this long.
    fair_share: Duration,
    since: Instant,
    over: bool,
    faults: Vec<ServerFault>,
}

impl<'a> Round<'a> {
    pub(super) fn new(servers: &'a Servers, pool: &'a Pool, fair_share: Duration, deadline: Instant) -> Self {
        Self {
            candidates: Box::new(servers.candidates()),
            pool,
            deadline,
            fair_share,
            since: Instant::now(),
            over: false,
            faults: Vec::new(),
        }
    }

    /// The next server to try, while there is time.
    pub(super) fn next(&mut self) -> Option<(usize, &'a DirectoryServer)> {
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

    pub(super) fn failed(
        &mut self,
        server: &DirectoryServer,
        failure: Failure,
    ) -> Result<(), DirectoryError> {
        let fault = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Sent(fault) => {
                self.over = true;
                fault
            }
            Failure::Server(fault) => fault,
        };
        if fault == LdapFault::Timeout {
            self.pool.timed_out();
        }
        let hurried = fault == LdapFault::Timeout && self.since.elapsed() < self.fair_share;
        self.faults.push(if hurried { server.fault(fault) } else { server.failed(fault) });
        Ok(())
    }

    pub(super) fn unavailable(self) -> DirectoryError {
        if self.over {
            DirectoryError::Unanswered(self.faults)
        } else if Instant::now() < self.deadline {
            DirectoryError::Unavailable(self.faults)
        } else {
            DirectoryError::Timeout(self.faults)
        }
    }
}
