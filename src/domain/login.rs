//! Decide each step of a login, and create [`Authorized`], the only value that tokens are issued from.
//!
//! Three ways lead to `Authorized`: a fresh password, an existing session, a refresh family. Each takes a
//! [`Passed`] judgement, which only the gates create, checks that all proofs belong to the same account, and
//! checks the policy ([`FactorStatus`]).

mod proof;

use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::evidence::{Evidence, Generations, Level, Method};
use super::gates::Passed;
use super::policy::{AcrAsk, FactorRequest, FactorStatus};
use super::session::Session;
use super::settings::{Enrolment, SessionSettings};
use super::{MINUTE, Millis, SECOND};

pub use proof::{FactorProof, PasswordProof, Progress, SealedProgress};

/// How the client wants the person authenticated (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// `prompt=none`: no page may be shown.
    pub silent: bool,
    /// `prompt=login` or `select_account`, or `max_age=0`: authenticate within this login.
    pub fresh: bool,
    /// `max_age` in seconds.
    pub max_age: Option<i64>,
    /// The `sub` of the `id_token_hint`: only this account is accepted.
    pub subject: Option<AccountId>,
    /// The requested authentication level.
    pub acr: AcrAsk,
}

/// An existing session whose owner has just been judged again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivingSession {
    passed: Passed,
    evidence: Evidence,
}

impl LivingSession {
    /// `None` if the session has expired, the judgement is of another account, or the account or its password
    /// has changed since the evidence was created.
    #[must_use]
    pub fn new(passed: &Passed, session: &Session, lifetimes: &SessionSettings, now: Millis) -> Option<Self> {
        let evidence = &session.evidence;
        let good = session.is_alive(lifetimes, now) && fits(passed, evidence);
        good.then(|| Self { passed: passed.clone(), evidence: evidence.clone() })
    }

    /// The session's evidence.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

/// Permission to issue tokens: the policy is met for this account now. Its fields are private: only the
/// functions below create it, and [`Authorized::restore`] reads it back from a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    evidence: Evidence,
    generations: Generations,
    /// When the second factor of this login was proven.
    factor_at: Option<Millis>,
}

/// The next step of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginStep {
    /// Ask for name and password.
    Password,
    /// Ask for a code of the second factor.
    SecondFactor,
    /// Ask for the help-desk code, which setting up a factor requires.
    Invitation {
        /// Until when the set-up may be postponed, if at all.
        later: Option<Millis>,
    },
    /// Have a second factor set up.
    Enrol {
        /// Until when that may be postponed, if at all.
        later: Option<Millis>,
    },
    /// Have the password changed: it is correct, but must not be used for anything else.
    ChangePassword,
    /// Send the client its code.
    Issue(Authorized),
    /// Answer the client with `login_required`: a page was needed but not allowed, or a different person
    /// signed in than the client named.
    LoginRequired,
    /// Answer the client with `interaction_required`: a person is signed in, but a page is needed that the
    /// client did not allow.
    InteractionRequired,
}

/// The person who is signing in: the owner of the password typed in this pending login, else of this
/// browser's session, if it is recent enough for the client.
#[derive(Clone, Copy)]
enum LoginOwner<'a> {
    Fresh(&'a PasswordProof),
    Living(&'a LivingSession),
}

impl LoginOwner<'_> {
    fn account(&self) -> &AccountId {
        match self {
            Self::Fresh(proof) => proof.account(),
            Self::Living(session) => &session.evidence.account,
        }
    }

    /// The account's generation at the judgement.
    fn generation(&self) -> i64 {
        match self {
            Self::Fresh(proof) => proof.generations.account,
            Self::Living(session) => session.evidence.account_generation,
        }
    }
}

fn candidate<'a>(
    ask: &Ask,
    progress: &'a Progress,
    session: Option<&'a LivingSession>,
    now: Millis,
) -> Option<LoginOwner<'a>> {
    match &progress.password {
        // If the typed password is too old, it must be typed again: this login says nothing about the
        // session's password, and nobody continues in another person's session.
        Some(proof) => is_fresh(ask, proof, now).then_some(LoginOwner::Fresh(proof)),
        None => session.filter(|session| suffices(ask, session, now)).map(LoginOwner::Living),
    }
}

/// The account whose factors the next step depends on, so that they can be read before the decision.
#[must_use]
pub fn login_owner<'a>(
    ask: &Ask,
    progress: &'a Progress,
    session: Option<&'a LivingSession>,
    now: Millis,
) -> Option<AccountId> {
    candidate(ask, progress, session, now).map(|candidate| candidate.account().clone())
}

