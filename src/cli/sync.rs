//! `cloudsync-idp sync`: synchronize accounts, plan and revert runs, show the log and the status.

mod decide;
mod held;
mod log;
mod plan;
mod plan_text;
mod progress;
mod show;
mod status;
mod stop;
mod undo;

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

pub(super) use self::plan::print_error;
pub(super) use self::show::change as change_text;
use super::actor::actor;
use super::{output, printable, sites};
use crate::domain::admin::TaskOrder;
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::sync::history::{ChangeView, ConflictView};
use crate::flow::sync::{self, RunReport, ordered};
use crate::store::{ChangeFilter, RunCounts, RunTrigger};

/// A subcommand, or the options of a sync.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: SyncOptions,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show runs and their changes, and the people who wait for an administrator
    Log(log::Arguments),
    /// Show the sync status of each directory
    Status(status::Arguments),
    /// Show the people whom the guard holds, and decide about them one by one
    Held(decide::Arguments),
    /// Stop the run in progress and pause the sync of its directory
    Stop(stop::Arguments),
    /// Pause the sync of a directory until it is resumed
    Pause(stop::Arguments),
}

/// The options of a sync; without any: sync now.
#[derive(Debug, clap::Args)]
struct SyncOptions {
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// Show what would be changed, without changing any account
    #[arg(long, group = "what")]
    plan: bool,
    /// Apply exactly this plan, or nothing if something has changed since
    #[arg(long, value_name = "PLAN-ID", group = "what", conflicts_with = "directory")]
    apply: Option<i64>,
    /// Apply it without asking, even if it affects more people than the guard allows
    #[arg(long, requires = "apply")]
    yes: bool,
    /// Sync one person now: login name, email address or account id
    #[arg(long, value_name = "NAME", group = "what")]
    person: Option<String>,
    /// Revert a run and pause the sync of its directory
    #[arg(long, value_name = "RUN", group = "what", conflicts_with = "directory")]
    undo: Option<i64>,
    /// Resume a paused sync
    #[arg(long, group = "what")]
    resume: bool,
}

/// Runs the command. Status 1 if something was not done or needs an administrator.
pub async fn run(parts: &SyncParts, arguments: Arguments, json: bool) -> Result<u8> {
    match arguments.command {
        Some(Command::Log(arguments)) => return log::run(parts, arguments, json).await,
        Some(Command::Status(arguments)) => return status::run(parts, arguments, json).await,
        Some(Command::Held(arguments)) => return decide::run(parts, arguments, json).await,
        Some(Command::Stop(arguments)) => return stop::run(parts, &arguments, json).await,
        Some(Command::Pause(arguments)) => return stop::pause(parts, &arguments, json).await,
        None => {}
    }
    let options = arguments.options;
    let directory = options.directory.as_deref();
    match &options {
        SyncOptions { plan: true, .. } => plan::make(parts, directory, json).await,
        SyncOptions { apply: Some(id), .. } => plan::apply(parts, *id, options.yes, json).await,
        SyncOptions { person: Some(name), .. } => person(parts, name, directory, json).await,
        SyncOptions { undo: Some(run), .. } => undo::undo(parts, *run, json).await,
        SyncOptions { resume: true, .. } => undo::resume(parts, directory, json).await,
        _ => now(parts, directory, json).await,
    }
}

/// Status 1 if a directory could not be synced, 3 if the guard holds people.
async fn now(parts: &SyncParts, directory: Option<&str>, json: bool) -> Result<u8> {
    let (mut failed, mut held) = (false, false);
    for site in sites(&parts.current(), directory)? {
        ordered::record(parts, Some(site.id()), &TaskOrder::Sync, &actor()).await?;
        let order = sync::RunOrder::changes(RunTrigger::Command);
        match progress::shown(parts, &site, sync::run(parts, &site, &order)).await {
            Ok(report) => {
                let waiting = parts.store.sync().count_undecided(site.id()).await?;
                held |= waiting > 0;
                match json {
                    true => output::json(&RunShape::new(&site, &report, waiting))?,
                    false => print(&site, &report, waiting),
                }
            }
            Err(error) => {
                failed = true;
                plan::print_error(&site.id().0, &error);
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

/// The result of a sync, as JSON.
#[derive(Serialize)]
struct RunShape<'a> {
    directory: &'a str,
    run: Option<i64>,
    counts: RunCounts,
    held: i64,
    conflicts: Vec<ConflictView>,
}

impl<'a> RunShape<'a> {
    fn new(site: &'a Site, report: &RunReport, held: i64) -> Self {
        let conflicts = report.conflicts.iter().map(|row| ConflictView::new(site.id(), row));
        Self {
            directory: &site.id().0,
            run: report.run.map(|run| run.0),
            counts: report.counts,
            held,
            conflicts: conflicts.collect(),
        }
    }
}

/// Syncs one person. Status 2 if no directory has a person of that name, 3 if the guard holds the person.
async fn person(parts: &SyncParts, name: &str, directory: Option<&str>, json: bool) -> Result<u8> {
    let (mut known, mut failed) = (false, false);
    let sites = sites(&parts.current(), directory)?;
    let named = directory.map(|id| DirectoryId(id.to_owned()));
    ordered::record_person(parts, named.as_ref(), name, &actor()).await?;
    for site in sites {
        match sync::sync_person(parts, &site, name).await {
            Ok(Some(report)) => {
                known = true;
                print_person(parts, &site, &report, json).await?;
            }
            Ok(None) => {}
            Err(error) => {
                failed = true;
                plan::print_error(&site.id().0, &error);
            }
        }
    }
    if !known && !failed {
        errln!("no person is named {}", printable(name));
        return Ok(2);
    }
    let held = held::is_held(parts, name).await?;
    if held && !json {
        errln!("the guard holds {}; see: cloudsync-idp sync status", printable(name));
    }
    Ok(status(failed, held))
}

async fn print_person(parts: &SyncParts, site: &Site, report: &RunReport, json: bool) -> Result<()> {
    let changes = match report.run {
        Some(run) => {
            let filter = ChangeFilter { run: Some(run), limit: 1_000, ..ChangeFilter::default() };
            parts.store.sync().changes_of(&filter).await?
        }
        None => Vec::new(),
    };
    let changes: Vec<ChangeView> = changes.iter().map(ChangeView::from).collect();
    if json {
        let run = report.run.map(|run| run.0);
        let document = json!({
            "directory": site.id().0, "run": run, "counts": report.counts, "changes": changes,
        });
        output::json(&document)?;
        return Ok(());
    }
    outln!("{}: {}", printable(&site.settings.name), show::counts(&report.counts));
    changes.iter().for_each(|change| outln!("{}", show::change(change)));
    Ok(())
}

fn print(site: &Site, report: &RunReport, held: i64) {
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
        held::print_notice(site.id(), held);
    }
    for conflict in report.conflicts.iter().map(|row| ConflictView::new(site.id(), row)) {
        outln!("  conflict: {}: {}", printable(&conflict.login_name), printable(&conflict.fix));
    }
}
