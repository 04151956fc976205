//! Advice for an administrator about a directory that can't be synced: cause in, text out.

use super::Millis;
use super::bind::BindRefusal;
use super::timestamp;

/// Why a sync failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncFailure<'a> {
    Unreachable,
    /// Servers answer, but no TLS session can be established.
    Tls,
    /// The service account's bind was refused, with the directory's reason if it gave one.
    ServiceAccount(Option<BindRefusal>),
    /// The service account can't read an object that it needs.
    Unreadable {
        dn: &'a str,
    },
    /// A selected OU or group does not exist or is not visible.
    ScopeObject {
        dn: &'a str,
    },
    /// A selected object exists but its class can't be selected.
    ScopeClass {
        dn: &'a str,
        /// The reason, and what to do.
        why: &'a str,
    },
    NoScope,
    /// The directory returned no people.
    Empty,
    /// RFC 4511 `insufficientAccessRights`.
    NoRight,
    /// RFC 4511 `timeLimitExceeded`, `sizeLimitExceeded`, `adminLimitExceeded`.
    Limit,
    /// RFC 4511 `noSuchObject` of the base itself.
    NoBase,
    /// RFC 4511 `referral`: the base is another server's.
    Referral,
    /// RFC 4511 `busy`, `unavailable`, `unwillingToPerform`, or no answer in time.
    Overloaded,
    /// The response was cut off.
    Incomplete,
    /// The feed can't continue from its cursor.
    Reset,
    /// Another process is syncing.
    Running,
    /// An administrator or an undo has paused the sync.
    Paused {
        since: Option<Millis>,
    },
    /// An administrator has stopped the run.
    Stopped,
    /// The database did not answer.
    Store,
    /// Any other error of the directory.
    Other,
}

impl SyncFailure<'_> {
    /// The cause of an LDAP result code (RFC 4511 appendix A).
    #[must_use]
    pub fn of_code(code: u32) -> Self {
        match code {
            3 | 4 | 11 => Self::Limit,
            10 => Self::Referral,
            32 => Self::NoBase,
            50 => Self::NoRight,
            51..=53 => Self::Overloaded,
            _ => Self::Other,
        }
    }

    /// What to do.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::ServiceAccount(reason) => service_account(*reason),
            Self::Unreadable { dn } => format!(
                "the service account cannot read {dn}: give it the right to read everything there (Active \
                 Directory: List Contents and Read All Properties), or remove the OU or group from \
                 [directories.scope]"
            ),
            Self::ScopeObject { dn } => format!(
                "if {dn} was deleted, remove it from [directories.scope]; if it exists, the service account \
                 cannot read it: give it List Contents and Read All Properties there. Nobody is suspended \
                 until this is fixed"
            ),
            Self::ScopeClass { dn, why } => {
                format!(
                    "{dn}: {why}. Then run: cloudsync-idp settings apply FILE. Nobody is suspended until this is fixed"
                )
            }
            Self::Paused { since } => {
                let since = since.map_or(String::new(), |at| format!(" since {}", timestamp(at)));
                format!(
                    "the sync is paused{since}; when the cause is fixed, run: cloudsync-idp sync --resume"
                )
            }
            other => other.words().to_owned(),
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Unreachable => {
                "check that the servers of the directory are running, that their names resolve, and that no \
                 firewall blocks the connection; cloudsync-idp doctor checks each of them"
            }
            Self::Tls => {
                "check ca_file, tls_name and the servers' certificates (end date, names, key type); cloudsync-idp doctor \
                 shows the chain of each server"
            }
            Self::NoScope => {
                "select at least one OU or group in [directories.scope], and run: cloudsync-idp settings apply FILE"
            }
            Self::Empty => {
                "check that the service account can still read the people (List Contents, Read All \
                 Properties) and that base_dn is right; if everybody has really left, run: cloudsync-idp \
                 sync --plan, check the plan, and apply it"
            }
            Self::NoRight => {
                "the service account lacks a right: give it List Contents and Read All Properties on the selected OUs, and \
                 for DirSync the right Replicating Directory Changes"
            }
            Self::Limit => {
                "the server limits its responses: raise the limits for the service account (Active \
                 Directory: the query policy's MaxPageSize and MaxQueryDuration; OpenLDAP: limits \
                 dn.exact=\"...\" size=unlimited time=unlimited)"
            }
            Self::NoBase => {
                "base_dn is not a naming context of these servers, or the service account cannot see it"
            }
            Self::Referral => {
                "base_dn belongs to servers other than those in the settings; configure servers of that \
                 domain"
            }
            Self::Overloaded => {
                "the server is too busy or is restarting; the sync retries by itself. If the problem \
                 persists, raise operation_timeout_ms or configure another server"
            }
            Self::Incomplete => {
                "the response was incomplete and is ignored; the sync retries by itself. If the problem \
                 persists, check the server's log and the network"
            }
            Self::Reset => "nothing to do: the next run reads everything again by itself",
            Self::Running => "wait until the other run is finished; sync status shows its progress",
            Self::Stopped => {
                "what the run had written until then stays, and the sync is paused; to continue, run: cloudsync-idp sync \
                 --resume"
            }
            Self::Store => "check that the database is running, reachable and has free space",
            _ => "check the server's log; cloudsync-idp doctor checks the whole directory",
        }
    }
}

