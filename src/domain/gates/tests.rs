//! Each kind of person with their first failing gate, and what must hold for any directory data.

use proptest::prelude::*;

use super::{Gate, Judgement, JudgementMode, Verdict, judge_known};
use crate::domain::account::{Status, SuspendedBecause};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::dn::Dn;
use crate::domain::entry::PasswordState;
use crate::domain::login::PasswordProof;
use crate::domain::samples::{Hits, LoginSample, NOW, entry_id};
use crate::domain::scope::ScopeReason;

const ORDER: [Gate; 13] = [
    Gate::SsoEnabled,
    Gate::Found,
    Gate::Bound,
    Gate::Enabled,
    Gate::NotExpired,
    Gate::PasswordAllowed,
    Gate::NotLocked,
    Gate::PasswordUsable,
    Gate::InScope,
    Gate::MailPresent,
    Gate::AccountExists,
    Gate::MailMatches,
    Gate::NotSuspended,
];

/// A person by name, the difference from alice, and the first failing gate: with a right password (and
/// whether that proves it), in `explain`, and for an existing session.
type Row = (&'static str, fn(&mut LoginSample), (Option<Gate>, bool), Option<Gate>, Option<Gate>);

fn refuse(scene: &mut LoginSample, refusal: BindRefusal) {
    *scene = scene.clone().refused(refusal);
}

fn nobody_yet(scene: &mut LoginSample) {
    scene.account = None;
}

fn suspended(scene: &mut LoginSample, because: SuspendedBecause) {
    scene.account.as_mut().expect("an account").status = Status::Suspended { because, since: NOW - 1 };
}

#[rustfmt::skip]
const PEOPLE: &[Row] = &[
    ("alice, in a synced OU", |_| (), (None, true), None, None),
    ("bob, in a synced group", |s| {
        s.scope = Some(ScopeReason::Group(Dn::parse("CN=CloudSync,DC=x").expect("a DN")));
    }, (None, true), None, None),
    ("carol, outside", |s| { s.scope = None; nobody_yet(s); },
        (Some(Gate::InScope), true), Some(Gate::InScope), Some(Gate::InScope)),
    ("carol, moved out", |s| { s.scope = None; suspended(s, SuspendedBecause::OutOfScope); },
        (Some(Gate::InScope), true), Some(Gate::InScope), Some(Gate::InScope)),
    ("dora, disabled at first sight", |s| { s.entry.disabled = true; refuse(s, BindRefusal::Disabled); nobody_yet(s); },
        (Some(Gate::Enabled), true), Some(Gate::Enabled), Some(Gate::Enabled)),
    ("dora, disabled later", |s| {
        s.entry.disabled = true; refuse(s, BindRefusal::Disabled); suspended(s, SuspendedBecause::Disabled);
    }, (Some(Gate::Enabled), true), Some(Gate::Enabled), Some(Gate::Enabled)),
    ("dora, disabled after the search", |s| refuse(s, BindRefusal::Disabled), (Some(Gate::Enabled), true), None, None),
    ("emil, expired", |s| { s.entry.expires_at = Some(NOW); refuse(s, BindRefusal::AccountExpired); nobody_yet(s); },
        (Some(Gate::NotExpired), true), Some(Gate::NotExpired), Some(Gate::NotExpired)),
    ("emil, one moment before", |s| s.entry.expires_at = Some(NOW + 1), (None, true), None, None),
    ("emil, by the directory's clock", |s| { s.entry.expires_at = Some(NOW + 1); refuse(s, BindRefusal::AccountExpired); },
        (Some(Gate::NotExpired), true), None, None),
    ("ida, who begins later", |s| s.entry.starts_at = Some(NOW + 1),
        (Some(Gate::NotExpired), true), Some(Gate::NotExpired), Some(Gate::NotExpired)),
    ("ida, who begins now", |s| s.entry.starts_at = Some(NOW), (None, true), None, None),
    ("kim, unused for too long", |s| s.entry.idle_at = Some(NOW),
        (Some(Gate::NotExpired), true), Some(Gate::NotExpired), Some(Gate::NotExpired)),
    ("kim, one moment before", |s| s.entry.idle_at = Some(NOW + 1), (None, true), None, None),
    ("lea, smart card only", |s| s.entry.smart_card_required = true,
        (Some(Gate::PasswordAllowed), true), Some(Gate::PasswordAllowed), Some(Gate::PasswordAllowed)),
    ("a lock and an age that are not shown", |s| {
        (s.entry.locked, s.entry.password) = (None, PasswordState::Unknown);
    }, (None, true), None, None),
    ("a password that is too old by its date", |s| s.entry.password_expires_at = Some(NOW),
        (None, true), Some(Gate::PasswordUsable), None),
    ("fred, must change", |s| { s.entry.password = PasswordState::MustChange; refuse(s, BindRefusal::PasswordMustChange); },
        (Some(Gate::PasswordUsable), true), Some(Gate::PasswordUsable), None),
    ("gina, password expired", |s| { s.entry.password = PasswordState::Expired; refuse(s, BindRefusal::PasswordExpired); },
        (Some(Gate::PasswordUsable), true), Some(Gate::PasswordUsable), None),
    ("gina, and no account for another reason", |s| {
        refuse(s, BindRefusal::PasswordExpired); nobody_yet(s);
    }, (Some(Gate::PasswordUsable), true), Some(Gate::AccountExists), Some(Gate::AccountExists)),
    ("hugo, locked", |s| { s.entry.locked = Some(true); s.bind = Some(BindOutcome::Refused(BindRefusal::Locked)); },
        (Some(Gate::NotLocked), false), Some(Gate::NotLocked), None),
    ("hugo, whose lock ended after the search", |s| s.entry.locked = Some(true), (None, true), Some(Gate::NotLocked), None),
    ("hugo, the same with an old password", |s| { s.entry.locked = Some(true); refuse(s, BindRefusal::PasswordExpired); },
        (Some(Gate::PasswordUsable), true), Some(Gate::NotLocked), None),
    ("ines, whose new mail is another's", |s| {
        s.entry.email = Some("alan@example.com".into());
        s.why_not_written = Some("alan@example.com already belongs to account a2".into());
    }, (Some(Gate::MailMatches), true), Some(Gate::MailMatches), Some(Gate::MailMatches)),
    ("ines, before she had an account", |s| {
        nobody_yet(s);
        s.why_not_written = Some("alan@example.com already belongs to account a2".into());
    }, (Some(Gate::AccountExists), true), Some(Gate::AccountExists), Some(Gate::AccountExists)),
    ("jan, no mail", |s| { s.entry.email = None; nobody_yet(s); },
        (Some(Gate::MailPresent), true), Some(Gate::MailPresent), Some(Gate::MailPresent)),
    ("jan, whose mail is none", |s| { s.entry.email = Some("n/a".into()); s.mail_fault = Some("no address".into()); nobody_yet(s); },
        (Some(Gate::MailPresent), true), Some(Gate::MailPresent), Some(Gate::MailPresent)),
    ("jan, whose account has such a mail", |s| s.mail_fault = Some("a foreign domain".into()),
        (Some(Gate::MailPresent), true), Some(Gate::MailPresent), Some(Gate::MailPresent)),
    ("jan, who lost it", |s| s.entry.email = None,
        (Some(Gate::MailPresent), true), Some(Gate::MailPresent), Some(Gate::MailPresent)),
    ("zoe, O'Brien, Zoë (Ops)", |s| {
        s.entry.dn = Dn::parse("CN=O'Brien\\, Zoë (Ops),OU=Staff,DC=x").expect("a DN");
        s.entry.email = Some("ZOE@example.com".into());
        s.account.as_mut().expect("an account").profile.email = "zoe@example.com".into();
    }, (None, true), None, None),
    ("nobody", |s| { s.hits = Hits::None; s.bind = None; s.scope = None; nobody_yet(s); },
        (Some(Gate::Found), false), Some(Gate::Found), Some(Gate::Found)),
    ("two of the name", |s| { s.hits = Hits::Many; s.bind = None; s.scope = None; nobody_yet(s); },
        (Some(Gate::Found), false), Some(Gate::Found), Some(Gate::Found)),
    ("single sign-on is off", |s| { s.sso_enabled = false; s.bind = None; },
        (Some(Gate::SsoEnabled), false), Some(Gate::SsoEnabled), Some(Gate::SsoEnabled)),
    ("no bind was made", |s| s.bind = None, (Some(Gate::Bound), false), None, None),
    ("suspended here by an administrator", |s| suspended(s, SuspendedBecause::Admin),
        (Some(Gate::NotSuspended), true), Some(Gate::NotSuspended), Some(Gate::NotSuspended)),
    ("the account's end has come, the entry's not yet read", |s| {
        s.account.as_mut().expect("an account").expires_at = Some(NOW);
    }, (Some(Gate::NotSuspended), true), Some(Gate::NotSuspended), Some(Gate::NotSuspended)),
    ("without an account", nobody_yet,
        (Some(Gate::AccountExists), true), Some(Gate::AccountExists), Some(Gate::AccountExists)),
    ("another entry's account with the same mail", |s| s.entry.id = entry_id(2),
        (Some(Gate::AccountExists), true), Some(Gate::AccountExists), Some(Gate::AccountExists)),
    ("an account that is linked to nothing", |s| s.account.as_mut().expect("an account").link = None,
        (Some(Gate::AccountExists), true), Some(Gate::AccountExists), Some(Gate::AccountExists)),
    ("52f, a restriction", |s| refuse(s, BindRefusal::from_sub_code(0x52f)),
        (Some(Gate::Bound), false), Some(Gate::InScope), Some(Gate::InScope)),
    ("530, not at this hour", |s| refuse(s, BindRefusal::from_sub_code(0x530)), (Some(Gate::Bound), true), None, None),
    ("531, not from here", |s| refuse(s, BindRefusal::from_sub_code(0x531)), (Some(Gate::Bound), true), None, None),
    ("568, too many groups", |s| s.bind = sub_code(0x568), (Some(Gate::Bound), false), None, None),
    ("569, logon type", |s| s.bind = sub_code(0x569), (Some(Gate::Bound), false), None, None),
    ("525, no such user", |s| s.bind = sub_code(0x525), (Some(Gate::Bound), false), None, None),
    ("an unknown sub-code", |s| s.bind = sub_code(0x999), (Some(Gate::Bound), false), None, None),
    ("OpenLDAP: 49 and no more", |s| s.bind = sub_code(0x52e), (Some(Gate::Bound), false), None, None),
    ("OpenLDAP: accountLocked", |s| { s.entry.locked = Some(true); s.bind = Some(BindOutcome::Refused(BindRefusal::Locked)); },
        (Some(Gate::NotLocked), false), Some(Gate::NotLocked), None),
    ("OpenLDAP: passwordExpired", |s| refuse(s, BindRefusal::PasswordExpired),
        (Some(Gate::PasswordUsable), true), None, None),
    ("OpenLDAP: changeAfterReset", |s| { s.entry.password = PasswordState::MustChange; refuse(s, BindRefusal::PasswordMustChange); },
        (Some(Gate::PasswordUsable), true), Some(Gate::PasswordUsable), None),
];

fn sub_code(code: u32) -> Option<BindOutcome> {
    Some(BindOutcome::Refused(BindRefusal::from_sub_code(code)))
}

fn scene(change: fn(&mut LoginSample)) -> LoginSample {
    let mut scene = LoginSample::default();
    change(&mut scene);
    scene
}

#[test]
fn each_person_is_refused_by_the_true_reason() {
    for (who, change, (at_password, proven), explained, living) in PEOPLE {
        let scene = scene(*change);
        let judgement = scene.judge(JudgementMode::Password);
        assert_eq!(judgement.refusal(), *at_password, "{who}: {judgement:#?}");
        assert_eq!(judgement.password_proven(), *proven, "{who}");
        assert_eq!(judgement.passed().is_some(), at_password.is_none(), "{who}");

        let judgement = scene.judge(JudgementMode::Explain);
        assert_eq!(judgement.refusal(), *explained, "explain {who}: {judgement:#?}");
        assert!(judgement.passed().is_none() && !judgement.password_proven(), "explain {who}");

        let judgement = scene.judge(JudgementMode::Living);
        assert_eq!(judgement.refusal(), *living, "session of {who}: {judgement:#?}");
        assert_eq!(judgement.passed().is_some(), living.is_none(), "session of {who}");
        assert!(!judgement.password_proven(), "session of {who}");
    }
}

#[test]
fn before_the_right_password_all_refusals_look_the_same() {
    for (who, change, (right, _), ..) in PEOPLE {
        let scene = scene(*change);
        if scene.hits != Hits::One || right == &Some(Gate::SsoEnabled) {
            continue;
        }
        let wrong = scene.clone().refused(BindRefusal::InvalidCredentials).judge(JudgementMode::Password);
        assert_eq!(wrong.refusal(), Some(Gate::Bound), "{who}");
        assert!(!wrong.password_proven() && wrong.passed().is_none(), "{who}");
        let locked = scene.refused(BindRefusal::Locked).judge(JudgementMode::Password);
        assert!(!locked.password_proven() && locked.passed().is_none(), "{who}, locked");
    }
}

#[test]
fn a_wrong_password_leaves_unread_gates_untried() {
    let judgement =
        LoginSample::default().refused(BindRefusal::InvalidCredentials).judge(JudgementMode::Password);
    for gate in [Gate::InScope, Gate::AccountExists, Gate::MailMatches, Gate::NotSuspended] {
        assert_eq!(verdict(&judgement, gate), Verdict::NotTried, "{gate:?}");
    }
}

#[test]
fn where_only_a_date_says_that_a_password_is_too_old_the_bind_has_the_last_word() {
    let sample = scene(|scene| scene.entry.password_expires_at = Some(NOW));
    let told = |mode| {
        let judgement = sample.judge(mode);
        let judged = judgement.gates().iter().find(|judged| judged.gate == Gate::PasswordUsable).cloned();
        judged.map(|judged| (judged.verdict, judged.evidence)).expect("it is judged")
    };
    assert_eq!(told(JudgementMode::Password).0, Verdict::Passed, "the server takes it");
    let (verdict, evidence) = told(JudgementMode::Explain);
    assert!(verdict == Verdict::Failed && evidence.contains("by its date"), "{evidence}");
    assert_eq!(told(JudgementMode::Living).0, Verdict::NotTried, "nothing was typed");
}

#[test]
fn hidden_attributes_do_not_pass() {
    let mut scene = LoginSample { bind: None, ..LoginSample::default() };
    (scene.entry.locked, scene.entry.password) = (None, PasswordState::Unknown);
    let judgement = scene.judge(JudgementMode::Explain);
    for gate in [Gate::NotLocked, Gate::PasswordUsable] {
        assert_eq!(verdict(&judgement, gate), Verdict::NotTried, "{gate:?}");
    }
}

#[test]
fn a_pass_names_the_judged_account_and_generations() {
    let judgement = LoginSample::default().judge(JudgementMode::Living);
    let passed = judgement.passed().expect("alice passes");
    assert_eq!((passed.account().0.as_str(), passed.mode()), ("a1", JudgementMode::Living));
    assert_eq!((passed.generations().account, passed.generations().settings), (7, 3));
}

#[test]
fn evidence_never_contradicts_its_verdict() {
    let mut scene = LoginSample::default().refused(BindRefusal::AccountExpired);
    scene.entry.expires_at = None;
    let judgement = scene.judge(JudgementMode::Password);
    let said = judgement.gates().iter().find(|judged| judged.gate == Gate::NotExpired).expect("judged");
    assert_eq!(
        (said.verdict, said.evidence.as_str()),
        (Verdict::Failed, "the directory reports that the account has expired")
    );
}

#[test]
fn a_judgement_by_the_account_alone_tries_only_its_own_gates() {
    let account = LoginSample::default().account.expect("an account");
    let judgement = judge_known(&account, true, 3, NOW);
    let passed = judgement.passed().expect("nothing stands against alice");
    assert_eq!(
        (passed.mode(), passed.generations().account, passed.generations().settings),
        (JudgementMode::Living, 7, 3)
    );
    assert!(PasswordProof::new(passed, NOW).is_none() && !judgement.password_proven());
    for gate in &ORDER[1..12] {
        assert_eq!(verdict(&judgement, *gate), Verdict::NotTried, "{gate:?}");
    }
    assert_eq!(judge_known(&account, false, 3, NOW).refusal(), Some(Gate::SsoEnabled));
}

fn verdict(judgement: &Judgement, gate: Gate) -> Verdict {
    judgement.gates().iter().find(|judged| judged.gate == gate).expect("judged").verdict
}

fn any_bind() -> impl Strategy<Value = Option<BindOutcome>> {
    let codes = prop::sample::select(vec![
        0x525, 0x52e, 0x52f, 0x530, 0x531, 0x532, 0x533, 0x568, 0x569, 0x701, 0x773, 0x775, 0x1,
    ]);
    prop_oneof![
        1 => Just(None),
        3 => Just(Some(BindOutcome::Accepted)),
        4 => codes.prop_map(sub_code),
    ]
}

fn any_password() -> impl Strategy<Value = PasswordState> {
    use PasswordState as P;
    prop::sample::select(vec![P::Usable, P::MustChange, P::Expired, P::Unknown])
}

fn any_hits() -> impl Strategy<Value = Hits> {
    prop_oneof![8 => Just(Hits::One), 1 => Just(Hits::None), 1 => Just(Hits::Many)]
}

/// Mostly true, so that passes are not rare.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.9)
}

