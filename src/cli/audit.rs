//! `cloudsync-idp audit`: show the audit log, and check that it was not changed.

use anyhow::{Context, Result};

use super::table::Table;
use super::{audit_verify, output, printable};
use crate::domain::{Millis, parse_time, timestamp};
use crate::flow::installation::context::LoginParts;
use crate::flow::support::trail::{self, EventView, TrailError, TrailQuery};

/// Commands for the audit log.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List decisions, the newest first unless --oldest-first is given
    List(Arguments),
    /// Check that no event was changed or removed since it was written
    Verify(audit_verify::Arguments),
}

/// Which decisions.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this person: login name, email address or account id (also of an erased account)
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only this attempt: the id that the page showed
    #[arg(long, value_name = "ID", conflicts_with = "person")]
    attempt: Option<String>,
    /// Only this kind of decision, such as sign_in_refused
    #[arg(long, value_name = "WORD")]
    decision: Option<String>,
    /// Only what this admin did: login name, email address or account id, or the text in the column `actor`
    #[arg(long, value_name = "NAME", conflicts_with = "attempt")]
    actor: Option<String>,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID", conflicts_with = "attempt")]
    directory: Option<String>,
    /// Only at this time or later: 2027-01-15T08:00:00Z, or a date
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "attempt")]
    from: Option<Millis>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "attempt")]
    until: Option<Millis>,
    /// The oldest first
    #[arg(long, conflicts_with = "attempt")]
    oldest_first: bool,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Go on after the previous page: the number at its end
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
}

impl Arguments {
    fn query(self) -> TrailQuery {
        let Self { person, attempt, decision, actor, directory, from, until, oldest_first, before, limit } =
            self;
        TrailQuery {
            person,
            attempt,
            decision,
            actor,
            directory,
            from,
            until,
            oldest_first,
            before,
            limit,
            role_groups: true,
        }
    }
}

fn time(text: &str) -> Result<Millis, String> {
    parse_time(text).ok_or_else(|| "write a time in UTC such as 2027-01-15T08:00:00Z, or a date".to_owned())
}

/// Runs the command.
pub async fn run(parts: &LoginParts, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::List(arguments) => list(parts, arguments, json).await,
        Command::Verify(arguments) => audit_verify::run(parts, &arguments, json).await,
    }
}

async fn list(parts: &LoginParts, arguments: Arguments, json: bool) -> Result<u8> {
    let page = match trail::read(parts, &arguments.query()).await {
        Err(TrailError::Name(name, error)) => return Err(error).with_context(|| printable(&name)),
        read => read?,
    };
    if json {
        output::json(&page)?;
        return Ok(0);
    }
    print(&page.decisions);
    if let Some(before) = page.next_before {
        errln!("there may be more; continue with: --before {before}");
    }
    Ok(0)
}

fn print(decisions: &[EventView]) {
    let headers = &[
        "at",
        "decision",
        "cause",
        "account",
        "directory",
        "client",
        "address",
        "times",
        "attempt",
        "actor",
    ];
    let mut table = Table::new(headers);
    for one in decisions {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.row([
            &timestamp(one.at),
            &one.decision,
            &text(&one.cause),
            &text(&one.account),
            &text(&one.directory),
            &text(&one.client),
            &text(&one.address),
            &one.times.to_string(),
            &text(&one.attempt),
            &text(&one.actor),
        ]);
    }
    table.finish();
}
