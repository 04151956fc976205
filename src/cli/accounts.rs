//! `cloudsync-idp accounts`.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{output, printable};
use crate::domain::account::{Account, Status};
use crate::flow::accounts;
use crate::flow::context::Parts;

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Load the accounts that CloudSync already has from a CSV file: id,email,name
    Import {
        /// The file
        file: PathBuf,
    },
    /// List all accounts
    List,
}

/// Runs the command.
pub async fn run(parts: &Parts, command: Command) -> Result<u8> {
    match command {
        Command::Import { file } => import(parts, file).await,
        Command::List => list(parts).await,
    }
}

async fn import(parts: &Parts, path: PathBuf) -> Result<u8> {
    let file = File::open(&path).with_context(|| format!("can't open {}", path.display()))?;
    let outcome = accounts::import(parts, file).await?;
    outln!(
        "{} created, {} updated, {} unchanged; the next sync links them to their entries by email",
        outcome.created,
        outcome.updated,
        outcome.unchanged
    );
    for conflict in &outcome.conflicts {
        outln!(
            "  not loaded: {} {}: the email belongs to account {}",
            conflict.id,
            conflict.email,
            conflict.taken_by
        );
    }
    Ok(u8::from(!outcome.conflicts.is_empty()))
}

const PAGE: u32 = 500;

async fn list(parts: &Parts) -> Result<u8> {
    let mut after = None;
    loop {
        let page = parts.store.accounts_page(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(0) };
        after = Some(last.id.clone());
        for account in &page {
            outln!("{}", line(account));
        }
        if output::is_closed() {
            return Ok(0);
        }
    }
}

fn line(account: &Account) -> String {
    let status = match account.status {
        Status::Active => "active".to_owned(),
        Status::Suspended { because, .. } => format!("suspended ({})", because.as_str()),
    };
    let link = account.link.as_ref().map_or("not linked".to_owned(), |link| link.directory.to_string());
    let name = account.profile.name.as_deref().unwrap_or("-");
    [account.id.0.as_str(), &account.profile.email, name, &status, &link].map(printable).join("\t")
}
