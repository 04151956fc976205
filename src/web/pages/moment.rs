//! Shows a time as people say it: relative when recent, by its date when older. It never shows the hour,
//! because the server does not know the reader's time zone.

use std::borrow::Cow;

use super::Language;
use crate::domain::{DAY, HOUR, MINUTE, Millis, civil};

/// A time, and the time to compare it with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    pub at: Millis,
    /// When the page is rendered.
    pub now: Millis,
}

impl Moment {
    /// The time as text.
    pub(in crate::web) fn text(self, language: Language) -> Cow<'static, str> {
        let age = self.now - self.at;
        match age {
            0..MINUTE => language.text("moment-now"),
            MINUTE..HOUR => language.with("moment-minutes", "count", age / MINUTE),
            HOUR..DAY => language.with("moment-hours", "count", age / HOUR),
            DAY..=WEEK => language.with("moment-days", "count", age / DAY),
            // Rounded down: what ends is gone by the time that is shown.
            _ if (1 - HOUR..0).contains(&age) => language.with("moment-in-minutes", "count", -age / MINUTE),
            _ if (-DAY..=-HOUR).contains(&age) => language.with("moment-in-hours", "count", -age / HOUR),
            _ => self.date(language),
        }
    }

    fn date(self, language: Language) -> Cow<'static, str> {
        let Some(at) = civil(self.at) else { return "".into() };
        let parts =
            [("day", at.day().into()), ("month", at.month().into()), ("year", at.year().to_string().into())];
        language.with_all("moment-date", parts)
    }
}

const WEEK: Millis = 7 * DAY;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SECOND;

    const NOW: Millis = 1_795_388_400_000;

    #[test]
    fn a_time_is_shown_as_people_say_it() {
        for (age, english, german) in [
            (0, "just now", "gerade eben"),
            (MINUTE, "1 minute ago", "vor 1 Minute"),
            (59 * MINUTE, "59 minutes ago", "vor 59 Minuten"),
            (HOUR, "1 hour ago", "vor 1 Stunde"),
            (2 * DAY, "2 days ago", "vor 2 Tagen"),
            (30 * DAY, "23 October 2026", "23. Oktober 2026"),
            (-30 * DAY, "22 December 2026", "22. Dezember 2026"),
            (-30 * SECOND, "within a minute", "innerhalb einer Minute"),
            (-59 * MINUTE, "in 59 minutes", "in 59 Minuten"),
            (-HOUR, "in 1 hour", "in 1 Stunde"),
            (-2 * HOUR - MINUTE, "in 2 hours", "in 2 Stunden"),
            (-DAY - 1, "23 November 2026", "23. November 2026"),
        ] {
            let moment = Moment { at: NOW - age, now: NOW };
            assert_eq!(moment.text(Language::English), english);
            assert_eq!(moment.text(Language::German), german);
        }
    }

    #[test]
    fn an_impossible_time_is_not_shown() {
        for at in [Millis::MAX / 2, Millis::MIN / 2] {
            assert_eq!(Moment { at, now: 0 }.text(Language::English), "", "{at}");
        }
    }
}
