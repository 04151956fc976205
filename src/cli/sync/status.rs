//! `cloudsync-idp sync status`: how each directory stands, from the store alone.

use anyhow::Result;
use serde_json::{Value, json};

use super::show;
use crate::cli::{printable, sites};
use crate::domain::settings::Often;
use crate::domain::timestamp;
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::flow::sync_log::{Standing, standing};
use crate::store::{RunResult, RunRow};

/// Which directories, and how to show them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// As JSON, for scripts
    #[arg(long)]
    json: bool,
}

/// Prints how the directories stand. Status 1 when one of them needs somebody: it failed, it rests, or people are held.
pub async fn run(parts: &Parts, arguments: Arguments) -> Result<u8> {
    let (mut shown, mut needs) = (Vec::new(), false);
    for site in sites(parts, arguments.directory.as_deref())? {
        let standing = standing(&parts.store, site.id()).await?;
        needs |= standing.paused.is_some() || standing.held > 0 || failure(&standing).is_some();
        match arguments.json {
            true => shown.push(in_json(&site, &standing)),
            false => print(&site, &standing),
        }
    }
    if arguments.json {
        println!("{}", Value::from(shown));
    }
    Ok(u8::from(needs))
}

/// The newest run, if it failed and the directory has not been caught up with since.
fn failure(standing: &Standing) -> Option<(&RunRow, &str)> {
    let run = standing.newest.as_ref()?;
    let RunResult::Failed(error) = &run.result else { return None };
    let over = standing.mirror.caught_up_at > run.finished_at;
    (!over).then_some((run, error.as_str()))
}

fn frequency(site: &Site) -> String {
    let sync = &site.settings.sync;
    match sync.frequency {
        Often::Realtime => "real-time".to_owned(),
        Often::Hourly => "hourly".to_owned(),
        Often::Daily => format!("daily at {} ({})", sync.at, sync.zone),
    }
}

/// How the directory is read, as it was found last, and how far it has been.
fn feed(standing: &Standing) -> String {
    let far = standing.mirror.cursor.as_ref();
    let (kind, server) = match (&standing.feed, far) {
        (Some(found), _) => (found.feed, &found.server),
        (None, Some(cursor)) => (cursor.position.feed(), &cursor.server),
        (None, None) => return "never read to the end".to_owned(),
    };
    match far.filter(|cursor| cursor.position.feed() == kind) {
        Some(cursor) => format!("{kind}, at {server}, read up to {}", cursor.position),
        None => format!("{kind}, at {server}, never read to the end"),
    }
}

fn print(site: &Site, standing: &Standing) {
    let line = |name: &str, text: String| println!("  {name:<13} {}", printable(&text));
    println!("{} ({})", printable(&site.settings.name), site.id());
    line("frequency", frequency(site));
    line("feed", feed(standing));
    for shortfall in standing.feed.iter().flat_map(|feed| &feed.shortfalls) {
        line("", show::shortfall(shortfall));
    }
    if let Some(why) = standing.last_good.as_ref().and_then(|run| run.told.reason.as_ref()) {
        line("last run", format!("everything was read: {why}"));
    }
    line("caught up at", standing.mirror.caught_up_at.map_or("never".to_owned(), timestamp));
    line("people", format!("{} known, {} accounts in use", standing.people, standing.accounts));
    if standing.waiting > 0 {
        line("waiting", format!("{} people to be judged", standing.waiting));
    }
    if let Some(scan) = &standing.mirror.scan {
        line("full read", format!("{} objects since {}", scan.seen, timestamp(scan.started_at)));
    }
    if let Some(run) = standing.newest.as_ref().filter(|run| run.result == RunResult::Running) {
        line("under way", format!("run {}: {}", run.id.0, show::progress(run.progress.as_ref())));
    }
    line("held", format!("{} by the guard, {} by a conflict", standing.held, standing.conflicts));
    if let Some(pause) = &standing.paused {
        let since = timestamp(pause.since);
        line("PAUSED", format!("{}, since {since}; go on with: cloudsync-idp sync --resume", pause.why));
    }
    if let Some((run, error)) = failure(standing) {
        line(
            "FAILED",
            format!("{error} (run {}, {})", run.id.0, run.finished_at.map_or(String::new(), timestamp)),
        );
        if let Some(advice) = &run.told.advice {
            line("what to do", advice.clone());
        }
    }
}

fn in_json(site: &Site, standing: &Standing) -> Value {
    let mirror = &standing.mirror;
    let failure = failure(standing);
    let found = standing.feed.as_ref();
    json!({
        "directory": site.id().0, "name": site.settings.name, "frequency": frequency(site),
        "feed": found.map(|found| found.feed.as_str()), "server": found.map(|found| &found.server),
        "tells_deletions": found.map(|found| found.tells_deletions),
        "feed_lacks": found.map(|found| show::shortfalls_json(&found.shortfalls)),
        "cursor": mirror.cursor.as_ref().map(|cursor| cursor.position.to_string()),
        "caught_up_at": mirror.caught_up_at.map(timestamp), "scanned_at": mirror.scanned_at.map(timestamp),
        "people": standing.people, "accounts": standing.accounts, "waiting": standing.waiting,
        "held": standing.held, "conflicts": standing.conflicts,
        "scan": mirror.scan.as_ref().map(|scan| json!({
            "seen": scan.seen, "started_at": timestamp(scan.started_at),
        })),
        "paused": standing.paused.as_ref().map(|pause| json!({
            "why": pause.why, "since": timestamp(pause.since),
        })),
        "newest_run": standing.newest.as_ref().map(show::run_json),
        "last_good_run": standing.last_good.as_ref().map(show::run_json),
        "error": failure.map(|(_, error)| error),
        "advice": failure.and_then(|(run, _)| run.told.advice.as_ref()),
    })
}
