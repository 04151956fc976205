//! Load accounts that CloudSync already had. A sync links them to entries: by the entry id where the file has
//! one, and by email address where only administrators write the addresses or an administrator applies a
//! plan.

use std::collections::{HashMap, HashSet};

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Profile};
use crate::domain::audit::Event;
use crate::domain::audit_change::ValueChange;
use crate::domain::delivery::{Subject, Urgency};
use crate::domain::entry::{DirectoryId, EntryId};

use super::accounts::{account, profile_columns, select_account};
use super::{mapped, purge, words};
use crate::store::IdentityStore;
use crate::store::engine::bulk;
use crate::store::engine::columns::columns;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Sql, Tx};
use crate::store::engine::value::values;
use crate::store::mirror;
use crate::store::trail::audit;

/// How many of the changed accounts the event of an import names.
const MOST_NAMED: usize = 200;

/// The result of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    pub created: u64,
    /// Unlinked accounts that differed, in their data or in the entry that they are mapped to.
    pub updated: u64,
    /// Accounts that existed; linked ones belong to the directory and stay unchanged.
    pub unchanged: u64,
    pub conflicts: Vec<ImportConflict>,
    /// Accounts left out because an account with that id was erased.
    pub erased: Vec<AccountId>,
}

/// An account of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedAccount {
    pub id: AccountId,
    pub profile: Profile,
    /// The entry that it belongs to, if the file names one.
    pub entry: Option<(DirectoryId, EntryId)>,
}

impl From<(AccountId, Profile)> for LoadedAccount {
    fn from((id, profile): (AccountId, Profile)) -> Self {
        Self { id, profile, entry: None }
    }
}

/// An account that was left out because of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportConflict {
    pub id: AccountId,
    pub email: String,
    pub why: LeftOut,
}

/// Why an account of the file was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// This account has its email address.
    EmailOf(AccountId),
    /// This account is linked or mapped to its entry.
    EntryOf(AccountId),
    /// It is already linked to this entry.
    LinkedTo(EntryId),
}

impl IdentityStore<'_> {
    /// Loads accounts, all in one transaction. Repeating it changes nothing. For an unlinked account the last
    /// file decides which entry it belongs to, and also that it belongs to none. An account that is left out
    /// keeps its entry, so a line that would take that entry is left out too.
    pub async fn import_accounts(
        &self,
        accounts: Vec<impl Into<LoadedAccount>>,
        event: &Event,
        now: Millis,
    ) -> Result<ImportOutcome> {
        let file: Vec<LoadedAccount> = accounts.into_iter().map(Into::into).collect();
        let mut kept = HashMap::new();
        // Each round leaves out further lines, so there are at most as many rounds as lines.
        loop {
            let attempt = retry(|| self.try_import(&file, &kept, event, now)).await?;
            match attempt {
                ImportAttempt::Done(outcome) => return Ok(outcome),
                ImportAttempt::Blocked(more) => kept.extend(more),
            }
        }
    }

    /// Loads the file without the lines of `kept`, or nothing if a line took the entry of an account that was
    /// left out.
    async fn try_import(
        &self,
        file: &[LoadedAccount],
        kept: &HashMap<AccountId, LeftOut>,
        event: &Event,
        now: Millis,
    ) -> Result<ImportAttempt> {
        let (mut outcome, mut changes) = (ImportOutcome::default(), Vec::new());
        let mut tx = self.store.db.begin().await?;
        let judged = file.iter().filter(|line| !kept.contains_key(&line.id));
        let judged = judged.map(|line| (&line.id, line.entry.as_ref())).collect();
        let mut withdrawn = mapped::withdraw(&mut tx, &judged).await?;
        let before = withdrawn.clone();
        for loaded in file {
            let stored = one(&mut tx, select_account("WHERE id = $1"), &loaded.id.0).await?;
            let why = match kept.get(&loaded.id) {
                Some(why) => Some(why.clone()),
                None => left_out(&mut tx, loaded, stored.as_ref()).await?,
            };
            if let Some(why) = why {
                let (id, email) = (loaded.id.clone(), loaded.profile.email.clone());
                outcome.conflicts.push(ImportConflict { id, email, why });
                continue;
            }
            let was_withdrawn = withdrawn.remove(&loaded.id).is_some();
            match import_line(&mut tx, loaded, stored, was_withdrawn, now).await? {
                ImportedLine::Created => {
                    outcome.created += 1;
                    changes.push(ValueChange::added(&format!("account {}", loaded.id), "created"));
                }
                ImportedLine::Updated => {
                    outcome.updated += 1;
                    changes.push(ValueChange::new(&format!("account {}", loaded.id), "imported", "updated"));
                }
                ImportedLine::Unchanged => outcome.unchanged += 1,
                ImportedLine::Erased => outcome.erased.push(loaded.id.clone()),
            }
        }
        let blocked = blocked(file, &before, &outcome.conflicts);
        if !blocked.is_empty() {
            return Ok(ImportAttempt::Blocked(blocked));
        }
        // Accounts whose lines were left out stay unchanged.
        for (account, (directory, entry)) in withdrawn {
            mapped::map(&mut tx, &account, &directory, entry).await?;
        }
        if changes.len() > MOST_NAMED {
            let more = changes.split_off(MOST_NAMED).len();
            changes.push(ValueChange::added("more accounts", more));
        }
        audit::insert(&mut tx, &event.clone().changing(changes)).await?;
        tx.commit().await?;
        Ok(ImportAttempt::Done(outcome))
    }
}

