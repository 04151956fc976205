//! Read and write rows of a store as only tests need them.

use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::account::{Account, AccountId, SuspendedBecause};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::store::{
    AppliedEntry, ChangeFilter, ChangeRow, EntryOutcome, Fenced, IdentityStore, RunFilter, RunId, RunRow,
    StoreError, SyncStore, Verdicts,
};

/// Accounts by address.
pub trait AccountRows {
    /// The account with this email address, in the form of `Profile::email_key`.
    async fn account_by_email(&self, email_key: &str) -> Result<Option<Account>, StoreError>;
}

impl AccountRows for IdentityStore<'_> {
    async fn account_by_email(&self, email_key: &str) -> Result<Option<Account>, StoreError> {
        let nowhere = DirectoryId(String::new());
        Ok(self.accounts_for(&nowhere, &[], &[email_key.to_owned()]).await?.email_owners.pop())
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

/// Decisions that are written as if a run or a sign-in had made them.
pub trait Decisions {
    /// Applies decisions.
    async fn apply_actions(
        &self,
        run: impl Into<Option<RunId>>,
        directory: &DirectoryId,
        batch: Vec<EntryOutcome>,
        now: Millis,
    ) -> Result<Vec<AppliedEntry>, StoreError>;

    /// An administrator suspends a linked account here.
    async fn suspend_here(&self, account: Account, now: Millis) -> Result<(), StoreError>;
}

impl Decisions for SyncStore<'_> {
    async fn apply_actions(
        &self,
        run: impl Into<Option<RunId>>,
        directory: &DirectoryId,
        batch: Vec<EntryOutcome>,
        now: Millis,
    ) -> Result<Vec<AppliedEntry>, StoreError> {
        let verdicts = Verdicts { batch, ..Verdicts::default() };
        match self.apply_verdicts(run, directory, verdicts, now).await? {
            Fenced::Done(done) => Ok(done),
            other => panic!("nothing prevents it: {other:?}"),
        }
    }

    async fn suspend_here(&self, account: Account, now: Millis) -> Result<(), StoreError> {
        let (link, login_name) = (account.link.expect("a link"), account.profile.login_name);
        let (directory, entry) = (link.directory.clone(), link.entry);
        let change = Change { link, profile: None, expires_at: account.expires_at };
        let action = Action::Suspend(account.id, SuspendedBecause::Admin, change);
        let outcome = Outcome { action, conflict: None };
        let one = EntryOutcome { entry, login_name: login_name.expect("a name"), outcome };
        self.apply_actions(None, &directory, vec![one], now).await.map(drop)
    }
}
