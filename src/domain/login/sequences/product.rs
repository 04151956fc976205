//! One login through the product: what pages and flows do around the decisions, in the model.

use super::world::{Blob, ModelSession, Proofs, RememberedFact, World};
use crate::domain::account::{AccountId, Status};
use crate::domain::evidence::{Evidence, Level};
use crate::domain::factor::{Enrolling, TotpSecret};
use crate::domain::login::{Ask, Authorized, LivingSession, LoginStep, Progress, login_owner, next_step};
use crate::domain::place::Place;
use crate::domain::policy::{AcrAsk, Demand, FactorStatus};
use crate::domain::secret::Hashed;
use crate::domain::session::Session;
use crate::domain::settings::{Required, Totp};

/// What the browser is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Password,
    FactorFirst,
    Code,
    Invitation {
        later: bool,
    },
    Enrol {
        later: bool,
    },
    NewPassword,
    /// The number of a code.
    Issued(usize),
    LoginRequired,
    InteractionRequired,
    /// The input was not accepted.
    Refused,
    /// The login is over.
    Ended,
}

/// What is shown, or a failure of the test.
pub(super) type ShownResult = Result<Shown, String>;

impl World {
    /// The authorization endpoint.
    pub(super) fn start(&mut self, browser: usize, client: usize, ask: Ask) -> ShownResult {
        let serial = self.number();
        let blob = Blob {
            serial,
            client,
            ask,
            progress: serde_json::to_string(&Progress::default().to_sealed()).expect("plain data"),
            known: Proofs::default(),
            expires_at: self.now + 30 * 60_000,
        };
        let shown = self.advance(browser, &blob, Progress::default(), Proofs::default())?;
        if !matches!(shown, Shown::Issued(_) | Shown::LoginRequired | Shown::InteractionRequired)
            && self.browsers[browser].blobs.last().is_none_or(|last| last.serial != serial)
        {
            self.browsers[browser].blobs.push(blob);
        }
        Ok(shown)
    }

    /// True while a login may continue.
    pub(super) fn is_open(&self, blob: &Blob) -> bool {
        self.now < blob.expires_at && !self.spent.contains(&blob.serial)
    }

    pub(super) fn advance(
        &mut self,
        browser: usize,
        blob: &Blob,
        progress: Progress,
        known: Proofs,
    ) -> ShownResult {
        let (living, groups) = self.living(browser, blob.client);
        let session = living.as_ref().map(|(session, _)| session);
        let in_group = progress.in_policy_group || groups && progress.password.is_none();
        let now = self.now;
        let standing = login_owner(&blob.ask, &progress, session, now)
            .map(|id| self.standing(&id, blob.client, &blob.ask.acr, in_group, Some(browser)));
        let step = next_step(&blob.ask, &progress, session, standing.as_ref(), now);
        let shown = match step {
            LoginStep::Issue(authorized) => {
                let kept = living.map(|(_, kept)| kept);
                return self.finish(browser, blob, (&progress, known), kept, &authorized);
            }
            LoginStep::LoginRequired => {
                return Ok(self.counted("silent: login_required", Shown::LoginRequired));
            }
            LoginStep::InteractionRequired => {
                return Ok(self.counted("silent: interaction_required", Shown::InteractionRequired));
            }
            LoginStep::Password if progress.factor_first => {
                self.counted("page: code before the password", Shown::FactorFirst)
            }
            LoginStep::Password => self.counted("page: password", Shown::Password),
            LoginStep::SecondFactor => self.counted("page: code", Shown::Code),
            LoginStep::Invitation { later } => {
                self.counted("page: invitation", Shown::Invitation { later: later.is_some() })
            }
            LoginStep::Enrol { later } => {
                self.counted("page: enrol", Shown::Enrol { later: later.is_some() })
            }
            LoginStep::ChangePassword => self.counted("page: new password", Shown::NewPassword),
        };
        let progress = match shown {
            Shown::Enrol { .. } => enrolling(progress, standing.map(|standing| standing.account)),
            _ => progress,
        };
        self.keep(browser, blob, &progress, known);
        Ok(shown)
    }

    pub(super) fn counted(&mut self, what: &'static str, shown: Shown) -> Shown {
        self.count(what);
        shown
    }

    pub(super) fn keep(&mut self, browser: usize, blob: &Blob, progress: &Progress, known: Proofs) {
        if blob.opened() == *progress {
            return;
        }
        let sealed = serde_json::to_string(&progress.to_sealed()).expect("plain data");
        self.browsers[browser].blobs.push(Blob { progress: sealed, known, ..blob.clone() });
    }

    /// The browser's session, judged again every time: the decision itself says when it counts.
    fn living(&mut self, browser: usize, client: usize) -> (Option<(LivingSession, ModelSession)>, bool) {
        let id = self.browsers[browser].session;
        let Some(kept) = id.and_then(|id| self.sessions.iter().find(|kept| kept.id == id).cloned()) else {
            return (None, false);
        };
        let evidence = &kept.session.evidence;
        let groups = self.policy.required == Required::Groups
            && evidence.level() == Level::Sfa
            && !Self::client_requires(client);
        let who = self.who(&evidence.account);
        let (judgement, in_group) = self.judge_living(who, groups);
        let living = judgement
            .passed()
            .and_then(|passed| LivingSession::new(passed, &kept.session, &self.lifetimes, self.now));
        (living.map(|living| (living, kept)), in_group)
    }