/// The result of loading a file once.
enum ImportAttempt {
    Done(ImportOutcome),
    /// Nothing was written: these lines must be left out too.
    Blocked(HashMap<AccountId, LeftOut>),
}

/// The loaded lines that took the entry of an account which was left out, and those that took theirs, and so
/// on.
fn blocked(
    file: &[LoadedAccount],
    before: &HashMap<AccountId, (DirectoryId, EntryId)>,
    conflicts: &[ImportConflict],
) -> HashMap<AccountId, LeftOut> {
    let left: HashSet<&AccountId> = conflicts.iter().map(|conflict| &conflict.id).collect();
    let loaded = file.iter().filter(|line| !left.contains(&line.id));
    let takes: HashMap<_, _> =
        loaded.filter_map(|line| line.entry.as_ref().map(|entry| (entry, &line.id))).collect();
    let mut blocked = HashMap::new();
    for mut owner in left {
        while let Some(next) = before.get(owner).and_then(|entry| takes.get(entry)) {
            blocked.insert((*next).clone(), LeftOut::EntryOf(owner.clone()));
            owner = next;
        }
    }
    blocked
}

/// Why the account can't be loaded as the file has it.
async fn left_out(tx: &mut Tx, loaded: &LoadedAccount, stored: Option<&Account>) -> Result<Option<LeftOut>> {
    let link = stored.and_then(|stored| stored.link.as_ref());
    if let (Some(link), Some((directory, entry))) = (link, &loaded.entry)
        && (link.directory != *directory || link.entry != *entry)
    {
        return Ok(Some(LeftOut::LinkedTo(link.entry)));
    }
    if link.is_some() {
        return Ok(None);
    }
    let owner = one(tx, select_account("WHERE email_key = $1"), &loaded.profile.email_key()).await?;
    if let Some(owner) = owner.filter(|owner| owner.id != loaded.id) {
        return Ok(Some(LeftOut::EmailOf(owner.id)));
    }
    let Some((directory, entry)) = &loaded.entry else { return Ok(None) };
    let other = mapped::account_of(tx, directory, *entry).await?.filter(|other| *other != loaded.id);
    Ok(other.map(LeftOut::EntryOf))
}

/// What was done with one line.
enum ImportedLine {
    Created,
    Updated,
    Unchanged,
    /// The account was erased and does not come back.
    Erased,
}

/// `withdrawn`: the account was mapped to another entry until now.
async fn import_line(
    tx: &mut Tx,
    loaded: &LoadedAccount,
    stored: Option<Account>,
    withdrawn: bool,
    now: Millis,
) -> Result<ImportedLine> {
    let LoadedAccount { id, profile, entry } = loaded;
    if stored.as_ref().is_some_and(|stored| stored.link.is_some()) {
        return Ok(ImportedLine::Unchanged);
    }
    if stored.is_none() && purge::is_purged(tx, id).await? {
        return Ok(ImportedLine::Erased);
    }
    let newly_mapped = match entry {
        Some((directory, entry)) => mapped::map(tx, id, directory, *entry).await?,
        None => false,
    };
    let remapped = newly_mapped || withdrawn;
    let Some(stored) = stored else {
        let fixed = columns! { "id" => id, "status" => "active", "generation" => 1_i64, "created_at" => now };
        bulk::insert_rows(tx, "accounts", "", vec![profile_columns(profile, Some(now)).and(fixed)]).await?;
        words::add(tx, &[(id, profile)]).await?;
        tx.wish(Subject::Person(id.clone()), Urgency::Change, now);
        return Ok(ImportedLine::Created);
    };
    if stored.profile == *profile && !remapped {
        return Ok(ImportedLine::Unchanged);
    }
    let (sql, values) =
        profile_columns(profile, stored.changed_at(profile, now)).update("accounts").only("id", id);
    tx.execute(sql, values).await?;
    words::replace(tx, id, &stored.profile, profile).await?;
    tx.wish(Subject::Person(id.clone()), Urgency::Change, now);
    // The person with the address was judged by the old address, or by the old mapping.
    let concerned = Some(stored.profile.email_key()).filter(|key| remapped || *key != profile.email_key());
    mirror::emails_freed(tx, concerned.into_iter().collect()).await?;
    Ok(ImportedLine::Updated)
}

async fn one(tx: &mut Tx, sql: Sql, key: &str) -> Result<Option<Account>> {
    tx.row(sql, values![key]).await?.as_ref().map(account).transpose()
}
