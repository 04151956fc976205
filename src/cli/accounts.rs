//! `cloudsync-idp accounts`: import, list, show, suspend and hand over accounts.

mod hand_over;
mod list;
mod show;
mod suspend;

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;

use super::actor::actor;
use super::{output, printable};
use crate::app::App;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::load_accounts;
use crate::store::{ImportConflict, ImportOutcome, LeftOut};

/// Commands for accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Import the accounts that CloudSync already has from a CSV file: id,email,name[,guid,directory]
    Import {
        /// The file
        file: PathBuf,
    },
    /// List all accounts, or those that match
    List(list::Arguments),
    /// Link a suspended or not yet linked account to another entry of the directory
    HandOver(hand_over::Arguments),
    /// Suspend one account here, whatever the directory says
    Suspend(suspend::Arguments),
    /// End such a suspension
    Reactivate {
        /// Login name, email address or account id
        name: String,
    },
    /// Show one account: status, second factors, sessions, Team Shares, recent changes
    Show {
        /// Login name, email address or account id
        name: String,
    },
}

/// Runs the command.
pub async fn run(parts: &App, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::Import { file } => import(&parts.sync(), file, json).await,
        Command::List(arguments) => list::run(&parts.login(), &arguments, json).await,
        Command::HandOver(arguments) => hand_over::run(parts, &arguments, json).await,
        Command::Suspend(arguments) => suspend::suspend(&parts.login(), &arguments, json).await,
        Command::Reactivate { name } => suspend::reactivate(&parts.login(), &name, json).await,
        Command::Show { name } => {
            let parts = parts.login();
            show::run(&parts, &super::person::named(&parts, &name).await?, json).await
        }
    }
}

/// What an import did, as JSON.
#[derive(Serialize)]
struct ImportShape<'a> {
    created: u64,
    updated: u64,
    unchanged: u64,
    not_loaded: Vec<ConflictShape<'a>>,
    erased: Vec<&'a str>,
}

#[derive(Serialize)]
struct ConflictShape<'a> {
    account: &'a str,
    email: &'a str,
    /// The account that has the email address or the entry.
    taken_by: Option<&'a str>,
    why: String,
}

impl<'a> From<&'a ImportConflict> for ConflictShape<'a> {
    fn from(conflict: &'a ImportConflict) -> Self {
        let taken_by = match &conflict.why {
            LeftOut::EmailOf(account) | LeftOut::EntryOf(account) => Some(account.0.as_str()),
            LeftOut::LinkedTo(_) => None,
        };
        Self { account: &conflict.id.0, email: &conflict.email, taken_by, why: left_out(&conflict.why) }
    }
}

async fn import(parts: &SyncParts, path: PathBuf, json: bool) -> Result<u8> {
    let file = File::open(&path).with_context(|| format!("can't open {}", path.display()))?;
    let outcome = load_accounts::import(parts, file, &actor()).await?;
    match json {
        true => output::json(&ImportShape {
            created: outcome.created,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            not_loaded: outcome.conflicts.iter().map(ConflictShape::from).collect(),
            erased: outcome.erased.iter().map(|id| id.0.as_str()).collect(),
        })?,
        false => print(&outcome),
    }
    Ok(u8::from(!outcome.conflicts.is_empty() || !outcome.erased.is_empty()))
}

fn print(outcome: &ImportOutcome) {
    outln!(
        "{} created, {} updated, {} unchanged. The next sync links those with a guid. The others are linked by email \
         address if email_written_by_admins_only = true, else by a plan that you apply: cloudsync-idp sync --plan",
        outcome.created,
        outcome.updated,
        outcome.unchanged
    );
    for conflict in &outcome.conflicts {
        let (id, email) = (printable(&conflict.id.0), printable(&conflict.email));
        outln!("  not loaded: {id} {email}: {}", printable(&left_out(&conflict.why)));
    }
    for id in &outcome.erased {
        outln!("  not loaded: {}: an account with this id was erased; choose another id", printable(&id.0));
    }
}

fn left_out(why: &LeftOut) -> String {
    match why {
        LeftOut::EmailOf(account) => format!(
            "the email address belongs to account {account}; correct it in the file, and import the file again"
        ),
        LeftOut::EntryOf(account) => format!(
            "the entry with this guid belongs to account {account}; correct the guid, or the line of account \
             {account} if that was not loaded either, and import the file again"
        ),
        LeftOut::LinkedTo(entry) => format!(
            "the account is already linked to the entry {entry}; correct the guid, or link it to another entry \
             with: cloudsync-idp accounts hand-over"
        ),
    }
}
