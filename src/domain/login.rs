//! The only decision point of a login, and the only maker of [`Authorized`], from which tokens are minted.
//!
//! Three doors lead to `Authorized`: a fresh password, a living session, a refresh family. Each takes a [`Passed`]
//! judgement, which only the gates make, checks that all its proofs speak of one account, and asks the policy
//! ([`Standing`]) whether they are enough.

mod proof;

use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::evidence::{Evidence, Generations, Level, Method};
use super::gates::Passed;
use super::policy::{AcrAsk, Standing, Wanted};
use super::session::Session;
use super::settings::{Enrolment, SessionSettings};
use super::{MINUTE, Millis, SECOND};

pub use proof::{FactorProof, PasswordProof, Progress, TravellingProgress};

/// What the client asked of the authentication (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// `prompt=none`: no page may be shown.
    pub silent: bool,
    /// `prompt=login` or `select_account`, or `max_age=0`: authenticate in this very login.
    pub fresh: bool,
    /// `max_age` in seconds.
    pub max_age: Option<i64>,
    /// The `sub` of the `id_token_hint`: only this account will do.
    pub subject: Option<AccountId>,
    /// How sure the client wants to be.
    pub acr: AcrAsk,
}

/// A living session whose owner has just been judged again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivingSession {
    passed: Passed,
    evidence: Evidence,
}

impl LivingSession {
    /// `None` when the session has run out, when the judgement is of another account, or when the account or its password
    /// has changed since the evidence was made.
    #[must_use]
    pub fn new(passed: &Passed, session: &Session, lifetimes: &SessionSettings, now: Millis) -> Option<Self> {
        let evidence = &session.evidence;
        let good = session.is_alive(lifetimes, now) && fits(passed, evidence);
        good.then(|| Self { passed: passed.clone(), evidence: evidence.clone() })
    }

    /// What it remembers.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

/// The right to tokens: policy is satisfied for this account now. Private fields: the doors below make it, and
/// [`Authorized::restore`] brings it back from a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    evidence: Evidence,
    generations: Generations,
}

/// What the sign-in does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask for name and password.
    Password,
    /// Ask for a code of the second factor.
    SecondFactor,
    /// Ask for the help desk's code, without which nothing can be set up.
    Invitation {
        /// Until when the set-up may be put off, if it may.
        later: Option<Millis>,
    },
    /// Have a second factor set up.
    Enrol {
        /// Until when that may be put off, if it may.
        later: Option<Millis>,
    },
    /// Have the password changed: it is right, and good for nothing else.
    ChangePassword,
    /// Give the client its code.
    Issue(Authorized),
    /// Tell the client that somebody must sign in (`login_required`): a page was needed but not allowed, or another
    /// person signed in than the client named.
    LoginRequired,
    /// Tell the client that somebody is signed in, and yet a page is needed that it did not allow (`interaction_required`).
    InteractionRequired,
}

/// Whose sign-in it is: of whoever typed a password in this pending login, else of the living session of this browser, where
/// that is young enough for what the client asks.
#[derive(Clone, Copy)]
enum Candidate<'a> {
    Fresh(&'a PasswordProof),
    Living(&'a LivingSession),
}

impl Candidate<'_> {
    fn account(&self) -> &AccountId {
        match self {
            Self::Fresh(proof) => proof.account(),
            Self::Living(session) => &session.evidence.account,
        }
    }

    /// The account's generation under which it was judged.
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
) -> Option<Candidate<'a>> {
    match &progress.password {
        // Whoever typed a password here that has grown too old types it again: this login says nothing of the session's
        // password, and nobody is led on in another person's session.
        Some(proof) => is_fresh(ask, proof, now).then_some(Candidate::Fresh(proof)),
        None => session.filter(|session| suffices(ask, session, now)).map(Candidate::Living),
    }
}

/// Whose factors the next step depends on, so that they can be read before it is decided.
#[must_use]
pub fn whose<'a>(
    ask: &Ask,
    progress: &'a Progress,
    session: Option<&'a LivingSession>,
    now: Millis,
) -> Option<AccountId> {
    candidate(ask, progress, session, now).map(|candidate| candidate.account().clone())
}

