//! `cloudsync-idp admin sessions`: list and end a person's sessions and tokens.

use anyhow::Result;
use serde::Serialize;

use super::actor::actor;
use super::output;
use super::person::{named, who};
use crate::domain::account::Account;
use crate::domain::timestamp;
use crate::flow::account::sessions::{EndedView, SessionsView, end_sessions, sessions_of};
use crate::flow::account::views::{AccountNames, SessionView};
use crate::flow::installation::context::LoginParts;

/// Commands for sessions.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List a person's sessions
    List {
        /// Login name, email address or account id
        name: String,
    },
    /// End all of a person's sessions and tokens; the person can sign in again
    End {
        /// Login name, email address or account id
        name: String,
    },
}

/// Something of a person, as JSON.
#[derive(Serialize)]
struct OfPerson<T> {
    #[serde(flatten)]
    names: AccountNames,
    #[serde(flatten)]
    rest: T,
}

impl<T> OfPerson<T> {
    fn new(account: &Account, rest: T) -> Self {
        Self { names: account.into(), rest }
    }
}

/// Runs the command.
pub async fn run(parts: &LoginParts, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::List { name } => list(parts, &named(parts, &name).await?, json).await,
        Command::End { name } => end(parts, &named(parts, &name).await?, json).await,
    }
}

async fn list(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let held: SessionsView = sessions_of(parts, &account.id).await?;
    if json {
        output::json(&OfPerson::new(account, held))?;
        return Ok(0);
    }
    outln!("{}", who(account));
    if held.sessions.is_empty() {
        outln!("  not signed in");
    }
    for session in &held.sessions {
        outln!("  {}", line(session));
    }
    outln!("  {} refresh families", held.refresh_families);
    Ok(0)
}

async fn end(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let ended: EndedView = end_sessions(parts, &account.id, &actor()).await?;
    if json {
        output::json(&OfPerson::new(account, ended))?;
        return Ok(0);
    }
    outln!("{}", who(account));
    outln!("  {} sessions and {} refresh families are ended", ended.sessions, ended.refresh_families);
    Ok(0)
}

fn line(session: &SessionView) -> String {
    let (signed_in, used) = (timestamp(session.signed_in_at), timestamp(session.used_at));
    format!("signed in {signed_in}\tused {used}\t{}", session.methods.join(" "))
}
