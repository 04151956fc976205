//! Read how close a person is to a lockout: the policy in force and the servers' counts of wrong passwords.

use tokio::time::Instant;

use crate::directory::Directory;
use crate::directory::connection::Query;
use crate::directory::error::DirectoryError;
use crate::directory::schema::wrong_tries;
use crate::domain::Millis;
use crate::domain::entry::{Entry, WrongTries};
use crate::domain::lockout::LockoutPolicy;

/// The lockout state of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockoutState {
    /// The policy in force.
    pub policy: LockoutPolicy,
    /// The counts of the server that returned the entry, and of the PDC emulator if it is another configured
    /// server and responds: all domain controllers report wrong passwords to it.
    pub counts: Vec<WrongTries>,
    /// The server's clock, if it reports the time.
    pub server_now: Option<Millis>,
}

impl Directory {
    /// The lockout state of a person whose entry was just read; without an entry, of a person without a
    /// policy of their own. Costs a search only for the PDC emulator's count, and one or two a minute for the
    /// policy.
    pub async fn lockout(
        &self,
        entry: Option<&Entry>,
        deadline: Instant,
    ) -> Result<LockoutState, DirectoryError> {
        let named = entry.and_then(|entry| entry.password_policy.as_ref());
        let (policy, domain) = self.policy(named, deadline).await?;
        let mut counts: Vec<_> = entry.map(|entry| entry.wrong_tries.clone()).into_iter().collect();
        let pdc = domain.as_ref().and_then(|domain| domain.pdc).filter(|_| policy.threshold > 0);
        if let (Some(entry), Some(pdc)) = (entry, pdc) {
            counts.extend(self.wrong_tries_at(pdc, entry, deadline).await);
        }
        Ok(LockoutState { policy, counts, server_now: domain.and_then(|domain| domain.now()) })
    }

    async fn wrong_tries_at(&self, server: usize, entry: &Entry, deadline: Instant) -> Option<WrongTries> {
        let query = Query::read(entry.dn.as_str(), &["badPwdCount", "badPasswordTime"]);
        let answer = self.requests().search_at(server, &query, self.rank, deadline).await?;
        answer.entries.first().map(wrong_tries)
    }
}
