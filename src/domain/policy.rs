//! Second-factor policy: whether one person at one client needs a factor, and what is accepted instead. It is
//! checked wherever tokens are issued, against new proofs and against the evidence of a session or refresh
//! family.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::AccountId;
use super::evidence::{Evidence, Level, Method};
use super::settings::{Enrolment, Required, SecondFactor};

/// The `acr` that a client requests (OpenID Connect Core sections 3.1.2.1 and 5.5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcrAsk {
    /// The known levels among `acr_values` and voluntary `claims`, in order of preference.
    pub wishes: Vec<Level>,
    /// The levels of which one must be reached.
    pub essential: Vec<Level>,
}

impl AcrAsk {
    /// True if two factors are mandatory.
    #[must_use]
    pub fn must(&self) -> bool {
        !self.essential.is_empty() && !self.essential.contains(&Level::Sfa)
    }

    /// True if two factors are preferred.
    #[must_use]
    pub fn prefers(&self) -> bool {
        self.must() || self.wishes.first() == Some(&Level::Mfa)
    }

    /// The level to report: if a client insists on a level below the reached one, the lower level, which was
    /// reached too.
    #[must_use]
    pub fn level_to_report(&self, reached: Level) -> Level {
        let listed = self.essential.is_empty() || self.essential.contains(&reached);
        if listed {
            reached
        } else {
            self.essential.iter().copied().filter(|one| *one < reached).max().unwrap_or(reached)
        }
    }
}

/// What policy and client require together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Everybody must have a factor.
    required: bool,
    /// People with a factor are asked for it.
    of_the_enrolled: bool,
    /// The client or the request wants a code now: a remembered browser is not accepted in place of an
    /// existing factor.
    live: bool,
    /// The client or the request insists: neither a remembered browser nor a grace period is accepted.
    essential: bool,
}

impl Demand {
    /// `in_group`: whether the person is in one of the policy's groups; used with [`Required::Groups`] only.
    #[must_use]
    pub fn new(policy: &SecondFactor, client_requires: bool, acr: &AcrAsk, in_group: bool) -> Self {
        let by_policy = match policy.required {
            Required::Nobody | Required::Optional => false,
            Required::Everyone => true,
            Required::Groups => in_group,
        };
        Self {
            required: by_policy || client_requires || acr.must(),
            of_the_enrolled: policy.required != Required::Nobody || acr.prefers(),
            live: client_requires || acr.prefers(),
            essential: client_requires || acr.must(),
        }
    }

    /// True if a person without a factor must set one up.
    #[must_use]
    pub fn is_of_everybody(self) -> bool {
        self.required
    }

    /// True if no factor is needed from anybody: then the person's factors need not be read.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// One person's factors, read for one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorStatus {
    pub account: AccountId,
    pub demand: Demand,
    /// Whether they have set up a factor.
    pub enrolled: bool,
    /// Whether they had this browser remembered under the current policy.
    pub remembered: bool,
    /// Until when the set-up may be postponed; `None` if not at all.
    pub grace_until: Option<Millis>,
    pub enrolment: Enrolment,
    pub policy_generation: i64,
    /// Whether the policy allows remembered browsers.
    pub remembers: bool,
}

/// What the person must do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorRequest {
    Nothing,
    Code,
    Enrol {
        /// The end of the grace period, if there is one.
        later: Option<Millis>,
    },
}

impl FactorStatus {
    /// What is missing besides a password that was proven in this login. `second` was proven in it too;
    /// `put_off` says that the person chose to set up a factor later.
    #[must_use]
    pub fn of_a_login(&self, second: Option<Method>, put_off: bool, now: Millis) -> FactorRequest {
        if second.is_some_and(Method::is_second_factor) || self.remembered_will_do(self.remembered) {
            return FactorRequest::Nothing;
        }
        match self.missing() {
            FactorRequest::Enrol { .. } => {
                let later = self.grace(now);
                if put_off && later.is_some() {
                    FactorRequest::Nothing
                } else {
                    FactorRequest::Enrol { later }
                }
            }
            wanted => wanted,
        }
    }

    /// What is missing besides the evidence of a session or a refresh family. A grace period was shown at the
    /// sign-in and is not shown again.
    #[must_use]
    pub fn of_evidence(&self, evidence: &Evidence, now: Millis) -> FactorRequest {
        let same_policy = evidence.policy_generation == self.policy_generation;
        let remembered = self.remembered
            || (self.remembers && same_policy && evidence.methods.contains(&Method::Remembered));
        if evidence.level() == Level::Mfa || self.remembered_will_do(remembered) {
            return FactorRequest::Nothing;
        }
        match self.missing() {
            FactorRequest::Enrol { .. } if self.grace(now).is_some() => FactorRequest::Nothing,
            wanted => wanted,
        }
    }

    /// A remembered browser replaces an existing factor, unless the client wants a code now.
    fn remembered_will_do(&self, remembered: bool) -> bool {
        remembered && self.enrolled && !self.demand.live
    }

    fn missing(&self) -> FactorRequest {
        let Demand { required, of_the_enrolled, .. } = self.demand;
        match self.enrolled {
            true if required || of_the_enrolled => FactorRequest::Code,
            false if required => FactorRequest::Enrol { later: None },
            _ => FactorRequest::Nothing,
        }
    }

    fn grace(&self, now: Millis) -> Option<Millis> {
        self.grace_until.filter(|until| now < *until && !self.demand.essential)
    }
}

#[cfg(test)]
mod tests;
