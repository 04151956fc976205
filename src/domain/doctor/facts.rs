//! What a probe saw of a directory, in plain words and numbers, before anybody judges it.

use crate::domain::Millis;
use crate::domain::bind::BindRefusal;
use crate::domain::lockout::LockoutPolicy;

/// How far a connection to one server came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// `host:port`.
    pub server: String,
    /// What the settings dial.
    pub host: String,
    /// The name that a certificate must carry.
    pub tls_name: String,
    /// The addresses of the host, or why there are none.
    pub addresses: Result<Vec<String>, String>,
    /// Whether the port takes connections; `None`: not tried.
    pub connected: Option<Result<(), String>>,
    /// What the server said to StartTLS; `None`: not asked.
    pub start_tls: Option<Result<(), String>>,
    /// The TLS session, or what came of it; `None`: not tried.
    pub tls: Option<Handshake>,
}

/// A TLS handshake over which nothing was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handshake {
    /// `TLSv1.3`, as far as it was agreed.
    pub protocol: Option<String>,
    /// The cipher suite, as far as it was agreed.
    pub suite: Option<String>,
    /// All suites that the server shares with us, as far as they were tried.
    pub shared: Vec<String>,
    /// The chain that the server sent, its own certificate first.
    pub chain: Vec<Certificate>,
    /// The same as it was sent (DER).
    pub encoded: Vec<Vec<u8>>,
    /// Why there is no session.
    pub problem: Option<TlsProblem>,
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The host names and addresses that it carries.
    pub names: Vec<String>,
    /// From when it holds.
    pub not_before: Millis,
    /// Until when it holds.
    pub not_after: Millis,
    /// `RSA`, `ECDSA` or another kind of key.
    pub key: String,
}

/// Why a TLS handshake failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// The alert of a server that shares no suite with us.
    NoSharedSuite,
    /// The server hung up on our hello: Windows does so where no suite is shared.
    HungUp(String),
    /// It speaks only versions that are too old.
    OldVersion(String),
    /// What answers is no TLS.
    NotTls(String),
    /// A certificate of the chain is over, or not yet valid.
    Dates(String),
    /// No trusted CA signed the chain.
    UnknownIssuer,
    /// The certificate carries other names.
    WrongName,
    /// Something else is wrong with the certificate.
    Certificate(String),
    /// Something else.
    Other(String),
    /// No answer in time.
    Timeout,
}

/// What became of the one bind of the service account at a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceBind {
    /// It stands.
    Bound,
    /// The directory refused it.
    Refused {
        /// The result code.
        code: u32,
        /// The diagnostic text.
        text: String,
        /// What Active Directory's sub-code says.
        why: Option<BindRefusal>,
    },
    /// The server failed before it answered.
    Failed(String),
    /// It was not sent, since another server has refused this password.
    Withheld,
}

/// What a server says of itself (root DSE, RFC 4512 section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootDse {
    /// Its clock.
    pub time: Option<Millis>,
    /// OIDs of its controls.
    pub controls: Vec<String>,
    /// Its naming contexts.
    pub contexts: Vec<String>,
}

/// Whether something may be done or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// It was done.
    Granted,
    /// It was refused, in these words.
    Denied(String),
    /// It could not be found out, for this reason.
    Unknown(String),
}

/// DirSync (MS-ADTS 3.1.1.3.4.1.3) as the service account may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirSync {
    /// By the right to replicate changes.
    pub replication: Right,
    /// By what the account may read anyway.
    pub object_security: Right,
}

/// Limits of a server's answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Entries in one page.
    pub page: Option<u32>,
    /// Values of one attribute in one answer.
    pub values: Option<u32>,
}

/// Which of the attributes that people are looked up by have an index; the word says where that was read.
pub type Indexes = Result<Vec<(String, bool)>, String>;

/// When accounts are locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// The domain's, or the default password policy's.
    pub domain: Option<LockoutPolicy>,
    /// Fine-grained ones by name, as far as they may be read.
    pub fine_grained: Vec<(String, LockoutPolicy)>,
    /// Whether all of them may be read; `None` where a directory has no such thing.
    pub fine_grained_readable: Option<bool>,
    /// What the settings say of policies that can't be read.
    pub assumed: Option<LockoutPolicy>,
    /// The server has the control of password policies, so there may be one.
    pub policy_control: bool,
}

/// How many, and the first names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub count: usize,
    /// The first ten.
    pub first: Vec<String>,
}

impl Tally {
    const MOST: usize = 10;

    /// One more.
    pub fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < Self::MOST {
            self.first.push(name());
        }
    }
}

/// The people in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Enabled people in scope.
    pub count: usize,
    /// Those without a mail.
    pub mailless: Tally,
    /// Mails that more than one of them has, each with who has it.
    pub shared_mails: Tally,
    /// Those who need a smart card.
    pub smart_cards: Tally,
    /// Attributes that everybody has, and that were not shown for so many.
    pub hidden: Vec<(&'static str, usize)>,
    /// Why the list is not complete.
    pub cut: Option<String>,
    /// Groups of the scope that no import has seen yet: their members are not among these people.
    pub unknown_groups: Vec<String>,
}

/// What became of an object that selects or excludes people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// It is there, and of the right kind.
    Fine,
    /// It is not there, or not shown.
    NotShown,
    /// It is there and can't be selected so: why not, and what to do.
    WrongClass(String),
    /// Why it can't be told.
    Unknown(String),
}

/// Entries that look like people and are of another class than people have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strangers {
    /// They.
    pub found: Tally,
    /// Why it can't be told.
    pub unknown: Option<String>,
}

/// What the settings say and the entries allow of the email attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailWriters {
    /// The attribute.
    pub attribute: String,
    /// The people whose entries were looked at.
    pub looked_at: usize,
    /// Those among them who may write it themselves, each with the right that says so.
    pub own: Vec<String>,
    /// Why it can't be told.
    pub unknown: Option<String>,
    /// [`crate::domain::settings::Directory::email_written_by_admins_only`].
    pub declared_safe: bool,
}
