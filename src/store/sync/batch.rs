//! A batch of decisions that is being written in one transaction.

use std::collections::HashSet;

use crate::domain::Millis;
use crate::domain::account::{AccountId, Profile};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::reconcile::Conflict;

use super::changes::ChangeOrigin;
use super::ids::RunId;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::identity::accounts::{account, select_account};

/// A batch that is being written.
pub(in crate::store) struct Batch<'a> {
    pub tx: Tx,
    pub run: Option<RunId>,
    pub directory: &'a DirectoryId,
    /// Entries whose accounts are seen but not confirmed: their sessions are judged on a live read.
    pub unconfirmed: HashSet<EntryId>,
    /// Email addresses that accounts no longer have.
    pub freed: HashSet<String>,
    /// Entries that got an account from another process meanwhile.
    pub rejudge: Vec<EntryId>,
    pub now: Millis,
}

impl<'a> Batch<'a> {
    pub(in crate::store) fn origin(&self) -> ChangeOrigin<'a> {
        ChangeOrigin { run: self.run, directory: self.directory, at: self.now }
    }

    /// The conflict with the account that has this email address.
    pub(in crate::store) async fn email_conflict(
        &mut self,
        profile: &Profile,
        own: Option<&AccountId>,
    ) -> Result<Option<Conflict>> {
        let row = self.tx.row(select_account("WHERE email_key = $1"), values![profile.email_key()]).await?;
        let owner = row.as_ref().map(account).transpose()?;
        let other = owner.filter(|owner| Some(&owner.id) != own);
        Ok(other.map(|owner| Conflict::taken(profile.email.clone(), &owner)))
    }

    pub(in crate::store) async fn hold_back(
        &mut self,
        entry: EntryId,
        login_name: &str,
        conflict: &Conflict,
    ) -> Result<()> {
        let sql = "INSERT INTO conflicts (directory, entry, login_name, kind, email, taken_by, since, seen_run) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (directory, entry) DO UPDATE SET \
             login_name = excluded.login_name, taken_by = excluded.taken_by, \
             since = CASE WHEN conflicts.kind = excluded.kind \
                 AND conflicts.email IS NOT DISTINCT FROM excluded.email THEN conflicts.since ELSE excluded.since END, \
             kind = excluded.kind, email = excluded.email, \
             seen_run = coalesce(excluded.seen_run, conflicts.seen_run)";
        let taken_by = conflict.account().map(|account| account.0.as_str());
        let values = values![
            self.directory,
            entry,
            login_name,
            conflict.kind().as_str(),
            conflict.email(),
            taken_by,
            self.now,
            self.run(),
        ];
        self.tx.execute(sql, values).await?;
        Ok(())
    }

    pub(in crate::store) fn run(&self) -> Option<i64> {
        self.run.map(|run| run.0)
    }
}