    pub(super) fn standing(
        &mut self,
        id: &AccountId,
        client: usize,
        acr: &AcrAsk,
        in_group: bool,
        browser: Option<usize>,
    ) -> FactorStatus {
        let (who, now) = (self.who(id), self.now);
        let demand = Demand::new(&self.policy, Self::client_requires(client), acr, in_group);
        let remembers = self.policy.remembered().is_some();
        let known = browser
            .and_then(|browser| self.browsers[browser].remembered)
            .filter(|_| remembers)
            .and_then(|id| self.remembered.get(&id));
        let remembered = known.is_some_and(|known| {
            let account = &self.people[who].account;
            known.whose == who
                && known.generation == account.generation
                && account.password_changed_at.is_none_or(|newest| newest <= known.as_of)
                && known.policy == self.policy_generation
                && now < known.until
        });
        let mut standing = FactorStatus {
            account: id.clone(),
            demand,
            enrolled: false,
            remembered: false,
            grace_until: None,
            enrolment: self.policy.enrolment,
            policy_generation: self.policy_generation,
            remembers,
        };
        if demand.is_none() {
            return standing;
        }
        standing.enrolled = self.people[who].factor.is_some();
        standing.remembered = standing.enrolled && remembered;
        if !standing.enrolled && demand.is_of_everybody() && self.policy.grace_days > 0 {
            let asked_at = *self.people[who].asked_at.get_or_insert(now);
            standing.grace_until = Some(asked_at + self.policy.grace());
        }
        standing
    }

    fn finish(
        &mut self,
        browser: usize,
        blob: &Blob,
        (progress, mut known): (&Progress, Proofs),
        kept: Option<ModelSession>,
        authorized: &Authorized,
    ) -> ShownResult {
        let by_password = progress.password.is_some();
        let other = |kept: &ModelSession| kept.session.evidence != *authorized.evidence();
        let raised = !by_password && kept.as_ref().is_some_and(other);
        if (by_password || raised) && !self.spent.insert(blob.serial) {
            return Ok(self.counted("ended: the login was spent", Shown::Ended));
        }
        if !self.is_as_judged(authorized, by_password) {
            return Ok(self.counted("ended: something changed", Shown::Ended));
        }
        let cookie = self.browsers[browser].remembered.and_then(|id| self.remembered.get(&id)).cloned();
        known.remembered = cookie;
        if let (false, Some(kept)) = (by_password, &kept) {
            known.password = kept.known.password.clone();
            known.factors.extend(kept.known.factors.iter().cloned());
            known.remembered = known.remembered.or_else(|| kept.known.remembered.clone());
        }
        self.allows(blob, by_password, &known, authorized.evidence())?;
        let sid = self.write_session(browser, (by_password, raised), kept, authorized.evidence(), &known);
        let version = known.password.as_ref().map_or(0, |fact| fact.version);
        self.remember(browser, (progress, version), authorized.evidence());
        let code = self.put_code(authorized, blob.client, sid, known);
        Ok(Shown::Issued(code))
    }

    /// The comparison in the transaction that issues tokens.
    pub(super) fn is_as_judged(&self, authorized: &Authorized, new: bool) -> bool {
        let evidence = authorized.evidence();
        let account = &self.people[self.who(&evidence.account)].account;
        account.status == Status::Active
            && account.generation == authorized.generations().account
            && self.generation == authorized.generations().settings
            && !(new && evidence.is_outdated_by(account.password_changed_at))
    }

    fn write_session(
        &mut self,
        browser: usize,
        (by_password, raised): (bool, bool),
        old: Option<ModelSession>,
        evidence: &Evidence,
        known: &Proofs,
    ) -> String {
        let cookie = self.browsers[browser].session;
        if let (false, false, Some(old)) = (by_password, raised, &old) {
            let now = self.now;
            let at = self.sessions.iter_mut().find(|kept| kept.id == old.id).expect("it was judged");
            at.session.used_at = now;
            return old.session.sid.clone();
        }
        let before = self.sessions.iter().position(|kept| Some(kept.id) == cookie);
        let before = before.map(|at| self.sessions.remove(at));
        let same = before.filter(|kept| kept.session.evidence.account == evidence.account);
        let id = self.number();
        let sid = same.as_ref().map_or_else(|| format!("s{id}"), |kept| kept.session.sid.clone());
        let created_at = same.filter(|_| raised).map_or(self.now, |kept| kept.session.created_at);
        let session = Session {
            id_hash: Hashed([0; 32]),
            sid: sid.clone(),
            evidence: evidence.clone(),
            factor_at: None,
            created_at,
            used_at: self.now,
            place: Place::default(),
        };
        self.sessions.push(ModelSession { id, session, known: known.clone() });
        self.browsers[browser].session = Some(id);
        if by_password {
            let who = self.who(&evidence.account);
            self.browsers[browser].device.insert(who);
        }
        sid
    }

    fn remember(&mut self, browser: usize, (progress, version): (&Progress, u32), evidence: &Evidence) {
        let proven = progress.factor.is_some() && evidence.level() == Level::Mfa;
        let Some(lifetime) = self.policy.remembered().filter(|_| progress.remember && proven) else { return };
        let (whose, id) = (self.who(&evidence.account), self.number());
        let (era, until) = (self.people[whose].era, self.now + lifetime);
        let as_of = evidence.password_set_at.unwrap_or(evidence.auth_time);
        let (generation, policy) = (evidence.account_generation, self.policy_generation);
        let fact = RememberedFact { whose, era, version, generation, as_of, policy, until };
        self.remembered.insert(id, fact);
        self.browsers[browser].remembered = Some(id);
    }
}

fn enrolling(progress: Progress, account: Option<AccountId>) -> Progress {
    let Some(account) = account else { return progress };
    if progress.enrolling.as_ref().is_some_and(|(whose, _)| *whose == account) {
        return progress;
    }
    let secret = TotpSecret::from_bytes(vec![7; 20]).expect("160 bits");
    Progress { enrolling: Some((account, Enrolling { secret, parameters: Totp::default() })), ..progress }
}
