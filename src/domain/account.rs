//! Accounts: the durable record of one person. The id is the OIDC `sub` and never changes.

use std::fmt;

use super::entry::{DirectoryId, EntryId, Sid};
use super::profile::{ProfileAttribute, ProfileValues, ValueForm};
use super::{Millis, email, words};

/// The id of an account and the `sub` of its tokens: CloudSync's own id for an imported account, else a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub String);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The entry that an account is linked to. Once it is set, only the GUID counts, not the DN, the name or the
/// email address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub directory: DirectoryId,
    /// objectGUID or entryUUID.
    pub entry: EntryId,
    pub sid: Option<Sid>,
}

/// What the directory says about a person and clients receive.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Profile {
    /// The address as the directory writes it.
    pub email: String,
    /// Claim `preferred_username`: the short login name.
    pub login_name: Option<String>,
    pub attributes: ProfileValues,
}

/// The longest email address in octets: a local part of 64, the `@` and a domain of 255 (RFC 5321 section
/// 4.5.3.1). Well below what any database can index.
pub const LONGEST_EMAIL: usize = 320;

/// The longest name in characters: the limit of Active Directory's display name (MS-ADA1 section 2.175).
pub const LONGEST_NAME: usize = 256;

impl Profile {
    /// Whether the email address is longer than [`LONGEST_EMAIL`].
    #[must_use]
    pub fn email_is_too_long(&self) -> bool {
        self.email.len() > LONGEST_EMAIL
    }

    /// Whether one of the names is longer than [`LONGEST_NAME`].
    #[must_use]
    pub fn has_too_long_name(&self) -> bool {
        let names = self.attributes.rows().filter(|(row, _)| row.form == ValueForm::Name);
        let names = names.filter_map(|(_, name)| name).chain(self.login_name.as_deref());
        names.into_iter().any(|name| name.chars().nth(LONGEST_NAME).is_some())
    }

    /// The display name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.attributes.get(ProfileAttribute::Name)
    }

    /// The display name, else the email address.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.name().unwrap_or(&self.email)
    }

    /// The form of the email address that is unique among accounts.
    #[must_use]
    pub fn email_key(&self) -> String {
        email::key(&self.email)
    }
}

words! {
    /// Why an account is suspended.
    pub enum SuspendedBecause {
        OutOfScope = "out_of_scope",
        Disabled = "disabled",
        /// The entry's expiry date has passed.
        Expired = "expired",
        Admin = "admin",
        /// The run that created the account was undone; a later run may reactivate it.
        Undone = "undone",
    }
}

words! {
    /// [`Status`] without its reason.
    pub enum StatusKind {
        Active = "active",
        Suspended = "suspended",
    }
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    /// Not usable; no data is deleted.
    Suspended {
        because: SuspendedBecause,
        since: Millis,
    },
}

/// In one word, with the reason of a suspension.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active => f.write_str(StatusKind::Active.as_str()),
            Self::Suspended { because, .. } => {
                write!(f, "{} ({})", StatusKind::Suspended.as_str(), because.as_str())
            }
        }
    }
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// `None` until the first import links an account that CloudSync already had.
    pub link: Option<Link>,
    pub profile: Profile,
    /// When the profile was last changed (claim `updated_at`).
    pub profile_changed_at: Option<Millis>,
    pub status: Status,
    /// When the account expires in the directory. Compared with `now`, because the directory sends no change
    /// on that day.
    pub expires_at: Option<Millis>,
    /// Incremented by each change that invalidates evidence (suspension, relinking). Sessions and grants
    /// store the value they were created with.
    pub generation: i64,
    /// When the password was last set, by the directory's clock, as far as we know. Sessions opened with an
    /// older password end.
    pub password_changed_at: Option<Millis>,
    /// When the directory last confirmed this record.
    pub seen_at: Option<Millis>,
}

impl Account {
    /// The directory of its entry.
    #[must_use]
    pub fn directory(&self) -> Option<&DirectoryId> {
        self.link.as_ref().map(|link| &link.directory)
    }

    /// Since when the account is suspended, if it is.
    #[must_use]
    pub fn suspended_since(&self) -> Option<Millis> {
        match self.status {
            Status::Active => None,
            Status::Suspended { since, .. } => Some(since),
        }
    }

    /// When the profile was last changed, if it becomes this one now.
    #[must_use]
    pub fn changed_at(&self, profile: &Profile, now: Millis) -> Option<Millis> {
        if *profile == self.profile { self.profile_changed_at } else { Some(now) }
    }

    /// The account's id and the time to store, if the directory reports a newer password change than the
    /// stored one.
    #[must_use]
    pub fn newer_password(&self, set_at: Option<Millis>) -> Option<(AccountId, Millis)> {
        let news = set_at.filter(|set_at| self.password_changed_at.is_none_or(|known| known < *set_at));
        news.map(|set_at| (self.id.clone(), set_at))
    }

    /// True if the account is neither suspended nor expired.
    #[must_use]
    pub fn is_usable(&self, now: Millis) -> bool {
        self.status == Status::Active && self.expires_at.is_none_or(|end| now < end)
    }
}
