//! Accounts: our durable record of one person. The id is the OIDC `sub` and never changes.

use std::fmt;

use super::entry::{DirectoryId, EntryId, Sid};
use super::{Millis, email};

/// The id of an account and the `sub` of its tokens: CloudSync's own id where the account was imported, else a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub String);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which entry an account belongs to. Once set, only the GUID counts: not the DN, the name or the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The directory that the entry lives in.
    pub directory: DirectoryId,
    /// objectGUID or entryUUID.
    pub entry: EntryId,
    /// objectSid, kept beside it.
    pub sid: Option<Sid>,
}

/// What the directory told us of a person, as CloudSync is told.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Profile {
    /// The address as the directory writes it.
    pub email: String,
    /// The full name to show.
    pub name: Option<String>,
    /// Claim `given_name`.
    pub given_name: Option<String>,
    /// Claim `family_name`.
    pub family_name: Option<String>,
    /// Claim `preferred_username`: the short login name.
    pub login_name: Option<String>,
}

/// The longest mail in octets: a local part of 64, the `@` and a domain of 255 (RFC 5321 section 4.5.3.1). Far below what
/// an index of any database takes.
pub const LONGEST_EMAIL: usize = 320;

/// The longest name in characters: as much as Active Directory takes for a display name (MS-ADA1 section 2.175).
pub const LONGEST_NAME: usize = 256;

impl Profile {
    /// Whether the mail is longer than [`LONGEST_EMAIL`].
    #[must_use]
    pub fn email_is_too_long(&self) -> bool {
        self.email.len() > LONGEST_EMAIL
    }

    /// Whether one of the names is longer than [`LONGEST_NAME`].
    #[must_use]
    pub fn has_too_long_name(&self) -> bool {
        let names = [&self.name, &self.given_name, &self.family_name, &self.login_name];
        names.into_iter().flatten().any(|name| name.chars().nth(LONGEST_NAME).is_some())
    }

    /// The form of the email that is unique among accounts.
    #[must_use]
    pub fn email_key(&self) -> String {
        email::key(&self.email)
    }
}

/// Why an account is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendedBecause {
    /// The entry is in no synced OU or group any more, or gone.
    OutOfScope,
    /// The entry is disabled in the directory.
    Disabled,
    /// The entry's expiry date had passed.
    Expired,
    /// An administrator did it here.
    Admin,
    /// The run that made the account was undone; a later one may switch it on.
    Undone,
}

impl SuspendedBecause {
    /// The word that the store keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutOfScope => "out_of_scope",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Admin => "admin",
            Self::Undone => "undone",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::OutOfScope, Self::Disabled, Self::Expired, Self::Admin, Self::Undone]
            .into_iter()
            .find(|why| why.as_str() == word)
    }
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Active,
    /// Switched off; nothing of it is deleted.
    Suspended {
        /// Why.
        because: SuspendedBecause,
        /// Since when.
        since: Millis,
    },
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Never changes.
    pub id: AccountId,
    /// `None` until the first import has linked an account that CloudSync already had.
    pub link: Option<Link>,
    /// What CloudSync is told.
    pub profile: Profile,
    /// Active or suspended.
    pub status: Status,
    /// When the account ends in the directory, judged by `now`: the directory sends no change on that day.
    pub expires_at: Option<Millis>,
    /// Goes up with each change that ends evidence (suspension, relinking). Sessions and grants carry the value they
    /// were made with.
    pub generation: i64,
    /// When the directory was given the password, by its own clock, as far as it has told: what an older one opened ends.
    pub password_changed_at: Option<Millis>,
    /// When the directory last confirmed this record.
    pub seen_at: Option<Millis>,
}

impl Account {
    /// Since when it is suspended, if it is.
    #[must_use]
    pub fn suspended_since(&self) -> Option<Millis> {
        match self.status {
            Status::Active => None,
            Status::Suspended { since, .. } => Some(since),
        }
    }

    /// What to note when the directory says that the password was set then, if that is news.
    #[must_use]
    pub fn newer_password(&self, set_at: Option<Millis>) -> Option<(AccountId, Millis)> {
        let news = set_at.filter(|set_at| self.password_changed_at.is_none_or(|known| known < *set_at));
        news.map(|set_at| (self.id.clone(), set_at))
    }

    /// True when neither a suspension nor the expiry date stands against its use.
    #[must_use]
    pub fn is_usable(&self, now: Millis) -> bool {
        self.status == Status::Active && self.expires_at.is_none_or(|end| now < end)
    }
}