/// The one place that decides what comes next. `progress` is what was proven in this pending login, `session` the living
/// session of this browser, `standing` that of [`whose`] account: without it nothing is issued.
#[must_use]
pub fn next_step(
    ask: &Ask,
    progress: &Progress,
    session: Option<&LivingSession>,
    standing: Option<&Standing>,
    now: Millis,
) -> Step {
    let Some(candidate) = candidate(ask, progress, session, now) else {
        return if ask.silent { Step::LoginRequired } else { Step::Password };
    };
    let account = candidate.account();
    // OpenID Connect Core 3.1.2.2: the hinted person must be the one who signs in, else an error.
    let Some(standing) = standing.filter(|standing| wanted(ask, account) && standing.account == *account)
    else {
        return Step::LoginRequired;
    };
    let generation = candidate.generation();
    let missing = match candidate {
        Candidate::Fresh(_) => {
            let second = progress.factor_of(account, generation).map(FactorProof::method);
            standing.of_a_login(second, progress.put_off, now)
        }
        Candidate::Living(session) => {
            let raised = with_factor(&session.evidence, progress);
            standing.of_evidence(&raised, now)
        }
    };
    let step = match (missing, candidate) {
        (Wanted::Code, _) => Step::SecondFactor,
        // A factor is set up by who has just typed the password: an unlocked screen adds nobody's phone.
        (Wanted::Enrol { .. }, Candidate::Living(_)) => Step::Password,
        (Wanted::Enrol { later }, Candidate::Fresh(_)) => enrol(standing, progress, generation, later),
        (Wanted::Nothing, Candidate::Fresh(proof)) if proof.needs_new_password().is_some() => {
            Step::ChangePassword
        }
        (Wanted::Nothing, Candidate::Fresh(proof)) => {
            Step::Issue(Authorized::by_password(proof, progress, standing))
        }
        (Wanted::Nothing, Candidate::Living(session)) => {
            Step::Issue(Authorized::by_session(session, progress, standing))
        }
    };
    match step {
        Step::Issue(_) => step,
        _ if ask.silent => Step::InteractionRequired,
        _ => step,
    }
}

fn enrol(standing: &Standing, progress: &Progress, generation: i64, later: Option<Millis>) -> Step {
    let invited = progress
        .invited
        .as_ref()
        .is_some_and(|(account, at)| *account == standing.account && *at == generation);
    if standing.enrolment == Enrolment::Invited && !invited {
        Step::Invitation { later }
    } else {
        Step::Enrol { later }
    }
}

/// Core 3.1.2.1, max_age: "If the elapsed time is greater than this value, the OP MUST attempt to actively
/// re-authenticate the End-User". That holds for the password of this very login too: whoever takes longer over the next
/// steps types it again, and what else was proven stays. A clock set back ends trust as well.
fn is_fresh(ask: &Ask, proof: &PasswordProof, now: Millis) -> bool {
    let young = |most: Millis| (0..=most).contains(&(now - proof.at));
    let in_this_login = !ask.fresh || young(LONGEST_STEP);
    // max_age=0 is prompt=login: no step could be taken in no time.
    let longest = |most: i64| if most == 0 { LONGEST_STEP } else { most.saturating_mul(SECOND) };
    in_this_login && ask.max_age.is_none_or(|most| young(longest(most)))
}

/// How long after its password a login that asks for a fresh one may take over its next steps.
const LONGEST_STEP: Millis = 10 * MINUTE;

/// True when a living session is young enough for what the client asked.
fn suffices(ask: &Ask, session: &LivingSession, now: Millis) -> bool {
    // Core 3.1.2.1, max_age: a session older than that must authenticate again. A clock set back ends trust as well.
    let age = now - session.evidence.auth_time;
    let young = ask.max_age.is_none_or(|most| (0..=most.saturating_mul(SECOND)).contains(&age));
    young && !ask.fresh && wanted(ask, &session.evidence.account)
}

