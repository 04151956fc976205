//! Why a directory is not read in a better way, what that costs, and who can change it.

use serde::{Deserialize, Serialize};

use super::cursor::FeedKind;
use super::{DAY, MINUTE, Millis};

/// How often everything is read beside the changes, to find what was never told.
const RECONCILE: Millis = DAY;

/// The same where the service account may not see what was deleted: a leaver would never be told of.
const RECONCILE_BLIND: Millis = 15 * MINUTE;

/// The same where the server tells no changes at all.
const RECONCILE_DEAF: Millis = 5 * MINUTE;

/// How long after one full read the next one is due, in real time; otherwise the next run is the one.
#[must_use]
pub fn reconcile_after(feed: FeedKind, tells_deletions: bool) -> Millis {
    match feed {
        FeedKind::FullScan => RECONCILE_DEAF,
        _ if !tells_deletions => RECONCILE_BLIND,
        _ => RECONCILE,
    }
}

/// One thing that stands between a directory and a better feed. The words of the server are kept as it said them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// No domain controller is without it, but what stands before one may be.
    DirSyncNotOffered,
    /// In both ways that there are.
    DirSyncRefused(String),
    /// It serves, and shows what the service account may read.
    NoReplicationRight(String),
    /// What is deleted looks as if it never was.
    DeletionsNotTold,
    /// An older state of the server's database would not be noticed.
    DatabaseNotKnown,
    /// RFC 4533.
    SyncNotOffered,
    /// By this server or to this account.
    SyncRefused(String),
    /// The server gives no cookie to go on from.
    SyncWithoutCookie,
    /// The base DN can't be read.
    BaseNotRead,
    /// Changes name entries by ids of their own.
    SyncByOtherIds,
}

impl Shortfall {
    /// What is missing, and what it costs.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::DirSyncNotOffered => "DirSync: the server does not offer it".to_owned(),
            Self::DirSyncRefused(why) => format!("DirSync: the service account may not use it ({why})"),
            Self::NoReplicationRight(why) => format!(
                "DirSync tells only of what the service account may read: it lacks Replicating Directory Changes ({why})"
            ),
            Self::DeletionsNotTold => {
                "deletions are not told: everything is read every 15 minutes in real time, and else in every run"
                    .to_owned()
            }
            Self::DatabaseNotKnown => {
                "changes: the server's invocationId can't be read, so that an older state of it would not be noticed"
                    .to_owned()
            }
            Self::SyncNotOffered => {
                "changes: the server does not offer content synchronisation (RFC 4533) of the base DN".to_owned()
            }
            Self::SyncRefused(why) => format!("changes: the server refuses content synchronisation ({why})"),
            Self::SyncWithoutCookie => "changes: the server gives no cookie to go on from".to_owned(),
            Self::BaseNotRead => "changes: the base DN can't be read".to_owned(),
            Self::SyncByOtherIds => "changes: the server does not name entries by their entryUUID".to_owned(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn mend(&self) -> &'static str {
        match self {
            Self::DirSyncNotOffered => {
                "name a domain controller in the settings, and nothing that stands before it"
            }
            Self::DirSyncRefused(_) => {
                "grant it Replicating Directory Changes on the domain (it gives no passwords; \"... All\" would)"
            }
            Self::NoReplicationRight(_) => {
                "nothing, while it may read everybody in scope; else grant it that right on the domain (it gives no \
                 passwords; \"... All\" would)"
            }
            Self::DeletionsNotTold => {
                "grant the service account read on CN=Deleted Objects; as a domain administrator: dsacls \"CN=Deleted \
                 Objects,DC=...\" /takeownership, then /g \"DOMAIN\\account:LCRP\""
            }
            Self::DatabaseNotKnown => {
                "let the service account read the servers' NTDS Settings below CN=Sites,CN=Configuration"
            }
            Self::SyncNotOffered => {
                "load the overlay syncprov (OpenLDAP) or the content synchronization plug-in (389-DS)"
            }
            Self::SyncRefused(_) => "let the service account use the control 1.3.6.1.4.1.4203.1.9.1.1",
            Self::SyncWithoutCookie => "see whether the base DN has a contextCSN",
            Self::BaseNotRead => "let the service account read the base DN",
            Self::SyncByOtherIds => "389-DS: set syncrepl-allow-openldap to on",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_looked_for() {
        let table = [
            (FeedKind::DirSync, true, DAY),
            (FeedKind::DirSync, false, 15 * MINUTE),
            (FeedKind::UsnChanged, false, 15 * MINUTE),
            (FeedKind::SyncRepl, true, DAY),
            (FeedKind::FullScan, true, 5 * MINUTE),
            (FeedKind::FullScan, false, 5 * MINUTE),
        ];
        for (feed, tells_deletions, expected) in table {
            assert_eq!(reconcile_after(feed, tells_deletions), expected, "{feed}");
        }
    }

    #[test]
    fn a_shortfall_is_kept_as_it_was() {
        let all =
            [Shortfall::DeletionsNotTold, Shortfall::DirSyncRefused("50: no".into()), Shortfall::BaseNotRead];
        let text = serde_json::to_string(&all).expect("text");
        assert_eq!(text, r#"["deletions_not_told",{"dir_sync_refused":"50: no"},"base_not_read"]"#);
        assert_eq!(serde_json::from_str::<[Shortfall; 3]>(&text).expect("the same"), all);
        assert!(
            all[1].what().contains("(50: no)") && all[1].mend().contains("Replicating Directory Changes")
        );
    }
}