/// The one place that decides the next step. `progress` is what was proven in this pending login, `session`
/// this browser's session, `standing` the factor status of the [`login_owner`] account: without it nothing is
/// issued.
#[must_use]
pub fn next_step(
    ask: &Ask,
    progress: &Progress,
    session: Option<&LivingSession>,
    standing: Option<&FactorStatus>,
    now: Millis,
) -> LoginStep {
    let Some(candidate) = candidate(ask, progress, session, now) else {
        return if ask.silent { LoginStep::LoginRequired } else { LoginStep::Password };
    };
    let account = candidate.account();
    // OpenID Connect Core 3.1.2.2: the hinted person must be the one who signs in, else an error.
    let Some(standing) = standing.filter(|standing| wanted(ask, account) && standing.account == *account)
    else {
        return LoginStep::LoginRequired;
    };
    let generation = candidate.generation();
    let missing = match candidate {
        LoginOwner::Fresh(_) => {
            let second = progress.factor_of(account, generation).map(FactorProof::method);
            standing.of_a_login(second, progress.put_off, now)
        }
        LoginOwner::Living(session) => {
            let raised = with_factor(&session.evidence, progress);
            standing.of_evidence(&raised, now)
        }
    };
    let step = match (missing, candidate) {
        (FactorRequest::Code, _) => LoginStep::SecondFactor,
        // Setting up a factor needs the password in this login: nobody can add a phone at an unlocked screen.
        (FactorRequest::Enrol { .. }, LoginOwner::Living(_)) => LoginStep::Password,
        (FactorRequest::Enrol { later }, LoginOwner::Fresh(_)) => {
            enrol(standing, progress, generation, later)
        }
        (FactorRequest::Nothing, LoginOwner::Fresh(proof)) if proof.needs_new_password().is_some() => {
            LoginStep::ChangePassword
        }
        (FactorRequest::Nothing, LoginOwner::Fresh(proof)) => {
            LoginStep::Issue(Authorized::by_password(proof, progress, standing))
        }
        (FactorRequest::Nothing, LoginOwner::Living(session)) => {
            LoginStep::Issue(Authorized::by_session(session, progress, standing))
        }
    };
    match step {
        LoginStep::Issue(_) => step,
        _ if ask.silent => LoginStep::InteractionRequired,
        _ => step,
    }
}

fn enrol(standing: &FactorStatus, progress: &Progress, generation: i64, later: Option<Millis>) -> LoginStep {
    let invited = progress
        .invited
        .as_ref()
        .is_some_and(|(account, at)| *account == standing.account && *at == generation);
    if standing.enrolment == Enrolment::Invited && !invited {
        LoginStep::Invitation { later }
    } else {
        LoginStep::Enrol { later }
    }
}

/// Core 3.1.2.1, max_age: "If the elapsed time is greater than this value, the OP MUST attempt to actively
/// re-authenticate the End-User". That applies to the password of this login too: after too long, it must be
/// typed again, and the other proofs stay valid. A clock that was set back makes the proof invalid as well.
fn is_fresh(ask: &Ask, proof: &PasswordProof, now: Millis) -> bool {
    let young = |most: Millis| (0..=most).contains(&(now - proof.at));
    let in_this_login = !ask.fresh || young(LONGEST_STEP);
    // max_age=0 means prompt=login: no step could be done in zero seconds.
    let longest = |most: i64| if most == 0 { LONGEST_STEP } else { most.saturating_mul(SECOND) };
    in_this_login && ask.max_age.is_none_or(|most| young(longest(most)))
}

/// How long after the password the next steps may take, in a login that requires a fresh one.
const LONGEST_STEP: Millis = 10 * MINUTE;

/// True if a session is recent enough for the client.
fn suffices(ask: &Ask, session: &LivingSession, now: Millis) -> bool {
    // Core 3.1.2.1, max_age: an older session must authenticate again. A clock that was set back makes it
    // invalid as well.
    let age = now - session.evidence.auth_time;
    let young = ask.max_age.is_none_or(|most| (0..=most.saturating_mul(SECOND)).contains(&age));
    young && !ask.fresh && wanted(ask, &session.evidence.account)
}

fn wanted(ask: &Ask, account: &AccountId) -> bool {
    ask.subject.as_ref().is_none_or(|subject| subject == account)
}

/// True if the evidence belongs to the judged account and nothing has invalidated it since.
fn fits(passed: &Passed, evidence: &Evidence) -> bool {
    *passed.account() == evidence.account
        && passed.generations().account == evidence.account_generation
        && !evidence.is_outdated_by(passed.password_set_at())
}

