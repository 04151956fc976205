//! `cloudsync-idp admin accounts purge NAME`: erase one account (right to erasure).

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::json;

use super::actor::actor;
use super::{output, printable};
use crate::domain::account::Account;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
use crate::flow::installation::context::LoginParts;
use crate::store::PurgeOutcome;

/// Commands that erase accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Erase an account and all data of its person, for good
    Purge {
        /// Login name, email address or account id
        name: String,
        /// Erase it even if it is active: sessions end at once, and the next sync may create a new account
        #[arg(long)]
        yes_erase_active: bool,
    },
}

/// Erases the account. The audit log gets its id and no name.
pub async fn run(parts: &LoginParts, account: &Account, yes_erase_active: bool, json: bool) -> Result<u8> {
    let event = Event {
        account_id: Some(account.id.0.clone()),
        directory: account.link.as_ref().map(|link| link.directory.0.clone()),
        ..Event::new(parts.now(), Decision::AccountErased)
    };
    let event = event.by(&actor()).changing([ValueChange::removed("status", account.status)]);
    let id = printable(&account.id.0);
    match parts.store.identity().purge(&account.id, yes_erase_active, &event).await? {
        PurgeOutcome::Unknown => bail!("account {id} does not exist any more"),
        PurgeOutcome::Active => bail!(
            "account {id} is active. First disable the person in the directory or remove them from the scope, and run a \
             sync: otherwise the next sync creates a new account for them. To erase it anyway: --yes-erase-active"
        ),
        PurgeOutcome::Erased(lines) if json => {
            let erased: BTreeMap<_, _> = lines.into_iter().collect();
            output::json(&json!({ "account": account.id.0, "erased": erased }))?;
            Ok(0)
        }
        PurgeOutcome::Erased(lines) => {
            outln!("account {id} is erased");
            for (what, many) in lines {
                outln!("  {what}: {many}");
            }
            outln!(
                "What stays: the audit log, with the account's id and the entry's DN, until its retention ends."
            );
            outln!(
                "If the person is still enabled and in scope in the directory, the next sync creates a new account."
            );
            Ok(0)
        }
    }
}
