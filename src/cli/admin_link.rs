//! `cloudsync-idp admin link`: a link into the admin panel that needs no directory.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use serde::Serialize;

use super::actor::{actor, os_user};
use super::output;
use crate::domain::timestamp;
use crate::flow::admin::link::{self, BreakGlassLink};
use crate::flow::installation::context::LoginParts;

/// A link as JSON.
#[derive(Serialize)]
struct LinkShape<'a> {
    url: &'a str,
    good_until: String,
}

/// What to do about links.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Create none: end the sessions that links have opened, and make unused links invalid
    #[arg(long)]
    end: bool,
}

/// Creates a link and prints it, or ends what links have opened.
pub async fn run(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    if arguments.end {
        let ended = link::end_all(parts, &actor()).await?;
        match json {
            true => output::json(&serde_json::json!({ "ended": ended }))?,
            false => outln!("{ended} sessions ended; no unused link is valid any more"),
        }
        return Ok(0);
    }
    let made = link::make(parts, &os_user()).await?;
    if json {
        output::json(&LinkShape { url: &made.url, good_until: timestamp(made.expires_at) })?;
        return Ok(0);
    }
    print(&made);
    Ok(0)
}

/// At the start of the server, if nobody could enter the panel otherwise: creates a link for the person at the
/// terminal. Without a terminal, standard output is collected and kept like a log, so only the command is
/// named.
pub async fn at_start(parts: &LoginParts) -> Result<()> {
    if parts.current().settings.names_owners() {
        return Ok(());
    }
    if !std::io::stdout().is_terminal() || link::is_waiting(parts).await? {
        tracing::info!(
            "no group gives anybody a role in the admin panel; to enter it, run: cloudsync-idp admin link"
        );
        return Ok(());
    }
    let made = link::make(parts, &os_user()).await.context("a link to the admin panel can't be created")?;
    outln!("No group of a directory gives anybody a role in the admin panel (admin_groups). To enter it:");
    print(&made);
    Ok(())
}

fn print(made: &BreakGlassLink) {
    outln!("  {}", made.url);
    outln!(
        "  good until: {}, once; earlier links, and sessions of used ones, end",
        timestamp(made.expires_at)
    );
    outln!("  Whoever opens it is an owner. It is recorded in the audit log.");
}
