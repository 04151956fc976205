//! Why a person is held back, and what an administrator does about it.

use crate::domain::account::{AccountId, LONGEST_EMAIL, LONGEST_NAME};

/// Why a person is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another account has the mail.
    MailTaken {
        /// The contested address.
        email: String,
        /// Who has it.
        by: AccountId,
    },
    /// Two or more entries in scope have the mail, so that neither can be told to own it.
    MailShared {
        /// The contested address.
        email: String,
    },
    /// An account that CloudSync already had has the mail, and nobody has confirmed yet that it is this person's.
    LinkPending {
        /// The address.
        email: String,
        /// The account that waits.
        account: AccountId,
    },
    /// The same, and another entry of the directory has the mail too, in scope or not.
    LinkContested {
        /// The contested address.
        email: String,
        /// The account that waits.
        account: AccountId,
    },
    /// The entry has no mail, so that no account can be made or kept in step.
    NoMail,
    /// The mail is longer than [`LONGEST_EMAIL`].
    MailTooLong,
    /// One of the names is longer than [`LONGEST_NAME`].
    NameTooLong,
}

impl Conflict {
    /// The word that the store keeps.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MailTaken { .. } => "mail_taken",
            Self::MailShared { .. } => "mail_shared",
            Self::LinkPending { .. } => "link_pending",
            Self::LinkContested { .. } => "link_contested",
            Self::NoMail => "no_mail",
            Self::MailTooLong => "mail_too_long",
            Self::NameTooLong => "name_too_long",
        }
    }

    /// The contested address, where there is one.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        match self {
            Self::MailTaken { email, .. }
            | Self::MailShared { email }
            | Self::LinkPending { email, .. }
            | Self::LinkContested { email, .. } => Some(email),
            Self::NoMail | Self::MailTooLong | Self::NameTooLong => None,
        }
    }

    /// The account that has the address, where there is one.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::MailTaken { by: account, .. }
            | Self::LinkPending { account, .. }
            | Self::LinkContested { account, .. } => Some(account),
            Self::MailShared { .. } | Self::NoMail | Self::MailTooLong | Self::NameTooLong => None,
        }
    }

    /// What an administrator must do.
    #[must_use]
    pub fn advice(&self) -> String {
        let noted = Noted { kind: self.kind(), email: self.email(), account: self.account() };
        noted.advice().unwrap_or_default()
    }
}

/// A conflict as the store keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Noted<'a> {
    /// The word of [`Conflict::kind`].
    pub kind: &'a str,
    /// The contested address.
    pub email: Option<&'a str>,
    /// The account that has it.
    pub account: Option<&'a AccountId>,
}

impl Noted<'_> {
    /// What an administrator must do; `None` where the kind is none of ours.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let email = self.email.unwrap_or("(none)");
        let account = self.account.map_or("another account".to_owned(), |id| format!("account {id}"));
        Some(match self.kind {
            "mail_taken" => {
                format!(
                    "{email} already belongs to {account}; give one of the two another mail in the directory"
                )
            }
            "mail_shared" => {
                format!(
                    "more than one entry has the mail {email}; give each a mail of its own in the directory"
                )
            }
            "link_pending" => format!(
                "{account} was loaded with {email} and is not linked to an entry yet. See whether it belongs to this person, \
                 and apply the plan that says so: cloudsync-idp sync --plan. Where nobody can write their own address, \
                 email_written_by_admins_only = true links by the address alone"
            ),
            "link_contested" => format!(
                "{account} was loaded with {email} and is not linked to an entry yet; more than one entry has this address. \
                 Give each an address of its own in the directory, or name the right entry in the column guid of: \
                 cloudsync-idp accounts import"
            ),
            "no_mail" => "the entry has no mail; fill it in the directory".to_owned(),
            "mail_too_long" => {
                format!(
                    "the mail of the entry is longer than {LONGEST_EMAIL} octets; shorten it in the directory"
                )
            }
            "name_too_long" => format!(
                "the display name, given name, family name or login name of the entry is longer than \
                 {LONGEST_NAME} characters; shorten it in the directory"
            ),
            _ => return None,
        })
    }
}
