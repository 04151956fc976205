//! The outbox: one row for each person and Team Share, which says that the newest wish is still to be
//! delivered. It holds no events, so what changed five times costs one request.

use super::answer::Failure;
use super::backoff::backoff;
use super::wish::Subject;
use crate::domain::{MINUTE, Millis, SECOND, words};

/// After so many attempts somebody is quarantined.
const ATTEMPTS: u32 = 10;
/// A suspension is never given up: in quarantine it is tried again after this time.
const SUSPEND_AGAIN: Millis = 15 * MINUTE;
/// The longest wait between two attempts at a suspension before that.
const SUSPEND_SOON: Millis = 10 * SECOND;

words! {
    /// What goes first.
    pub enum Urgency {
        Suspend = "suspend",
        Change = "change",
        /// The first delivery of everybody.
        Fill = "fill",
    }
}

/// Why somebody is not delivered until the cause is fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    pub since: Millis,
    /// The target's own words.
    pub words: String,
}

/// The row of one person or Team Share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Counts the wishes.
    pub wished: u64,
    /// The newest wish that was delivered.
    pub delivered: u64,
    pub urgency: Urgency,
    /// When the oldest wish was made that is not delivered.
    pub dirty_since: Millis,
    /// Failed attempts in a row.
    pub attempts: u32,
    pub not_before: Millis,
    pub quarantine: Option<Quarantine>,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            wished: 0,
            delivered: 0,
            urgency: Urgency::Fill,
            dirty_since: 0,
            attempts: 0,
            not_before: 0,
            quarantine: None,
        }
    }
}

