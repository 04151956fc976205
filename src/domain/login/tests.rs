//! Which ask has which next step, and what may be issued at all.

use crate::domain::secret::Hashed;
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

/// A session that has not run out.
fn kept(passed: &Passed, evidence: &Evidence) -> Option<LivingSession> {
    let session = Session {
        id_hash: Hashed([0; 32]),
        sid: "s1".into(),
        evidence: evidence.clone(),
        created_at: NOW,
        used_at: NOW,
    };
    LivingSession::new(passed, &session, &SessionSettings::default(), NOW)
}

#[test]
fn a_session_that_has_run_out_proves_nothing() {
    let lifetimes = SessionSettings::default();
    let evidence = evidence("a1", 7, NOW);
    let passed = passed("a1", 7, Mode::Living);
    for (age, good) in [(0, true), (lifetimes.idle() - 1, true), (lifetimes.idle(), false)] {
        let at = NOW - age;
        let session = Session {
            id_hash: Hashed([0; 32]),
            sid: "s1".into(),
            evidence: evidence.clone(),
            created_at: at,
            used_at: at,
        };
        assert_eq!(LivingSession::new(&passed, &session, &lifetimes, NOW).is_some(), good, "{age}");
    }
}

fn living(id: &str, age: Millis) -> LivingSession {
    kept(&passed(id, 7, Mode::Living), &evidence(id, 7, NOW - age)).expect("it fits")
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
        assert_eq!(kept(&passed, &evidence).is_some(), fits, "{id} {generation}");
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
            super::tests::kept(&passed(id, today, Mode::Living), kept)
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
