//! `cloudsync-idp accounts suspend NAME` and `reactivate NAME`: suspend an account here, whatever the directory
//! says, and end that again.

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::actor::actor;
use crate::cli::{output, person, prompt};
use crate::domain::account::Account;
use crate::flow::account::sessions::EndedView;
use crate::flow::account::suspension;
use crate::flow::account::views::AccountNames;
use crate::flow::installation::context::LoginParts;

/// Whom to suspend.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Login name, email address or account id
    name: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

/// A suspended account, and what ended, as JSON.
#[derive(Serialize)]
struct SuspendedShape {
    #[serde(flatten)]
    names: AccountNames,
    #[serde(flatten)]
    ended: EndedView,
}

/// Suspends an account.
pub async fn suspend(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    let account = person::named(parts, &arguments.name).await?;
    if !arguments.yes && !confirmed(&account)? {
        return Ok(1);
    }
    let ended = suspension::suspend(parts, &account, &actor()).await?;
    if json {
        output::json(&SuspendedShape { names: AccountNames::from(&account), ended })?;
        return Ok(0);
    }
    outln!("{}", person::who(&account));
    outln!(
        "  is suspended; {} sessions and {} refresh families are ended",
        ended.sessions,
        ended.refresh_families
    );
    Ok(0)
}

/// Ends a suspension.
pub async fn reactivate(parts: &LoginParts, name: &str, json: bool) -> Result<u8> {
    let account = person::named(parts, name).await?;
    suspension::reactivate(parts, &account, &actor()).await?;
    if json {
        output::json(&AccountNames::from(&account))?;
        return Ok(0);
    }
    outln!("{}", person::who(&account));
    outln!("  is active again, unless the directory says something else: the next sync applies that");
    Ok(0)
}

fn confirmed(account: &Account) -> Result<bool> {
    let question = format!(
        "{} would be suspended: all sessions and tokens end, and the person can't sign in, whatever the directory says",
        person::who(account).replace('\t', " ")
    );
    match prompt::confirm(&format!("{question}. Suspend this account?"))? {
        Some(answer) => Ok(answer),
        None => bail!("{question}; to do it without this question: --yes"),
    }
}
