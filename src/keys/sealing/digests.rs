//! The keys of digests. The store holds digests of sessions, refresh tokens, codes and client secrets, which
//! can't be made again without the values themselves. So their keys are derived from the first sealing key
//! for good: a rotation writes them to a file of their own, and the sealing key itself can be removed.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::super::KeyError;
use super::key::{KEY_LEN, Secret, expand, root};

/// The purpose of a digest. A digest of one label is invalid for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    AccountNotice,
    /// The token of a form of the admin panel.
    AdminForm,
    /// The token of a break-glass link.
    AdminLink,
    /// A notice of what an action of the admin panel has done.
    AdminNotice,
    /// A request of a script with an idempotency key.
    AdminRequest,
    AdminSession,
    /// The code with which an agent enrols.
    AgentCode,
    /// Links of the chain over the audit log.
    AuditChain,
    ClientSecret,
    Code,
    Csrf,
    DeviceDirectory,
    DeviceEntry,
    DeviceName,
    Invitation,
    RecoveryCode,
    Refresh,
    RefusedPassword,
    Remembered,
    Session,
    SignOut,
    /// The client of Test SSO, and tests under way.
    SsoTest,
    /// Names in the counts of failed attempts.
    Throttle,
    /// Names for which attempts of unknown browsers are made one after another.
    Turn,
    TypedName,
    /// Names that do not exist.
    UnknownName,
    #[cfg(test)]
    Test,
}

impl Label {
    /// All labels.
    pub const ALL: &[Self] = &[
        Self::AccountNotice,
        Self::AdminForm,
        Self::AdminLink,
        Self::AdminNotice,
        Self::AdminRequest,
        Self::AdminSession,
        Self::AgentCode,
        Self::AuditChain,
        Self::ClientSecret,
        Self::Code,
        Self::Csrf,
        Self::DeviceDirectory,
        Self::DeviceEntry,
        Self::DeviceName,
        Self::Invitation,
        Self::RecoveryCode,
        Self::Refresh,
        Self::RefusedPassword,
        Self::Remembered,
        Self::Session,
        Self::SignOut,
        Self::SsoTest,
        Self::Throttle,
        Self::Turn,
        Self::TypedName,
        Self::UnknownName,
        #[cfg(test)]
        Self::Test,
    ];

    /// The word of a label: part of what its key is derived from, so it never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountNotice => "account-notice",
            Self::AdminForm => "admin form",
            Self::AdminRequest => "admin request",
            Self::AdminLink => "admin link",
            Self::AdminNotice => "admin notice",
            Self::AdminSession => "admin session",
            Self::AgentCode => "agent code",
            Self::AuditChain => "audit chain",
            Self::ClientSecret => "client_secret",
            Self::Code => "code",
            Self::Csrf => "csrf",
            Self::DeviceDirectory => "device_directory",
            Self::DeviceEntry => "device_entry",
            Self::DeviceName => "device_name",
            Self::Invitation => "invitation",
            Self::RecoveryCode => "recovery-code",
            Self::Refresh => "refresh",
            Self::RefusedPassword => "refused password",
            Self::Remembered => "remembered",
            Self::Session => "session",
            Self::SignOut => "sign-out",
            Self::SsoTest => "sso test",
            Self::Throttle => "throttle",
            Self::Turn => "turn",
            Self::TypedName => "typed name",
            Self::UnknownName => "unknown name",
            #[cfg(test)]
            Self::Test => "test",
        }
    }
}

/// The first line of the file. A line for each key follows, and the last is for labels of a later version.
const HEADER: &str =
    "# Keys of the digests in the store. Keep this file together with sealing.key, on every node.\n";
const LATER: &str = "later";

/// The bytes of the keys, as the file holds them.
pub(super) struct DigestSecrets {
    by_label: HashMap<String, Secret>,
    later: Secret,
}

impl DigestSecrets {
    /// The digest keys of a sealing key.
    pub fn derived(key: &[u8; KEY_LEN]) -> Result<Self, KeyError> {
        let root = root(key);
        let derived = |label: &Label| {
            let word = label.as_str();
            Ok((word.to_owned(), expand(&root, &format!("hmac:{word}"))?))
        };
        let by_label = Label::ALL.iter().map(derived).collect::<Result<_, KeyError>>()?;
        Ok(Self { by_label, later: expand(&root, "digests of later versions")? })
    }

    /// The file's text. The last line is missing in any truncated file, so truncation is noticed.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(HEADER.to_owned());
        let mut labels: Vec<_> = self.by_label.iter().collect();
        labels.sort_by_key(|(label, _)| label.as_str());
        for (label, key) in
            labels.into_iter().map(|(label, key)| (label.as_str(), key)).chain([(LATER, &self.later)])
        {
            let key = Zeroizing::new(hex::encode(key.as_ref()));
            // Writing to a text can't fail.
            let _ = writeln!(text, "{} {label}", key.as_str());
        }
        text
    }

    /// Parses the text; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut by_label = HashMap::new();
        let lines = text.strip_suffix('\n')?.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let (digits, label) = line.split_once(' ')?;
            let mut key = Zeroizing::new([0; KEY_LEN]);
            hex::decode_to_slice(digits, key.as_mut()).ok()?;
            by_label.insert(label.to_owned(), key);
        }
        let later = by_label.remove(LATER)?;
        Some(Self { by_label, later })
    }
}

/// The keys ready for use.
pub(super) struct Digests(HashMap<Label, hmac::Key>);

impl Digests {
    pub fn new(secrets: &DigestSecrets) -> Self {
        let later = hmac::Key::new(hmac::HMAC_SHA256, secrets.later.as_ref());
        let key = |label: &Label| match secrets.by_label.get(label.as_str()) {
            Some(key) => hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()),
            None => hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&later, label.as_str().as_bytes()).as_ref()),
        };
        Self(Label::ALL.iter().map(|label| (*label, key(label))).collect())
    }

    pub fn sign(&self, label: Label, data: &[u8]) -> [u8; 32] {
        let mut digest = [0; 32];
        digest.copy_from_slice(hmac::sign(&self.0[&label], data).as_ref());
        digest
    }
}
