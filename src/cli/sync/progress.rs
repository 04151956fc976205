//! Show the progress of a long sync on the terminal.

use std::io::{IsTerminal, Write};

use tokio::time::{Duration, MissedTickBehavior, interval};

use crate::cli::printable;
use crate::domain::{MINUTE, Millis, SECOND};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::sync::slow_for;
use crate::store::{RunFilter, RunProgress, RunResult, StoreError};

/// How often the line is updated.
const AGAIN: Duration = Duration::from_millis(500);

/// Runs the work and shows its progress; without a terminal it only runs the work.
pub(super) async fn shown<T>(parts: &SyncParts, site: &Site, work: impl Future<Output = T>) -> T {
    if !std::io::stderr().is_terminal() {
        return work.await;
    }
    let mut work = std::pin::pin!(work);
    let mut ticks = interval(AGAIN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut first: Option<RunProgress> = None;
    loop {
        tokio::select! {
            done = &mut work => {
                overwrite("");
                return done;
            }
            _ = ticks.tick() => {
                // If the store does not answer, the work itself reports it.
                let Ok(Some(now)) = progress(parts, site).await else { continue };
                let slow = slow_for(parts, site.id()).await.ok().flatten();
                let begun = first.take().filter(|first| first.doing == now.doing).unwrap_or_else(|| now.clone());
                overwrite(&(line(&site.settings.name, &begun, &now) + warning(slow)));
                first = Some(begun);
            }
        }
    }
}

async fn progress(parts: &SyncParts, site: &Site) -> Result<Option<RunProgress>, StoreError> {
    let newest = RunFilter { directory: Some(site.id().clone()), limit: 1, ..RunFilter::default() };
    let run = parts.store.sync().runs_of(&newest).await?.pop();
    Ok(run.filter(|run| run.result == RunResult::Running).and_then(|run| run.progress))
}

/// Count, rate and remaining time.
fn line(name: &str, first: &RunProgress, now: &RunProgress) -> String {
    let of = now.of.map_or(String::new(), |of| format!(" of {of}"));
    let (people, time) = (now.people.saturating_sub(first.people), now.at - first.at);
    let rate =
        u64::try_from(time).ok().filter(|time| *time > 0).map(|time| people * SECOND.unsigned_abs() / time);
    let rate = rate.filter(|rate| *rate > 0);
    let left = rate.zip(now.of).map(|(rate, of)| of.saturating_sub(now.people) / rate);
    let rate = rate.map_or(String::new(), |rate| format!(", {rate} a second"));
    let left = left.map_or(String::new(), |seconds| format!(", about {} left", span(seconds)));
    printable(&format!("{name}: {}: {} people{of}{rate}{left}", now.doing, now.people))
}

/// Appended when an initial sync takes very long.
fn warning(slow: Option<Millis>) -> &'static str {
    if slow.is_some() { " - very long; see: cloudsync-idp sync status" } else { "" }
}

fn span(seconds: u64) -> String {
    let minute = (MINUTE / SECOND).unsigned_abs();
    match seconds {
        0..=90 => format!("{seconds} s"),
        _ => format!("{} min", seconds.div_ceil(minute)),
    }
}

/// Overwrites the line on the terminal.
fn overwrite(line: &str) {
    let mut out = std::io::stderr().lock();
    // If the terminal is gone, there is nowhere to report it.
    let _ = write!(out, "\r\x1b[K{line}");
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_count_rate_and_remaining_time() {
        let at = |people, at| RunProgress { doing: "judging".into(), people, of: Some(100_000), at };
        let table = [
            (at(0, 0), at(0, 0), "Corp: judging: 0 people of 100000"),
            (
                at(0, 0),
                at(10_000, 1_000),
                "Corp: judging: 10000 people of 100000, 10000 a second, about 9 s left",
            ),
            (
                at(500, 0),
                at(1_500, 10_000),
                "Corp: judging: 1500 people of 100000, 100 a second, about 17 min left",
            ),
            (at(9, 9), at(9, 8), "Corp: judging: 9 people of 100000"),
        ];
        for (first, now, expected) in table {
            assert_eq!(line("Corp", &first, &now), expected);
        }
        let reading = RunProgress { doing: "reading".into(), people: 7, of: None, at: 0 };
        assert_eq!(line("C\u{1b}", &reading, &reading), "C\\u001b: reading: 7 people");
    }
}
