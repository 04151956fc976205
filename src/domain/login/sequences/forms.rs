//! The forms of a login in the model: what is typed, what store and directory answer, and what was proven.

use super::product::{Shown, ShownResult};
use super::world::{Blob, FactorFact, ModelAuthenticator, PasswordFact, Proofs, Who, World};
use crate::domain::account::Status;
use crate::domain::bind::BindRefusal;
use crate::domain::evidence::Method;
use crate::domain::login::{FactorProof, PasswordProof, Progress};
use crate::domain::settings::Required;

/// What was typed as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypedCode {
    /// A code of this person's authenticator, some steps from now.
    Totp(Who, i64),
    Recovery(Who),
    Invitation(Who),
    Nonsense,
}

/// Why a correct password may be unusable.
pub(super) const BARRED: [BindRefusal; 2] = [BindRefusal::PasswordExpired, BindRefusal::PasswordMustChange];

impl World {
    /// The sign-in form.
    pub(super) fn password(&mut self, browser: usize, blob: &Blob, who: Who, right: bool) -> ShownResult {
        let progress = blob.opened();
        let name = format!("p{who}");
        if self.people[who].attacked && !self.is_let_through(browser, &progress, who) {
            let first = Progress { typed_name: name, factor_first: true, ..Progress::default() };
            self.keep(browser, blob, &first, blob.known.clone());
            return Ok(self.counted("page: code before the password", Shown::FactorFirst));
        }
        let judgement = self.judge_password(who, right);
        let passed = judgement.passed().or_else(|| judgement.passed_after_change());
        let Some(proof) = passed.and_then(|passed| PasswordProof::new(passed, self.now)) else {
            return Ok(self.counted("step: a wrong password", Shown::Refused));
        };
        if blob.known.password.as_ref().is_some_and(|fact| fact.whose != who) {
            self.count("step: another person's password");
        }
        let person = &self.people[who];
        let fact = PasswordFact {
            whose: who,
            at: self.now,
            version: person.version,
            era: person.era,
            barred: person.must_change.is_some(),
            login: blob.serial,
            in_group: person.in_group,
        };
        let known = Proofs { password: Some(fact), put_off: None, ..blob.known.clone() };
        let in_policy_group = self.policy.required == Required::Groups && person.in_group;
        let progress = Progress { typed_name: name, in_policy_group, ..progress.with_password(proof) };
        self.advance(browser, blob, progress, known)
    }

    /// A known browser, or a code requested before the password, allows one bind.
    fn is_let_through(&mut self, browser: usize, progress: &Progress, who: Who) -> bool {
        if self.browsers[browser].device.contains(&who) {
            return true;
        }
        let proof = progress.factor.as_ref().filter(|proof| *proof.account() == self.people[who].account.id);
        let ticket = proof.and_then(FactorProof::opens).map(str::to_owned);
        ticket.is_some_and(|ticket| self.tickets.insert(ticket))
    }

    /// The person who is signing in, unless the account has changed since.
    pub(super) fn owner(&self, browser: usize, progress: &Progress) -> Option<Who> {
        let session = || {
            let id = self.browsers[browser].session?;
            self.sessions.iter().find(|kept| kept.id == id)
        };
        let (account, generation) = match &progress.password {
            Some(proof) => (proof.account().clone(), proof.generations.account),
            None => session()
                .map(|kept| &kept.session.evidence)
                .map(|one| (one.account.clone(), one.account_generation))?,
        };
        let who = self.who(&account);
        (self.people[who].account.generation == generation).then_some(who)
    }

    /// The code form.
    pub(super) fn code(
        &mut self,
        browser: usize,
        blob: &Blob,
        typed: TypedCode,
        remember: bool,
    ) -> ShownResult {
        let progress = blob.opened();
        let first = progress.factor_first;
        let owner =
            if first { progress.typed_name[1..].parse().ok() } else { self.owner(browser, &progress) };
        let Some(who) = owner else { return Ok(Shown::Ended) };
        let Some(method) = self.spend(who, typed, first) else { return Ok(Shown::Refused) };
        let mut known = blob.known.clone();
        known.factors.push(FactorFact { whose: who, era: self.people[who].era });
        let factor = FactorProof::new(&self.people[who].account, method);
        let progress = if first {
            self.count("step: a code before the password");
            let factor = factor.map(|proof| proof.opening(format!("t{}", self.number())));
            Progress { factor, factor_first: false, ..progress }
        } else {
            Progress { factor, remember, ..progress }
        };
        self.advance(browser, blob, progress, known)
    }

