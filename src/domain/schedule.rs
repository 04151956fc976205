//! Compute when a directory is read next. It uses no clock or time zone of the machine: zones come from the
//! IANA database in the binary, so that a bare container and a desktop agree.

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
    Daily { at: DayTime, zone: Zone },
}

/// Why a schedule is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
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
    /// Parses `hh:mm` only.
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
    /// Finds a zone by its name, ignoring case.
    pub fn named(name: &str) -> Result<Self, ScheduleError> {
        TimeZoneDatabase::bundled().get(name).map(Self).map_err(|_| ScheduleError::Zone)
    }

    /// The date in this zone.
    fn day(&self, at: Millis) -> Option<Date> {
        let at = Timestamp::from_millisecond(at).ok()?;
        Some(self.0.to_datetime(at).date())
    }

    /// When this day's run begins; `None` for a day that the zone skipped (Samoa did, when it crossed the
    /// date line).
    fn appointment(&self, day: Date, time: DayTime) -> Option<Millis> {
        let begins = self.first(day, DayTime(Time::midnight()))?;
        if self.day(begins)? == day { self.first(day, time) } else { None }
    }

    /// When the clocks there first show this time on this day; if they skip it, the moment of the skip.
    fn first(&self, day: Date, time: DayTime) -> Option<Millis> {
        use jiff::tz::AmbiguousOffset::{Fold, Gap, Unambiguous};

        let shown = day.to_datetime(time.0);
        let at = match self.0.to_ambiguous_timestamp(shown).offset() {
            Unambiguous { offset } => offset.to_timestamp(shown).ok()?,
            // Computed again: if a zone changed its rules but not its clocks, `before` may be an offset that
            // it never had (Nuuk, October 2023).
            Fold { before, after } => {
                let mut moments =
                    [before, after].into_iter().filter_map(|offset| offset.to_timestamp(shown).ok());
                moments.find(|at| self.0.to_datetime(*at) == shown)?
            }
            // With the offset after the change, a skipped time becomes a moment before the change.
            Gap { after, .. } => {
                let before_it = after.to_timestamp(shown).ok()?;
                self.0.following(before_it).find(|change| change.offset() == after)?.timestamp()
            }
        };
        Some(at.as_millisecond())
    }
}

impl Frequency {
    /// From the settings.
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

/// When the next run begins, given the start of the last one; a result at or before `now` means that it is
/// due.
///
/// It depends only on the last start, so that after a restart a run is neither doubled nor late: missed runs
/// are made up at once, by one run. A directory that was never read is due at once. So is one whose last
/// start is further ahead than its interval: the clock was wrong then, and waiting could take years.
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

/// The first appointment after `last`: on the same day or the next; a zone may skip one day in between.
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
