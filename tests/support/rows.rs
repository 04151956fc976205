//! Read rows of a store as only tests need them.

use cloudsync_idp::domain::account::{Account, AccountId};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::store::{
    ChangeFilter, ChangeRow, IdentityStore, RunFilter, RunId, RunRow, StoreError, SyncStore,
};

/// Accounts by address.
pub trait AccountRows {
    /// The account with this email address, in the form of `Profile::email_key`.
    async fn account_by_email(&self, email_key: &str) -> Result<Option<Account>, StoreError>;
}

impl AccountRows for IdentityStore<'_> {
    async fn account_by_email(&self, email_key: &str) -> Result<Option<Account>, StoreError> {
        let nowhere = DirectoryId(String::new());
        Ok(self.accounts_for(&nowhere, &[], &[email_key.to_owned()]).await?.1.pop())
    }
}

/// Pages of the log.
pub trait LogRows {
    /// Runs, the newest first, older than `before`.
    async fn runs_page(&self, before: Option<RunId>, limit: u32) -> Result<Vec<RunRow>, StoreError>;

    /// Changes of one account or of all, the newest first.
    async fn changes_page(
        &self,
        account: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>, StoreError>;
}

impl LogRows for SyncStore<'_> {
    async fn runs_page(&self, before: Option<RunId>, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        self.runs_of(&RunFilter { before, limit, ..RunFilter::default() }).await
    }

    async fn changes_page(
        &self,
        account: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let accounts = account.map(|account| vec![account.clone()]);
        self.changes_of(&ChangeFilter { accounts, limit, ..ChangeFilter::default() }).await
    }
}
