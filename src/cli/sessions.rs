//! `cloudsync-idp admin sessions`: list and end a person's sessions and tokens.

use anyhow::Result;
use serde::Serialize;

use super::output;
use super::person::{named, who};
use super::shapes::{AccountRef, SessionShape};
use crate::domain::account::Account;
use crate::domain::audit::{Decision, Event};
use crate::domain::session::Session;
use crate::domain::timestamp;
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

/// A person's sessions, as JSON.
#[derive(Serialize)]
struct SessionsShape<'a> {
    #[serde(flatten)]
    identity: AccountRef<'a>,
    sessions: Vec<SessionShape>,
    refresh_families: i64,
}

/// How many sessions and refresh families were ended, as JSON.
#[derive(Serialize)]
struct EndedShape<'a> {
    #[serde(flatten)]
    identity: AccountRef<'a>,
    sessions: u64,
    refresh_families: u64,
}

/// Runs the command.
pub async fn run(parts: &LoginParts, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::List { name } => list(parts, &named(parts, &name).await?, json).await,
        Command::End { name } => end(parts, &named(parts, &name).await?, json).await,
    }
}

async fn list(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let (current, now) = (parts.current(), parts.now());
    let mut sessions = parts.store.login().sessions_of(&account.id).await?;
    sessions.retain(|session| session.is_alive(&current.settings.session, now));
    let families = parts.store.login().count_grants_of(&account.id, None, now).await?;
    if json {
        let sessions = sessions.iter().map(SessionShape::from).collect();
        output::json(&SessionsShape { identity: account.into(), sessions, refresh_families: families })?;
        return Ok(0);
    }
    outln!("{}", who(account));
    if sessions.is_empty() {
        outln!("  not signed in");
    }
    for session in &sessions {
        outln!("  {}", line(session));
    }
    outln!("  {families} refresh families");
    Ok(0)
}

async fn end(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let event =
        Event { account_id: Some(account.id.0.clone()), ..Event::new(parts.now(), Decision::SessionsEnded) };
    let ended = parts.store.identity().end_sessions_of(&account.id, None, &event).await?;
    if json {
        let (sessions, refresh_families) = (ended.sessions, ended.grants);
        output::json(&EndedShape { identity: account.into(), sessions, refresh_families })?;
        return Ok(0);
    }
    outln!("{}", who(account));
    outln!("  {} sessions and {} refresh families are ended", ended.sessions, ended.grants);
    Ok(0)
}

fn line(session: &Session) -> String {
    let amr = session.evidence.amr().join(" ");
    format!("signed in {}\tused {}\t{amr}", timestamp(session.evidence.auth_time), timestamp(session.used_at))
}
