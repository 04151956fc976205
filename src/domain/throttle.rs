//! Limits on failed attempts, and how long to wait after them. It keeps no counts: the caller counts on all
//! nodes together.

use super::settings::Throttle;
use super::{HOUR, MINUTE, Millis, SECOND};

/// How long failed attempts count. The windows of all nodes begin with the minute.
const WINDOW: Millis = MINUTE;
/// How many wrong codes are free; after them each one causes a wait.
pub const FREE_CODES: u64 = 5;
/// The window in which codes before the password are counted for one name, from all addresses together.
pub const BEFORE_PASSWORD: Millis = 6 * HOUR;
/// How many such codes are allowed per window. One address can use at most 33 of them and one subscriber with
/// many addresses 43 ([`wait_after`]), so that one stranger does not use them up; 200 a day hit one of the
/// three codes that are valid at any time once in 1,600 days.
pub const CODES_BEFORE: u64 = 50;
const FIRST_WAIT: Millis = 30 * SECOND;
const LONGEST_WAIT: Millis = 15 * MINUTE;

/// What failed attempts are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A browser in which the typed name has signed in before.
    Browser,
    /// The address of the request.
    Address,
    /// All unknown browsers together.
    Overall,
    /// The typed name, whether or not it exists.
    Name,
    /// Codes of one person.
    Code,
    /// Authorization codes for one person.
    PersonCodes,
    /// Authorization codes for one address.
    AddressCodes,
}

impl Counted {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Browser,
        Self::Address,
        Self::Overall,
        Self::Name,
        Self::Code,
        Self::PersonCodes,
        Self::AddressCodes,
    ];

    /// The cause of a refusal, in the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "throttled_browser",
            Self::Address => "throttled_address",
            Self::Overall => "throttled_overall",
            Self::Name => "throttled_name",
            Self::Code => "throttled_code",
            Self::PersonCodes => "too_many_codes_person",
            Self::AddressCodes => "too_many_codes_address",
        }
    }

    /// Parses the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|counted| counted.as_str() == word)
    }
}

/// The limit of failed attempts per window; 0: no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub by: Counted,
    pub most: u32,
}

impl Limit {
    /// True if the attempt with this count exceeds the limit.
    #[must_use]
    pub fn is_passed(self, count: u64) -> bool {
        self.most != 0 && count > u64::from(self.most)
    }

    /// True for the first attempt of a window that exceeds the limit: only that one is written to the audit
    /// trail.
    #[must_use]
    pub fn is_just_passed(self, count: u64) -> bool {
        self.is_passed(count) && count == u64::from(self.most) + 1
    }
}

/// The limits of one attempt, in the order of counting: shared counts first, so that an attempt refused by a
/// shared limit uses up nothing of a name's. An address may have several limits, each for a wider network
/// around it.
///
/// A browser in which this name has signed in before has only its own count: otherwise strangers could use up
/// the counts of a name, or of an address they share with its owner, and keep the owner out.
#[must_use]
pub fn limits(settings: &Throttle, is_known: bool, addresses: &[u32]) -> Vec<Limit> {
    let limit = |by, most| Limit { by, most };
    if is_known {
        return vec![limit(Counted::Browser, settings.name_per_minute)];
    }
    let addresses = addresses.iter().map(|most| limit(Counted::Address, *most));
    let overall = limit(Counted::Overall, settings.overall_per_minute);
    addresses.chain([overall, limit(Counted::Name, settings.name_per_minute)]).collect()
}

/// The limits of one authorization code, in the order of counting: a person with too many codes uses up
/// nothing of a shared address.
#[must_use]
pub fn code_limits(settings: &Throttle) -> [Limit; 2] {
    [
        Limit { by: Counted::PersonCodes, most: settings.person_codes_per_minute },
        Limit { by: Counted::AddressCodes, most: settings.address_codes_per_minute },
    ]
}

/// The window of an attempt: a minute, unless stated otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The number of the window: an attempt is given back to the minute it was counted in.
    pub number: i64,
    /// The time until it ends.
    pub left: Millis,
}

impl Window {
    /// The one-minute window at a time.
    #[must_use]
    pub fn at(now: Millis) -> Self {
        Self::of(now, WINDOW)
    }

    /// The window of this length at a time.
    #[must_use]
    pub fn of(now: Millis, long: Millis) -> Self {
        Self { number: now.div_euclid(long), left: long - now.rem_euclid(long) }
    }
}

/// How long no code may be typed after this many wrong ones, including the current one; `None` while the free
/// ones ([`FREE_CODES`], unless stated otherwise) last. Codes have six digits and three of them are valid at
/// any time: a guesser has about a hundred attempts per day, and hits one in about three thousand days.
#[must_use]
pub fn wait_after(wrong: u64, free: u64) -> Option<Millis> {
    let doublings = wrong.checked_sub(free)?;
    Some((FIRST_WAIT << doublings.min(5)).min(LONGEST_WAIT))
}

/// A wait in whole seconds, for display and for `Retry-After`.
#[must_use]
pub fn in_seconds(wait: Millis) -> u32 {
    u32::try_from((wait + SECOND - 1).div_euclid(SECOND).max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_browser_has_its_own_count() {
        let settings = Throttle::default();
        let by =
            |known| limits(&settings, known, &[600, 1_200]).iter().map(|limit| limit.by).collect::<Vec<_>>();
        assert_eq!(by(true), [Counted::Browser]);
        assert_eq!(by(false), [Counted::Address, Counted::Address, Counted::Overall, Counted::Name]);
    }

    #[test]
    fn a_limit_is_exceeded_by_one_more_and_zero_is_unlimited() {
        let limit = |most| Limit { by: Counted::Name, most };
        for (most, count, passed, just) in
            [(3, 3, false, false), (3, 4, true, true), (3, 5, true, false), (0, u64::MAX, false, false)]
        {
            assert_eq!(limit(most).is_passed(count), passed, "{most} {count}");
            assert_eq!(limit(most).is_just_passed(count), just, "{most} {count}");
        }
    }

    #[test]
    fn windows_are_contiguous_before_the_epoch_too() {
        for (now, number, left) in [(0, 0, MINUTE), (1, 0, MINUTE - 1), (MINUTE, 1, MINUTE), (-1, -1, 1)] {
            assert_eq!(Window::at(now), Window { number, left }, "{now}");
        }
    }

    #[test]
    fn five_codes_are_free_and_the_wait_grows_to_a_quarter_of_an_hour() {
        let waits: Vec<_> = (1..=12).map(|wrong| wait_after(wrong, FREE_CODES).map(in_seconds)).collect();
        let free = [None; 4];
        let grown = [30, 60, 120, 240, 480, 900, 900, 900].map(Some);
        assert_eq!(waits, [free.as_slice(), &grown].concat());
        assert_eq!(wait_after(u64::MAX, FREE_CODES), Some(LONGEST_WAIT));
        assert_eq!((wait_after(9, 10), wait_after(10, 10)), (None, Some(FIRST_WAIT)));
    }

    #[test]
    fn a_wait_is_at_least_one_whole_second() {
        for (wait, seconds) in [(-5, 1), (0, 1), (1, 1), (1_000, 1), (1_001, 2), (60_000, 60)] {
            assert_eq!(in_seconds(wait), seconds, "{wait}");
        }
    }

    #[test]
    fn each_word_is_parsed_back() {
        for by in Counted::ALL {
            assert_eq!(Counted::parse(by.as_str()), Some(by));
        }
    }
}
