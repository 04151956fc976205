//! Why a better change feed can't be used for a directory, what that costs, and how to fix it.

use serde::{Deserialize, Serialize};

use super::cursor::FeedKind;
use super::{DAY, MINUTE, Millis};

/// How often everything is read in addition to the changes, to find what the feed missed.
const RECONCILE: Millis = DAY;

/// The same if the service account can't see deleted objects: otherwise leavers would never be noticed.
const RECONCILE_WITHOUT_DELETIONS: Millis = 15 * MINUTE;

/// The same if the server reports no changes at all.
const RECONCILE_WITHOUT_CHANGES: Millis = 5 * MINUTE;

/// How long after a full read the next one is due, in real time; with other frequencies every run is one.
#[must_use]
pub fn reconcile_after(feed: FeedKind, reports_deletions: bool) -> Millis {
    match feed {
        FeedKind::FullScan => RECONCILE_WITHOUT_CHANGES,
        _ if !reports_deletions => RECONCILE_WITHOUT_DELETIONS,
        _ => RECONCILE,
    }
}

/// One reason against a better feed. The server's text is kept unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// Every domain controller offers it, but a proxy in front of one may not.
    DirSyncNotOffered,
    /// With both kinds of rights.
    DirSyncRefused(String),
    /// It works, but returns only what the service account may read.
    NoReplicationRight(String),
    /// Deleted objects disappear without a report.
    DeletionsNotTold,
    /// If an older database was restored on the server, it would not be noticed.
    DatabaseNotKnown,
    /// RFC 4533.
    SyncNotOffered,
    /// By this server or for this account.
    SyncRefused(String),
    /// The server returns no cookie to continue from.
    SyncWithoutCookie,
    BaseNotRead,
    /// Changes identify entries by other ids.
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
                "DirSync reports only what the service account may read: it lacks Replicating Directory \
                 Changes ({why})"
            ),
            Self::DeletionsNotTold => {
                "deletions are not reported: everything is read every 15 minutes in real time, otherwise in \
                 every run"
                    .to_owned()
            }
            Self::DatabaseNotKnown => {
                "changes: the server's invocationId can't be read, so that a restored older database would \
                 not be noticed"
                    .to_owned()
            }
            Self::SyncNotOffered => {
                "changes: the server does not offer content synchronisation (RFC 4533) for the base DN"
                    .to_owned()
            }
            Self::SyncRefused(why) => format!("changes: the server refuses content synchronisation ({why})"),
            Self::SyncWithoutCookie => "changes: the server returns no cookie to continue from".to_owned(),
            Self::BaseNotRead => "changes: the base DN can't be read".to_owned(),
            Self::SyncByOtherIds => {
                "changes: the server does not identify entries by their entryUUID".to_owned()
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        match self {
            Self::DirSyncNotOffered => {
                "configure a domain controller itself in the settings, not a proxy in front of it"
            }
            Self::DirSyncRefused(_) => {
                "grant it Replicating Directory Changes on the domain (this gives no access to passwords; \
                 \"... All\" would)"
            }
            Self::NoReplicationRight(_) => {
                "nothing, if it can read everybody in scope; otherwise grant it that right on the domain \
                 (this gives no access to passwords; \"... All\" would)"
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
            Self::SyncWithoutCookie => "check that the base DN has a contextCSN",
            Self::BaseNotRead => "let the service account read the base DN",
            Self::SyncByOtherIds => "389-DS: set syncrepl-allow-openldap to on",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_reads_replace_missing_reports() {
        let table = [
            (FeedKind::DirSync, true, DAY),
            (FeedKind::DirSync, false, 15 * MINUTE),
            (FeedKind::UsnChanged, false, 15 * MINUTE),
            (FeedKind::SyncRepl, true, DAY),
            (FeedKind::FullScan, true, 5 * MINUTE),
            (FeedKind::FullScan, false, 5 * MINUTE),
        ];
        for (feed, reports_deletions, expected) in table {
            assert_eq!(reconcile_after(feed, reports_deletions), expected, "{feed}");
        }
    }

    #[test]
    fn a_shortfall_is_stored_and_parsed_unchanged() {
        let all =
            [Shortfall::DeletionsNotTold, Shortfall::DirSyncRefused("50: no".into()), Shortfall::BaseNotRead];
        let text = serde_json::to_string(&all).expect("text");
        assert_eq!(text, r#"["deletions_not_told",{"dir_sync_refused":"50: no"},"base_not_read"]"#);
        assert_eq!(serde_json::from_str::<[Shortfall; 3]>(&text).expect("the same"), all);
        assert!(all[1].what().contains("(50: no)") && all[1].fix().contains("Replicating Directory Changes"));
    }
}