impl Row {
    /// Whether something is to be delivered.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.wished > self.delivered
    }

    /// Notes that there is a newer wish. It is tried at once: the cause of an earlier refusal may be fixed by it.
    pub fn wish(&mut self, urgency: Urgency, now: Millis) {
        if self.is_dirty() {
            self.urgency = self.urgency.min(urgency);
        } else {
            (self.urgency, self.dirty_since) = (urgency, now);
        }
        self.wished += 1;
        (self.attempts, self.not_before, self.quarantine) = (0, 0, None);
    }

    /// Whether it is to be sent now.
    #[must_use]
    pub fn is_ready(&self, now: Millis) -> bool {
        let waits = self.quarantine.is_some() && self.urgency != Urgency::Suspend;
        self.is_dirty() && !waits && self.not_before <= now
    }

    /// Notes that this wish was delivered. A newer one stays to be delivered.
    pub fn delivered(&mut self, wish: u64, now: Millis) {
        self.delivered = self.delivered.max(wish);
        self.dirty_since = now;
        (self.attempts, self.not_before, self.quarantine) = (0, 0, None);
    }

    /// Notes an attempt at this wish that may go better later; `jitter` is from 0 to 1. While the target itself is
    /// not `well`, its circuit decides how long everybody waits, and an attempt says nothing about this one.
    pub fn failed(&mut self, wish: u64, failure: &Failure, now: Millis, (jitter, well): (f64, bool)) {
        if wish != self.wished {
            return;
        }
        if failure.is_of_target() && !well {
            self.not_before = now + backoff(1, None, jitter);
            return;
        }
        self.attempts += 1;
        let wait = backoff(self.attempts, failure.retry_after(), jitter);
        self.not_before = now + if self.urgency == Urgency::Suspend { wait.min(SUSPEND_SOON) } else { wait };
        if self.attempts >= ATTEMPTS {
            self.refused(wish, failure, now);
        }
    }

    /// Notes that the target refuses this wish.
    pub fn refused(&mut self, wish: u64, failure: &Failure, now: Millis) {
        if wish != self.wished {
            return;
        }
        self.not_before = now + SUSPEND_AGAIN;
        let since = self.quarantine.as_ref().map_or(now, |before| before.since);
        self.quarantine = Some(Quarantine { since, words: failure.to_string() });
    }

    /// An administrator has it tried again.
    pub fn retry(&mut self) {
        (self.attempts, self.not_before, self.quarantine) = (0, 0, None);
    }

    /// The order in which rows are sent: suspensions first, then people before Team Shares, then the oldest.
    #[must_use]
    pub fn rank(&self, subject: &Subject) -> (Urgency, bool, Millis) {
        (self.urgency, matches!(subject, Subject::Share(_)), self.dirty_since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountId;

    fn refusal() -> Failure {
        Failure::Refused { status: 400, words: "no title, please".into() }
    }

    #[test]
    fn five_wishes_are_one_delivery_and_a_newer_one_stays() {
        let mut row = Row::default();
        assert!(!row.is_ready(0));
        (0..5).for_each(|now| row.wish(Urgency::Change, now));
        assert!(row.is_ready(5) && row.dirty_since == 0);
        row.wish(Urgency::Suspend, 6);
        row.delivered(5, 7);
        assert!(row.is_ready(7) && row.urgency == Urgency::Suspend);
        row.wish(Urgency::Fill, 8);
        assert_eq!(row.urgency, Urgency::Suspend, "what waits with it is not slower");
        row.delivered(7, 9);
        assert!(!row.is_dirty());
    }

    #[test]
    fn a_refused_wish_waits_for_a_new_one_or_an_administrator() {
        let mut row = Row::default();
        row.wish(Urgency::Change, 0);
        row.refused(1, &refusal(), 1);
        assert!(!row.is_ready(Millis::MAX));
        assert_eq!(row.quarantine.as_ref().map(|why| why.words.as_str()), Some("400: no title, please"));
        row.retry();
        assert!(row.is_ready(2));
        row.refused(1, &refusal(), 2);
        row.wish(Urgency::Change, 3);
        assert!(row.is_ready(3));
        row.refused(1, &refusal(), 4);
        assert!(row.is_ready(4), "an answer about an older wish says nothing about the newer one");
    }

    #[test]
    fn a_suspension_is_never_given_up() {
        let mut row = Row::default();
        row.wish(Urgency::Suspend, 0);
        row.refused(1, &refusal(), 0);
        assert!(!row.is_ready(SUSPEND_AGAIN - 1) && row.is_ready(SUSPEND_AGAIN));
        row.refused(1, &refusal(), SUSPEND_AGAIN);
        assert_eq!(row.quarantine.map(|why| why.since), Some(0));
    }

    #[test]
    fn a_target_that_is_away_quarantines_nobody_but_one_person_whom_it_can_never_take_is() {
        let attempts = |failure: &Failure, well| {
            let mut row = Row::default();
            row.wish(Urgency::Change, 0);
            (0..30).for_each(|now| row.failed(1, failure, now, (0.5, well)));
            (row.quarantine.is_some(), row.not_before <= 2 * SECOND)
        };
        let broken = Failure::Broken { status: 500, words: String::new() };
        for failure in [&broken, &Failure::NotSent("no route".into()), &Failure::Lost("time-out".into())] {
            assert_eq!(attempts(failure, false), (false, true), "{failure}");
            assert_eq!(attempts(failure, true), (true, false), "{failure}, while others are delivered");
        }
        assert!(attempts(&Failure::Conflict("taken".into()), false).0);
    }

    #[test]
    fn a_suspension_never_waits_long_for_its_next_attempt() {
        let mut row = Row::default();
        row.wish(Urgency::Suspend, 0);
        for _ in 0..9 {
            row.failed(1, &refusal(), 0, (1.0, true));
            assert!(row.not_before <= SUSPEND_SOON);
        }
    }

    #[test]
    fn suspensions_come_first_then_people_then_the_oldest() {
        let person = |number: u8| Subject::Person(AccountId(number.to_string()));
        let share = Subject::Share("sales".into());
        let row = |urgency, dirty_since| Row { urgency, dirty_since, ..Row::default() };
        let mut rows = [
            (person(1), row(Urgency::Fill, 1)),
            (share, row(Urgency::Change, 1)),
            (person(2), row(Urgency::Change, 3)),
            (person(3), row(Urgency::Change, 2)),
            (person(4), row(Urgency::Suspend, 9)),
        ];
        rows.sort_by_key(|(subject, row)| row.rank(subject));
        let order: Vec<String> = rows.iter().map(|(subject, _)| subject.to_string()).collect();
        assert_eq!(order, ["person 4", "person 3", "person 2", "Team Share sales", "person 1"]);
    }
}
