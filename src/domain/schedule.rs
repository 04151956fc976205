//! When a directory is read next. It reads no clock and no time zone of the machine: zones come from the IANA database
//! inside the program, so that a bare container and a desktop agree.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::settings::{Often, Sync};
use super::{DAY, HOUR, Millis};

/// How often a directory is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// As soon as something has changed.
    RealTime,
    /// An hour after the last run began.
    Hourly,
    /// Once on every day of that zone.
    Daily {
        /// When.
        at: DayTime,
        /// By whose clocks.
        zone: Zone,
    },
}

/// Why a schedule means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not a time of the day.
    #[error("is not a time of the day; write hh:mm, from 00:00 to 23:59")]
    At,
    /// Not in the IANA database.
    #[error("is not a zone of the IANA database; write its name, such as Europe/Berlin or UTC")]
    Zone,
}

/// A time of the day, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayTime(Time);

impl DayTime {
    /// Reads `hh:mm`, and nothing else.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let (hour, minute) = text.split_once(':').ok_or(ScheduleError::At)?;
        let time = Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0);
        time.map(Self).map_err(|_| ScheduleError::At)
    }
}

fn two_digits(text: &str) -> Result<i8, ScheduleError> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(ScheduleError::At)
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Looks a zone up by its name, without regard to case.
    pub fn named(name: &str) -> Result<Self, ScheduleError> {
        TimeZoneDatabase::bundled().get(name).map(Self).map_err(|_| ScheduleError::Zone)
    }

    /// The day that it is there.
    fn day(&self, at: Millis) -> Option<Date> {
        let at = Timestamp::from_millisecond(at).ok()?;
        Some(self.0.to_datetime(at).date())
    }

    /// When a run of this day begins; `None` for a day that the zone left out (Samoa did, moving over the date line).
    fn appointment(&self, day: Date, time: DayTime) -> Option<Millis> {
        let begins = self.first(day, DayTime(Time::midnight()))?;
        if self.day(begins)? == day { self.first(day, time) } else { None }
    }

    /// When the clocks there show this time of this day for the first time; where they skip it, the moment at which they
    /// do.
    fn first(&self, day: Date, time: DayTime) -> Option<Millis> {
        use jiff::tz::AmbiguousOffset::{Fold, Gap, Unambiguous};

        let shown = day.to_datetime(time.0);
        let at = match self.0.to_ambiguous_timestamp(shown).offset() {
            Unambiguous { offset } => offset.to_timestamp(shown).ok()?,
            // Looked at again: where a zone changed its rules but not its clocks, `before` may be an offset that it never
            // had (Nuuk, October 2023).
            Fold { before, after } => {
                let mut moments =
                    [before, after].into_iter().filter_map(|offset| offset.to_timestamp(shown).ok());
                moments.find(|at| self.0.to_datetime(*at) == shown)?
            }
            // The offset after the change makes of a time that is skipped a moment before the change.
            Gap { after, .. } => {
                let before_it = after.to_timestamp(shown).ok()?;
                self.0.following(before_it).find(|change| change.offset() == after)?.timestamp()
            }
        };
        Some(at.as_millisecond())
    }
}

impl Frequency {
    /// What the settings say.
    pub fn of(settings: &Sync) -> Result<Self, ScheduleError> {
        Ok(match settings.frequency {
            Often::Realtime => Self::RealTime,
            Often::Hourly => Self::Hourly,
            Often::Daily => {
                Self::Daily { at: DayTime::parse(&settings.at)?, zone: Zone::named(&settings.zone)? }
            }
        })
    }
}

/// When the next run begins, given when the last one began; what lies at `now` or before it is due.
///
/// It follows from the last start alone, so a process that comes back runs neither twice nor too late: what was missed
/// while it was away is due at once, and once. A directory that was never read is due at once. So is one whose last start
/// lies ahead by more than its interval: then the clock was wrong, and waiting for it could take years.
#[must_use]
pub fn next_run(frequency: &Frequency, last_started: Option<Millis>, now: Millis) -> Millis {
    let Some(last) = last_started else { return now };
    let waits = |interval: Millis| last <= now.saturating_add(interval);
    match frequency {
        Frequency::Hourly if waits(HOUR) => last.saturating_add(HOUR),
        Frequency::Daily { at, zone } if waits(DAY) => {
            next_daily(zone, *at, last).unwrap_or_else(|| last.saturating_add(DAY))
        }
        _ => now,
    }
}

/// The first appointment after `last`. It is on that day or the next; a zone may leave out one day between.
fn next_daily(zone: &Zone, at: DayTime, last: Millis) -> Option<Millis> {
    let mut day = zone.day(last)?;
    for _ in 0..3 {
        if let Some(when) = zone.appointment(day, at).filter(|when| *when > last) {
            return Some(when);
        }
        day = day.tomorrow().ok()?;
    }
    None
}

#[cfg(test)]
mod tests;
