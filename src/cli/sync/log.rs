//! `cloudsync-idp sync log`: show runs and their changes.

use super::show;
use crate::cli::{output, printable};
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::history::{LogPage, LogQuery, read};
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
    /// At most this many runs, or changes
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only older ones: the number at the end of the previous page
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
}

/// Prints the log. Status 2 if the log has no such person or run.
pub async fn run(parts: &SyncParts, arguments: Arguments, json: bool) -> Result<u8> {
    let question = LogQuery {
        person: arguments.person,
        run: arguments.run,
        directory: arguments.directory.map(DirectoryId),
        before: arguments.before,
        limit: arguments.limit,
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

fn print(question: &LogQuery, answer: &LogPage) {
    let by_change = question.person.is_some() || question.run.is_some();
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
