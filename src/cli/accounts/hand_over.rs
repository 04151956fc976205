//! `cloudsync-idp accounts hand-over ACCOUNT ENTRY`: link an account to another entry, for a person who was
//! deleted and hired again, or who takes over a leaver's account.

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::app::App;
use crate::cli::actor::actor;
use crate::cli::{output, person, printable, prompt, sites, sync};
use crate::domain::account::Account;
use crate::domain::entry::Entry;
use crate::domain::timestamp;
use crate::flow::installation::current::Site;
use crate::flow::sync::hand_over;
use crate::flow::sync::sync_person;
use crate::store::HandOverOutcome;

/// The account, and the entry that gets it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The account: its id, email address or login name
    account: String,
    /// The entry that gets it: objectGUID, entryUUID or login name
    entry: String,
    /// Only in this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

/// Links the account to the entry, and syncs its new owner.
pub async fn run(parts: &App, arguments: &Arguments, json: bool) -> Result<u8> {
    let account = person::named(&parts.login(), &arguments.account).await?;
    let sites = sites(&parts.current(), arguments.directory.as_deref())?;
    let found = hand_over::find(&sites, &arguments.entry).await;
    let (site, entry) = found.with_context(|| printable(&arguments.entry))?;
    if !arguments.yes && !confirmed(&account, &site, &entry)? {
        return Ok(1);
    }
    let (id, actor) = (printable(&account.id.0), actor());
    match hand_over::hand_over(&parts.sync(), &account, (&*site, &entry), &actor).await? {
        HandOverOutcome::Done => {}
        HandOverOutcome::Unknown => bail!("account {id} does not exist any more"),
        HandOverOutcome::InUse => bail!(
            "account {id} is active and linked to another entry. First disable or delete that entry in the directory, and \
             run a sync"
        ),
        HandOverOutcome::EntryHas(other) if other == account.id => {
            bail!("account {id} is already linked to this entry")
        }
        HandOverOutcome::EntryHas(other) => bail!(
            "{} already has account {other}. If that one is not needed, erase it first: cloudsync-idp admin accounts purge {other}",
            printable(&entry.login_name),
            other = printable(&other.0)
        ),
    }
    match json {
        true => output::json(&json!({
            "account": account.id.0, "directory": site.id().0, "entry": entry.id.to_string(),
            "login_name": entry.login_name,
        }))?,
        false => outln!("account {id} now belongs to {}", printable(&entry.dn.to_string())),
    }
    sync_owner(parts, &site, &account).await
}

fn confirmed(account: &Account, site: &Site, entry: &Entry) -> Result<bool> {
    let since = account.suspended_since().map(|since| format!(", suspended since {}", timestamp(since)));
    let ends = ". The second factors, sessions and tokens of its previous owner end";
    let question = printable(&format!(
        "account {} ({}{}) would belong to {} of {}{ends}",
        account.id,
        account.profile.email,
        since.unwrap_or_default(),
        entry.dn,
        site.id()
    ));
    match prompt::confirm(&format!("{question}. Hand it over?"))? {
        Some(answer) => Ok(answer),
        None => bail!("{question}; to do it without this question: --yes"),
    }
}

/// Syncs the new owner. The account is linked in any case: if this sync fails, the next one does the rest.
async fn sync_owner(parts: &App, site: &Site, account: &Account) -> Result<u8> {
    match sync_person(&parts.sync(), site, &account.id.0).await {
        Ok(_) => {}
        Err(error) => {
            sync::print_error(&site.id().0, &error);
            return Ok(1);
        }
    }
    let after =
        parts.store.identity().account(&account.id).await?.context("the account does not exist any more")?;
    if let Some(since) = after.suspended_since() {
        errln!(
            "the account is still suspended (since {}); to see why: cloudsync-idp explain {}",
            timestamp(since),
            printable(after.profile.login_name.as_deref().unwrap_or(&after.profile.email))
        );
        return Ok(1);
    }
    Ok(0)
}
