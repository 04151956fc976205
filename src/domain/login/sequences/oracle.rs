//! The policy, written again from the promise to people: plain conditions on what was truly proven, without
//! the product's decision types. The product may be stricter than this, never more lenient.

use super::world::{Blob, PasswordFact, Proofs, Who, World};
use crate::domain::account::Status;
use crate::domain::evidence::{Evidence, Level, Method};
use crate::domain::policy::AcrAsk;
use crate::domain::settings::{Enrolment, Required};
use crate::domain::{DAY, Millis};

/// What one person must prove at one client.
enum Due {
    Nothing,
    /// A factor; `now`: a remembered one is not accepted.
    Factor {
        now: bool,
    },
    /// Set one up; `may_wait`: not before the grace period is over.
    SetUp {
        may_wait: bool,
    },
}

type OracleResult = Result<(), String>;

fn must(so: bool, otherwise: impl FnOnce() -> String) -> OracleResult {
    if so { Ok(()) } else { Err(otherwise()) }
}

impl World {
    fn due(&mut self, who: Who, client: usize, acr: &AcrAsk, in_group: bool) -> Due {
        let by_request = !acr.essential.is_empty() && !acr.essential.contains(&Level::Sfa);
        let insists = by_request || Self::client_requires(client);
        let wishes = insists || acr.wishes.first() == Some(&Level::Mfa);
        let everybody = match self.policy.required {
            Required::Everyone => true,
            Required::Groups => in_group,
            Required::Nobody | Required::Optional => false,
        };
        let required = everybody || insists;
        let asked = required || wishes || self.policy.required != Required::Nobody;
        if self.people[who].factor.is_some() {
            return if asked { Due::Factor { now: wishes } } else { Due::Nothing };
        }
        if !required {
            return Due::Nothing;
        }
        // Counted by the test: from the first time that something was issued without a factor.
        let since = *self.people[who].due_since.get_or_insert(self.now);
        let grace = Millis::from(self.policy.grace_days) * DAY;
        Due::SetUp { may_wait: !insists && self.now < since + grace }
    }

    /// A code for a client.
    pub(super) fn allows(
        &mut self,
        blob: &Blob,
        fresh: bool,
        known: &Proofs,
        evidence: &Evidence,
    ) -> OracleResult {
        let password = known.password.clone().ok_or("a code without any password")?;
        let (who, ask) = (password.whose, blob.ask.clone());
        self.holds(&password, evidence)?;
        must(!fresh || password.login == blob.serial, || "by a password of another login".into())?;
        must(!ask.fresh || fresh, || "prompt=login, and no password was asked for".into())?;
        let age = self.now - password.at;
        let young = ask.max_age.is_none_or(|most| age <= most * 1_000 || fresh && most == 0);
        must(young, || format!("max_age {:?}, and the password is {age} ms old", ask.max_age))?;
        let named = ask.subject.is_none_or(|id| id == self.people[who].account.id);
        must(named, || "another person than the client named".into())?;
        must(!ask.silent || !fresh, || "prompt=none, and a page was shown".into())?;
        let in_group = if fresh { password.in_group } else { self.people[who].in_group };
        let due = self.due(who, blob.client, &ask.acr, in_group);
        let later = !fresh || known.put_off == Some(who);
        self.meets(due, known, &password, later, evidence)?;
        let word = match (fresh, evidence.level(), evidence.methods.contains(&Method::Remembered)) {
            (true, Level::Mfa, _) => "code: by a password and a factor",
            (true, _, true) => "code: by a password, in a remembered browser",
            (true, ..) if known.put_off.is_some() => "code: by a password, set-up put off",
            (true, ..) => "code: by a password",
            (false, ..) if known.factors.len() > 1 => "code: by a session, raised by a factor",
            (false, Level::Mfa, _) if blob.known.factors.is_empty() => "code: by a session",
            (false, Level::Mfa, _) => "code: by a session, raised by a factor",
            (false, ..) => "code: by a session",
        };
        self.count(word);
        Ok(())
    }

    /// The exchange of a code: its proofs are valid, and nothing has changed since.
    pub(super) fn allows_exchange(
        &mut self,
        known: &Proofs,
        generation: i64,
        evidence: &Evidence,
    ) -> OracleResult {
        let password = known.password.clone().ok_or("tokens without any password")?;
        must(generation == self.generation, || "the settings have changed since the code".into())?;
        self.holds(&password, evidence)
    }

    /// A refresh: the current policy against the family's evidence.
    pub(super) fn allows_refresh(
        &mut self,
        client: usize,
        known: &Proofs,
        evidence: &Evidence,
    ) -> OracleResult {
        let password = known.password.clone().ok_or("tokens without any password")?;
        self.holds(&password, evidence)?;
        let in_group = self.people[password.whose].in_group;
        let due = self.due(password.whose, client, &AcrAsk::default(), in_group);
        self.meets(due, known, &password, true, evidence)
    }

    /// The password, its owner and its time.
    fn holds(&self, password: &PasswordFact, evidence: &Evidence) -> OracleResult {
        let person = &self.people[password.whose];
        must(evidence.account == person.account.id, || "tokens of another account".into())?;
        must(person.account.status == Status::Active, || "the account is suspended".into())?;
        must(password.era == person.era, || "the account was suspended or reset since".into())?;
        must(!password.barred, || "the password must be changed first".into())?;
        let newest = !person.reports_password_age || password.version >= person.heard_of;
        must(newest, || "a newer password is known of".into())?;
        must(evidence.auth_time == password.at, || {
            format!("auth_time {} is not of the password, {}", evidence.auth_time, password.at)
        })?;
        must(evidence.methods.contains(&Method::Pwd), || "amr without pwd".into())
    }

    /// The second factor.
    fn meets(
        &self,
        due: Due,
        known: &Proofs,
        password: &PasswordFact,
        later: bool,
        evidence: &Evidence,
    ) -> OracleResult {
        let (who, era) = (password.whose, self.people[password.whose].era);
        let proven = known.factors.iter().any(|fact| fact.whose == who && fact.era == era);
        must(proven || evidence.level() == Level::Sfa, || "acr says two factors, and one was proven".into())?;
        let remembered = known.remembered.as_ref().is_some_and(|fact| {
            let person = &self.people[who];
            let good = fact.whose == who
                && fact.era == person.era
                && (!person.reports_password_age || fact.version >= person.heard_of)
                && fact.policy == self.policy_generation;
            good && self.policy.remember_browser_days > 0
        });
        match due {
            Due::Nothing => Ok(()),
            Due::Factor { now } => {
                must(proven || remembered && !now, || "a factor was asked for, and none was proven".into())?;
                must(!now || evidence.level() == Level::Mfa, || "the client asked for two factors".into())
            }
            Due::SetUp { may_wait } => {
                must(may_wait && later, || "a factor had to be set up, and was not".into())
            }
        }
    }

    /// A set-up: with the owner's password in this login, and with the help-desk code if the policy requires
    /// it.
    pub(super) fn allows_set_up(&self, who: Who, known: &Proofs) -> OracleResult {
        let era = self.people[who].era;
        let typed = known.password.as_ref().is_some_and(|fact| fact.whose == who && fact.era == era);
        must(typed, || "a set-up without the owner's password".into())?;
        let invited = known.invited == Some((who, era));
        must(invited || self.policy.enrolment == Enrolment::Alone, || "a set-up without the help desk".into())
    }
}
