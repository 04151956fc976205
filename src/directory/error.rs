//! The errors of a directory, by cause.

use std::fmt;

use crate::domain::dn::Dn;
use crate::domain::outbound::AddressRefusal;
use crate::tls::UnusableCertificates;

/// Why a directory's settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryConfigError {
    #[error("no server is configured")]
    NoServer,
    /// The base DN is empty or not a DN.
    #[error("base_dn {0:?} is not a distinguished name")]
    BaseDn(String),
    /// A name that no certificate can contain, or an IPv6 address without a `tls_name`.
    #[error("{0:?} can't be verified in a server certificate: set tls_name to a host name")]
    ServerName(String),
    #[error("password_policy {0:?} is not a distinguished name")]
    PasswordPolicy(String),
    /// Unencrypted connections are allowed on loopback only.
    #[error("{0:?} is not a loopback address: unencrypted_loopback_only allows no other")]
    NotLoopback(String),
    /// An agent can't see to it that StartTLS comes before a password.
    #[error("a server that is reached through an agent needs encryption = \"ldaps\"")]
    AgentNeedsLdaps,
    #[error("the CA certificates can't be used: {0}")]
    Certificates(String),
    /// The service account has no name or no password: a server would treat its bind as anonymous.
    #[error("the service account needs a name and a password")]
    BlankServiceAccount,
}

impl From<UnusableCertificates> for DirectoryConfigError {
    fn from(why: UnusableCertificates) -> Self {
        Self::Certificates(why.to_string())
    }
}

/// Why a request failed at one server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LdapFault {
    /// No TCP connection.
    #[error("connecting failed: {0}")]
    Connect(String),
    /// An administrator's test may not connect there.
    #[error("{0}")]
    NotAllowed(AddressRefusal),
    /// No TLS session: the chain, the name or the version was rejected, or the server has no TLS.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The server refused StartTLS or sent an unexpected response.
    #[error("StartTLS failed: {0}")]
    StartTls(String),
    /// No response in time.
    #[error("no response in time")]
    Timeout,
    /// The connection was closed before the request was sent.
    #[error("the connection was closed before the request was sent")]
    NotSent,
    /// The connection broke after the request may have been sent.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// A response that is not LDAP or does not fit the request.
    #[error("the response is not valid: {0}")]
    Garbage(String),
    /// More entries than requested.
    #[error("the server returned more than {0} entries")]
    TooMany(usize),
    /// The server reports that it can't serve now (RFC 4511 busy, unavailable).
    #[error("the server answered {code}: {text}")]
    Unwilling { code: u32, text: String },
    /// The server failed repeatedly and is paused.
    #[error("paused after repeated failures: {0}")]
    CircuitOpen(String),
}

/// A fault, with the server that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFault {
    pub server: String,
    pub fault: LdapFault,
}

impl fmt::Display for ServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.server, self.fault)
    }
}

/// Why the directory gave no reliable response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// No server served the request; one reason for each.
    #[error("no server could serve the request ({})", list(.0))]
    Unavailable(Vec<ServerFault>),
    /// Too many concurrent requests: this one was rejected instead of queued.
    #[error("too many requests at once")]
    Busy,
    /// The request's own time limit was reached.
    #[error("the request timed out ({})", list(.0))]
    Timeout(Vec<ServerFault>),
    /// A password may have been sent and no clear response came. No other server was tried, since that could
    /// count as a second wrong attempt.
    #[error("the password may have been sent, but no valid response came ({})", list(.0))]
    Unanswered(Vec<ServerFault>),
    /// The service account's bind was refused. It is not retried for a while, because the domain would lock
    /// the account.
    #[error("the service account was refused ({code}): {text}")]
    ServiceAccountRefused { code: u32, text: String },
    /// `tokenGroups` is missing or unreadable: never treated as "no groups".
    #[error("tokenGroups of {0} can't be read")]
    TokenGroupsUnreadable(Dn),
    /// An error that every server would return.
    #[error("the directory answered {code}: {text}")]
    Refused { code: u32, text: String },
    /// A list ended too early.
    #[error("the list is not complete: {0}")]
    Incomplete(String),
    /// An object without an attribute that every object has (objectGUID, entryUUID): usually a read
    /// permission is missing.
    #[error("{dn}: {attribute} can't be read")]
    Unreadable { dn: Dn, attribute: &'static str },
}

impl DirectoryError {
    /// True when the same request may succeed later without a change of settings or permissions.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::Busy | Self::Timeout(_) | Self::Unanswered(_) | Self::Incomplete(_)
        )
    }

    /// For a bind or a password change: false only when it is certain that no server has counted an attempt.
    #[must_use]
    pub fn may_have_been_sent(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::Refused { .. })
    }
}

fn list(faults: &[ServerFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
