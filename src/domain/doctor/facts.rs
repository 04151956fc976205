//! Facts that a probe collected about a directory, not yet judged.

use crate::domain::Millis;
use crate::domain::bind::BindRefusal;
use crate::domain::lockout::LockoutPolicy;
use crate::domain::outbound::AddressRefusal;

/// How far a connection to one server got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// `host:port`.
    pub server: String,
    /// The host in the settings.
    pub host: String,
    /// The name that the certificate must contain.
    pub tls_name: String,
    /// The connected agents of the directory, if the server is reached through one.
    pub agents: Option<Vec<String>>,
    /// The addresses of the host, or the error; empty if agents resolve it.
    pub addresses: Result<Vec<String>, String>,
    /// Why an administrator's test may not connect there.
    pub not_allowed: Option<AddressRefusal>,
    /// Whether the port accepts connections; `None`: not tried.
    pub connected: Option<Result<(), String>>,
    /// The response to StartTLS; `None`: not sent.
    pub start_tls: Option<Result<(), String>>,
    /// The TLS session, or the error; `None`: not tried.
    pub tls: Option<Handshake>,
}

/// A TLS handshake without application data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handshake {
    /// For example `TLSv1.3`, if agreed.
    pub protocol: Option<String>,
    pub suite: Option<String>,
    /// All suites that the server shares with us, as far as they were tried.
    pub shared: Vec<String>,
    /// The chain that the server sent, its own certificate first.
    pub chain: Vec<Certificate>,
    /// The same chain in DER.
    pub encoded: Vec<Vec<u8>>,
    /// Why the handshake failed.
    pub problem: Option<TlsProblem>,
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub subject: String,
    pub issuer: String,
    /// The host names and addresses in the certificate.
    pub names: Vec<String>,
    pub not_before: Millis,
    pub not_after: Millis,
    /// `RSA`, `ECDSA` or another kind of key.
    pub key: String,
}

/// Why a TLS handshake failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// The server's alert that there is no shared suite.
    NoSharedSuite,
    /// The server closed the connection after our ClientHello: Windows does so if no suite is shared.
    HungUp(String),
    /// It supports only TLS versions that are too old.
    OldVersion(String),
    /// The response is not TLS.
    NotTls(String),
    /// A certificate of the chain has expired, or is not yet valid.
    Dates(String),
    /// No trusted CA signed the chain.
    UnknownIssuer,
    /// The certificate is for other names.
    WrongName,
    /// Something else is wrong with the certificate.
    Certificate(String),
    Other(String),
    Timeout,
}

/// The result of the service account's bind at a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceBind {
    Bound,
    Refused {
        code: u32,
        text: String,
        /// The meaning of Active Directory's sub-code.
        why: Option<BindRefusal>,
    },
    /// The server failed before it answered.
    Failed(String),
    /// Not sent, because another server has refused this password.
    Withheld,
}

/// The root DSE of a server (RFC 4512 section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootDse {
    pub time: Option<Millis>,
    pub controls: Vec<String>,
    pub contexts: Vec<String>,
}

/// Whether the account has a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    Granted,
    /// Refused, with the server's text.
    Denied(String),
    /// It could not be determined, with the reason.
    Unknown(String),
}

/// Whether the service account can use DirSync (MS-ADTS 3.1.1.3.4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirSyncRights {
    /// With the right to replicate changes.
    pub replication: Right,
    /// With the account's read rights only.
    pub object_security: Right,
}

/// Limits on a server's responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub page: Option<u32>,
    pub values: Option<u32>,
}

/// Which of the attributes used to find people have an index; the error says why that is unknown.
pub type Indexes = Result<Vec<(String, bool)>, String>;

/// When accounts are locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// The policy of the domain, or the default password policy.
    pub domain: Option<LockoutPolicy>,
    /// Fine-grained policies by name, as far as they can be read.
    pub fine_grained: Vec<(String, LockoutPolicy)>,
    /// Whether all of them can be read; `None` for a directory without fine-grained policies.
    pub fine_grained_readable: Option<bool>,
    /// The setting for policies that can't be read.
    pub assumed: Option<LockoutPolicy>,
    /// The server supports the password policy control, so there may be a policy.
    pub policy_control: bool,
}

/// A count, and the first names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameTally {
    pub count: usize,
    pub first: Vec<String>,
}

impl NameTally {
    const MOST: usize = 10;

    /// Adds one.
    pub fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < Self::MOST {
            self.first.push(name());
        }
    }
}

/// The people in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopePeople {
    /// Enabled people in scope.
    pub count: usize,
    /// People without an email address.
    pub without_email: NameTally,
    /// Email addresses of more than one person, each with the people.
    pub shared_emails: NameTally,
    /// People who need a smart card.
    pub smart_cards: NameTally,
    /// Attributes that every entry has, and how many entries did not show them.
    pub hidden: Vec<(&'static str, usize)>,
    /// Why the list is incomplete.
    pub cut: Option<String>,
    /// Groups in scope that no sync has seen yet: their members are missing here.
    pub unknown_groups: Vec<String>,
}

/// The state of an object that selects or excludes people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    Fine,
    /// It does not exist, or is not visible.
    NotShown,
    /// It exists and can't be selected: the reason, and what to do.
    WrongClass(String),
    /// It could not be determined, with the reason.
    Unknown(String),
}

/// Entries that look like people but have a different class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherClassEntries {
    pub found: NameTally,
    /// Why it could not be determined.
    pub unknown: Option<String>,
}

/// What the settings say and the access rights allow about writing the email attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailWriters {
    pub attribute: String,
    /// How many people's entries were checked.
    pub looked_at: usize,
    /// The people among them who may write it themselves, each with the right that allows it.
    pub own: Vec<String>,
    /// Why it could not be determined.
    pub unknown: Option<String>,
    /// [`crate::domain::settings::Directory::email_written_by_admins_only`].
    pub declared_safe: bool,
}
