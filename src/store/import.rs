//! Loading accounts that CloudSync already had. The first sync run that comes to its end after that links them to entries,
//! by email; later ones only where nobody but administrators writes the mails.

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Profile};
use crate::domain::audit::Event;

use super::accounts::{account, profile_values, select_account};
use super::error::Result;
use super::sql::Tx;
use super::value::values;
use super::{Store, audit, facts, mirror};

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    /// New accounts.
    pub created: u64,
    /// Accounts that were not linked yet and differed.
    pub updated: u64,
    /// Accounts that were there already; linked ones are the directory's and stay as they are.
    pub unchanged: u64,
    /// Those left out.
    pub conflicts: Vec<ImportConflict>,
}

/// An account that was left out because another one has its mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportConflict {
    /// The account of the file.
    pub id: AccountId,
    /// Its mail.
    pub email: String,
    /// Who has it.
    pub taken_by: AccountId,
}

impl Store {
    /// Loads accounts, all in one transaction. A second time changes no account, but the next import may link by mail
    /// again: that accounts were loaded is noted for good.
    pub async fn import_accounts(
        &self,
        accounts: Vec<(AccountId, Profile)>,
        event: &Event,
        now: Millis,
    ) -> Result<ImportOutcome> {
        let mut outcome = ImportOutcome::default();
        let mut tx = self.db.begin().await?;
        for (id, profile) in accounts {
            import_one(&mut tx, id, &profile, now, &mut outcome).await?;
        }
        facts::accounts_loaded(&mut tx, now).await?;
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}

async fn import_one(
    tx: &mut Tx,
    id: AccountId,
    profile: &Profile,
    now: Millis,
    outcome: &mut ImportOutcome,
) -> Result<()> {
    let held = one(tx, select_account!("WHERE id = $1"), &id.0).await?;
    if held.as_ref().is_some_and(|held| held.link.is_some() || held.profile == *profile) {
        outcome.unchanged += 1;
        return Ok(());
    }
    let owner = one(tx, select_account!("WHERE email_key = $1"), &profile.email_key()).await?;
    if let Some(owner) = owner.filter(|owner| owner.id != id) {
        outcome.conflicts.push(ImportConflict { id, email: profile.email.clone(), taken_by: owner.id });
        return Ok(());
    }
    let mut values = profile_values(profile);
    values.extend(values![&id]);
    if held.is_some() {
        let sql = "UPDATE accounts SET email = $1, email_key = $2, name = $3, given_name = $4, family_name = $5, \
             login_name = $6 WHERE id = $7";
        outcome.updated += tx.execute(sql, values).await?;
        let freed = held.map(|held| held.profile.email_key()).filter(|key| *key != profile.email_key());
        mirror::mails_freed(tx, freed.into_iter().collect()).await?;
    } else {
        let sql = "INSERT INTO accounts (email, email_key, name, given_name, family_name, login_name, id, status, \
             generation, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', 1, $8)";
        values.extend(values![now]);
        outcome.created += tx.execute(sql, values).await?;
    }
    Ok(())
}

async fn one(tx: &mut Tx, sql: &'static str, key: &str) -> Result<Option<Account>> {
    tx.row(sql, values![key]).await?.as_ref().map(account).transpose()
}
