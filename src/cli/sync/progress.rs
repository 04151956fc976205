//! Show the progress of a long sync on the terminal.

use std::io::{IsTerminal, Write};

use tokio::time::{Duration, MissedTickBehavior, interval};

use crate::cli::printable;
use crate::domain::{MINUTE, Millis, SECOND};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::sync::progress::{ProgressView, running};
use crate::flow::sync::slow_for;

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
    loop {
        tokio::select! {
            done = &mut work => {
                overwrite("");
                return done;
            }
            _ = ticks.tick() => {
                // If the store does not answer, the work itself reports it.
                let Ok(Some(run)) = running(parts, site.id()).await else { continue };
                let Some(now) = &run.progress else { continue };
                let slow = slow_for(parts, site.id()).await.ok().flatten();
                overwrite(&(line(&site.settings.name, &now.into()) + warning(slow)));
            }
        }
    }
}

/// Count, rate and remaining time.
fn line(name: &str, now: &ProgressView) -> String {
    let of = now.of.map_or(String::new(), |of| format!(" of {of}"));
    let rate = now.per_second.map_or(String::new(), |rate| format!(", {rate} a second"));
    let left = now.seconds_left.map_or(String::new(), |seconds| format!(", about {} left", span(seconds)));
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
        let view = |people, of, per_second, seconds_left| ProgressView {
            doing: "judging".into(),
            people,
            of,
            per_second,
            seconds_left,
            at: 0,
        };
        let table = [
            (view(0, Some(100_000), None, None), "Corp: judging: 0 people of 100000"),
            (
                view(10_000, Some(100_000), Some(10_000), Some(9)),
                "Corp: judging: 10000 people of 100000, 10000 a second, about 9 s left",
            ),
            (
                view(1_500, Some(100_000), Some(100), Some(985)),
                "Corp: judging: 1500 people of 100000, 100 a second, about 17 min left",
            ),
        ];
        for (now, expected) in table {
            assert_eq!(line("Corp", &now), expected);
        }
        let reading = ProgressView { doing: "reading".into(), ..view(7, None, None, None) };
        assert_eq!(line("C\u{1b}", &reading), "C\\u001b: reading: 7 people");
    }
}
