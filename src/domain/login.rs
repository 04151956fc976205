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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::gates::Gate;
    use crate::domain::samples::{NOW, Scene};

    /// A judgement of this account at this generation.
    fn passed(id: &str, generation: i64, mode: Mode) -> Passed {
        let mut scene = Scene::default();
        let account = scene.account.as_mut().expect("an account");
        account.id = AccountId(id.into());
        account.generation = generation;
        scene.judge(mode).passed().expect("nothing stands against alice").clone()
    }

    fn proof(id: &str) -> PasswordProof {
        PasswordProof::new(&passed(id, 7, Mode::Password), NOW).expect("a password was accepted")
    }

    fn evidence(id: &str, generation: i64, auth_time: Millis) -> Evidence {
        Evidence {
            account: AccountId(id.into()),
            methods: vec![Method::Pwd],
            auth_time,
            account_generation: generation,
        }
    }

    fn living(id: &str, age: Millis) -> LivingSession {
        LivingSession::new(&passed(id, 7, Mode::Living), &evidence(id, 7, NOW - age)).expect("it fits")
    }

    fn ask(silent: bool, fresh: bool, max_age: Option<i64>, subject: Option<&str>) -> Ask {
        Ask { silent, fresh, max_age, subject: subject.map(|id| AccountId(id.into())) }
    }

    fn word(step: &Step) -> &'static str {
        match step {
            Step::Password => "password",
            Step::Issue(_) => "issue",
            Step::LoginRequired => "login_required",
        }
    }

    #[test]
    fn each_ask_has_one_next_step() {
        let plain = ask(false, false, None, None);
        let silent = ask(true, false, None, None);
        let aged = |seconds| ask(false, false, Some(seconds), None);
        let hinted = |id| ask(false, false, None, Some(id));
        #[rustfmt::skip]
        let table = [
            ("no session", plain.clone(), None, None, "password"),
            ("no session, silently", silent.clone(), None, None, "login_required"),
            ("a session", plain.clone(), None, Some(living("a1", 5_000)), "issue"),
            ("a session, silently", silent.clone(), None, Some(living("a1", 5_000)), "issue"),
            ("prompt=login", ask(false, true, None, None), None, Some(living("a1", 0)), "password"),
            ("prompt=none and login", ask(true, true, None, None), None, Some(living("a1", 0)), "login_required"),
            ("young enough to the millisecond", aged(5), None, Some(living("a1", 5_000)), "issue"),
            ("too old by one", aged(5), None, Some(living("a1", 5_001)), "password"),
            ("too old, silently", ask(true, false, Some(5), None), None, Some(living("a1", 5_001)), "login_required"),
            ("from the future", aged(5), None, Some(living("a1", -1)), "password"),
            ("max_age past all numbers", aged(i64::MAX), None, Some(living("a1", 5_000)), "issue"),
            ("max_age below nought", aged(-1), None, Some(living("a1", 0)), "password"),
            ("the hinted person's session", hinted("a1"), None, Some(living("a1", 0)), "issue"),
            ("another person's session", hinted("a2"), None, Some(living("a1", 0)), "password"),
            ("another's, silently", ask(true, false, None, Some("a2")), None, Some(living("a1", 0)), "login_required"),
            ("a password", plain.clone(), Some(proof("a1")), None, "issue"),
            ("a password beats the session", hinted("a1"), Some(proof("a1")), Some(living("a2", 0)), "issue"),
            ("a password for prompt=login", ask(false, true, Some(0), None), Some(proof("a1")), None, "issue"),
            ("the wrong person's password", hinted("a2"), Some(proof("a1")), None, "login_required"),
            ("the same, with the right session", hinted("a2"), Some(proof("a1")), Some(living("a2", 0)), "login_required"),
        ];
        for (what, ask, proof, session, expected) in table {
            let step = next_step(&ask, proof.as_ref(), session.as_ref(), NOW);
            assert_eq!(word(&step), expected, "{what}");
        }
    }

    #[test]
    fn a_password_is_proven_by_no_other_judgement() {
        assert!(PasswordProof::new(&passed("a1", 7, Mode::Living), NOW).is_none());
        assert!(PasswordProof::new(&passed("a1", 7, Mode::Password), NOW).is_some());
        let locked_out = Scene { bind: None, ..Scene::default() }.judge(Mode::Password);
        assert_eq!((locked_out.refusal(), locked_out.passed()), (Some(Gate::Bound), None));
    }

    #[test]
    fn evidence_of_another_account_or_generation_opens_nothing() {
        let passed = passed("a1", 7, Mode::Living);
        for (id, generation, fits) in [("a1", 7, true), ("a2", 7, false), ("a1", 6, false), ("a1", 8, false)]
        {
            let evidence = evidence(id, generation, NOW);
            assert_eq!(LivingSession::new(&passed, &evidence).is_some(), fits, "{id} {generation}");
            assert_eq!(Authorized::by_refresh(&passed, &evidence).is_some(), fits, "{id} {generation}");
        }
    }

    #[test]
    fn a_session_keeps_the_time_of_its_password() {
        let Step::Issue(authorized) = next_step(&Ask::default(), None, Some(&living("a1", 9_000)), NOW)
        else {
            panic!("a living session is enough");
        };
        assert_eq!(authorized.evidence().auth_time, NOW - 9_000);
        assert_eq!(authorized.generations(), Generations { account: 7, settings: 3 });
    }

    prop_compose! {
        fn any_ask()(
            silent: bool, fresh: bool, max_age in prop::option::of(0_i64..4), subject in prop::option::of(any_id()),
        ) -> Ask {
            ask(silent, fresh, max_age, subject)
        }
    }

    fn any_id() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["a1", "a2"])
    }

    proptest! {
        #[test]
        fn tokens_come_of_a_password_or_a_session_that_answers_the_ask(
            ask in any_ask(),
            typed in prop::option::of(any_id()),
            session in prop::option::of((any_id(), 5_i64..8, 5_i64..8, -2_000_i64..5_000)),
            now in NOW - 2_000..NOW + 5_000,
        ) {
            let proof = typed.map(proof);
            let kept = session.map(|(id, then, _, age)| evidence(id, then, NOW - age));
            let living = session.zip(kept.as_ref()).and_then(|((id, _, today, _), kept)| {
                LivingSession::new(&passed(id, today, Mode::Living), kept)
            });
            prop_assert!(session.is_none_or(|(_, then, today, _)| living.is_some() == (then == today)));

            let wanted = |id: &AccountId| ask.subject.as_ref().is_none_or(|subject| subject == id);
            let by_password = typed.is_some_and(|id| wanted(&AccountId(id.into())));
            let by_session = typed.is_none() && living.is_some() && kept.as_ref().is_some_and(|kept| {
                let age = now - kept.auth_time;
                let young = ask.max_age.is_none_or(|most| age >= 0 && age <= most * 1_000);
                !ask.fresh && young && wanted(&kept.account)
            });
            let step = next_step(&ask, proof.as_ref(), living.as_ref(), now);
            prop_assert_eq!(matches!(step, Step::Issue(_)), by_password || by_session);
            prop_assert!(!ask.silent || step != Step::Password);
            if let Step::Issue(authorized) = step {
                prop_assert!(wanted(&authorized.evidence().account));
                prop_assert_eq!(&Authorized::restore(authorized.to_travel()), &authorized);
                let json = serde_json::to_string(&authorized.to_travel()).expect("plain data");
                let arrived = serde_json::from_str(&json).expect("what was written");
                prop_assert_eq!(Authorized::restore(arrived), authorized);
            }
        }
    }
}
