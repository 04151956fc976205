//! What can go wrong between us and a directory, named by cause.

use std::fmt;

use crate::domain::dn::Dn;

/// Why a directory's settings can't be used at all.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryConfigError {
    /// No server to ask.
    #[error("no server is configured")]
    NoServer,
    /// The base DN is no DN, or empty.
    #[error("base_dn {0:?} is not a distinguished name")]
    BaseDn(String),
    /// A name that no certificate can carry, or an IPv6 address without a `tls_name`.
    #[error("{0:?} can't be verified in a server certificate: set tls_name to a host name")]
    ServerName(String),
    /// The name of the default password policy is no DN.
    #[error("password_policy {0:?} is not a distinguished name")]
    PasswordPolicy(String),
    /// Clear text is for the same machine only.
    #[error("{0:?} is not a loopback address: unencrypted_loopback_only allows no other")]
    NotLoopback(String),
    /// The certificates of `ca_pem` can't be read.
    #[error("the CA certificates can't be used: {0}")]
    Certificates(String),
    /// The service account has no name or no password: a server would take its bind for an anonymous one.
    #[error("the service account needs a name and a password")]
    BlankServiceAccount,
}

/// Why one server did not serve one request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No TCP connection.
    #[error("connecting failed: {0}")]
    Connect(String),
    /// No TLS session: the chain, the name, the version, or no TLS at all.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The server refused StartTLS or answered it with something else.
    #[error("StartTLS failed: {0}")]
    StartTls(String),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection was closed before the request left: nothing was sent.
    #[error("the connection was closed before the request was sent")]
    NotSent,
    /// The connection broke after the request may have been sent.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// An answer that is not LDAP, or not an answer to the question.
    #[error("an answer that makes no sense: {0}")]
    Garbage(String),
    /// More entries than were asked for.
    #[error("more than {0} entries came")]
    TooMany(usize),
    /// The server says that it can't serve now (RFC 4511 busy, unavailable).
    #[error("the server answered {code}: {text}")]
    Unwilling {
        /// The result code.
        code: u32,
        /// The diagnostic text.
        text: String,
    },
    /// It failed often enough to be left alone for a moment.
    #[error("left alone after failing: {0}")]
    CircuitOpen(String),
}

/// A fault and the server that it was met at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFault {
    /// `host:port`.
    pub server: String,
    /// What happened.
    pub fault: Fault,
}

impl fmt::Display for ServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.server, self.fault)
    }
}

/// Why the directory gave no answer to rely on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// No server served the request; each with its reason.
    #[error("no server could serve the request ({})", list(.0))]
    Unavailable(Vec<ServerFault>),
    /// Too many requests at once: this one was shed instead of queued.
    #[error("too many requests at once")]
    Busy,
    /// The request's own time was up first.
    #[error("the request's time was up ({})", list(.0))]
    Timeout(Vec<ServerFault>),
    /// A password may have left this machine, and no clean answer came: no other server was asked, since a second try
    /// could count as a second wrong one.
    #[error("no clean answer came to what may have been sent ({})", list(.0))]
    Unanswered(Vec<ServerFault>),
    /// The service account's bind was refused. It is not tried again for a while, or the domain would lock it.
    #[error("the service account was refused ({code}): {text}")]
    ServiceAccountRefused {
        /// The result code.
        code: u32,
        /// The diagnostic text.
        text: String,
    },
    /// `tokenGroups` is missing or not readable: never the same as "no groups".
    #[error("tokenGroups of {0} can't be read")]
    TokenGroupsUnreadable(Dn),
    /// A server answered with an error that another server would give too.
    #[error("the directory answered {code}: {text}")]
    Refused {
        /// The result code.
        code: u32,
        /// The diagnostic text.
        text: String,
    },
    /// A list that did not come to its proper end.
    #[error("the list is not complete: {0}")]
    Incomplete(String),
    /// An object without what every object has (objectGUID, entryUUID): usually a right to read is missing.
    #[error("{dn}: {attribute} can't be read")]
    Unreadable {
        /// The object.
        dn: Dn,
        /// What is missing.
        attribute: &'static str,
    },
}

impl DirectoryError {
    /// True when the same request may succeed later without anybody mending anything in the settings or the rights.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::Busy | Self::Timeout(_) | Self::Unanswered(_) | Self::Incomplete(_)
        )
    }

    /// Of a bind or a change of password: true unless it is certain that no server has counted it as a try.
    #[must_use]
    pub fn may_have_been_sent(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::Refused { .. })
    }
}

fn list(faults: &[ServerFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