fn any_end() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![6 => Just(None), 3 => Just(Some(NOW + 1)), 1 => Just(Some(NOW)), 1 => any::<i64>().prop_map(Some)]
}

fn any_mode() -> impl Strategy<Value = JudgementMode> {
    prop::sample::select(vec![JudgementMode::Password, JudgementMode::Explain, JudgementMode::Living])
}

prop_compose! {
    fn any_scene()(
        (sso, hits, bind) in (mostly(), any_hits(), any_bind()),
        (enabled, locked, password, end) in (mostly(), any::<Option<bool>>(), any_password(), any_end()),
        (in_scope, mail, same_mail, account) in (mostly(), mostly(), mostly(), mostly()),
        (mine, active, account_end) in (mostly(), mostly(), any_end()),
    ) -> LoginSample {
        let mut scene = LoginSample { sso_enabled: sso, hits, bind, ..LoginSample::default() };
        scene.entry.disabled = !enabled;
        scene.entry.locked = locked;
        scene.entry.password = password;
        scene.entry.expires_at = end;
        scene.entry.email = mail.then(|| if same_mail { "Alice@Example.com" } else { "b@example.com" }.to_owned());
        scene.entry.id = entry_id(if mine { 1 } else { 2 });
        scene.scope = scene.scope.filter(|_| in_scope);
        if !active {
            suspended(&mut scene, SuspendedBecause::Admin);
        }
        scene.account.as_mut().expect("an account").expires_at = account_end;
        scene.account = scene.account.filter(|_| account);
        scene
    }
}

