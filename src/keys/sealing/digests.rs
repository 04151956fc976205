//! Keys of digests. The store keeps digests of sessions, refresh tokens, codes and client secrets, and these can't be made
//! again without the values themselves. So their keys stay those of the first sealing key for good: a rotation writes them to
//! a file of their own, and the sealing key itself can go.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::super::KeyError;
use super::key::{KEY_LEN, Secret, expand, root};

/// What a digest is made for. A digest of one label is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// Notices on the account page.
    AccountNotice,
    ClientSecret,
    Code,
    Csrf,
    /// The directory in which somebody signed in with a browser.
    DeviceDirectory,
    /// Who signed in with a browser.
    DeviceEntry,
    /// The name that they typed.
    DeviceName,
    /// Codes of the help desk.
    Invitation,
    RecoveryCode,
    Refresh,
    /// Passwords that a directory refused.
    RefusedPassword,
    /// Browsers that need not prove the second factor.
    Remembered,
    Session,
    /// The form that asks before it signs somebody out.
    SignOut,
    /// Names in the counts of wrong tries.
    Throttle,
    /// Names of which strangers' tries come one after another.
    Turn,
    /// Forms of a person's name.
    TypedName,
    /// Names that nobody has.
    UnknownName,
    /// For tests of digests themselves.
    #[cfg(test)]
    Test,
}

impl Label {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::AccountNotice,
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
        Self::Throttle,
        Self::Turn,
        Self::TypedName,
        Self::UnknownName,
        #[cfg(test)]
        Self::Test,
    ];

    /// Its word: part of what its key is derived from, so it never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountNotice => "account-notice",
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
            Self::Throttle => "throttle",
            Self::Turn => "turn",
            Self::TypedName => "typed name",
            Self::UnknownName => "unknown name",
            #[cfg(test)]
            Self::Test => "test",
        }
    }
}

/// What the file says of itself. A line for each key follows, and the last is that of labels which a later version brings.
const HEADER: &str =
    "# Keys of the digests in the store. Keep this file together with sealing.key, on every node.\n";
const LATER: &str = "later";

/// The bytes of the keys, as the file holds them.
pub(super) struct DigestSecrets {
    by_label: HashMap<String, Secret>,
    later: Secret,
}

impl DigestSecrets {
    /// Those of a sealing key.
    pub fn derived(key: &[u8; KEY_LEN]) -> Result<Self, KeyError> {
        let root = root(key);
        let derived = |label: &Label| {
            let word = label.as_str();
            Ok((word.to_owned(), expand(&root, &format!("hmac:{word}"))?))
        };
        let by_label = Label::ALL.iter().map(derived).collect::<Result<_, KeyError>>()?;
        Ok(Self { by_label, later: expand(&root, "digests of later versions")? })
    }

    /// As text. The line that a file which was cut off lacks in any case is the last one, so its absence shows.
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

    /// Reads the text back; `None` for anything else.
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
