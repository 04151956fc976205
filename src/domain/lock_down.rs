//! Lock down a person: suspended here, signed out everywhere, inactive at every service. What of it is confirmed,
//! decided purely.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit_change::ValueChange;
use super::delivery::{Attribute, Known, Row};
use super::words;

/// What has ended here, by how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct EndedHere {
    pub sessions: u64,
    pub refresh_families: u64,
    pub remembered_browsers: u64,
    pub panel_sessions: u64,
    /// Codes of the help desk that were not used.
    pub help_desk_codes: u64,
}

words! {
    /// How far a step is.
    pub enum StepState {
        Confirmed = "confirmed",
        /// The service does not have the person.
        NotThere = "not_there",
        /// It goes on by itself.
        Waiting = "waiting",
        /// The service refuses it; it is tried again from time to time.
        Refused = "refused",
        /// The service gets nothing until an administrator resumes it.
        Stopped = "stopped",
        /// The client could not be told for a day.
        GivenUp = "given_up",
        /// The client can't be told.
        NotTold = "not_told",
    }
}

words! {
    /// How far a lock-down is.
    pub enum LockDownState {
        Confirmed = "confirmed",
        Waiting = "waiting",
        /// A step is refused, stopped or given up.
        Failed = "failed",
    }
}

/// A step, with what the other side has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockDownStep {
    pub state: StepState,
    pub words: Option<String>,
}

/// What is known of a client that had sessions of the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFacts {
    /// How many ends of sessions it has not confirmed.
    pub waiting: usize,
    /// Its answer to one that was given up.
    pub given_up: Option<String>,
    /// Its answer to one that it has confirmed.
    pub confirmed: Option<String>,
}

impl EndedHere {
    /// The sum, for a lock-down that is ordered again.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            sessions: self.sessions + more.sessions,
            refresh_families: self.refresh_families + more.refresh_families,
            remembered_browsers: self.remembered_browsers + more.remembered_browsers,
            panel_sessions: self.panel_sessions + more.panel_sessions,
            help_desk_codes: self.help_desk_codes + more.help_desk_codes,
        }
    }

    /// What has ended, for the audit log.
    pub fn changes(self) -> impl Iterator<Item = ValueChange> {
        let ended = [
            ("sessions", self.sessions),
            ("refresh families", self.refresh_families),
            ("remembered browsers", self.remembered_browsers),
            ("sessions of the panel", self.panel_sessions),
            ("invitations", self.help_desk_codes),
        ];
        ended.into_iter().filter(|(_, many)| *many > 0).map(|(key, many)| ValueChange::removed(key, many))
    }
}

impl StepState {
    /// True for what is as wished.
    #[must_use]
    pub fn is_confirmed(self) -> bool {
        matches!(self, Self::Confirmed | Self::NotThere)
    }

    /// True if nothing follows by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.is_confirmed() || matches!(self, Self::GivenUp | Self::NotTold)
    }

    fn has_failed(self) -> bool {
        matches!(self, Self::Refused | Self::Stopped | Self::GivenUp)
    }
}

impl LockDownState {
    /// The state of all steps together. A client that can't be told is no failure: only its own session goes on.
    #[must_use]
    pub fn of(steps: impl IntoIterator<Item = StepState>) -> Self {
        let mut state = Self::Confirmed;
        for step in steps {
            if step.has_failed() {
                return Self::Failed;
            }
            if step == StepState::Waiting {
                state = Self::Waiting;
            }
        }
        state
    }
}

impl LockDownStep {
    fn new(state: StepState, words: Option<&str>) -> Self {
        Self { state, words: words.map(str::to_owned) }
    }

    /// The end of the sessions at a client. Without any fact it was signed in before it had an address to be told at.
    #[must_use]
    pub fn at_client(facts: &ClientFacts) -> Self {
        match facts {
            ClientFacts { waiting: 1.., .. } => Self::new(StepState::Waiting, None),
            ClientFacts { given_up: Some(answer), .. } => Self::new(StepState::GivenUp, Some(answer)),
            ClientFacts { confirmed: Some(answer), .. } => Self::new(StepState::Confirmed, Some(answer)),
            ClientFacts { .. } => Self::new(StepState::NotTold, None),
        }
    }

