//! Find and print the person whom a command names.

use anyhow::{Context, Result};

use super::printable;
use crate::domain::account::Account;
use crate::flow::account::factors::account_named;
use crate::flow::installation::context::LoginParts;

/// The account with this login name, email address or id.
pub(super) async fn named(parts: &LoginParts, name: &str) -> Result<Account> {
    account_named(parts, name).await?.with_context(|| printable(name))
}

/// The account in one line: id, login name and email address.
pub(super) fn who(account: &Account) -> String {
    let login = account.profile.login_name.as_deref().unwrap_or("-");
    [account.id.0.as_str(), login, &account.profile.email].map(printable).join("\t")
}
