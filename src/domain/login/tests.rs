//! Which request leads to which next step, and what may be issued at all.

use crate::domain::secret::Hashed;
use proptest::prelude::*;

use super::*;
use crate::domain::account::Account;
use crate::domain::gates::Gate;
use crate::domain::gates::JudgementMode;
use crate::domain::place::Place;
use crate::domain::policy::Demand;
use crate::domain::samples::{self, LoginSample, NOW};
use crate::domain::settings::{Required, SecondFactor};

fn account(id: &str, generation: i64) -> Account {
    Account { id: AccountId(id.into()), generation, ..samples::account() }
}

/// A judgement of this account at this generation.
fn passed(id: &str, generation: i64, mode: JudgementMode) -> Passed {
    let scene = LoginSample { account: Some(account(id, generation)), ..LoginSample::default() };
    scene.judge(mode).passed().expect("nothing stands against alice").clone()
}

fn proof(id: &str) -> PasswordProof {
    PasswordProof::new(&passed(id, 7, JudgementMode::Password), NOW).expect("a password was accepted")
}

fn evidence(id: &str, generation: i64, auth_time: Millis) -> Evidence {
    Evidence {
        account: AccountId(id.into()),
        methods: vec![Method::Pwd],
        auth_time,
        account_generation: generation,
        policy_generation: 1,
        password_set_at: None,
    }
}

/// The factor status of an account under this policy; `enrolled`: it has a factor.
fn standing(id: &str, required: Required, enrolled: bool, acr: &AcrAsk) -> FactorStatus {
    let policy = SecondFactor { required, ..SecondFactor::default() };
    FactorStatus {
        account: AccountId(id.into()),
        demand: Demand::new(&policy, false, acr, false),
        enrolled,
        remembered: false,
        grace_until: None,
        enrolment: Enrolment::Alone,
        policy_generation: 1,
        remembers: false,
    }
}

/// A status for which no factor is required.
fn free(id: &str) -> FactorStatus {
    standing(id, Required::Nobody, false, &AcrAsk::default())
}

fn begun(proof: Option<PasswordProof>) -> Progress {
    Progress { password: proof, ..Progress::default() }
}

/// The next step if no factor is required.
fn step_of(
    ask: &Ask,
    proof: Option<PasswordProof>,
    session: Option<&LivingSession>,
    now: Millis,
) -> LoginStep {
    let progress = begun(proof);
    let standing = login_owner(ask, &progress, session, now).map(|id| free(&id.0));
    next_step(ask, &progress, session, standing.as_ref(), now)
}

#[test]
fn a_password_that_is_too_old_continues_in_no_session() {
    let young = ask(false, false, Some(600), None);
    let later = NOW + 600_001;
    let session = |id: &str| {
        let evidence = evidence(id, 7, NOW + 300_000);
        kept(&passed(id, 7, JudgementMode::Living), &evidence).expect("it fits")
    };
    let (own, others) = (session("a1"), session("a2"));
    for session in [&own, &others] {
        assert_eq!(word(&step_of(&young, Some(proof("a1")), Some(session), later)), "password");
        let set_back = step_of(&young, Some(proof("a1")), Some(session), NOW - 1);
        assert_eq!(word(&set_back), "password", "a clock that was set back");
    }
    assert_eq!(word(&step_of(&young, None, Some(&own), later)), "issue");
}

/// A session that has not expired.
fn kept(passed: &Passed, evidence: &Evidence) -> Option<LivingSession> {
    let session = Session {
        id_hash: Hashed([0; 32]),
        sid: "s1".into(),
        evidence: evidence.clone(),
        factor_at: None,
        created_at: NOW,
        used_at: NOW,
        place: Place::default(),
    };
    LivingSession::new(passed, &session, &SessionSettings::default(), NOW)
}

#[test]
fn an_expired_session_proves_nothing() {
    let lifetimes = SessionSettings::default();
    let evidence = evidence("a1", 7, NOW);
    let passed = passed("a1", 7, JudgementMode::Living);
    for (age, good) in [(0, true), (lifetimes.idle() - 1, true), (lifetimes.idle(), false)] {
        let at = NOW - age;
        let session = Session {
            id_hash: Hashed([0; 32]),
            sid: "s1".into(),
            evidence: evidence.clone(),
            factor_at: None,
            created_at: at,
            used_at: at,
            place: Place::default(),
        };
        assert_eq!(LivingSession::new(&passed, &session, &lifetimes, NOW).is_some(), good, "{age}");
    }
}

fn living(id: &str, age: Millis) -> LivingSession {
    kept(&passed(id, 7, JudgementMode::Living), &evidence(id, 7, NOW - age)).expect("it fits")
}

