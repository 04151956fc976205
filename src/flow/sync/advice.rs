//! Find the cause of a failed sync, for which `domain::sync_advice` has the text.

use super::order::SyncError;
use crate::directory::feed::FeedError;
use crate::directory::{DirectoryError, LdapFault, ServerFault};
use crate::domain::bind::BindRefusal;
use crate::domain::sync_advice::SyncFailure;

impl SyncError {
    /// What an administrator should do about this error.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Running | Self::Overtaken => SyncFailure::Running.advice(),
            Self::Paused(_) => SyncFailure::Paused { since: None }.advice(),
            Self::Stopped(_) => SyncFailure::Stopped.advice(),
            Self::Feed(FeedError::Reset(_)) => SyncFailure::Reset.advice(),
            Self::Feed(FeedError::Directory(error)) => of_directory(error),
            Self::ScopeObject(dn) => SyncFailure::ScopeObject { dn: dn.as_str() }.advice(),
            Self::ScopeClass { dn, why } => SyncFailure::ScopeClass { dn: dn.as_str(), why }.advice(),
            Self::Dn(_) | Self::NoScope => SyncFailure::NoScope.advice(),
            Self::Empty { .. } => SyncFailure::Empty.advice(),
            Self::Store(_) => SyncFailure::Store.advice(),
        }
    }
}

fn of_directory(error: &DirectoryError) -> String {
    match error {
        DirectoryError::Unavailable(faults) | DirectoryError::Timeout(faults) => of_faults(faults).advice(),
        DirectoryError::Busy | DirectoryError::Unanswered(_) => SyncFailure::Overloaded.advice(),
        DirectoryError::ServiceAccountRefused { text, .. } => {
            let reason = crate::directory::sub_code(text).map(BindRefusal::from_sub_code);
            SyncFailure::ServiceAccount(reason).advice()
        }
        DirectoryError::TokenGroupsUnreadable(dn) | DirectoryError::Unreadable { dn, .. } => {
            SyncFailure::Unreadable { dn: dn.as_str() }.advice()
        }
        DirectoryError::Refused { code, .. } => SyncFailure::of_code(*code).advice(),
        DirectoryError::Incomplete(_) => SyncFailure::Incomplete.advice(),
    }
}

/// The fault that most of the servers have.
fn of_faults(faults: &[ServerFault]) -> SyncFailure<'static> {
    let is_tls = |met: &ServerFault| match &met.fault {
        LdapFault::Tls(_) | LdapFault::StartTls(_) => true,
        LdapFault::CircuitOpen(why) => why.contains("TLS"),
        _ => false,
    };
    let is_slow = |met: &ServerFault| matches!(met.fault, LdapFault::Timeout | LdapFault::Unwilling { .. });
    if faults.iter().any(is_tls) {
        SyncFailure::Tls
    } else if !faults.is_empty() && faults.iter().all(is_slow) {
        SyncFailure::Overloaded
    } else {
        SyncFailure::Unreachable
    }
}
