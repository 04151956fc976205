//! Whether a service may be asked now: its circuit, its budget, and the guard against filling an emptied one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::delivery::{Answer, Budget, Circuit, GoneGuard, Permit, Rate, Stop, Urgency};
use crate::domain::{Millis, SECOND};

/// When to ask again while a request is on its way that finds out whether the service is well.
const PROBED: Millis = SECOND / 4;

/// The state of one service in this process.
pub(super) struct Control(Mutex<State>);

struct State {
    circuit: Circuit,
    budget: Budget,
    guard: GoneGuard,
    /// Until when the budget is spent: for suspensions, and for everything else.
    spent_until: [Millis; 2],
}

/// The answer to a question for permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    Granted,
    NotBefore(Millis),
    Stopped,
}

impl Control {
    pub(super) fn new(rate: Rate) -> Self {
        let (circuit, guard) = (Circuit::default(), GoneGuard::default());
        Self(Mutex::new(State { circuit, budget: Budget::new(rate), guard, spent_until: [0; 2] }))
    }

    /// Whether an attempt may begin: [`Control::ask`] would say yes, as far as can be said without counting.
    pub(super) fn may_begin(&self, urgency: Urgency, now: Millis) -> bool {
        let state = self.state();
        state.circuit.peek(now) == Permit::Yes && state.spent_until[class(urgency)] <= now
    }

    /// Asks for the permission to send a request, and counts it. `first`: of an attempt.
    pub(super) fn ask(&self, urgency: Urgency, first: bool, now: Millis) -> Permission {
        let mut state = self.state();
        match state.circuit.peek(now) {
            Permit::Stopped(_) => return Permission::Stopped,
            Permit::NotBefore(at) if first => return Permission::NotBefore(at),
            Permit::Probing if first => return Permission::NotBefore(now + PROBED),
            // An attempt that has begun is brought to its end.
            _ => {}
        }
        if let Err(later) = state.budget.take(urgency, now) {
            state.spent_until[class(urgency)] = later;
            return Permission::NotBefore(later);
        }
        if first {
            let _granted = state.circuit.ask(now);
        }
        Permission::Granted
    }

    /// Counts a request that is sent in any case.
    pub(super) fn count(&self, urgency: Urgency, now: Millis) {
        let mut state = self.state();
        if let Err(later) = state.budget.take(urgency, now) {
            state.spent_until[class(urgency)] = later;
        }
    }

    /// What was permitted was not sent.
    pub(super) fn not_sent(&self) {
        self.state().circuit.not_sent();
    }

    /// Notes an answer. Returns why the service is stopped from now on, if it is.
    pub(super) fn answered(&self, answer: &Answer, now: Millis, jitter: f64) -> Option<Stop> {
        let mut state = self.state();
        let before = state.circuit.stopped();
        match answer {
            Answer::Failed(failure) => state.circuit.failed(failure, now, jitter),
            _ => state.circuit.succeeded(),
        }
        state.circuit.stopped().filter(|_| before.is_none())
    }

    /// Whether one more may be created again; if not, the service is stopped.
    pub(super) fn may_create_again(&self, known: u64, now: Millis) -> bool {
        let mut state = self.state();
        let allowed = state.guard.take(usize::try_from(known).unwrap_or(usize::MAX), now);
        if !allowed {
            state.circuit.stop(Stop::Emptied);
        }
        allowed
    }

    pub(super) fn rests(&self) -> bool {
        self.state().circuit.rests()
    }

    pub(super) fn is_well(&self) -> bool {
        self.state().circuit.is_well()
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        self.state().circuit.stopped()
    }

    pub(super) fn stop(&self, why: Stop) {
        self.state().circuit.stop(why);
    }

    /// An administrator has resumed the service.
    pub(super) fn resume(&self) {
        let mut state = self.state();
        state.circuit.resume();
        state.guard.reset();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn class(urgency: Urgency) -> usize {
    usize::from(urgency != Urgency::Suspend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MINUTE;
    use crate::domain::delivery::Failure;

    fn control(per_minute: u32) -> Control {
        Control::new(Rate { per_minute, per_hour: 0, reserved: 50 })
    }

    fn broken() -> Answer {
        Answer::Failed(Failure::Broken { status: 500, words: String::new() })
    }

    #[test]
    fn suspensions_go_on_where_the_budget_of_others_is_spent() {
        let control = control(2);
        assert_eq!(control.ask(Urgency::Change, true, 0), Permission::Granted);
        assert!(matches!(control.ask(Urgency::Change, true, 0), Permission::NotBefore(_)));
        assert!(!control.may_begin(Urgency::Fill, 0) && control.may_begin(Urgency::Suspend, 0));
        assert_eq!(control.ask(Urgency::Suspend, true, 0), Permission::Granted);
        assert!(control.may_begin(Urgency::Fill, 2 * MINUTE));
    }

    #[test]
    fn a_spent_budget_or_an_unsent_request_leaves_no_probe_behind() {
        let control = control(6);
        for _ in 0..5 {
            assert_eq!(control.answered(&broken(), 0, 0.0), None);
        }
        assert!(matches!(control.ask(Urgency::Change, true, 0), Permission::NotBefore(_)));
        assert_eq!(control.ask(Urgency::Suspend, true, MINUTE), Permission::Granted);
        assert_eq!(control.ask(Urgency::Suspend, true, MINUTE), Permission::NotBefore(MINUTE + PROBED));
        assert_eq!(
            control.ask(Urgency::Suspend, false, MINUTE),
            Permission::Granted,
            "what has begun goes on"
        );
        control.not_sent();
        (0..4).for_each(|_| control.count(Urgency::Suspend, MINUTE));
        assert!(matches!(control.ask(Urgency::Suspend, true, MINUTE), Permission::NotBefore(_)));
        assert_eq!(control.ask(Urgency::Suspend, true, 3 * MINUTE), Permission::Granted);
    }

    #[test]
    fn a_refused_token_or_an_emptied_service_stops_it_until_it_is_resumed() {
        let control = control(0);
        let refused = Answer::Failed(Failure::Unauthorized(String::new()));
        assert_eq!(control.answered(&refused, 0, 0.0), Some(Stop::Unauthorized));
        assert_eq!(control.answered(&refused, 0, 0.0), None, "it is stopped once");
        assert_eq!(control.ask(Urgency::Suspend, false, 0), Permission::Stopped);
        assert!(!control.may_begin(Urgency::Suspend, 0));
        control.resume();
        assert_eq!((0..9).filter(|_| control.may_create_again(10, 0)).count(), 3);
        assert_eq!(control.stopped(), Some(Stop::Emptied));
        control.resume();
        assert!(control.may_create_again(10, 0));
    }
}
