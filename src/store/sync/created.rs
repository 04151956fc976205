//! Create the new accounts of a batch and record them, with few statements however many they are. The unique
//! constraints decide: if another writer was faster, no account is created, and the conflict says why.

use std::collections::HashSet;

use uuid::Uuid;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Link, Status, StatusKind};
use crate::domain::entry::EntryId;
use crate::domain::history::{ChangeKind, account_snapshot};
use crate::domain::reconcile::{Action, Change, Conflict, Outcome};

use super::applied::{AppliedEntry, AppliedKind, EntryOutcome};
use super::batch::Batch;
use super::changes::{self, NewChange};
use crate::store::engine::bulk;
use crate::store::engine::columns::{Columns, columns};
use crate::store::engine::error::Result;
use crate::store::engine::value::values;
use crate::store::identity::accounts::{link_columns, profile_columns};
use crate::store::identity::words;

/// An account to be created.
pub(in crate::store) struct New {
    entry: EntryId,
    login_name: String,
    link: Link,
    account: Account,
    conflict: Option<Conflict>,
}

impl New {
    /// Whether an outcome requests an account.
    pub(in crate::store) fn is_asked_for(one: &EntryOutcome) -> bool {
        matches!(&one.outcome.action, Action::Create(Change { profile: Some(_), .. }))
    }

    fn account(one: EntryOutcome, unconfirmed: &HashSet<EntryId>, now: Millis) -> Option<Self> {
        let EntryOutcome { entry, login_name, outcome, password_changed_at } = one;
        let Outcome { action: Action::Create(change), conflict } = outcome else { return None };
        let Change { link, profile: Some(profile), expires_at } = change else { return None };
        let account = Account {
            // Ordered by time: accounts created together are stored together.
            id: AccountId(Uuid::now_v7().to_string()),
            link: Some(link.clone()),
            profile,
            profile_changed_at: Some(now),
            status: Status::Active,
            expires_at,
            generation: 1,
            password_changed_at,
            seen_at: (!unconfirmed.contains(&entry)).then_some(now),
        };
        Some(Self { entry, login_name, link, account, conflict })
    }

    fn row(&self, run: Option<i64>, now: Millis) -> Columns {
        let Account { id, profile, expires_at, generation, password_changed_at, seen_at, .. } = &self.account;
        let fixed = columns! {
            "id" => id,
            "status" => StatusKind::Active.as_str(),
            "generation" => *generation,
            "created_at" => now,
            "expires_at" => *expires_at,
            "password_changed_at" => *password_changed_at,
            "seen_at" => *seen_at,
            "seen_run" => run,
        };
        profile_columns(profile, Some(now)).and(link_columns(Some(&self.link))).and(fixed)
    }
}

impl Batch<'_> {
    /// Creates the requested accounts and records them.
    pub(in crate::store) async fn create(&mut self, asked: Vec<EntryOutcome>) -> Result<Vec<AppliedEntry>> {
        let account = |one| New::account(one, &self.unconfirmed, self.now);
        let new: Vec<New> = asked.into_iter().filter_map(account).collect();
        let rows = new.iter().map(|new| new.row(self.run(), self.now)).collect();
        let rows =
            bulk::insert_rows(&mut self.tx, "accounts", "ON CONFLICT DO NOTHING RETURNING id", rows).await?;
        let made: Result<HashSet<String>> =
            rows.iter().map(|row| row.of("accounts", "id").cell("id")).collect();
        let made = made?;
        let created = new.iter().map(|one| &one.account).filter(|account| made.contains(&account.id.0));
        let named: Vec<_> = created.map(|account| (&account.id, &account.profile)).collect();
        words::add(&mut self.tx, &named).await?;
        let origin = self.origin();
        let (mut done, mut written_down) = (Vec::with_capacity(new.len()), Vec::with_capacity(new.len()));
        for one in new {
            let (kind, account, conflict) = if made.contains(&one.account.id.0) {
                let (account, after) = (one.account.id.clone(), account_snapshot(&one.account));
                let kind = ChangeKind::Created;
                written_down.push(NewChange { origin, account, kind, before: None, after, why: None });
                (AppliedKind::Created, Some(one.account.id), one.conflict)
            } else if let Some(own) = self.account_of(&one.link).await? {
                // The person has signed in meanwhile: that is no conflict.
                self.rejudge.push(one.entry);
                (AppliedKind::Overtaken, Some(own), None)
            } else {
                (AppliedKind::Overtaken, None, self.email_conflict(&one.account.profile, None).await?)
            };
            if let Some(conflict) = &conflict {
                self.record_conflict(one.entry, &one.login_name, conflict).await?;
            }
            done.push(AppliedEntry {
                entry: one.entry,
                account,
                kind,
                conflict,
                shares_joined: 0,
                shares_left: 0,
            });
        }
        changes::record_all(&mut self.tx, &written_down).await?;
        Ok(done)
    }

    async fn account_of(&mut self, link: &Link) -> Result<Option<AccountId>> {
        let sql = "SELECT id FROM accounts WHERE directory = $1 AND entry = $2";
        let row = self.tx.row(sql, values![&link.directory, link.entry]).await?;
        row.map(|row| Ok(AccountId(row.of("accounts", "id").cell("id")?))).transpose()
    }
}
