//! Clock changes, restarts, and wrong clocks.

use proptest::prelude::*;

use super::*;
use crate::domain::{MINUTE, SECOND};

fn daily(at: &str, zone: &str) -> Frequency {
    Frequency::Daily { at: DayTime::parse(at).expect("a time"), zone: Zone::named(zone).expect("a zone") }
}

fn utc(text: &str) -> Millis {
    text.parse::<Timestamp>().expect("a moment").as_millisecond()
}

/// Zone, time of the day, start of the last run, start of the next one.
const DAYS: [(&str, &str, &str, &str); 20] = [
    ("UTC", "02:30", "2027-01-10T02:30:00Z", "2027-01-11T02:30:00Z"),
    ("UTC", "02:30", "2027-01-10T02:29:59.999Z", "2027-01-10T02:30:00Z"),
    ("UTC", "00:00", "2027-12-31T23:59:00Z", "2028-01-01T00:00:00Z"),
    ("Europe/Berlin", "02:30", "2027-01-10T05:00:00Z", "2027-01-11T01:30:00Z"),
    ("Europe/Berlin", "02:30", "2027-07-10T05:00:00Z", "2027-07-11T00:30:00Z"),
    // 02:30 is skipped: the clocks go from 02:00 to 03:00
    ("Europe/Berlin", "02:30", "2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z"),
    ("Europe/Berlin", "02:30", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"),
    ("Europe/Berlin", "03:00", "2027-03-27T02:00:00Z", "2027-03-28T01:00:00Z"),
    // 02:30 occurs twice: only the first counts
    ("Europe/Berlin", "02:30", "2027-10-30T00:30:00Z", "2027-10-31T00:30:00Z"),
    ("Europe/Berlin", "02:30", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"),
    // a quarter of an hour is skipped: this island moves its clocks by half an hour
    ("Australia/Lord_Howe", "02:15", "2027-10-01T15:45:00Z", "2027-10-02T15:30:00Z"),
    // midnight is skipped
    ("America/Santiago", "00:00", "2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"),
    // the last hour of a Saturday is skipped, so its run begins with the Sunday, which has its own run too
    ("America/Nuuk", "23:30", "2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z"),
    ("America/Nuuk", "23:30", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"),
    // the last hour of a Saturday occurs twice
    ("America/Nuuk", "23:30", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"),
    // new rules, but the clocks stay as they are
    ("America/Nuuk", "23:00", "2023-10-28T01:00:00Z", "2023-10-29T01:00:00Z"),
    // the 30th of December 2011 did not exist here
    ("Pacific/Apia", "02:30", "2011-12-29T12:30:00Z", "2011-12-30T12:30:00Z"),
    ("Pacific/Apia", "02:30", "2011-12-30T12:30:00Z", "2011-12-31T12:30:00Z"),
    ("Asia/Kolkata", "23:59", "2027-05-01T18:29:00Z", "2027-05-02T18:29:00Z"),
    ("asia/kathmandu", "00:00", "2027-05-01T18:15:00Z", "2027-05-02T18:15:00Z"),
];

#[test]
fn a_daily_run_takes_place_once_on_every_day_of_its_zone() {
    for (zone, at, last, next) in DAYS {
        let now = utc(last) + SECOND;
        let found = next_run(&daily(at, zone), Some(utc(last)), now);
        assert_eq!(found, utc(next), "{at} in {zone} after {last}: {}", crate::domain::timestamp(found));
    }
}

#[test]
fn a_directory_that_was_never_read_is_due() {
    for frequency in [Frequency::RealTime, Frequency::Hourly, daily("02:30", "UTC")] {
        assert_eq!(next_run(&frequency, None, 7 * DAY), 7 * DAY);
    }
}

#[test]
fn an_hour_counts_from_the_last_start() {
    let last = 100 * DAY;
    assert_eq!(next_run(&Frequency::Hourly, Some(last), last + MINUTE), last + HOUR);
    assert_eq!(next_run(&Frequency::Hourly, Some(last), last + 9 * DAY), last + HOUR);
    assert_eq!(next_run(&Frequency::RealTime, Some(last), last + 1), last + 1);
}

#[test]
fn a_last_start_far_in_the_future_is_ignored() {
    let now = 20_000 * DAY;
    for frequency in [Frequency::Hourly, daily("02:30", "UTC")] {
        assert!(next_run(&frequency, Some(now + SECOND), now) > now);
        assert_eq!(next_run(&frequency, Some(now + 400 * DAY), now), now);
        assert_eq!(next_run(&frequency, Some(Millis::MAX), now), now);
    }
}

#[test]
fn a_time_of_the_day_is_hours_and_minutes() {
    for (text, good) in [
        ("00:00", true),
        ("23:59", true),
        ("24:00", false),
        ("12:60", false),
        ("2:30", false),
        ("02:3", false),
        ("+2:30", false),
        ("02:30:00", false),
        ("02.30", false),
        ("٠٢:٣٠", false),
        ("", false),
    ] {
        let read = DayTime::parse(text);
        assert_eq!(read.is_ok(), good, "{text}");
        assert!(read.is_err() || read.map(|time| time.to_string()) == Ok(text.to_owned()));
    }
}

#[test]
fn zones_come_from_the_database_not_the_machine() {
    for name in ["UTC", "Europe/Berlin", "europe/berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12"] {
        assert!(Zone::named(name).is_ok(), "{name}");
    }
    for name in
        ["", "local", "Local", "CEST", "+02:00", "Europe", "../etc/localtime", "/etc/localtime", "EST5EDT4"]
    {
        assert_eq!(Zone::named(name).err(), Some(ScheduleError::Zone), "{name}");
    }
}

#[test]
fn settings_become_a_frequency() {
    let of = |frequency, at: &str, zone: &str| {
        Frequency::of(&Sync { frequency, at: at.to_owned(), zone: zone.to_owned(), ..Sync::default() })
    };
    assert_eq!(of(Often::Realtime, "02:30", "UTC"), Ok(Frequency::RealTime));
    assert_eq!(of(Often::Hourly, "02:30", "UTC"), Ok(Frequency::Hourly));
    assert_eq!(of(Often::Daily, "04:15", "Europe/Berlin"), Ok(daily("04:15", "Europe/Berlin")));
    assert_eq!(of(Often::Daily, "25:00", "Europe/Berlin"), Err(ScheduleError::At));
    assert_eq!(of(Often::Daily, "04:15", "Europe/Atlantis"), Err(ScheduleError::Zone));
}

fn zones() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Nuuk",
        "America/Santiago",
        "Africa/Casablanca",
        "Asia/Kolkata",
        "Asia/Gaza",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Antarctica/Troll",
    ])
}

fn times() -> impl Strategy<Value = String> {
    (0u8..24, 0u8..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"))
}

/// From 2010 to 2040.
fn moments() -> impl Strategy<Value = Millis> {
    utc("2010-01-01T00:00:00Z")..utc("2040-01-01T00:00:00Z")
}

proptest! {
    /// Over a year without a pause, runs are a day apart, give or take a clock change, and each has its own
    /// day.
    #[test]
    fn a_year_has_as_many_runs_as_days(zone in zones(), at in times(), begin in moments()) {
        let frequency = daily(&at, zone);
        let zone = Zone::named(zone).expect("a zone");
        let time = DayTime::parse(&at).expect("a time");
        let mut last = begin;
        for _ in 0..366 {
            let next = next_run(&frequency, Some(last), last);
            prop_assert!(next > last && next - last <= DAY + 3 * HOUR, "{last} {next}");
            let here = zone.0.to_datetime(Timestamp::from_millisecond(next).expect("a moment"));
            let change = || zone.0.preceding(Timestamp::from_millisecond(next + 1).expect("a moment")).next();
            prop_assert!(
                here.time() == time.0 || change().is_some_and(|change| change.timestamp().as_millisecond() == next),
                "{here}"
            );
            prop_assert!(last == begin || next - last >= DAY - 3 * HOUR, "{last} {next}");
            last = next;
        }
    }

    /// A process that starts a run when one is due, and is down at times, runs once for all missed
    /// appointments and never twice for one.
    #[test]
    fn restarts_neither_double_nor_lose_a_run(
        zone in zones(),
        at in times(),
        begin in moments(),
        gaps in prop::collection::vec(1..3 * DAY, 1..40),
    ) {
        let frequency = daily(&at, zone);
        let (mut last, mut now) = (begin, begin);
        for gap in gaps {
            now += gap;
            let due = next_run(&frequency, Some(last), now);
            prop_assert_eq!(due, next_run(&frequency, Some(last), now), "it follows from its parameters alone");
            prop_assert!(due > last);
            prop_assert_eq!(due, next_run(&frequency, Some(last), now + DAY), "waiting does not move it");
            if due <= now {
                last = now;
                prop_assert!(next_run(&frequency, Some(last), now) > now, "a run that has begun is not due again");
            } else {
                prop_assert!(due - now <= DAY + 3 * HOUR);
            }
        }
    }

    #[test]
    fn no_number_causes_a_panic(last in any::<Millis>(), now in any::<Millis>(), zone in zones(), at in times()) {
        for frequency in [Frequency::RealTime, Frequency::Hourly, daily(&at, zone)] {
            let _ = next_run(&frequency, Some(last), now);
        }
    }
}
