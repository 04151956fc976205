//! A circuit breaker: a server that failed twice in a row is left alone for a moment, then one request may try it. The
//! moment grows while it keeps failing. Pure: the time and the jitter come in.

use tokio::time::{Duration, Instant};

/// Failures in a row that open the circuit.
const TOLERATED: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long the one request that tries again has the server to itself.
const TRIAL: Duration = Duration::from_secs(3);

/// What a breaker says of its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// In use.
    Closed,
    /// Left alone.
    Open,
    /// The pause is over: the next request may try.
    HalfOpen,
}

/// One server's breaker.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    open_until: Option<Instant>,
    last: String,
}

impl Breaker {
    /// True when a request may use the server. After a pause it says so to one request only, for as long as that may take.
    pub(crate) fn admit(&mut self, now: Instant) -> bool {
        match self.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                self.open_until = Some(now + TRIAL);
                true
            }
        }
    }

    /// The server served a request.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The server failed. `jitter` is between 0 and 1: it spreads the new tries of many nodes.
    pub(crate) fn failed(&mut self, now: Instant, fault: String, jitter: f64) {
        self.failures = self.failures.saturating_add(1);
        self.last = fault;
        if self.failures >= TOLERATED {
            let doubled = FIRST_PAUSE * 2u32.pow((self.failures - TOLERATED).min(8));
            self.open_until =
                Some(now + doubled.min(LONGEST_PAUSE).mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 2.0));
        }
    }

    /// Why it failed the last time.
    pub(crate) fn last_fault(&self) -> &str {
        &self.last
    }

    /// For reports.
    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.open_until {
            None => BreakerState::Closed,
            Some(until) if now < until => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(times: u32, now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..times {
            breaker.failed(now, "down".into(), 0.5);
        }
        breaker
    }

    #[test]
    fn it_opens_at_the_second_failure_in_a_row() {
        let now = Instant::now();
        assert!(broken(1, now).admit(now));
        assert!(!broken(2, now).admit(now));
        let mut recovered = broken(1, now);
        recovered.succeeded();
        recovered.failed(now, "down".into(), 0.5);
        assert!(recovered.admit(now));
    }

    #[test]
    fn after_the_pause_one_request_tries() {
        let now = Instant::now();
        let mut breaker = broken(2, now);
        let later = now + FIRST_PAUSE;
        assert_eq!(breaker.state(later), BreakerState::HalfOpen);
        assert!(breaker.admit(later));
        assert!(!breaker.admit(later), "a second one waits for the outcome of the first");
        assert!(breaker.admit(later + TRIAL), "but not for ever: the first may have been given up");
        breaker.succeeded();
        assert_eq!(breaker.state(later), BreakerState::Closed);
    }

    #[test]
    fn the_pause_grows_and_has_an_end() {
        let now = Instant::now();
        for (failures, pause) in [(2, 500), (3, 1_000), (4, 2_000), (7, 10_000), (1_000, 10_000)] {
            let breaker = broken(failures, now);
            let end = now + Duration::from_millis(pause);
            assert_eq!(breaker.state(end - Duration::from_millis(1)), BreakerState::Open, "{failures}");
            assert_eq!(breaker.state(end), BreakerState::HalfOpen, "{failures}");
        }
    }

    #[test]
    fn jitter_spreads_the_tries() {
        let now = Instant::now();
        let (mut early, mut late) = (broken(1, now), broken(1, now));
        early.failed(now, String::new(), 0.0);
        late.failed(now, String::new(), 1.0);
        let between = now + FIRST_PAUSE;
        assert_eq!((early.state(between), late.state(between)), (BreakerState::HalfOpen, BreakerState::Open));
    }
}
