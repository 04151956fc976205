//! `cloudsync-idp sync log`: show runs and their changes.

use super::show;
use crate::cli::{output, printable};
use crate::domain::entry::DirectoryId;
use crate::domain::{Millis, parse_time};
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::history::{LogKind, LogPage, LogQuery, read};
use anyhow::{Result, bail};

/// What the log shows.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only changes of this person: login name, email address or account id, also former ones
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only this run, with all its changes
    #[arg(long, value_name = "N")]
    run: Option<i64>,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// Only of this kind: failed (runs), or created, linked, updated, suspended, reactivated, share_joined,
    /// share_left, handed_over, unlinked (changes of all runs)
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<LogKind>,
    /// Only from this time on: RFC 3339, or a date in UTC
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Millis>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Millis>,
    /// At most this many runs, or changes
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// The oldest first
    #[arg(long)]
    oldest_first: bool,
    /// Only those after this one: the number at the end of the previous page
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
}

/// Prints the log. Status 2 if the log has no such person or run.
pub async fn run(parts: &SyncParts, arguments: Arguments, json: bool) -> Result<u8> {
    let question = LogQuery {
        person: arguments.person,
        run: arguments.run,
        directory: arguments.directory.map(DirectoryId),
        kind: arguments.kind,
        from: arguments.from,
        until: arguments.until,
        oldest_first: arguments.oldest_first,
        before: arguments.before,
        limit: arguments.limit,
        without_waiting: false,
    };
    let answer = read(parts, &question).await?;
    if question.before.is_none() && answer.is_empty() {
        if let Some(person) = &question.person {
            bail!(
                "the log has nothing about {}; it is kept for a limited time (log_days)",
                printable(person)
            );
        }
        if let Some(run) = question.run {
            bail!("there is no run {run}; the log is kept for a limited time (log_days)");
        }
    }
    match json {
        true => output::json(&answer)?,
        false => print(&question, &answer),
    }
    Ok(0)
}

fn kind(word: &str) -> Result<LogKind, String> {
    LogKind::parse(word).ok_or_else(|| format!("use one of {}", LogKind::ALL.map(LogKind::as_str).join(", ")))
}

fn time(text: &str) -> Result<Millis, String> {
    parse_time(text).ok_or_else(|| "write a date such as 2027-01-31, or RFC 3339".to_owned())
}

fn print(question: &LogQuery, answer: &LogPage) {
    let by_change = question.is_of_changes();
    if !by_change || question.before.is_none() {
        answer.runs.iter().for_each(|run| outln!("{}", show::run(run)));
    }
    answer.changes.iter().for_each(|change| outln!("{}", show::change(change)));
    answer.held.iter().for_each(|row| outln!("{}", show::held(row)));
    answer.conflicts.iter().for_each(|row| outln!("{}", show::conflict(row)));
    if let Some(before) = answer.more {
        outln!("there may be more; continue with: --before {before}");
    }
    if !by_change && !answer.runs.is_empty() {
        outln!("to see the changes of a run: cloudsync-idp sync log --run N");
    }
}
