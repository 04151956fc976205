//! Find accounts by the names that people use: account id, email address, login name, `DOMAIN\\login name`.
//!
//! Only stored accounts are searched, so this works while the directory is unavailable. A name of several
//! people is refused: a help desk must not give a code to a namesake.

use crate::domain::account::Account;
use crate::domain::account_search::search_key;
use crate::domain::email;
use crate::domain::name::{TypedName, fold, same_name};
use crate::domain::routing::Territory;
use crate::flow::installation::context::LoginParts;
use crate::store::StoreError;

/// Why a name leads to no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("no account has this name; see: cloudsync-idp accounts list")]
    Nobody,
    #[error("several accounts have this name; use the id of one: {}", .0.join(", "))]
    Several(Vec<String>),
}

/// The account with this name; the inner `Err` says that none, or more than one, has it. An account id takes
/// precedence over other names.
pub async fn account_named(
    parts: &LoginParts,
    typed_name: &str,
) -> Result<Result<Account, NameError>, StoreError> {
    let Some(name) = TypedName::parse(typed_name) else { return Ok(Err(NameError::Nobody)) };
    let keys = keys(&name);
    let words: Vec<String> = keys.iter().map(|key| search_key(key)).collect();
    let called = parts.store.identity().accounts_called(&words).await?;
    let current = parts.current();
    let lives_in = |account: &Account, domain: &str| {
        let home = account.directory().and_then(|directory| current.settings.directory(directory));
        home.is_some_and(|directory| Territory::of(directory).is_called(domain))
    };
    Ok(choose(typed_name, &name, called, lives_in))
}

/// The forms in which an account may have the name.
fn keys(name: &TypedName) -> Vec<String> {
    let (TypedName::InDomain { login: name, .. } | TypedName::Login(name) | TypedName::Address(name)) = name;
    let mut keys = vec![fold(name), email::key(name)];
    keys.dedup();
    keys
}

/// The one account that is meant.
fn choose(
    typed_name: &str,
    name: &TypedName,
    called: Vec<Account>,
    lives_in: impl Fn(&Account, &str) -> bool,
) -> Result<Account, NameError> {
    let keys = keys(name);
    let is_login = |account: &Account, login: &str| {
        account.profile.login_name.as_deref().is_some_and(|known| same_name(known, login))
    };
    let is_meant = |account: &Account| match name {
        TypedName::InDomain { domain, login } => is_login(account, login) && lives_in(account, domain),
        TypedName::Login(typed) | TypedName::Address(typed) => {
            let others = [fold(&account.id.0), account.profile.email_key()];
            is_login(account, typed) || others.iter().any(|known| keys.contains(known))
        }
    };
    let mut meant: Vec<Account> = called.into_iter().filter(is_meant).collect();
    if let Some(exactly) = meant.iter().position(|account| account.id.0 == typed_name.trim()) {
        return Ok(meant.swap_remove(exactly));
    }
    if meant.len() > 1 {
        return Err(NameError::Several(meant.into_iter().map(|one| one.id.0).collect()));
    }
    meant.pop().ok_or(NameError::Nobody)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::{samples, settings};

    fn account(id: &str, login: Option<&str>, mail: &str) -> Account {
        let mut account = samples::account();
        account.id = AccountId(id.into());
        account.profile.login_name = login.map(str::to_owned);
        account.profile.email = mail.into();
        account
    }

    #[test]
    fn people_are_found_by_every_name_and_never_by_half_of_one() {
        let corp = settings::Directory {
            netbios_name: "CORP".into(),
            base_dn: "DC=corp,DC=example,DC=com".into(),
            ..settings::Directory::default()
        };
        let people = vec![
            account("42", Some("alice"), "Alice@example.com"),
            account("43", Some("bob"), "bob@example.com"),
            account("bob", Some("robert"), "robert@example.com"),
            account("45", Some("sam"), "sam@example.com"),
            account("46", Some("Sam"), "samuel@example.com"),
        ];
        let territory = Territory::of(&corp);
        let id = |typed: &str| {
            let name = TypedName::parse(typed).ok_or(NameError::Nobody)?;
            let lives_in = |_: &Account, domain: &str| territory.is_called(domain);
            choose(typed, &name, people.clone(), lives_in).map(|account| account.id.0)
        };
        for typed in ["42", "ALICE", " alice@EXAMPLE.com ", "corp\\Alice"] {
            assert_eq!(id(typed).as_deref(), Ok("42"), "{typed}");
        }
        assert_eq!(id("bob").as_deref(), Ok("bob"), "an id comes first");
        assert_eq!(id("CORP\\bob").as_deref(), Ok("43"));
        assert_eq!(id("corp.example.com\\bob").as_deref(), Ok("43"));
        assert_eq!(id("sam"), Err(NameError::Several(vec!["45".into(), "46".into()])));
        for typed in ["", "al", "OTHER\\alice", "CORP\\42", "alice@example.org"] {
            assert_eq!(id(typed), Err(NameError::Nobody), "{typed}");
        }
    }
}