    fn spend(&mut self, who: Who, typed: TypedCode, first: bool) -> Option<Method> {
        let now = self.step();
        let person = &mut self.people[who];
        let (of, what, method) = match typed {
            TypedCode::Totp(of, ahead) if of == who => {
                let factor = person.factor.as_mut()?;
                let step = now + ahead;
                if ahead.abs() > 1 {
                    return None;
                }
                if step <= factor.last_step {
                    self.count("step: a code again that was used");
                    return None;
                }
                factor.last_step = step;
                return Some(Method::Otp);
            }
            TypedCode::Recovery(of) if of == who => {
                let code = person.recovery.pop_first();
                (of, code.map(|_| "step: a recovery code"), Method::Recovery)
            }
            TypedCode::Invitation(of) if of == who && !first && person.factor.is_some() => {
                let code = person.invitation.take();
                (of, code.map(|_| "step: the help desk's code"), Method::Recovery)
            }
            TypedCode::Nonsense => return None,
            TypedCode::Totp(of, _) | TypedCode::Recovery(of) | TypedCode::Invitation(of) => {
                (of, None, Method::Otp)
            }
        };
        if of != who {
            self.count("step: another person's code");
        }
        self.count(what?);
        Some(method)
    }

    /// The form for the help-desk code.
    pub(super) fn redeem(&mut self, browser: usize, blob: &Blob, of: Who) -> ShownResult {
        let progress = blob.opened();
        let Some(who) = self.owner(browser, &progress) else { return Ok(Shown::Ended) };
        if of != who || self.people[who].invitation.take().is_none() {
            return Ok(Shown::Refused);
        }
        self.count("step: the help desk's code");
        let person = &self.people[who];
        let invited = Some((person.account.id.clone(), person.account.generation));
        let known = Proofs { invited: Some((who, person.era)), ..blob.known.clone() };
        self.advance(browser, blob, Progress { invited, ..progress }, known)
    }

    /// The set-up form, with a code of the phone that has scanned the key.
    pub(super) fn set_up(&mut self, browser: usize, blob: &Blob, right: bool) -> ShownResult {
        let shown = self.advance(browser, blob, blob.opened(), blob.known.clone())?;
        if !matches!(shown, Shown::Enrol { .. }) {
            return Ok(shown);
        }
        let progress = blob.opened();
        let Some(who) = self.owner(browser, &progress) else { return Ok(Shown::Ended) };
        let account = self.people[who].account.clone();
        let ours = progress.enrolling.as_ref().is_some_and(|(whose, _)| *whose == account.id);
        if !ours || !right || self.people[who].factor.is_some() || account.status != Status::Active {
            return Ok(Shown::Refused);
        }
        self.allows_set_up(who, &blob.known)?;
        self.people[who].factor = Some(ModelAuthenticator { last_step: self.step() });
        self.people[who].recovery = (0..10).collect();
        self.count("step: set up");
        let mut known = blob.known.clone();
        known.factors.push(FactorFact { whose: who, era: self.people[who].era });
        let factor = FactorProof::new(&account, Method::Otp);
        self.advance(browser, blob, Progress { factor, enrolling: None, ..progress }, known)
    }

    pub(super) fn put_off(&mut self, browser: usize, blob: &Blob) -> ShownResult {
        self.count("step: put off");
        let known =
            Proofs { put_off: blob.known.password.as_ref().map(|fact| fact.whose), ..blob.known.clone() };
        self.advance(browser, blob, Progress { put_off: true, ..blob.opened() }, known)
    }

    /// The form for a new password.
    pub(super) fn new_password(&mut self, browser: usize, blob: &Blob, right: bool) -> ShownResult {
        let shown = self.advance(browser, blob, blob.opened(), blob.known.clone())?;
        let progress = blob.opened();
        let (Shown::NewPassword, Some(proof)) = (shown, progress.password.clone()) else { return Ok(shown) };
        let who = self.who(proof.account());
        if !right {
            return Ok(Shown::Refused);
        }
        self.count("step: a new password");
        self.change_password(who);
        self.note_password(who);
        let set_at = self.people[who].entry.password_changed_at;
        let fact = PasswordFact {
            at: self.now,
            version: self.people[who].version,
            barred: false,
            ..blob.known.password.clone().expect("it was typed")
        };
        let proof = proof.with_new_password(set_at, self.now);
        let known = Proofs { password: Some(fact), ..blob.known.clone() };
        self.advance(browser, blob, Progress { password: Some(proof), ..progress }, known)
    }

    /// The directory accepts a new password.
    pub(super) fn change_password(&mut self, who: Who) {
        // A directory's clock is no finer than a second: no two changes, and no change and sign-in, at the
        // same time.
        self.now += 1_000;
        let person = &mut self.people[who];
        person.version += 1;
        person.must_change = None;
        person.entry.password_changed_at = person.reports_password_age.then_some(self.now);
    }
}