fn wanted(ask: &Ask, account: &AccountId) -> bool {
    ask.subject.as_ref().is_none_or(|subject| subject == account)
}

/// Evidence speaks of the judged account, and nothing has happened since that ends evidence.
fn fits(passed: &Passed, evidence: &Evidence) -> bool {
    *passed.account() == evidence.account
        && passed.generations().account == evidence.account_generation
        && !evidence.is_outdated_by(passed.password_set_at())
}

/// What a session remembers, and the factor that was proven in this pending login. The password is as old as it was.
fn with_factor(evidence: &Evidence, progress: &Progress) -> Evidence {
    let mut raised = evidence.clone();
    if let Some(proof) = progress.factor_of(&evidence.account, evidence.account_generation)
        && !raised.methods.contains(&proof.method())
    {
        raised.methods.push(proof.method());
    }
    raised
}

/// What a session remembers, and that this browser stood for the factor: a refresh comes without the browser, and is to find
/// what the code was given for.
fn with_browser(mut evidence: Evidence, standing: &Standing) -> Evidence {
    if standing.remembered && evidence.level() == Level::Sfa {
        if !evidence.methods.contains(&Method::Remembered) {
            evidence.methods.push(Method::Remembered);
        }
        evidence.policy_generation = standing.policy_generation;
    }
    evidence
}

impl Authorized {
    /// The first door: a password accepted in this pending login, and whatever else was proven in it.
    fn by_password(proof: &PasswordProof, progress: &Progress, standing: &Standing) -> Self {
        let second = progress.factor_of(&proof.account, proof.generations.account).map(FactorProof::method);
        let remembered = standing.remembered.then_some(Method::Remembered);
        let evidence = Evidence {
            account: proof.account.clone(),
            methods: std::iter::once(Method::Pwd).chain(second.or(remembered)).collect(),
            auth_time: proof.at,
            account_generation: proof.generations.account,
            policy_generation: standing.policy_generation,
            password_set_at: proof.set_at,
        };
        Self { evidence, generations: proof.generations }
    }

    /// The second door: a living session, judged again, and a factor that was proven on top of it.
    fn by_session(session: &LivingSession, progress: &Progress, standing: &Standing) -> Self {
        let evidence = with_browser(with_factor(&session.evidence, progress), standing);
        Self { evidence, generations: session.passed.generations() }
    }

    /// The third door: a refresh family, judged again; `None` when the account has changed since, or when policy asks for
    /// more than the family remembers.
    #[must_use]
    pub fn by_refresh(
        passed: &Passed,
        evidence: &Evidence,
        standing: &Standing,
        now: Millis,
    ) -> Option<Self> {
        let enough = standing.account == evidence.account
            && standing.of_evidence(evidence, now) == Wanted::Nothing
            && fits(passed, evidence);
        enough.then(|| Self { evidence: evidence.clone(), generations: passed.generations() })
    }

    /// What was proven, and when.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The generations to compare in the issuing transaction.
    #[must_use]
    pub fn generations(&self) -> Generations {
        self.generations
    }

    /// The form that travels inside a sealed authorization code.
    #[must_use]
    pub fn to_travel(&self) -> Travelling {
        Travelling {
            account: self.evidence.account.0.clone(),
            methods: self.evidence.methods.clone(),
            auth_time: self.evidence.auth_time,
            policy_generation: self.evidence.policy_generation,
            password_set_at: self.evidence.password_set_at,
            account_generation: self.generations.account,
            settings_generation: self.generations.settings,
        }
    }

    /// Brings it back. The caller has opened the sealed code that held it.
    #[must_use]
    pub fn restore(travelled: Travelling) -> Self {
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
        Self { evidence, generations }
    }
}

/// [`Authorized`] on its way through a sealed code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Travelling {
    account: String,
    methods: Vec<Method>,
    auth_time: Millis,
    policy_generation: i64,
    password_set_at: Option<Millis>,
    account_generation: i64,
    settings_generation: i64,
}

#[cfg(test)]
mod sequences;
#[cfg(test)]
mod tests;
