//! `cloudsync-idp sync` and what belongs to it: a plan first, an undo after, the log, how things stand.

mod held;
mod log;
mod plan;
mod plan_text;
mod progress;
mod show;
mod status;
mod undo;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

pub(super) use self::plan::complain;
pub(super) use self::show::{change as change_text, change_json};
use super::{output, printable, sites};
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::flow::sync::{self, Report};
use crate::store::{ChangeFilter, RunCounts};

/// What to do.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    order: Order,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// What runs did, to whom and why, and who waits for an administrator
    Log(log::Arguments),
    /// How each directory's sync stands
    Status(status::Arguments),
}

/// Without a word: sync now.
#[derive(Debug, clap::Args)]
struct Order {
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// Only show what would be done to whom; changes no account
    #[arg(long, group = "what")]
    plan: bool,
    /// Do exactly what a plan says, or say what has changed since
    #[arg(long, value_name = "PLAN-ID", group = "what", conflicts_with = "directory")]
    apply: Option<i64>,
    /// Apply it without a question, even if it takes from more people than the guard's limit
    #[arg(long, requires = "apply")]
    yes: bool,
    /// Sync one person now: a login name, a mail or an account id
    #[arg(long, value_name = "NAME", group = "what")]
    person: Option<String>,
    /// Put everybody back as they were before this run, and let the directory's sync rest
    #[arg(long, value_name = "RUN", group = "what", conflicts_with = "directory")]
    undo: Option<i64>,
    /// Let a directory's sync go on that rests
    #[arg(long, group = "what")]
    resume: bool,
}

/// Runs the command. Status 1 when something was not done or needs somebody.
pub async fn run(parts: &Parts, arguments: Arguments, json: bool) -> Result<u8> {
    match arguments.command {
        Some(Command::Log(arguments)) => return log::run(parts, arguments, json).await,
        Some(Command::Status(arguments)) => return status::run(parts, arguments, json).await,
        None => {}
    }
    let order = arguments.order;
    match &order {
        Order { plan: true, .. } => plan::make(parts, order.directory.as_deref(), json).await,
        Order { apply: Some(id), .. } => plan::apply(parts, *id, order.yes, json).await,
        Order { person: Some(name), .. } => person(parts, name, order.directory.as_deref(), json).await,
        Order { undo: Some(run), .. } => undo::undo(parts, *run, json).await,
        Order { resume: true, .. } => undo::resume(parts, order.directory.as_deref(), json).await,
        _ => now(parts, order.directory.as_deref(), json).await,
    }
}

/// Status 1 when a directory could not be synced, 3 when the guard holds people.
async fn now(parts: &Parts, directory: Option<&str>, json: bool) -> Result<u8> {
    let (mut failed, mut held) = (false, false);
    for site in sites(parts, directory)? {
        let order = sync::Order::changes("command");
        match progress::shown(parts, &site, sync::run(parts, &site, &order)).await {
            Ok(report) => {
                let waiting = parts.store.count_held(site.id()).await?;
                held |= waiting > 0;
                match json {
                    true => output::json(&RunShape::new(&site, &report, waiting))?,
                    false => print(&site, &report, waiting),
                }
            }
            Err(error) => {
                failed = true;
                plan::complain(&site.id().0, &error);
            }
        }
    }
    Ok(status(failed, held))
}

fn status(failed: bool, held: bool) -> u8 {
    match (failed, held) {
        (true, _) => 1,
        (false, true) => held::HELD,
        (false, false) => 0,
    }
}

/// What a sync did, as JSON.
#[derive(Serialize)]
struct RunShape<'a> {
    directory: &'a str,
    run: Option<i64>,
    counts: RunCounts,
    held: i64,
    conflicts: Vec<Value>,
}

impl<'a> RunShape<'a> {
    fn new(site: &'a Site, report: &Report, held: i64) -> Self {
        let conflicts = report.conflicts.iter().map(|row| show::conflict_json(site.id(), row));
        Self {
            directory: &site.id().0,
            run: report.run.map(|run| run.0),
            counts: report.counts,
            held,
            conflicts: conflicts.collect(),
        }
    }
}

/// Status 2 when no directory knows anybody of that name, 3 when the guard holds the person.
async fn person(parts: &Parts, name: &str, directory: Option<&str>, json: bool) -> Result<u8> {
    let (mut known, mut failed) = (false, false);
    for site in sites(parts, directory)? {
        match sync::sync_person(parts, &site, name).await {
            Ok(Some(report)) => {
                known = true;
                tell_person(parts, &site, &report, json).await?;
            }
            Ok(None) => {}
            Err(error) => {
                failed = true;
                plan::complain(&site.id().0, &error);
            }
        }
    }
    if !known && !failed {
        errln!("nobody is called {}", printable(name));
        return Ok(2);
    }
    let held = held::is_held(parts, name).await?;
    if held && !json {
        errln!("the guard holds {}; see: cloudsync-idp sync status", printable(name));
    }
    Ok(status(failed, held))
}

async fn tell_person(parts: &Parts, site: &Site, report: &Report, json: bool) -> Result<()> {
    let changes = match report.run {
        Some(run) => {
            let filter = ChangeFilter { run: Some(run), limit: 1_000, ..ChangeFilter::default() };
            parts.store.changes_of(&filter).await?
        }
        None => Vec::new(),
    };
    if json {
        let changes: Vec<_> = changes.iter().map(show::change_json).collect();
        let run = report.run.map(|run| run.0);
        let told = json!({
            "directory": site.id().0, "run": run, "counts": report.counts, "changes": changes,
        });
        output::json(&told)?;
        return Ok(());
    }
    outln!("{}: {}", printable(&site.settings.name), show::counts(&report.counts));
    changes.iter().for_each(|change| outln!("{}", show::change(change)));
    Ok(())
}

fn print(site: &Site, report: &Report, held: i64) {
    let counts = &report.counts;
    outln!(
        "{}: {} seen, {} created, {} linked, {} updated, {} suspended, {} reactivated, {} unchanged",
        printable(&site.settings.name),
        counts.seen,
        counts.created,
        counts.linked,
        counts.updated,
        counts.suspended,
        counts.reactivated,
        counts.kept
    );
    if held > 0 {
        held::say(site.id(), held);
    }
    for conflict in &report.conflicts {
        outln!("  held back: {}: {}", printable(&conflict.login_name), printable(&show::mend(conflict)));
    }
}