/// Changes that can only make a sign-in less likely.
const HARM: &[fn(&mut LoginSample)] = &[
    |s| s.sso_enabled = false,
    |s| s.hits = Hits::None,
    |s| s.hits = Hits::Many,
    |s| s.bind = None,
    |s| s.bind = sub_code(0x52e),
    |s| s.bind = sub_code(0x775),
    |s| s.bind = sub_code(0x532),
    |s| s.entry.disabled = true,
    |s| s.entry.expires_at = Some(NOW),
    |s| s.entry.starts_at = Some(NOW + 1),
    |s| s.entry.idle_at = Some(NOW),
    |s| s.entry.smart_card_required = true,
    |s| s.entry.locked = Some(true),
    |s| s.entry.password = PasswordState::Expired,
    |s| s.scope = None,
    |s| s.entry.email = None,
    |s| s.entry.email = Some("b@example.com".into()),
    |s| s.entry.id = entry_id(2),
    |s| s.account = None,
    |s| s.why_not_written = Some("why".into()),
    |s| s.now = i64::MAX,
];

proptest! {
    #[test]
    fn all_gates_are_judged_in_order(scene in any_scene(), mode in any_mode()) {
        let gates: Vec<Gate> = scene.judge(mode).gates().iter().map(|judged| judged.gate).collect();
        prop_assert_eq!(gates, ORDER);
    }

    #[test]
    fn a_pass_needs_passed_gates_a_bind_and_a_usable_account(scene in any_scene(), mode in any_mode()) {
        let judgement = scene.judge(mode);
        let failed = judgement.gates().iter().any(|judged| judged.verdict == Verdict::Failed);
        prop_assert_eq!(judgement.refusal().is_some(), failed);
        let usable = scene.account.as_ref().is_some_and(|account| account.is_usable(scene.now));
        match (judgement.passed(), mode) {
            (Some(_), JudgementMode::Explain) => prop_assert!(false, "explain proves nothing"),
            (Some(passed), mode) => {
                prop_assert!(!failed && usable && scene.sso_enabled && scene.hits == Hits::One);
                prop_assert!(mode == JudgementMode::Living || scene.bind == Some(BindOutcome::Accepted));
                prop_assert_eq!(Some(passed.account()), scene.account.as_ref().map(|account| &account.id));
                prop_assert_eq!(passed.mode(), mode);
            }
            (None, JudgementMode::Explain) => {}
            // No refusal without a failing gate.
            (None, _) => prop_assert!(failed),
        }
    }

    #[test]
    fn the_account_alone_passes_only_if_it_is_usable(scene in any_scene()) {
        if let Some(account) = &scene.account {
            let judgement = judge_known(account, scene.sso_enabled, 3, scene.now);
            let gates: Vec<Gate> = judgement.gates().iter().map(|judged| judged.gate).collect();
            prop_assert_eq!(gates, ORDER);
            prop_assert_eq!(judgement.passed().is_some(), scene.sso_enabled && account.is_usable(scene.now));
            prop_assert_eq!(judgement.passed().is_none(), judgement.refusal().is_some());
        }
    }

    #[test]
    fn a_lock_an_old_password_or_a_bind_ends_no_session(
        scene in any_scene(), locked: Option<bool>, password in any_password(), bind in any_bind(),
    ) {
        let mut other = scene.clone();
        (other.entry.locked, other.entry.password, other.bind) = (locked, password, bind);
        prop_assert_eq!(scene.judge(JudgementMode::Living), other.judge(JudgementMode::Living));
    }

    #[test]
    fn no_restriction_turns_a_refusal_into_a_pass(
        scene in any_scene(), mode in any_mode(), harm in prop::sample::select(HARM.to_vec()),
    ) {
        let mut worse = scene.clone();
        harm(&mut worse);
        prop_assert!(worse.judge(mode).passed().is_none() || scene.judge(mode).passed().is_some());
    }

    #[test]
    fn only_a_bind_reveals_anything_to_a_stranger(scene in any_scene()) {
        let proven = scene.judge(JudgementMode::Password).password_proven();
        prop_assert_eq!(proven, scene.bind.is_some_and(BindOutcome::proves_password));
    }
}
