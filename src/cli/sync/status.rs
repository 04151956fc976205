//! `cloudsync-idp sync status`: show the sync status of each directory, as stored; no directory is asked.

use anyhow::Result;
use serde_json::Value;

use super::{held, show};
use crate::cli::{printable, sites};
use crate::domain::{MINUTE, Millis, timestamp};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::sync::history::{
    HeldView, RunView, ShortfallView, SyncStatus, frequency, held_page, in_json, sync_status,
};
use crate::store::RunResult;

/// Which directories to show.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

/// Prints the status of the directories. Status 1 if one needs an administrator: its sync failed or is
/// paused, people are held, or its initial sync takes very long.
pub async fn run(parts: &SyncParts, arguments: Arguments, json: bool) -> Result<u8> {
    let (mut shown, mut needs) = (Vec::new(), false);
    for site in sites(&parts.current(), arguments.directory.as_deref())? {
        let standing = sync_status(&parts.store, site.id()).await?;
        needs |= standing.paused.is_some()
            || standing.undecided > 0
            || standing.failure().is_some()
            || standing.slow_for(parts.now()).is_some();
        match json {
            true => {
                let mut one = in_json::sync_status(&site.settings, &standing, parts.now());
                let all = held_page(parts, site.id(), None, in_json::LISTED).await?;
                one["held_people"] = serde_json::to_value(all.held)?;
                shown.push(one);
            }
            false => {
                print(&site, &standing, parts.now());
                let first = held_page(parts, site.id(), None, held::NAMED).await?;
                print_held(&site, &first.held, &standing);
            }
        }
    }
    if json {
        outln!("{}", Value::from(shown));
    }
    Ok(u8::from(needs))
}

fn print_held(site: &Site, first: &[HeldView], standing: &SyncStatus) {
    if standing.undecided > 0 {
        held::print_notice(site.id(), standing.undecided);
    }
    held::list(first, standing.held);
}

/// The feed that was used last, and how far it has been read.
fn feed(standing: &SyncStatus) -> String {
    let far = standing.mirror.cursor.as_ref();
    let (kind, server) = match (&standing.feed, far) {
        (Some(found), _) => (found.feed, &found.server),
        (None, Some(cursor)) => (cursor.position.feed(), &cursor.server),
        (None, None) => return "not read completely yet".to_owned(),
    };
    match far.filter(|cursor| cursor.position.feed() == kind) {
        Some(cursor) => format!("{kind}, at {server}, read up to {}", cursor.position),
        None => format!("{kind}, at {server}, not read completely yet"),
    }
}

fn print(site: &Site, standing: &SyncStatus, now: Millis) {
    let line = |name: &str, text: String| outln!("  {name:<13} {}", printable(&text));
    outln!("{} ({})", printable(&site.settings.name), site.id());
    line("frequency", frequency(&site.settings.sync));
    line("feed", feed(standing));
    for shortfall in standing.feed.iter().flat_map(|feed| &feed.shortfalls) {
        line("", show::shortfall(&ShortfallView::from(shortfall)));
    }
    if let Some(why) = standing.last_good.as_ref().and_then(|run| run.details.reason.as_ref()) {
        line("last run", format!("everything was read: {why}"));
    }
    line("caught up at", standing.mirror.caught_up_at.map_or("never".to_owned(), timestamp));
    line("people", format!("{} in the directory, {} active accounts", standing.people, standing.accounts));
    if standing.waiting > 0 {
        line("waiting", format!("{} people to be evaluated", standing.waiting));
    }
    if let Some(scan) = &standing.mirror.scan {
        line("full read", format!("{} objects since {}", scan.seen, timestamp(scan.started_at)));
    }
    if let Some(run) = standing.newest.as_ref().filter(|run| run.result == RunResult::Running) {
        let run = RunView::from(run);
        line("under way", format!("run {}: {}", run.run, show::progress(run.progress.as_ref())));
    }
    if let Some(lasted) = standing.slow_for(now) {
        line("SLOW", format!("the initial sync has been running for {} minutes", lasted / MINUTE));
    }
    if let Some(bundle) = &standing.bundle {
        let at = timestamp(bundle.made_at);
        line("bundle", format!("support bundle, without secrets: {} ({at})", bundle.place));
    }
    let decided = standing.held - standing.undecided;
    let decided =
        if decided > 0 { format!(" ({decided} keep everything by a decision)") } else { String::new() };
    line("held", format!("{} by the guard{decided}, {} by a conflict", standing.held, standing.conflicts));
    if let Some(pause) = &standing.paused {
        let since = timestamp(pause.since);
        line("PAUSED", format!("{}, since {since}; resume with: cloudsync-idp sync --resume", pause.why));
    }
    if let Some((run, error)) = standing.failure() {
        line(
            "FAILED",
            format!("{error} (run {}, {})", run.id.0, run.finished_at.map_or(String::new(), timestamp)),
        );
        if let Some(advice) = &run.details.advice {
            line("what to do", advice.clone());
        }
    }
}
