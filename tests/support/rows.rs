//! Read and write rows of a store as only tests need them.

use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::account::{Account, AccountId, SuspendedBecause};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::domain::team_share::ShareDiff;
use cloudsync_idp::store::{
    Applied, AppliedEntry, ChangeFilter, ChangeRow, EntryOutcome, IdentityStore, RunCounts, RunDetails,
    RunFilter, RunId, RunKind, RunRow, RunTrigger, StoreError, SyncStore, Verdicts,
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
    /// Applies verdicts that nothing prevents.
    async fn applied(
        &self,
        run: impl Into<Option<RunId>>,
        directory: &DirectoryId,
        verdicts: Verdicts,
        now: Millis,
    ) -> Result<Vec<AppliedEntry>, StoreError>;

    /// Applies decisions about accounts.
    async fn apply_actions(
        &self,
        run: impl Into<Option<RunId>>,
        directory: &DirectoryId,
        batch: Vec<EntryOutcome>,
        now: Millis,
    ) -> Result<Vec<AppliedEntry>, StoreError> {
        self.applied(run, directory, Verdicts { batch, ..Verdicts::default() }, now).await
    }

    /// An administrator suspends a linked account here.
    async fn suspend_here(&self, account: Account, now: Millis) -> Result<(), StoreError>;

    /// Writes changes of the Team Shares of linked accounts.
    async fn write_shares(
        &self,
        run: impl Into<Option<RunId>>,
        diffs: Vec<(Account, ShareDiff)>,
        now: Millis,
    ) -> Result<(), StoreError>;

    /// The directory does not confirm a linked account any more.
    async fn unconfirm(&self, account: Account, now: Millis) -> Result<(), StoreError>;

    /// An administrator reverts a run, which pauses the sync of the directory.
    async fn pause(&self, directory: &DirectoryId, now: Millis) -> Result<RunId, StoreError>;
}

impl Decisions for SyncStore<'_> {
    async fn applied(
        &self,
        run: impl Into<Option<RunId>>,
        directory: &DirectoryId,
        verdicts: Verdicts,
        now: Millis,
    ) -> Result<Vec<AppliedEntry>, StoreError> {
        match self.apply_verdicts(run, directory, verdicts, now).await? {
            Applied::Done(done) => Ok(done),
            other => panic!("nothing prevents it: {other:?}"),
        }
    }

    async fn suspend_here(&self, account: Account, now: Millis) -> Result<(), StoreError> {
        let link = account.link.clone().expect("a link");
        let directory = link.directory.clone();
        let change = Change { link, profile: None, expires_at: account.expires_at };
        let action = Action::Suspend(account.id.clone(), SuspendedBecause::Admin, change);
        self.apply_actions(None, &directory, vec![outcome(&account, action)], now).await.map(drop)
    }

    async fn write_shares(
        &self,
        run: impl Into<Option<RunId>>,
        diffs: Vec<(Account, ShareDiff)>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut verdicts = Verdicts::default();
        let mut directory = DirectoryId(String::new());
        for (account, diff) in diffs {
            let link = account.link.clone().expect("a link");
            directory = link.directory;
            verdicts.shares.insert(link.entry, diff);
            verdicts.batch.push(outcome(&account, Action::Keep(account.id.clone())));
        }
        self.applied(run, &directory, verdicts, now).await.map(drop)
    }

    async fn unconfirm(&self, account: Account, now: Millis) -> Result<(), StoreError> {
        let one = outcome(&account, Action::Keep(account.id.clone()));
        let unconfirmed = vec![one.entry];
        let verdicts = Verdicts { batch: vec![one], unconfirmed, ..Verdicts::default() };
        self.applied(None, &account.link.expect("a link").directory, verdicts, now).await.map(drop)
    }

    async fn pause(&self, directory: &DirectoryId, now: Millis) -> Result<RunId, StoreError> {
        let run = self.begin_run(directory, RunTrigger::Change, now).await?;
        let done = Ok(RunCounts::default());
        self.finish_run(run, RunKind::Complete, done, &RunDetails::default(), now).await?;
        let undo = self.begin_undo(run, now).await?.expect("it can be reverted");
        while self.undo_batch(undo, run, now).await? {}
        Ok(run)
    }
}

/// A decision about a linked account, without a conflict.
fn outcome(account: &Account, action: Action) -> EntryOutcome {
    EntryOutcome {
        entry: account.link.as_ref().expect("a link").entry,
        login_name: account.profile.login_name.clone().expect("a name"),
        outcome: Outcome { action, conflict: None },
        password_changed_at: None,
    }
}
