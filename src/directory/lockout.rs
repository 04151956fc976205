//! How near a lockout a person is: the policy that holds for them, and what the servers have counted.

use tokio::time::Instant;

use super::Directory;
use super::active_directory;
use super::connection::Query;
use super::error::DirectoryError;
use crate::domain::Millis;
use crate::domain::entry::{Entry, WrongTries};
use crate::domain::lockout::LockoutPolicy;

/// What a directory says of wrong passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockoutStanding {
    /// The policy to keep to.
    pub policy: LockoutPolicy,
    /// What was counted by the server that the entry was read from, and by the PDC emulator where that is another one of
    /// the configured servers and answers: wrong passwords from the whole domain are told to it.
    pub counts: Vec<WrongTries>,
    /// The time by the server's clock, where it tells.
    pub server_now: Option<Millis>,
}

impl Directory {
    /// The standing of a person whose entry was just read; of nobody: what would hold for somebody without a policy of
    /// their own. Costs a search only for the PDC emulator's count, and one or two a minute for the policy.
    pub async fn lockout(
        &self,
        entry: Option<&Entry>,
        deadline: Instant,
    ) -> Result<LockoutStanding, DirectoryError> {
        let named = entry.and_then(|entry| entry.password_policy.as_ref());
        let (policy, domain) = self.policy(named, deadline).await?;
        let mut counts: Vec<_> = entry.map(|entry| entry.wrong_tries.clone()).into_iter().collect();
        let pdc = domain.as_ref().and_then(|domain| domain.pdc).filter(|_| policy.threshold > 0);
        if let (Some(entry), Some(pdc)) = (entry, pdc) {
            counts.extend(self.wrong_tries_at(pdc, entry, deadline).await);
        }
        Ok(LockoutStanding { policy, counts, server_now: domain.and_then(|domain| domain.now()) })
    }

    async fn wrong_tries_at(&self, server: usize, entry: &Entry, deadline: Instant) -> Option<WrongTries> {
        let query = Query::read(entry.dn.as_str(), &["badPwdCount", "badPasswordTime"]);
        let answer = self.requests().search_at(server, &query, self.rank, deadline).await?;
        answer.entries.first().map(active_directory::wrong_tries)
    }
}
