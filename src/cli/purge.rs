//! `cloudsync-idp admin accounts purge NAME`: erases one account, for a person who has the right to be forgotten.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::json;

use super::{output, printable};
use crate::domain::account::Account;
use crate::domain::audit::{Decision, Event};
use crate::flow::context::Parts;
use crate::store::Purged;

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Erase an account with all that is kept of its person; nothing of it comes back
    Purge {
        /// Login name, mail or account id
        name: String,
        /// Erase it even if it is in use: everything ends at once, and the next sync may make a new account
        #[arg(long)]
        yes_erase_active: bool,
    },
}

/// Erases the account. The trail is told its id and no name.
pub async fn run(parts: &Parts, account: &Account, yes_erase_active: bool, json: bool) -> Result<u8> {
    let event = Event {
        account_id: Some(account.id.0.clone()),
        directory: account.link.as_ref().map(|link| link.directory.0.clone()),
        ..Event::new(parts.now(), Decision::AccountErased)
    };
    let id = printable(&account.id.0);
    match parts.store.purge(&account.id, yes_erase_active, &event).await? {
        Purged::Unknown => bail!("account {id} is not there any more"),
        Purged::Active => bail!(
            "account {id} is active. Disable the person in the directory, or take them out of the scope, and let a sync \
             run: otherwise the next one makes a new account of them. To erase it all the same: --yes-erase-active"
        ),
        Purged::Erased(lines) if json => {
            let erased: BTreeMap<_, _> = lines.into_iter().collect();
            output::json(&json!({ "account": account.id.0, "erased": erased }))?;
            Ok(0)
        }
        Purged::Erased(lines) => {
            outln!("account {id} is erased");
            for (what, many) in lines {
                outln!("  {what}: {many}");
            }
            outln!(
                "What stays: the trail of decisions, with the account's id and the entry's DN, until it is too old to be kept."
            );
            outln!(
                "If the directory still shows the person in scope and enabled, a new account is made when they are read again."
            );
            Ok(0)
        }
    }
}
