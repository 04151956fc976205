//! `cloudsync-idp accounts`.

mod list;
mod show;

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;

use super::{output, printable};
use crate::flow::accounts;
use crate::flow::context::Parts;
use crate::store::{ImportConflict, ImportOutcome};

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Load the accounts that CloudSync already has from a CSV file: id,email,name
    Import {
        /// The file
        file: PathBuf,
    },
    /// List accounts: all, or those that fit
    List(list::Arguments),
    /// Show all that is kept of one account: status, second factors, sessions, Team Shares, what was done to it
    Show {
        /// Login name, mail or account id
        name: String,
    },
}

/// Runs the command.
pub async fn run(parts: &Parts, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::Import { file } => import(parts, file, json).await,
        Command::List(arguments) => list::run(parts, &arguments, json).await,
        Command::Show { name } => show::run(parts, &super::admin::named(parts, &name).await?, json).await,
    }
}

/// What an import did, as JSON.
#[derive(Serialize)]
struct ImportShape<'a> {
    created: u64,
    updated: u64,
    unchanged: u64,
    not_loaded: Vec<ConflictShape<'a>>,
}

#[derive(Serialize)]
struct ConflictShape<'a> {
    account: &'a str,
    email: &'a str,
    taken_by: &'a str,
}

impl<'a> From<&'a ImportConflict> for ConflictShape<'a> {
    fn from(conflict: &'a ImportConflict) -> Self {
        Self { account: &conflict.id.0, email: &conflict.email, taken_by: &conflict.taken_by.0 }
    }
}

async fn import(parts: &Parts, path: PathBuf, json: bool) -> Result<u8> {
    let file = File::open(&path).with_context(|| format!("can't open {}", path.display()))?;
    let outcome = accounts::import(parts, file).await?;
    match json {
        true => output::json(&ImportShape {
            created: outcome.created,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            not_loaded: outcome.conflicts.iter().map(ConflictShape::from).collect(),
        })?,
        false => print(&outcome),
    }
    Ok(u8::from(!outcome.conflicts.is_empty()))
}

fn print(outcome: &ImportOutcome) {
    outln!(
        "{} created, {} updated, {} unchanged; the next sync links them to their entries by email",
        outcome.created,
        outcome.updated,
        outcome.unchanged
    );
    for conflict in &outcome.conflicts {
        let (id, taken_by) = (printable(&conflict.id.0), printable(&conflict.taken_by.0));
        let email = printable(&conflict.email);
        outln!("  not loaded: {id} {email}: the email belongs to account {taken_by}");
    }
}