fn service_account(reason: Option<BindRefusal>) -> String {
    let what = match reason {
        Some(BindRefusal::Disabled) => "it is disabled: enable it",
        Some(BindRefusal::AccountExpired) => "its end date has passed: set a later one, or none",
        Some(BindRefusal::PasswordExpired) => {
            "its password has expired: set a new one, preferably one that never expires"
        }
        Some(BindRefusal::PasswordMustChange) => {
            "it must change its password: set a new one without \"User must change password at next logon\""
        }
        Some(BindRefusal::Locked) => {
            "it is locked: unlock it, and find out which system uses a wrong password for it"
        }
        _ => "its name or password is wrong",
    };
    format!(
        "the directory refuses the service account: {what}. Then update the name and password in the \
         settings: cloudsync-idp settings apply FILE"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_advice() {
        let ou = "OU=Staff,DC=corp,DC=example,DC=com";
        let table = [
            (SyncFailure::Unreachable, "firewall"),
            (SyncFailure::Tls, "certificates"),
            (SyncFailure::ServiceAccount(None), "name or password is wrong"),
            (SyncFailure::ServiceAccount(Some(BindRefusal::Disabled)), "enable it"),
            (SyncFailure::ServiceAccount(Some(BindRefusal::Locked)), "unlock it"),
            (SyncFailure::ServiceAccount(Some(BindRefusal::PasswordExpired)), "set a new one"),
            (SyncFailure::ServiceAccount(Some(BindRefusal::PasswordMustChange)), "must change"),
            (SyncFailure::ServiceAccount(Some(BindRefusal::AccountExpired)), "end date"),
            (
                SyncFailure::Unreadable { dn: ou },
                "cannot read OU=Staff,DC=corp,DC=example,DC=com: give it the right to read everything there (Active Directory: List Contents",
            ),
            (SyncFailure::ScopeObject { dn: ou }, "remove it from [directories.scope]"),
            (
                SyncFailure::ScopeClass { dn: ou, why: "no group" },
                "OU=Staff,DC=corp,DC=example,DC=com: no group. Then run",
            ),
            (SyncFailure::NoScope, "settings apply"),
            (SyncFailure::Empty, "base_dn"),
            (SyncFailure::NoRight, "Replicating Directory Changes"),
            (SyncFailure::Limit, "size=unlimited"),
            (SyncFailure::NoBase, "naming context"),
            (SyncFailure::Referral, "that domain"),
            (SyncFailure::Overloaded, "operation_timeout_ms"),
            (SyncFailure::Incomplete, "ignored"),
            (SyncFailure::Reset, "by itself"),
            (SyncFailure::Running, "sync status"),
            (SyncFailure::Paused { since: None }, "sync --resume"),
            (SyncFailure::Paused { since: Some(0) }, "since 1970-01-01T00:00:00Z"),
            (SyncFailure::Stopped, "sync --resume"),
            (SyncFailure::Store, "database"),
            (SyncFailure::Other, "doctor"),
        ];
        for (cause, part) in table {
            assert!(cause.advice().contains(part), "{cause:?}: {}", cause.advice());
        }
    }

    #[test]
    fn result_codes_map_to_failures() {
        let table = [
            (3, SyncFailure::Limit),
            (4, SyncFailure::Limit),
            (10, SyncFailure::Referral),
            (11, SyncFailure::Limit),
            (32, SyncFailure::NoBase),
            (50, SyncFailure::NoRight),
            (51, SyncFailure::Overloaded),
            (53, SyncFailure::Overloaded),
            (1, SyncFailure::Other),
        ];
        for (code, cause) in table {
            assert_eq!(SyncFailure::of_code(code), cause, "{code}");
        }
    }
}
