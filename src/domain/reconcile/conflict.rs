//! Conflicts: why a person can't get or update an account, and advice for the administrator.

use crate::domain::account::{Account, AccountId, LONGEST_EMAIL, LONGEST_NAME};
use crate::domain::entry::EntryId;
use crate::domain::{Millis, email, timestamp, words};

/// Why a person gets no account, or keeps the one they have unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another account has the email address.
    MailTaken {
        email: String,
        by: AccountId,
        /// Since when that account is suspended, if it is.
        suspended_since: Option<Millis>,
    },
    /// Several entries in scope have the email address, so that it is unclear whose it is.
    MailShared {
        email: String,
    },
    /// An account that CloudSync already had has the email address, and no administrator has confirmed that
    /// it is this person's.
    LinkPending {
        email: String,
        account: AccountId,
    },
    /// The same, and another entry of the directory has the address too, in scope or not.
    LinkContested {
        email: String,
        account: AccountId,
    },
    /// The entry has no email address, so that no account can be created or updated.
    NoMail,
    MailInvalid {
        email: String,
    },
    /// The email address is in a domain that the directory may not assign.
    MailForeign {
        email: String,
    },
    /// The email address is longer than [`LONGEST_EMAIL`].
    MailTooLong,
    /// One of the names is longer than [`LONGEST_NAME`].
    NameTooLong,
    /// The entry is there, and the service account may not read it: the account stays as it is.
    Unreadable,
}

words! {
    /// A [`Conflict`] without its details.
    pub enum ConflictKind {
        MailTaken = "mail_taken",
        MailShared = "mail_shared",
        LinkPending = "link_pending",
        LinkContested = "link_contested",
        NoMail = "no_mail",
        MailInvalid = "mail_invalid",
        MailForeign = "mail_foreign",
        MailTooLong = "mail_too_long",
        NameTooLong = "name_too_long",
        Unreadable = "unreadable",
    }
}

impl Conflict {
    /// The email address belongs to this account.
    #[must_use]
    pub fn taken(email: String, owner: &Account) -> Self {
        Self::MailTaken { email, by: owner.id.clone(), suspended_since: owner.suspended_since() }
    }

    /// What kind of conflict it is.
    #[must_use]
    pub fn kind(&self) -> ConflictKind {
        match self {
            Self::MailTaken { .. } => ConflictKind::MailTaken,
            Self::MailShared { .. } => ConflictKind::MailShared,
            Self::LinkPending { .. } => ConflictKind::LinkPending,
            Self::LinkContested { .. } => ConflictKind::LinkContested,
            Self::NoMail => ConflictKind::NoMail,
            Self::MailInvalid { .. } => ConflictKind::MailInvalid,
            Self::MailForeign { .. } => ConflictKind::MailForeign,
            Self::MailTooLong => ConflictKind::MailTooLong,
            Self::NameTooLong => ConflictKind::NameTooLong,
            Self::Unreadable => ConflictKind::Unreadable,
        }
    }

    /// The email address in question, if there is one.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        match self {
            Self::MailTaken { email, .. }
            | Self::MailShared { email }
            | Self::LinkPending { email, .. }
            | Self::LinkContested { email, .. }
            | Self::MailInvalid { email }
            | Self::MailForeign { email } => Some(email),
            Self::NoMail | Self::MailTooLong | Self::NameTooLong | Self::Unreadable => None,
        }
    }

    /// The account that has the address, if there is one.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::MailTaken { by: account, .. }
            | Self::LinkPending { account, .. }
            | Self::LinkContested { account, .. } => Some(account),
            Self::MailShared { .. }
            | Self::NoMail
            | Self::MailInvalid { .. }
            | Self::MailForeign { .. }
            | Self::MailTooLong
            | Self::NameTooLong
            | Self::Unreadable => None,
        }
    }

    /// True if nobody may sign in with the address, not even the account that has it.
    #[must_use]
    pub fn bars_the_address(&self) -> bool {
        matches!(self, Self::MailInvalid { .. } | Self::MailForeign { .. })
    }

    /// Advice for an administrator about the person of this entry.
    #[must_use]
    pub fn advice(&self, entry: EntryId) -> String {
        let suspended_since = match self {
            Self::MailTaken { suspended_since, .. } => *suspended_since,
            _ => None,
        };
        let (kind, email, account) = (self.kind(), self.email(), self.account());
        StoredConflict { kind, email, account, suspended_since, entry }.advice()
    }
}

