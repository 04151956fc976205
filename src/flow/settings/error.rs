//! Why settings could not be read or saved.

use super::report::Problems;
use crate::domain::entry::DirectoryId;
use crate::store::StoreError;

/// Why settings could not be read or saved. Nothing was saved then.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file or the stored document is wrong.
    #[error(transparent)]
    Wrong(#[from] Problems),
    #[error("others are changing the settings at the same time; try again")]
    Busy,
    /// A directory's password was sealed by another installation or for other servers, or is missing.
    #[error(
        "directory {0}: the password of its service account can't be opened: it was sealed with another sealing key, or \
         for other servers or another CA; restore the key, or set the password again with \
         service_account_password_file"
    )]
    Sealed(DirectoryId),
    /// The same for a token or client secret of a service.
    #[error(
        "service {0}: its token or client secret can't be opened: it was sealed with another sealing key, or for another \
         address, token endpoint, CA or proxy; restore the key, or set it again with token_file or \
         oauth_client_secret_file"
    )]
    Token(String),
    #[error(
        "version {0} of the settings carries no valid mark of this installation's sealing key: it was changed in the \
         database, or sealing.key is not the one that wrote it. Restore the key; or check what is stored with \
         `settings export --unverified`, and write all settings anew with `settings apply --replace FILE`"
    )]
    Altered(i64),
    #[error(transparent)]
    Store(#[from] StoreError),
}