fn ask(silent: bool, fresh: bool, max_age: Option<i64>, subject: Option<&str>) -> Ask {
    Ask { silent, fresh, max_age, subject: subject.map(|id| AccountId(id.into())), acr: AcrAsk::default() }
}

fn word(step: &LoginStep) -> &'static str {
    match step {
        LoginStep::Password => "password",
        LoginStep::Issue(_) => "issue",
        LoginStep::LoginRequired => "login_required",
        LoginStep::InteractionRequired => "interaction_required",
        LoginStep::SecondFactor => "code",
        LoginStep::Invitation { .. } => "invitation",
        LoginStep::Enrol { .. } => "enrol",
        LoginStep::ChangePassword => "new password",
    }
}

#[test]
fn each_request_has_one_next_step() {
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
        let step = step_of(&ask, proof, session.as_ref(), NOW);
        assert_eq!(word(&step), expected, "{what}");
    }
}

#[test]
fn only_a_password_judgement_proves_a_password() {
    assert!(PasswordProof::new(&passed("a1", 7, JudgementMode::Living), NOW).is_none());
    assert!(PasswordProof::new(&passed("a1", 7, JudgementMode::Password), NOW).is_some());
    let locked_out = LoginSample { bind: None, ..LoginSample::default() }.judge(JudgementMode::Password);
    assert_eq!((locked_out.refusal(), locked_out.passed()), (Some(Gate::Bound), None));
}

#[test]
fn evidence_of_another_account_or_generation_is_refused() {
    let passed = passed("a1", 7, JudgementMode::Living);
    for (id, generation, fits) in [("a1", 7, true), ("a2", 7, false), ("a1", 6, false), ("a1", 8, false)] {
        let evidence = evidence(id, generation, NOW);
        assert_eq!(kept(&passed, &evidence).is_some(), fits, "{id} {generation}");
        let refreshed = Authorized::by_refresh(&passed, &evidence, &free(id), NOW);
        assert_eq!(refreshed.is_some(), fits, "{id} {generation}");
    }
}