    /// The suspension at a service. `stopped` and `failing` are the words of why it gets nothing.
    #[must_use]
    pub fn at_service(
        delivery: Option<(&Row, &Known)>,
        stopped: Option<&str>,
        failing: Option<&str>,
    ) -> Self {
        let inactive = Some("false".to_owned());
        match delivery {
            Some((row, known)) if !row.is_dirty() && known.id().is_none() => {
                Self::new(StepState::NotThere, None)
            }
            Some((row, known))
                if !row.is_dirty() && known.values.get(&Attribute::Active) == Some(&inactive) =>
            {
                Self::new(StepState::Confirmed, None)
            }
            _ if stopped.is_some() => Self::new(StepState::Stopped, stopped),
            Some((Row { quarantine: Some(refused), .. }, _)) => {
                Self::new(StepState::Refused, Some(&refused.words))
            }
            _ => Self::new(StepState::Waiting, failing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::{Failure, Place, RemoteId, Urgency};

    fn dirty() -> Row {
        let mut row = Row::default();
        row.wish(Urgency::Suspend, 0);
        row
    }

    fn refused() -> Row {
        let mut row = dirty();
        row.refused(1, &Failure::Refused { status: 400, words: "no".into() }, 1);
        row
    }

    fn done() -> Row {
        let mut row = dirty();
        row.delivered(1, 1);
        row
    }

    fn there(active: &str) -> Known {
        let place = Place::At { id: RemoteId("r".into()), etag: None };
        let values = [(Attribute::Active, Some(active.to_owned()))].into();
        Known { place, values, ..Known::default() }
    }

    #[test]
    fn a_service_is_confirmed_only_if_it_has_nobody_or_somebody_inactive() {
        let (nobody, active, inactive) = (Known::default(), there("true"), there("false"));
        let lost = Known { place: Place::Lost, ..Known::default() };
        for (row, known, state) in [
            (done(), &inactive, StepState::Confirmed),
            (done(), &nobody, StepState::NotThere),
            (done(), &lost, StepState::NotThere),
            (done(), &active, StepState::Waiting),
            (dirty(), &inactive, StepState::Waiting),
            (dirty(), &nobody, StepState::Waiting),
            (refused(), &active, StepState::Refused),
        ] {
            let step = LockDownStep::at_service(Some((&row, known)), None, None);
            assert_eq!(step.state, state, "{row:?} {known:?}");
        }
        assert_eq!(LockDownStep::at_service(None, None, None).state, StepState::Waiting, "not noted yet");
    }

    #[test]
    fn a_service_that_gets_nothing_says_why_but_what_it_has_confirmed_stays_confirmed() {
        let (active, inactive) = (there("true"), there("false"));
        let step = |row: &Row, known, stopped, failing| {
            LockDownStep::at_service(Some((row, known)), stopped, failing)
        };
        for row in [dirty(), refused()] {
            let stopped = step(&row, &active, Some("401"), Some("away"));
            assert_eq!((stopped.state, stopped.words.as_deref()), (StepState::Stopped, Some("401")));
        }
        let away = step(&dirty(), &active, None, Some("no route"));
        assert_eq!((away.state, away.words.as_deref()), (StepState::Waiting, Some("no route")));
        let words = step(&refused(), &active, None, Some("no route")).words;
        assert_eq!(words.as_deref(), Some("400: no"));
        assert_eq!(step(&done(), &inactive, Some("401"), None).state, StepState::Confirmed);
    }

    #[test]
    fn a_client_has_confirmed_only_if_nothing_waits_and_nothing_was_given_up() {
        let text = |text: &str| Some(text.to_owned());
        for (waiting, given_up, confirmed, state, words) in [
            (0, None, None, StepState::NotTold, None),
            (0, None, text("status 200"), StepState::Confirmed, text("status 200")),
            (1, None, text("status 200"), StepState::Waiting, None),
            (2, text("status 400"), text("status 200"), StepState::Waiting, None),
            (0, text("status 400"), text("status 200"), StepState::GivenUp, text("status 400")),
        ] {
            let facts = ClientFacts { waiting, given_up, confirmed };
            assert_eq!(LockDownStep::at_client(&facts), LockDownStep { state, words }, "{facts:?}");
        }
    }

    #[test]
    fn one_failure_is_the_failure_of_all_and_one_that_waits_lets_all_wait() {
        use StepState::{Confirmed, GivenUp, NotThere, NotTold, Refused, Stopped, Waiting};
        for (steps, state) in [
            (&[][..], LockDownState::Confirmed),
            (&[Confirmed, NotThere, NotTold], LockDownState::Confirmed),
            (&[Confirmed, Waiting], LockDownState::Waiting),
            (&[Waiting, Refused], LockDownState::Failed),
            (&[Stopped], LockDownState::Failed),
            (&[GivenUp, Waiting], LockDownState::Failed),
        ] {
            assert_eq!(LockDownState::of(steps.iter().copied()), state, "{steps:?}");
        }
        let open = [Waiting, Refused, Stopped];
        for word in StepState::WORDS {
            let state = StepState::parse(word).expect("a word");
            assert_eq!(state.is_final(), !open.contains(&state), "{state}");
        }
    }

    #[test]
    fn only_what_has_ended_is_in_the_audit_log() {
        let ended = EndedHere { sessions: 2, help_desk_codes: 1, ..EndedHere::default() };
        let keys: Vec<String> = ended.and(ended).changes().map(|change| change.key).collect();
        assert_eq!(keys, ["sessions", "invitations"]);
        assert_eq!(ended.and(ended).sessions, 4);
        assert_eq!(EndedHere::default().changes().count(), 0);
    }
}
