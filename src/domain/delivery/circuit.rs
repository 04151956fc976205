//! Whether a target is asked at all: it rests after failures of its own, and stops where only an
//! administrator can help.

use super::answer::Failure;
use super::backoff::backoff;
use crate::domain::{Millis, words};

/// So many failures of the target in a row open the circuit.
const FAILURES: u32 = 5;
/// So many refusals of different people in a row are the target's fault: its token may have lost its rights.
const REFUSALS: u32 = 20;

words! {
    /// Why a target is stopped until an administrator resumes it, or its settings change.
    pub enum Stop {
        /// 401: the token is wrong or has expired.
        Unauthorized = "unauthorized",
        /// Too many are not there any more.
        Emptied = "emptied",
        /// It refuses everybody.
        Refusing = "refusing",
    }
}

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    Yes,
    /// Not before this time.
    NotBefore(Millis),
    /// One request is on its way to find out whether the target is well.
    Probing,
    Stopped(Stop),
}

/// The state of one target.
#[derive(Clone, Debug, Default)]
pub struct Circuit {
    failures: u32,
    refusals: u32,
    rest_until: Option<Millis>,
    probing: bool,
    stop: Option<Stop>,
}

impl Circuit {
    /// Whether a request may be sent now. After a rest one is sent alone.
    pub fn ask(&mut self, now: Millis) -> Permit {
        let permit = self.peek(now);
        self.probing |= permit == Permit::Yes && self.rest_until.is_some();
        permit
    }

    /// What [`Circuit::ask`] would say.
    #[must_use]
    pub fn peek(&self, now: Millis) -> Permit {
        match (self.stop, self.rest_until) {
            (Some(stop), _) => Permit::Stopped(stop),
            (None, None) => Permit::Yes,
            (None, Some(until)) if now < until => Permit::NotBefore(until),
            (None, Some(_)) if self.probing => Permit::Probing,
            (None, Some(_)) => Permit::Yes,
        }
    }

    /// The request that was permitted last was not sent.
    pub fn not_sent(&mut self) {
        self.probing = false;
    }

    /// Notes a success.
    pub fn succeeded(&mut self) {
        *self = Self { stop: self.stop, ..Self::default() };
    }

    /// Notes a failure; `jitter` is from 0 to 1.
    pub fn failed(&mut self, failure: &Failure, now: Millis, jitter: f64) {
        let probed = std::mem::take(&mut self.probing);
        if !failure.is_of_target() {
            // It has answered, so it is there.
            (self.failures, self.rest_until) = (0, None);
            self.refused(failure);
            return;
        }
        self.failures += 1;
        match failure {
            Failure::Unauthorized(_) => self.stop = Some(Stop::Unauthorized),
            Failure::Busy { retry_after: Some(_), .. } => self.rest(failure, now, jitter),
            _ if probed || self.failures >= FAILURES => self.rest(failure, now, jitter),
            _ => {}
        }
    }

    fn refused(&mut self, failure: &Failure) {
        if matches!(failure, Failure::Refused { .. }) {
            self.refusals += 1;
            if self.refusals >= REFUSALS {
                self.stop = Some(Stop::Refusing);
            }
        }
    }

    fn rest(&mut self, failure: &Failure, now: Millis, jitter: f64) {
        let times = (self.failures + 1).saturating_sub(FAILURES).max(1);
        let until = now + backoff(times, failure.retry_after(), jitter);
        self.rest_until = self.rest_until.max(Some(until));
    }

    /// Whether it rests after failures of its own.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.rest_until.is_some()
    }

    /// Whether it answers: the last requests were not all failures of its own.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.stop.is_none() && self.rest_until.is_none() && self.failures == 0
    }

    /// Stops the target.
    pub fn stop(&mut self, stop: Stop) {
        self.stop = Some(stop);
    }

    /// Why it is stopped.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        self.stop
    }

    /// Resumes it.
    pub fn resume(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MINUTE, SECOND};

    fn broken() -> Failure {
        Failure::Broken { status: 500, words: String::new() }
    }

    fn refused() -> Failure {
        Failure::Refused { status: 403, words: String::new() }
    }

    #[test]
    fn it_rests_after_failures_in_a_row_and_then_one_request_finds_out() {
        let mut circuit = Circuit::default();
        for _ in 0..4 {
            circuit.failed(&broken(), 0, 1.0);
        }
        assert_eq!(circuit.ask(0), Permit::Yes);
        assert!(!circuit.rests());
        circuit.failed(&broken(), 0, 1.0);
        assert!(circuit.rests());
        assert_eq!(circuit.ask(0), Permit::NotBefore(SECOND));
        assert_eq!(circuit.ask(SECOND), Permit::Yes);
        assert_eq!(circuit.ask(SECOND), Permit::Probing);
        circuit.failed(&broken(), SECOND, 1.0);
        assert_eq!(circuit.ask(SECOND), Permit::NotBefore(3 * SECOND), "longer each time");
        assert_eq!(circuit.ask(3 * SECOND), Permit::Yes);
        circuit.succeeded();
        assert_eq!(circuit.ask(3 * SECOND), Permit::Yes);
        assert_eq!(circuit.ask(3 * SECOND), Permit::Yes);
    }

    #[test]
    fn a_permit_that_was_not_used_is_given_again() {
        let mut circuit = Circuit::default();
        (0..5).for_each(|_| circuit.failed(&broken(), 0, 1.0));
        assert_eq!(circuit.peek(SECOND), Permit::Yes);
        assert_eq!(circuit.ask(SECOND), Permit::Yes);
        assert_eq!(circuit.peek(SECOND), Permit::Probing);
        circuit.not_sent();
        assert_eq!(circuit.ask(SECOND), Permit::Yes);
    }

    #[test]
    fn a_success_between_keeps_it_closed() {
        let mut circuit = Circuit::default();
        for _ in 0..20 {
            circuit.failed(&broken(), 0, 1.0);
            circuit.succeeded();
        }
        assert_eq!(circuit.ask(0), Permit::Yes);
    }

    #[test]
    fn retry_after_rests_everybody_at_once() {
        let mut circuit = Circuit::default();
        circuit.failed(&Failure::Busy { status: 429, retry_after: Some(MINUTE) }, 0, 0.0);
        assert_eq!(circuit.ask(MINUTE - 1), Permit::NotBefore(MINUTE));
        assert_eq!(circuit.ask(MINUTE), Permit::Yes);
    }

    #[test]
    fn a_bad_token_and_a_target_that_refuses_everybody_wait_for_an_administrator() {
        let mut circuit = Circuit::default();
        circuit.failed(&Failure::Unauthorized(String::new()), 0, 0.0);
        circuit.succeeded();
        assert_eq!(circuit.ask(MINUTE), Permit::Stopped(Stop::Unauthorized), "an answer that came late");
        circuit.resume();
        assert_eq!(circuit.ask(MINUTE), Permit::Yes);
        for _ in 0..19 {
            circuit.failed(&refused(), 0, 0.0);
        }
        assert_eq!(circuit.ask(0), Permit::Yes);
        circuit.failed(&refused(), 0, 0.0);
        assert_eq!(circuit.ask(0), Permit::Stopped(Stop::Refusing));
    }
}
