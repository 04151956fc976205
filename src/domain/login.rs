//! The only decision point of a login, and the only maker of [`Authorized`], from which tokens are minted.
//!
//! Three doors lead to `Authorized`: a fresh password, a living session, a refresh family. Each takes a [`Passed`]
//! judgement, which only the gates make, and checks that all its proofs speak of one account.

use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::evidence::{Evidence, Generations, Method};
use super::gates::{Mode, Passed};
use super::{Millis, SECOND};

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
}

/// A password that the directory accepted in this pending login. Private fields: only [`PasswordProof::new`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordProof {
    passed: Passed,
    at: Millis,
}

impl PasswordProof {
    /// Made of a judgement in which a typed password was accepted; `None` for any other judgement.
    #[must_use]
    pub fn new(passed: &Passed, now: Millis) -> Option<Self> {
        (passed.mode() == Mode::Password).then(|| Self { passed: passed.clone(), at: now })
    }
}

/// A living session whose owner has just been judged again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivingSession {
    passed: Passed,
    evidence: Evidence,
}

impl LivingSession {
    /// `None` when the judgement is of another account, or the account has changed since the evidence was made.
    #[must_use]
    pub fn new(passed: &Passed, evidence: &Evidence) -> Option<Self> {
        fits(passed, evidence).then(|| Self { passed: passed.clone(), evidence: evidence.clone() })
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
    /// Give the client its code.
    Issue(Authorized),
    /// Tell the client that somebody must sign in (`login_required`): a page was needed but not allowed, or another
    /// person signed in than the client named.
    LoginRequired,
}

/// The one place that decides what comes next. `fresh` is what was proven in this pending login, `session` the living
/// session of this browser.
#[must_use]
pub fn next_step(
    ask: &Ask,
    fresh: Option<&PasswordProof>,
    session: Option<&LivingSession>,
    now: Millis,
) -> Step {
    if let Some(proof) = fresh {
        return match wanted(ask, proof.passed.account()) {
            true => Step::Issue(Authorized::by_password(proof)),
            // OpenID Connect Core 3.1.2.2: the hinted person must be the one who signs in, else an error.
            false => Step::LoginRequired,
        };
    }
    match session.filter(|session| suffices(ask, session, now)) {
        Some(session) => Step::Issue(Authorized::by_session(session)),
        None if ask.silent => Step::LoginRequired,
        None => Step::Password,
    }
}

/// True when a living session answers what the client asked.
fn suffices(ask: &Ask, session: &LivingSession, now: Millis) -> bool {
    // Core 3.1.2.1, max_age: a session older than that must authenticate again. A clock set back ends trust as well.
    let age = now - session.evidence.auth_time;
    let young = ask.max_age.is_none_or(|most| (0..=most.saturating_mul(SECOND)).contains(&age));
    young && !ask.fresh && wanted(ask, &session.evidence.account)
}

fn wanted(ask: &Ask, account: &AccountId) -> bool {
    ask.subject.as_ref().is_none_or(|subject| subject == account)
}

/// Evidence speaks of the judged account, and nothing has happened to the account since that ends evidence.
fn fits(passed: &Passed, evidence: &Evidence) -> bool {
    *passed.account() == evidence.account && passed.generations().account == evidence.account_generation
}

impl Authorized {
    /// The first door: a password accepted in this pending login.
    fn by_password(proof: &PasswordProof) -> Self {
        let generations = proof.passed.generations();
        let evidence = Evidence {
            account: proof.passed.account().clone(),
            methods: vec![Method::Pwd],
            auth_time: proof.at,
            account_generation: generations.account,
        };
        Self { evidence, generations }
    }

    /// The second door: a living session, judged again.
    fn by_session(session: &LivingSession) -> Self {
        Self { evidence: session.evidence.clone(), generations: session.passed.generations() }
    }

    /// The third door: a refresh family, judged again; `None` when the account has changed since.
    #[must_use]
    pub fn by_refresh(passed: &Passed, evidence: &Evidence) -> Option<Self> {
        fits(passed, evidence).then(|| Self { evidence: evidence.clone(), generations: passed.generations() })
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
            account_generation: self.generations.account,
            settings_generation: self.generations.settings,
        }
    }

    /// Brings it back. The caller has opened the sealed code that held it; nothing else can hold a [`Travelling`].
    #[must_use]
    pub fn restore(travelled: Travelling) -> Self {
        let generations =
            Generations { account: travelled.account_generation, settings: travelled.settings_generation };
        let evidence = Evidence {
            account: AccountId(travelled.account),
            methods: travelled.methods,
            auth_time: travelled.auth_time,
            account_generation: travelled.account_generation,
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
    account_generation: i64,
    settings_generation: i64,
}