/// A conflict as stored.
#[derive(Clone, Copy, Debug)]
pub struct StoredConflict<'a> {
    pub kind: ConflictKind,
    pub email: Option<&'a str>,
    /// The account that has the address.
    pub account: Option<&'a AccountId>,
    /// Since when that account is suspended, if it is.
    pub suspended_since: Option<Millis>,
    pub entry: EntryId,
}

impl StoredConflict<'_> {
    /// Advice for an administrator.
    #[must_use]
    pub fn advice(&self) -> String {
        let email = self.email.unwrap_or("(none)");
        let hand_over = self.hand_over();
        let account = self.account.map_or("another account".to_owned(), |id| format!("account {id}"));
        match self.kind {
            ConflictKind::MailTaken if self.suspended_since.is_some() => self.owner_has_left(email),
            ConflictKind::MailTaken => {
                format!(
                    "{email} already belongs to {account}; change one of the two email addresses in the \
                     directory"
                )
            }
            ConflictKind::MailShared => {
                format!(
                    "more than one entry has the email address {email}; give each its own address in the \
                     directory"
                )
            }
            ConflictKind::LinkPending => format!(
                "{account} was loaded with {email} and is not linked to an entry yet. If it belongs to this \
                 person, make and apply a plan: cloudsync-idp sync --plan; or link only this account: \
                 {hand_over}. If people can't write their own addresses, email_written_by_admins_only = true \
                 links accounts by address"
            ),
            ConflictKind::LinkContested => format!(
                "{account} was loaded with {email} and is not linked to an entry yet; more than one entry \
                 has this address. Give each its own address in the directory, name the right entry in the \
                 guid column of the file for: cloudsync-idp accounts import, or link the account to this \
                 entry: {hand_over}"
            ),
            ConflictKind::NoMail => "the entry has no email address; set it in the directory".to_owned(),
            ConflictKind::MailInvalid => format!(
                "{email} is not an email address ({}); correct it in the directory, or remove it there",
                email::fault(email).unwrap_or_else(|| "by the rules of an earlier version".to_owned())
            ),
            ConflictKind::MailForeign => format!(
                "the domain of {email} is not in email_domains of this directory; correct the address in the \
                 directory, or add the domain to the settings if people of this directory may have it"
            ),
            ConflictKind::MailTooLong => {
                format!(
                    "the email address of the entry is longer than {LONGEST_EMAIL} octets; shorten it in the \
                     directory"
                )
            }
            ConflictKind::NameTooLong => format!(
                "the display name, given name, family name or login name of the entry is longer than \
                 {LONGEST_NAME} characters; shorten it in the directory"
            ),
            ConflictKind::Unreadable => format!(
                "the service account can't read the entry {}, so the account stays unchanged: give it the \
                 right to read everything there (Active Directory: List Contents and Read All Properties); \
                 cloudsync-idp doctor names the attributes that are missing",
                self.entry
            ),
        }
    }

    /// A rehired person, or a new person with the address of one who left.
    fn owner_has_left(&self, email: &str) -> String {
        let account = self.account.map(|id| id.0.as_str()).unwrap_or_default();
        let since = self.suspended_since.map(timestamp).unwrap_or_default();
        format!(
            "{email} already belongs to account {account}, which has been suspended since {since}. If it \
             should go to this person (for example after a rehire), hand it over: {}. If it is no longer \
             needed, erase it: cloudsync-idp admin accounts purge {}. Or change this person's email address \
             in the directory",
            self.hand_over(),
            quoted(account)
        )
    }

    /// The command that links the account to this entry.
    fn hand_over(&self) -> String {
        let account = self.account.map(|id| quoted(&id.0)).unwrap_or_default();
        format!("cloudsync-idp accounts hand-over {account} {}", self.entry)
    }
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._-+:".contains(c);
    match !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
