//! What the policy requires of this account and client now, from the documentation and the ledger alone.

use serde_json::{Value, json};

use super::ledger::{Acr, Ask, Facts, Who};
use super::stage::World;

const DAY: i64 = 86_400_000;
const SEVERAL: &str = "https://refeds.org/profile/mfa";

/// The second factor that is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Factor { now: bool },
    SetUp { may_wait: bool },
}

type Verdict = Result<(), String>;

fn must(so: bool, otherwise: &str) -> Verdict {
    if so { Ok(()) } else { Err(otherwise.to_owned()) }
}

impl World<'_> {
    fn due(&mut self, who: Who, strict: bool, acr: Acr) -> Due {
        let (now, policy) = (self.now(), self.policy);
        let person = &mut self.people[who];
        let by_policy = policy.required == "everyone" || policy.required == "groups" && person.in_group;
        let essential = strict || acr == Acr::Essential;
        let required = by_policy || essential;
        let requested = essential || acr == Acr::Voluntary;
        if person.phone.is_some() {
            let asked = required || requested || policy.required != "nobody";
            return if asked { Due::Factor { now: requested } } else { Due::Nothing };
        }
        if !required {
            return Due::Nothing;
        }
        let since = *person.due_since.get_or_insert(now);
        Due::SetUp { may_wait: !essential && now < since + policy.grace_days * DAY }
    }

    /// Checks a code; `fresh`: it was issued for a password of this login.
    pub fn allows(&mut self, facts: &Facts, (strict, ask, login): (bool, Ask, u32), fresh: bool) -> Verdict {
        let password = facts.password.clone().ok_or("a code without any password")?;
        self.holds(facts)?;
        must(!fresh || password.login == login, "by a password of another login")?;
        must(!ask.fresh || fresh, "prompt=login, and no password was typed")?;
        must(!ask.silent || !fresh, "prompt=none, and a page was shown")?;
        let age = self.now() - password.at;
        let young = ask.max_age.is_none_or(|most| age <= most * 1_000 || fresh && most == 0);
        must(young, "older than max_age")?;
        let due = self.due(password.person, strict, ask.acr);
        self.meets(due, facts, !fresh || facts.put_off)
    }

    /// Checks a refresh.
    pub fn allows_refresh(&mut self, facts: &Facts, strict: bool) -> Verdict {
        let person = facts.password.as_ref().ok_or("tokens without any password")?.person;
        self.holds(facts)?;
        let due = self.due(person, strict, Acr::Any);
        self.meets(due, facts, true)
    }

    /// Checks the password alone.
    pub fn holds(&self, facts: &Facts) -> Verdict {
        let password = facts.password.as_ref().ok_or("tokens without any password")?;
        let person = &self.people[password.person];
        must(!person.suspended, "the account is suspended")?;
        must(password.era == person.era, "the account was reset or suspended since")?;
        must(!password.must_change, "the password must be changed first")?;
        must(!person.is_outdated(password.version), "a newer password is known")
    }

    fn meets(&self, due: Due, facts: &Facts, later: bool) -> Verdict {
        let proven = self.proven(facts);
        let password = facts.password.as_ref().ok_or("no password")?;
        let remembered = facts.remembered.as_ref().is_some_and(|fact| {
            let same = fact.person == password.person && fact.era == password.era;
            same && fact.policy == self.policy.number && self.policy.remember_days > 0
        });
        match due {
            Due::Nothing => Ok(()),
            Due::Factor { now } => {
                must(proven || remembered && !now, "a factor was required, and none was proven")
            }
            Due::SetUp { may_wait } => must(may_wait && later, "a factor had to be set up, and was not"),
        }
    }

    /// Whether the owner of the password has proven a second factor that still counts.
    fn proven(&self, facts: &Facts) -> bool {
        let owner = facts.password.as_ref().map(|fact| (fact.person, self.people[fact.person].era));
        facts.factors.iter().any(|fact| Some((fact.person, fact.era)) == owner)
    }

    /// Whether the tokens must state two factors.
    pub fn wants_several(&self, who: Who, acr: Acr) -> bool {
        acr == Acr::Essential || acr == Acr::Voluntary && self.people[who].phone.is_some()
    }

    /// Checks the claims of an ID token; `several`: the client asked for two factors, and the person had
    /// them.
    pub fn claims_are_true(&self, claims: &Value, facts: &Facts, several: bool) -> Verdict {
        let password = facts.password.as_ref().ok_or("tokens without any password")?;
        let proven = self.proven(facts);
        let methods = claims["amr"].as_array().ok_or("no amr")?;
        let says = |word: &str| methods.contains(&json!(word));
        must(claims["email"] == self.people[password.person].mail.as_str(), "another person's token")?;
        must(claims["auth_time"] == password.at / 1_000, "auth_time is not of the password")?;
        must(says("pwd"), "amr without pwd")?;
        must(proven || !says("mfa") && !says("otp"), "amr states a factor, and none was proven")?;
        must(proven || claims["acr"] != SEVERAL, "acr states two factors, and one was proven")?;
        must(!several || claims["acr"] == SEVERAL && says("mfa"), "less than the requested acr")
    }
}
