//! Why a use case failed. The web layer maps each kind to one page.

use crate::directory::DirectoryError;
use crate::domain::advice::Cause;
use crate::flow::settings::SettingsError;
use crate::keys::KeyError;
use crate::store::StoreError;
use crate::volatile::VolatileError;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The login is unknown, spent, expired or of another browser (the page does not say which), or account
    /// or settings changed while it was being decided. The person starts again from the client.
    #[error("the login has ended")]
    LoginEnded,
    /// Too many failed attempts came before; nothing was tried.
    #[error("too many failed attempts; try again in {seconds} seconds")]
    Throttled {
        /// How long until the next attempt is allowed.
        seconds: u32,
    },
    /// The directory did not respond, or not as expected.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The durable store failed.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// The short-lived state failed, or is full.
    #[error(transparent)]
    Volatile(#[from] VolatileError),
    /// A token could not be signed, or a value not be sealed.
    #[error("keys: {0}")]
    Keys(#[from] KeyError),
    /// The stored settings can't be read.
    #[error("settings: {0}")]
    Settings(SettingsError),
}

impl Fault {
    /// True if the request may have been carried out: the database connection broke, perhaps after a commit.
    #[must_use]
    pub fn leaves_unknown(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
    }
}

impl From<SettingsError> for Fault {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Store(error) => Self::Store(error),
            error => Self::Settings(error),
        }
    }
}

/// Lets `?` convert an adapter's error into an error that holds a [`Fault`].
macro_rules! carries_faults {
    ($error:ident: $($from:ty),+) => {
        $(impl From<$from> for $error {
            fn from(error: $from) -> Self {
                Self::Fault(error.into())
            }
        })+
    };
}
pub(in crate::flow) use carries_faults;

/// What the response should say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    Login,
    /// The directory is unavailable now.
    Directory,
    /// Too many requests at once; try again in a moment.
    TooMany,
    /// Too many attempts; try again in so many seconds.
    RetryAfter(u32),
    /// The store or the short-lived state is unavailable; try again in a moment.
    Storage,
    Us,
}

impl Fault {
    /// The cause for the audit trail; `explain` has the advice for it.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::LoginEnded => Cause::LoginEnded,
            Self::Throttled { .. } => Cause::ThrottledName,
            Self::Directory(error) => of_directory(error),
            Self::Store(_) => Cause::StoreAway,
            Self::Volatile(_) => Cause::VolatileAway,
            Self::Keys(_) | Self::Settings(_) => Cause::Ours,
        }
    }

    /// The blame of this fault.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::LoginEnded => Blame::Login,
            Self::Throttled { seconds } => Blame::RetryAfter(*seconds),
            Self::Directory(DirectoryError::Busy) | Self::Volatile(VolatileError::Full) => Blame::TooMany,
            Self::Directory(_) => Blame::Directory,
            Self::Volatile(VolatileError::Unavailable(_)) => Blame::Storage,
            Self::Keys(error) if error.is_outage() => Blame::Storage,
            Self::Store(error) if error.is_outage() => Blame::Storage,
            Self::Store(_) | Self::Volatile(_) | Self::Keys(_) | Self::Settings(_) => Blame::Us,
        }
    }
}

fn of_directory(error: &DirectoryError) -> Cause {
    use crate::directory::LdapFault as F;
    match error {
        DirectoryError::Unavailable(faults) | DirectoryError::Timeout(faults)
            if faults.iter().any(|met| matches!(met.fault, F::Tls(_) | F::StartTls(_))) =>
        {
            Cause::DirectoryTls
        }
        DirectoryError::Unavailable(_) | DirectoryError::Timeout(_) => Cause::DirectoryAway,
        DirectoryError::Busy => Cause::DirectoryBusy,
        DirectoryError::ServiceAccountRefused { .. } => Cause::ServiceAccount,
        DirectoryError::TokenGroupsUnreadable(_) | DirectoryError::Unreadable { .. } => Cause::RightsMissing,
        _ => Cause::DirectoryRefused,
    }
}
