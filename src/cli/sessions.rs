//! `cloudsync-idp admin sessions`: where somebody is signed in, and ending all of it.

use anyhow::Result;

use super::admin::{date, named, who};
use crate::domain::account::Account;
use crate::domain::audit::{Decision, Event};
use crate::domain::session::Session;
use crate::flow::context::Parts;

/// What to do with sessions.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show where somebody is signed in
    List {
        /// Login name, mail or account id
        name: String,
    },
    /// End all of somebody's sessions, and what clients were given by them; nothing keeps them from signing in again
    End {
        /// Login name, mail or account id
        name: String,
    },
}

/// Runs the command.
pub async fn run(parts: &Parts, command: Command) -> Result<u8> {
    match command {
        Command::List { name } => list(parts, &named(parts, &name).await?).await,
        Command::End { name } => end(parts, &named(parts, &name).await?).await,
    }
}

async fn list(parts: &Parts, account: &Account) -> Result<u8> {
    let (current, now) = (parts.current(), parts.now());
    let mut sessions = parts.store.sessions_of(&account.id).await?;
    sessions.retain(|session| session.is_alive(&current.settings.session, now));
    outln!("{}", who(account));
    if sessions.is_empty() {
        outln!("  not signed in");
    }
    for session in &sessions {
        outln!("  {}", line(session));
    }
    outln!("  {} refresh families", parts.store.count_grants_of(&account.id, None, now).await?);
    Ok(0)
}

async fn end(parts: &Parts, account: &Account) -> Result<u8> {
    let event =
        Event { account_id: Some(account.id.0.clone()), ..Event::new(parts.now(), Decision::SessionsEnded) };
    let ended = parts.store.end_sessions_of(&account.id, None, &event).await?;
    outln!("{}", who(account));
    outln!("  {} sessions and {} refresh families are ended", ended.sessions, ended.grants);
    Ok(0)
}

fn line(session: &Session) -> String {
    let amr = session.evidence.amr().join(" ");
    format!("signed in {}\tused {}\t{amr}", date(session.evidence.auth_time), date(session.used_at))
}
