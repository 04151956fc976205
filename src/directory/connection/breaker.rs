//! Stop using a server for a while after two failures in a row (a circuit breaker). After the pause one
//! request may try it; the pause grows while the server keeps failing. Pure: time and jitter are parameters.

use std::fmt;

use tokio::time::{Duration, Instant};

/// Failures in a row that open the circuit.
const TOLERATED: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long only the trial request may use the server.
const TRIAL: Duration = Duration::from_secs(3);

/// The state of a server's circuit breaker, for reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    Open,
    /// The pause is over: the next request is the trial.
    HalfOpen,
}

impl fmt::Display for BreakerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "in use",
            Self::Open => "paused",
            Self::HalfOpen => "to be tried again",
        })
    }
}

/// One server's breaker.
#[derive(Debug)]
pub(crate) struct Breaker {
    state: CircuitState,
    last: String,
}

#[derive(Debug)]
enum CircuitState {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
        pauses: u32,
    },
    /// One trial request is under way. If it is abandoned, the next trial may start at `until`.
    Trial {
        until: Instant,
        pauses: u32,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: CircuitState::Closed { failures: 0 }, last: String::new() }
    }
}

impl Breaker {
    /// True when a request may use the server. After a pause, true for one trial request only, while its time
    /// lasts.
    pub(crate) fn admit(&mut self, now: Instant) -> bool {
        match self.state {
            CircuitState::Closed { .. } => true,
            CircuitState::Open { until, .. } | CircuitState::Trial { until, .. } if now < until => false,
            CircuitState::Open { pauses, .. } | CircuitState::Trial { pauses, .. } => {
                self.state = CircuitState::Trial { until: now + TRIAL, pauses };
                true
            }
        }
    }

    /// Records a successful request.
    pub(crate) fn succeeded(&mut self) {
        if !matches!(self.state, CircuitState::Closed { failures: 0 }) {
            *self = Self::default();
        }
    }

    /// Records a failure. `jitter` is between 0 and 1 and spreads the retries of many nodes.
    pub(crate) fn failed(&mut self, now: Instant, fault: String, jitter: f64) {
        self.last = fault;
        let pauses = match self.state {
            CircuitState::Closed { failures } if failures + 1 < TOLERATED => {
                self.state = CircuitState::Closed { failures: failures + 1 };
                return;
            }
            CircuitState::Closed { .. } => 0,
            // a request that started before the circuit opened: the same outage
            CircuitState::Open { .. } => return,
            CircuitState::Trial { pauses, .. } => pauses + 1,
        };
        let doubled = FIRST_PAUSE * 2u32.pow(pauses.min(8));
        let pause = doubled.min(LONGEST_PAUSE).mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 2.0);
        self.state = CircuitState::Open { until: now + pause, pauses };
    }

    /// The most recent failure.
    pub(crate) fn last_fault(&self) -> &str {
        &self.last
    }

    /// The state for reports.
    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.state {
            CircuitState::Closed { .. } => BreakerState::Closed,
            CircuitState::Open { until, .. } if now < until => BreakerState::Open,
            CircuitState::Open { .. } | CircuitState::Trial { .. } => BreakerState::HalfOpen,
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
        assert!(breaker.admit(later + TRIAL), "but not forever: the first may have been abandoned");
        breaker.succeeded();
        assert_eq!(breaker.state(later), BreakerState::Closed);
    }

    #[test]
    fn the_pause_grows_with_each_trial_and_has_an_end() {
        let mut now = Instant::now();
        let mut breaker = broken(2, now);
        for pause in [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000] {
            let end = now + Duration::from_millis(pause);
            assert_eq!(breaker.state(end - Duration::from_millis(1)), BreakerState::Open, "{pause}");
            assert!(breaker.admit(end), "{pause}");
            breaker.failed(end, "down".into(), 0.5);
            now = end;
        }
    }

    #[test]
    fn concurrent_failures_of_one_outage_count_once() {
        let now = Instant::now();
        assert_eq!(broken(100, now).state(now + FIRST_PAUSE), BreakerState::HalfOpen);
    }

    #[test]
    fn jitter_spreads_the_retries() {
        let now = Instant::now();
        let (mut early, mut late) = (broken(1, now), broken(1, now));
        early.failed(now, String::new(), 0.0);
        late.failed(now, String::new(), 1.0);
        let between = now + FIRST_PAUSE;
        assert_eq!((early.state(between), late.state(between)), (BreakerState::HalfOpen, BreakerState::Open));
    }
}
