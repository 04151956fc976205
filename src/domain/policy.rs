//! Whether a second factor is asked for, and what will do instead: today's policy about one person at one client. It is
//! asked at every door that leads to tokens, about what was just proven and about what a session or refresh family remembers.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::AccountId;
use super::evidence::{Evidence, Level, Method};
use super::settings::{Enrolment, Required, SecondFactor};

/// What a client asks of the `acr` (OpenID Connect Core sections 3.1.2.1 and 5.5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcrAsk {
    /// The levels among `acr_values` and voluntary `claims`, in order of preference. Others are not known here.
    pub wishes: Vec<Level>,
    /// The levels of which one must be reached.
    pub essential: Vec<Level>,
}

impl AcrAsk {
    /// True when nothing less than two factors will do.
    #[must_use]
    pub fn must(&self) -> bool {
        !self.essential.is_empty() && !self.essential.contains(&Level::Sfa)
    }

    /// True when two factors are preferred.
    #[must_use]
    pub fn prefers(&self) -> bool {
        self.must() || self.wishes.first() == Some(&Level::Mfa)
    }

    /// The level to tell, of what was reached: a client that insists on a lower one is told that, for it was reached too.
    #[must_use]
    pub fn told(&self, reached: Level) -> Level {
        let listed = self.essential.is_empty() || self.essential.contains(&reached);
        if listed {
            reached
        } else {
            self.essential.iter().copied().filter(|one| *one < reached).max().unwrap_or(reached)
        }
    }
}

/// How much is asked, by policy and client together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Everybody must have a factor.
    required: bool,
    /// Who has one is asked for it.
    of_the_enrolled: bool,
    /// The client or the request asks for it now: no remembered browser will do for whoever has one.
    live: bool,
    /// The client or the request can't use less: neither a remembered browser nor a grace period will do.
    essential: bool,
}

impl Demand {
    /// `in_group`: whether the person is in one of the policy's groups; looked at with [`Required::Groups`] only.
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

    /// True when whoever has no factor must set one up.
    #[must_use]
    pub fn is_of_everybody(self) -> bool {
        self.required
    }

    /// True when no factor matters, whoever it is: then nothing of the person's factors need be read.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Where one person stands with their factors, read for one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub account: AccountId,
    /// What is asked of them.
    pub demand: Demand,
    /// Whether they have set up a factor.
    pub enrolled: bool,
    /// Whether they had this very browser remembered, under today's policy.
    pub remembered: bool,
    /// Until when the set-up may be put off; `None` where it may not be.
    pub grace_until: Option<Millis>,
    /// Whether setting up needs a code from the help desk.
    pub enrolment: Enrolment,
    /// Today's policy.
    pub policy_generation: i64,
    /// Whether browsers are remembered at all.
    pub remembers: bool,
}

/// What the person is asked for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing.
    Nothing,
    /// A code.
    Code,
    /// To set up a factor; until when that may be put off, if it may.
    Enrol {
        /// The end of the grace period.
        later: Option<Millis>,
    },
}

impl Standing {
    /// What is missing beside a password that was proven in this very login; `second` was proven in it as well,
    /// `put_off` says that the person has chosen to set up a factor later.
    #[must_use]
    pub fn of_a_login(&self, second: Option<Method>, put_off: bool, now: Millis) -> Wanted {
        if second.is_some_and(Method::is_second_factor) || self.remembered_will_do(self.remembered) {
            return Wanted::Nothing;
        }
        match self.missing() {
            Wanted::Enrol { .. } => {
                let later = self.grace(now);
                if put_off && later.is_some() { Wanted::Nothing } else { Wanted::Enrol { later } }
            }
            wanted => wanted,
        }
    }

    /// What is missing beside what a session or a refresh family remembers. A grace period was told at the sign-in, and
    /// is not told again.
    #[must_use]
    pub fn of_evidence(&self, evidence: &Evidence, now: Millis) -> Wanted {
        let same_policy = evidence.policy_generation == self.policy_generation;
        let remembered = self.remembered
            || (self.remembers && same_policy && evidence.methods.contains(&Method::Remembered));
        if evidence.level() == Level::Mfa || self.remembered_will_do(remembered) {
            return Wanted::Nothing;
        }
        match self.missing() {
            Wanted::Enrol { .. } if self.grace(now).is_some() => Wanted::Nothing,
            wanted => wanted,
        }
    }

    /// A remembered browser stands for the factor of whoever has one, unless the client asks for it now.
    fn remembered_will_do(&self, remembered: bool) -> bool {
        remembered && self.enrolled && !self.demand.live
    }

    fn missing(&self) -> Wanted {
        let Demand { required, of_the_enrolled, .. } = self.demand;
        match self.enrolled {
            true if required || of_the_enrolled => Wanted::Code,
            false if required => Wanted::Enrol { later: None },
            _ => Wanted::Nothing,
        }
    }

    fn grace(&self, now: Millis) -> Option<Millis> {
        self.grace_until.filter(|until| now < *until && !self.demand.essential)
    }
}

#[cfg(test)]
mod tests;
