//! `cloudsync-idp accounts hand-over ACCOUNT ENTRY`: for somebody who was deleted and hired again, or takes over what a leaver
//! had.

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::cli::{admin, output, printable, prompt, sites, sync};
use crate::domain::account::Account;
use crate::domain::entry::Entry;
use crate::domain::timestamp;
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::flow::hand_over;
use crate::flow::sync::sync_person;
use crate::store::HandedOver;

/// Which account, and who gets it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The account: its id, mail or login name
    account: String,
    /// Who gets it: objectGUID, entryUUID or a login name
    entry: String,
    /// Only in this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

/// Hands an account over, and syncs its new owner.
pub async fn run(parts: &Parts, arguments: &Arguments, json: bool) -> Result<u8> {
    let account = admin::named(parts, &arguments.account).await?;
    let sites = sites(parts, arguments.directory.as_deref())?;
    let found = hand_over::find(&sites, &arguments.entry).await;
    let (site, entry) = found.with_context(|| printable(&arguments.entry))?;
    if !arguments.yes && !agreed(&account, &site, &entry)? {
        return Ok(1);
    }
    let id = printable(&account.id.0);
    match hand_over::hand_over(parts, &account, (&site, &entry)).await? {
        HandedOver::Done => {}
        HandedOver::Unknown => bail!("account {id} is not there any more"),
        HandedOver::InUse => bail!(
            "account {id} is in use by the entry that it is linked to. Disable or delete that entry in the directory and \
             let a sync run first"
        ),
        HandedOver::EntryHas(other) if other == account.id => {
            bail!("account {id} is linked to this entry already")
        }
        HandedOver::EntryHas(other) => bail!(
            "{} has account {other} already. If that one is not needed, erase it first: cloudsync-idp admin accounts purge {other}",
            printable(&entry.login_name),
            other = printable(&other.0)
        ),
    }
    match json {
        true => output::json(&json!({
            "account": account.id.0, "directory": site.id().0, "entry": entry.id.to_string(),
            "login_name": entry.login_name,
        }))?,
        false => outln!("account {id} belongs to {} now", printable(&entry.dn.to_string())),
    }
    bring_up_to_date(parts, &site, &account).await
}

fn agreed(account: &Account, site: &Site, entry: &Entry) -> Result<bool> {
    let since = account.suspended_since().map(|since| format!(", suspended since {}", timestamp(since)));
    let had = ". Second factors, sessions and tokens of its owner so far end";
    let question = printable(&format!(
        "account {} ({}{}) would belong to {} of {}{had}",
        account.id,
        account.profile.email,
        since.unwrap_or_default(),
        entry.dn,
        site.id()
    ));
    match prompt::confirm(&format!("{question}. Hand it over?"))? {
        Some(answer) => Ok(answer),
        None => bail!("{question}; to do it: --yes"),
    }
}

/// The account is theirs in any case: what a sync can't do now, the next one does.
async fn bring_up_to_date(parts: &Parts, site: &Site, account: &Account) -> Result<u8> {
    match sync_person(parts, site, &account.id.0).await {
        Ok(_) => {}
        Err(error) => {
            sync::complain(&site.id().0, &error);
            return Ok(1);
        }
    }
    let after = parts.store.account(&account.id).await?.context("the account is not there any more")?;
    if let Some(since) = after.suspended_since() {
        errln!(
            "the account stays suspended (since {}): see why with: cloudsync-idp explain {}",
            timestamp(since),
            printable(after.profile.login_name.as_deref().unwrap_or(&after.profile.email))
        );
        return Ok(1);
    }
    Ok(0)
}
