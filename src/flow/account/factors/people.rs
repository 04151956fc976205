//! Find accounts by the names that people use: account id, email address, login name, `DOMAIN\\login name`.
//!
//! Only stored accounts are searched, so this works while the directory is unavailable. A name of several
//! people is refused: a help desk must not give a code to a namesake.

use std::collections::HashMap;

use crate::domain::account::Account;
use crate::domain::email;
use crate::domain::name::{TypedName, fold, same_name};
use crate::domain::routing::Territory;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Current;
use crate::store::StoreError;

const PAGE: u32 = 500;

/// Why a name leads to no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("no account has this name; see: cloudsync-idp accounts list")]
    Nobody,
    #[error("several accounts have this name; use the id of one: {}", .0.join(", "))]
    Several(Vec<String>),
}

/// All accounts, by name.
#[derive(Debug, Default)]
pub struct AccountsByName {
    accounts: Vec<Account>,
    by_name: HashMap<String, Vec<usize>>,
    territories: HashMap<String, Territory>,
}

impl AccountsByName {
    /// Reads all accounts.
    pub async fn read(parts: &LoginParts) -> Result<Self, StoreError> {
        let mut people = Self { territories: territories(&parts.current()), ..Self::default() };
        let mut after = None;
        loop {
            let page = parts.store.identity().accounts_page(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(people) };
            after = Some(last.id.clone());
            page.into_iter().for_each(|account| people.add(account));
        }
    }

    fn add(&mut self, account: Account) {
        let index = self.accounts.len();
        let login = account.profile.login_name.as_deref().map(fold);
        let mut names = vec![fold(&account.id.0), account.profile.email_key()];
        names.extend(login);
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.by_name.entry(name).or_default().push(index);
        }
        self.accounts.push(account);
    }

    /// The account with this name. An account id takes precedence over other names.
    pub fn named(&self, typed_name: &str) -> Result<&Account, NameError> {
        let found = match TypedName::parse(typed_name) {
            Some(TypedName::InDomain { domain, login }) => self.in_domain(&domain, &login),
            Some(TypedName::Login(name) | TypedName::Address(name)) => self.all(&name),
            None => Vec::new(),
        };
        if let Some(exactly) = found.iter().find(|account| account.id.0 == typed_name.trim()) {
            return Ok(exactly);
        }
        match found.as_slice() {
            [] => Err(NameError::Nobody),
            [one] => Ok(one),
            several => Err(NameError::Several(several.iter().map(|one| one.id.0.clone()).collect())),
        }
    }

    fn all(&self, name: &str) -> Vec<&Account> {
        let mut keys = vec![fold(name), email::key(name)];
        keys.dedup();
        let indices = keys.iter().filter_map(|key| self.by_name.get(key)).flatten();
        indices.filter_map(|index| self.accounts.get(*index)).collect()
    }

    fn in_domain(&self, domain: &str, login: &str) -> Vec<&Account> {
        let lives_there = |account: &&Account| {
            let directory = account.directory().map(|directory| directory.0.as_str());
            directory.and_then(|id| self.territories.get(id)).is_some_and(|home| home.is_called(domain))
        };
        let has_login = |account: &&Account| {
            account.profile.login_name.as_deref().is_some_and(|name| same_name(name, login))
        };
        self.all(login).into_iter().filter(lives_there).filter(has_login).collect()
    }
}

fn territories(current: &Current) -> HashMap<String, Territory> {
    let directories = current.settings.directories.iter();
    directories.map(|directory| (directory.id.0.clone(), Territory::of(directory))).collect()
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
        let mut people = AccountsByName::default();
        let corp = settings::Directory {
            netbios_name: "CORP".into(),
            base_dn: "DC=corp,DC=example,DC=com".into(),
            ..settings::Directory::default()
        };
        people.territories.insert("corp".into(), Territory::of(&corp));
        people.add(account("42", Some("alice"), "Alice@example.com"));
        people.add(account("43", Some("bob"), "bob@example.com"));
        people.add(account("bob", Some("robert"), "robert@example.com"));
        people.add(account("45", Some("sam"), "sam@example.com"));
        people.add(account("46", Some("Sam"), "samuel@example.com"));
        let id = |typed: &str| people.named(typed).map(|account| account.id.0.clone());
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
