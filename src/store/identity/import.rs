//! Loading accounts that CloudSync already had. A sync links them to entries: those that the file maps to an entry by its
//! id, and by email where only administrators write the mails or an administrator applies a plan.

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Profile};
use crate::domain::audit::Event;
use crate::domain::entry::{DirectoryId, EntryId};

use super::accounts::{account, profile_values, select_account};
use super::{mapped, purge};
use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::login::audit;
use crate::store::sync::mirror;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    pub created: u64,
    /// Accounts that were not linked yet and differed, in what they are or in the entry that they are mapped to.
    pub updated: u64,
    /// Accounts that were there already; linked ones are the directory's and stay as they are.
    pub unchanged: u64,
    pub conflicts: Vec<ImportConflict>,
    /// Those left out because an account with that id was erased.
    pub erased: Vec<AccountId>,
}

/// An account of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub id: AccountId,
    pub profile: Profile,
    /// The entry that it belongs to, where the file says so.
    pub entry: Option<(DirectoryId, EntryId)>,
}

impl From<(AccountId, Profile)> for Loaded {
    fn from((id, profile): (AccountId, Profile)) -> Self {
        Self { id, profile, entry: None }
    }
}

/// An account that was left out because of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportConflict {
    /// The account of the file.
    pub id: AccountId,
    pub email: String,
    pub why: LeftOut,
}

/// Why an account of a file was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// This account has its mail.
    EmailOf(AccountId),
    /// Its entry is linked to this account, or mapped to it.
    EntryOf(AccountId),
    /// It is linked to this entry already.
    LinkedTo(EntryId),
}

impl IdentityStore<'_> {
    /// Loads accounts, all in one transaction. A second time changes nothing. Of an account that is not linked yet, what the
    /// last file says of its entry holds, also that it has none.
    pub async fn import_accounts(
        &self,
        accounts: Vec<impl Into<Loaded>>,
        event: &Event,
        now: Millis,
    ) -> Result<ImportOutcome> {
        let accounts: Vec<Loaded> = accounts.into_iter().map(Into::into).collect();
        let mut outcome = ImportOutcome::default();
        let mut tx = self.store.db.begin().await?;
        let mut withdrawn = mapped::withdraw(&mut tx, &accounts).await?;
        for loaded in &accounts {
            let held = one(&mut tx, select_account!("WHERE id = $1"), &loaded.id.0).await?;
            if let Some(why) = left_out(&mut tx, loaded, held.as_ref()).await? {
                let (id, email) = (loaded.id.clone(), loaded.profile.email.clone());
                outcome.conflicts.push(ImportConflict { id, email, why });
                continue;
            }
            let was_withdrawn = withdrawn.remove(&loaded.id).is_some();
            import_one(&mut tx, loaded, (held, was_withdrawn), (now, &mut outcome)).await?;
        }
        // Those whose lines were left out stay as they were.
        for (account, (directory, entry)) in withdrawn {
            mapped::restore(&mut tx, &account, (&directory, entry)).await?;
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}

/// Why the account can't be loaded as the file has it.
async fn left_out(tx: &mut Tx, loaded: &Loaded, held: Option<&Account>) -> Result<Option<LeftOut>> {
    let link = held.and_then(|held| held.link.as_ref());
    if let (Some(link), Some((directory, entry))) = (link, &loaded.entry)
        && (link.directory != *directory || link.entry != *entry)
    {
        return Ok(Some(LeftOut::LinkedTo(link.entry)));
    }
    if link.is_some() {
        return Ok(None);
    }
    let owner = one(tx, select_account!("WHERE email_key = $1"), &loaded.profile.email_key()).await?;
    if let Some(owner) = owner.filter(|owner| owner.id != loaded.id) {
        return Ok(Some(LeftOut::EmailOf(owner.id)));
    }
    let Some((directory, entry)) = &loaded.entry else { return Ok(None) };
    let other = mapped::account_of(tx, (directory, *entry)).await?.filter(|other| *other != loaded.id);
    Ok(other.map(LeftOut::EntryOf))
}

async fn import_one(
    tx: &mut Tx,
    loaded: &Loaded,
    (held, withdrawn): (Option<Account>, bool),
    (now, outcome): (Millis, &mut ImportOutcome),
) -> Result<()> {
    let Loaded { id, profile, entry } = loaded;
    if held.as_ref().is_some_and(|held| held.link.is_some()) {
        outcome.unchanged += 1;
        return Ok(());
    }
    if held.is_none() && purge::is_purged(tx, id).await? {
        outcome.erased.push(id.clone());
        return Ok(());
    }
    let newly_mapped = match entry {
        Some((directory, entry)) => mapped::map(tx, id, (directory, *entry)).await?,
        None => false,
    };
    let remapped = newly_mapped || withdrawn;
    let Some(held) = held else {
        let sql = "INSERT INTO accounts (email, email_key, name, given_name, family_name, login_name, id, status, \
             generation, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', 1, $8)";
        let mut values = profile_values(profile);
        values.extend(values![id, now]);
        outcome.created += tx.execute(sql, values).await?;
        return Ok(());
    };
    if held.profile == *profile && !remapped {
        outcome.unchanged += 1;
        return Ok(());
    }
    let sql = "UPDATE accounts SET email = $1, email_key = $2, name = $3, given_name = $4, family_name = $5, \
         login_name = $6 WHERE id = $7";
    let mut values = profile_values(profile);
    values.extend(values![id]);
    outcome.updated += tx.execute(sql, values).await?;
    // Who has the address was judged by the old address, or by the old mapping.
    let concerned = Some(held.profile.email_key()).filter(|key| remapped || *key != profile.email_key());
    mirror::mails_freed(tx, concerned.into_iter().collect()).await
}

async fn one(tx: &mut Tx, sql: &'static str, key: &str) -> Result<Option<Account>> {
    tx.row(sql, values![key]).await?.as_ref().map(account).transpose()
}