/// The session's evidence plus the factor that was proven in this pending login. The time of the password
/// stays.
fn with_factor(evidence: &Evidence, progress: &Progress) -> Evidence {
    let mut raised = evidence.clone();
    if let Some(proof) = progress.factor_of(&evidence.account, evidence.account_generation)
        && !raised.methods.contains(&proof.method())
    {
        raised.methods.push(proof.method());
    }
    raised
}

/// The session's evidence plus a remembered browser in place of the factor: a refresh comes without the
/// browser and must find what the code was issued for.
fn with_browser(mut evidence: Evidence, standing: &FactorStatus) -> Evidence {
    if standing.remembered && evidence.level() == Level::Sfa {
        if !evidence.methods.contains(&Method::Remembered) {
            evidence.methods.push(Method::Remembered);
        }
        evidence.policy_generation = standing.policy_generation;
    }
    evidence
}

impl Authorized {
    /// First way: a password accepted in this pending login, plus the other proofs in it.
    fn by_password(proof: &PasswordProof, progress: &Progress, standing: &FactorStatus) -> Self {
        let factor = progress.factor_of(&proof.account, proof.generations.account);
        let (second, factor_at) = (factor.map(FactorProof::method), factor.map(FactorProof::at));
        let remembered = standing.remembered.then_some(Method::Remembered);
        let evidence = Evidence {
            account: proof.account.clone(),
            methods: std::iter::once(Method::Pwd).chain(second.or(remembered)).collect(),
            auth_time: proof.at,
            account_generation: proof.generations.account,
            policy_generation: standing.policy_generation,
            password_set_at: proof.set_at,
        };
        Self { evidence, generations: proof.generations, factor_at }
    }

    /// Second way: an existing session, judged again, plus a factor proven in this login.
    fn by_session(session: &LivingSession, progress: &Progress, standing: &FactorStatus) -> Self {
        let factor = progress.factor_of(&session.evidence.account, session.evidence.account_generation);
        let factor_at = factor.map(FactorProof::at);
        let evidence = with_browser(with_factor(&session.evidence, progress), standing);
        Self { evidence, generations: session.passed.generations(), factor_at }
    }

    /// Third way: a refresh family, judged again; `None` if the account has changed since, or if the policy
    /// requires more than the family's evidence.
    #[must_use]
    pub fn by_refresh(
        passed: &Passed,
        evidence: &Evidence,
        standing: &FactorStatus,
        now: Millis,
    ) -> Option<Self> {
        let enough = standing.account == evidence.account
            && standing.of_evidence(evidence, now) == FactorRequest::Nothing
            && fits(passed, evidence);
        let generations = passed.generations();
        enough.then(|| Self { evidence: evidence.clone(), generations, factor_at: None })
    }

    /// What was proven, and when.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// When the second factor of this login was proven; `None` if none was.
    #[must_use]
    pub fn factor_at(&self) -> Option<Millis> {
        self.factor_at
    }

    /// The generations to compare in the transaction that issues tokens.
    #[must_use]
    pub fn generations(&self) -> Generations {
        self.generations
    }

    /// The form inside a sealed authorization code.
    #[must_use]
    pub fn to_sealed(&self) -> SealedAuthorized {
        SealedAuthorized {
            account: self.evidence.account.0.clone(),
            methods: self.evidence.methods.clone(),
            auth_time: self.evidence.auth_time,
            policy_generation: self.evidence.policy_generation,
            password_set_at: self.evidence.password_set_at,
            account_generation: self.generations.account,
            settings_generation: self.generations.settings,
            factor_at: self.factor_at,
        }
    }

    /// Reads it back. The caller has opened the sealed code that contained it.
    #[must_use]
    pub fn restore(travelled: SealedAuthorized) -> Self {
        let generations =
            Generations { account: travelled.account_generation, settings: travelled.settings_generation };
        let evidence = Evidence {
            account: AccountId(travelled.account),
            methods: travelled.methods,
            auth_time: travelled.auth_time,
            account_generation: travelled.account_generation,
            policy_generation: travelled.policy_generation,
            password_set_at: travelled.password_set_at,
        };
        Self { evidence, generations, factor_at: travelled.factor_at }
    }
}

/// [`Authorized`] inside a sealed code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedAuthorized {
    account: String,
    methods: Vec<Method>,
    auth_time: Millis,
    policy_generation: i64,
    password_set_at: Option<Millis>,
    account_generation: i64,
    settings_generation: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    factor_at: Option<Millis>,
}

#[cfg(test)]
mod sequences;
#[cfg(test)]
mod tests;