#[test]
fn a_session_keeps_the_time_of_its_password() {
    let LoginStep::Issue(authorized) = step_of(&Ask::default(), None, Some(&living("a1", 9_000)), NOW) else {
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
    fn tokens_need_a_password_or_a_session_that_meets_the_request(
        ask in any_ask(),
        typed in prop::option::of(any_id()),
        session in prop::option::of((any_id(), 5_i64..8, 5_i64..8, -2_000_i64..5_000)),
        now in NOW - 2_000..NOW + 5_000,
    ) {
        let proof = typed.map(proof);
        let kept = session.map(|(id, then, _, age)| evidence(id, then, NOW - age));
        let living = session.zip(kept.as_ref()).and_then(|((id, _, today, _), kept)| {
            super::tests::kept(&passed(id, today, JudgementMode::Living), kept)
        });
        prop_assert!(session.is_none_or(|(_, then, today, _)| living.is_some() == (then == today)));

        let wanted = |id: &AccountId| ask.subject.as_ref().is_none_or(|subject| subject == id);
        // A clock that was set back since the password makes it no proof of a fresh sign-in.
        let timely = (!ask.fresh && ask.max_age.is_none()) || now >= NOW;
        let young = ask.max_age.is_none_or(|most| most == 0 || now - NOW <= most * 1_000);
        let by_password = typed.is_some_and(|id| timely && young && wanted(&AccountId(id.into())));
        let by_session = typed.is_none() && living.is_some() && kept.as_ref().is_some_and(|kept| {
            let age = now - kept.auth_time;
            let young = ask.max_age.is_none_or(|most| age >= 0 && age <= most * 1_000);
            !ask.fresh && young && wanted(&kept.account)
        });
        let step = step_of(&ask, proof, living.as_ref(), now);
        prop_assert_eq!(matches!(step, LoginStep::Issue(_)), by_password || by_session);
        prop_assert!(!ask.silent || step != LoginStep::Password);
        if let LoginStep::Issue(authorized) = step {
            prop_assert!(wanted(&authorized.evidence().account));
            prop_assert_eq!(&Authorized::restore(authorized.to_sealed()), &authorized);
            let json = serde_json::to_string(&authorized.to_sealed()).expect("plain data");
            let arrived = serde_json::from_str(&json).expect("what was written");
            prop_assert_eq!(Authorized::restore(arrived), authorized);
        }
    }
}

#[test]
fn a_required_factor_comes_before_the_tokens() {
    use Required::{Everyone, Nobody, Optional};
    let none = AcrAsk::default();
    let must = AcrAsk { wishes: vec![], essential: vec![Level::Mfa] };
    let code = FactorProof::new(&account("a1", 7), Method::Otp);
    let older = FactorProof::new(&account("a1", 6), Method::Otp);
    let anothers = FactorProof::new(&account("a2", 7), Method::Otp);
    #[rustfmt::skip]
    let table = [
        ("nobody is asked", standing("a1", Nobody, true, &none), None, "issue"),
        ("asked", standing("a1", Everyone, true, &none), None, "code"),
        ("answered", standing("a1", Everyone, true, &none), code.clone(), "issue"),
        ("another's code", standing("a1", Everyone, true, &none), anothers, "code"),
        ("a code from before a reset", standing("a1", Everyone, true, &none), older, "code"),
        ("to be set up", standing("a1", Everyone, false, &none), None, "enrol"),
        ("set up in this login", standing("a1", Everyone, false, &none), code.clone(), "issue"),
        ("who has one", standing("a1", Optional, true, &none), None, "code"),
        ("who has none", standing("a1", Optional, false, &none), None, "issue"),
        ("the client insists", standing("a1", Nobody, true, &must), None, "code"),
        ("insists, and none is there", standing("a1", Nobody, false, &must), None, "enrol"),
        ("another's standing", standing("a2", Nobody, false, &none), None, "login_required"),
        ("invited only", FactorStatus { enrolment: Enrolment::Invited, ..standing("a1", Everyone, false, &none) }, None, "invitation"),
    ];
    for (what, standing, factor, expected) in table {
        let fresh = Progress { factor: factor.clone(), ..begun(Some(proof("a1"))) };
        let step = next_step(&Ask::default(), &fresh, None, Some(&standing), NOW);
        assert_eq!(word(&step), expected, "{what}, at a password");
        let raised = Progress { factor, ..Progress::default() };
        let session = living("a1", 5_000);
        let step = next_step(&Ask::default(), &raised, Some(&session), Some(&standing), NOW);
        // nobody can add a phone at an unlocked screen: the password first
        let expected = if matches!(expected, "enrol" | "invitation") { "password" } else { expected };
        assert_eq!(word(&step), expected, "{what}, on a session");
        let silent = Ask { silent: true, ..Ask::default() };
        let step = next_step(&silent, &raised, Some(&session), Some(&standing), NOW);
        let silent_word =
            if matches!(expected, "issue" | "login_required") { expected } else { "interaction_required" };
        assert_eq!(word(&step), silent_word, "{what}, silently");
    }
    let nothing_read = next_step(&Ask::default(), &begun(Some(proof("a1"))), None, None, NOW);
    assert_eq!(word(&nothing_read), "login_required", "without a look at the factors nothing is issued");
}

#[test]
fn a_code_raises_a_session_but_keeps_its_password_time() {
    let standing = standing("a1", Required::Everyone, true, &AcrAsk::default());
    let progress =
        Progress { factor: FactorProof::new(&account("a1", 7), Method::Otp), ..Progress::default() };
    let session = living("a1", 9_000);
    let LoginStep::Issue(authorized) =
        next_step(&Ask::default(), &progress, Some(&session), Some(&standing), NOW)
    else {
        panic!("both factors are there");
    };
    assert_eq!(authorized.evidence().auth_time, NOW - 9_000);
    assert_eq!(authorized.evidence().level(), Level::Mfa);
    let aged = Ask { max_age: Some(5), ..Ask::default() };
    let step = next_step(&aged, &progress, Some(&session), Some(&standing), NOW);
    assert_eq!(word(&step), "password", "a code makes no password younger");
    let fresh = Ask { fresh: true, ..Ask::default() };
    let step = next_step(&fresh, &progress, Some(&session), Some(&standing), NOW);
    assert_eq!(word(&step), "password");
}

#[test]
fn max_age_applies_to_the_password_of_this_login_too() {
    let standing = standing("a1", Required::Nobody, true, &AcrAsk::default());
    let begun = begun(Some(proof("a1")));
    let minutes = |minutes: i64| minutes * MINUTE;
    #[rustfmt::skip]
    let table = [
        (Ask::default(), minutes(29), "issue"),
        (ask(false, false, Some(60), None), minutes(1), "issue"),
        (ask(false, false, Some(60), None), minutes(1) + 1, "password"),
        (ask(false, true, Some(60), None), minutes(1) + 1, "password"),
        (ask(false, false, Some(3_600), None), minutes(29), "issue"),
        (ask(false, true, Some(3_600), None), minutes(11), "password"),
        (ask(false, true, Some(0), None), minutes(10), "issue"),
        (ask(false, true, Some(0), None), minutes(10) + 1, "password"),
        (ask(false, true, None, None), minutes(10) + 1, "password"),
        (ask(false, false, Some(60), None), -1, "password"),
    ];
    for (ask, later, expected) in table {
        let step = next_step(&ask, &begun, None, Some(&standing), NOW + later);
        assert_eq!(word(&step), expected, "{ask:?} after {later} ms");
    }
}

#[test]
fn a_newer_password_ends_sessions_and_families() {
    let mut scene = LoginSample::default();
    scene.entry.password_changed_at = Some(NOW);
    let account = scene.account.as_mut().expect("an account");
    account.id = AccountId("a1".into());
    let judgement = scene.judge(JudgementMode::Living);
    let passed = judgement.passed().expect("nothing stands against alice");
    for (set_at, ends) in [(Some(NOW), false), (Some(NOW - 1), true), (None, true)] {
        let evidence = Evidence { password_set_at: set_at, ..evidence("a1", 7, NOW - 5_000) };
        assert_eq!(kept(passed, &evidence).is_none(), ends, "{set_at:?}");
        let refreshed = Authorized::by_refresh(passed, &evidence, &free("a1"), NOW);
        assert_eq!(refreshed.is_none(), ends, "{set_at:?}");
    }
}

#[test]
fn a_password_that_must_be_changed_is_not_used_before() {
    use crate::domain::bind::{BindOutcome, BindRefusal};
    let refused = Some(BindOutcome::Refused(BindRefusal::PasswordExpired));
    let judgement = LoginSample { bind: refused, ..LoginSample::default() }.judge(JudgementMode::Password);
    assert!(judgement.passed().is_none());
    let passed = judgement.passed_after_change().expect("only its age is against it");
    let proof = PasswordProof::new(passed, NOW).expect("it was typed");
    let standing = standing("a1", Required::Everyone, true, &AcrAsk::default());
    let standing = FactorStatus { account: proof.account().clone(), ..standing };
    let step = |progress: &Progress| next_step(&Ask::default(), progress, None, Some(&standing), NOW);
    let mut progress = begun(Some(proof.clone()));
    assert_eq!(word(&step(&progress)), "code", "the factor comes first");
    progress.factor = FactorProof::new(&account(&proof.account().0, 7), Method::Otp);
    assert_eq!(word(&step(&progress)), "new password");
    progress.password = Some(proof.with_new_password(Some(NOW), NOW));
    assert_eq!(word(&step(&progress)), "issue");
    let shut =
        LoginSample { bind: refused, scope: None, ..LoginSample::default() }.judge(JudgementMode::Password);
    assert!(shut.passed_after_change().is_none(), "another gate is shut as well");
}

#[test]
fn a_password_proof_is_valid_until_account_or_password_change() {
    let proof = proof("a1");
    let with = |generation, newest| Account { password_changed_at: newest, ..account("a1", generation) };
    assert!(proof.holds(&with(7, None)) && proof.holds(&with(7, Some(NOW))));
    assert!(!proof.holds(&with(8, None)) && !proof.holds(&with(7, Some(NOW + 1))));
    assert!(!proof.holds(&account("a2", 7)));
}

#[test]
fn a_help_desk_code_is_valid_until_a_reset() {
    let standing = FactorStatus {
        enrolment: Enrolment::Invited,
        ..standing("a1", Required::Everyone, false, &AcrAsk::default())
    };
    for (whose, generation, expected) in
        [("a1", 7, "enrol"), ("a1", 6, "invitation"), ("a2", 7, "invitation")]
    {
        let invited = Some((AccountId(whose.into()), generation));
        let progress = Progress { invited, ..begun(Some(proof("a1"))) };
        let step = next_step(&Ask::default(), &progress, None, Some(&standing), NOW);
        assert_eq!(word(&step), expected, "{whose} {generation}");
    }
}

#[test]
fn a_session_records_that_its_browser_replaced_the_factor() {
    let asked = standing("a1", Required::Everyone, true, &AcrAsk::default());
    let here = FactorStatus { remembered: true, remembers: true, policy_generation: 2, ..asked.clone() };
    let session = living("a1", 5_000);
    let step = next_step(&Ask::default(), &Progress::default(), Some(&session), Some(&here), NOW);
    let LoginStep::Issue(authorized) = step else { panic!("the browser will do: {step:?}") };
    assert_eq!(authorized.evidence().methods, [Method::Pwd, Method::Remembered]);
    assert_eq!(authorized.evidence().amr(), ["pwd"]);
    let elsewhere = FactorStatus { remembers: true, policy_generation: 2, ..asked };
    let refreshed = |standing| {
        Authorized::by_refresh(&passed("a1", 7, JudgementMode::Living), authorized.evidence(), standing, NOW)
            .is_some()
    };
    assert!(refreshed(&elsewhere), "a refresh finds what the code was given for");
    assert!(!refreshed(&FactorStatus { policy_generation: 3, ..elsewhere.clone() }), "under one policy only");
}
