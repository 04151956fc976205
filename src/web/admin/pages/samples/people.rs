//! Samples of the pages about people: the list, one person, a code, the help desk, the audit log.

use super::{NOW, ago, frame, named};
use crate::domain::admin::Role;
use crate::domain::advice::Cause;
use crate::domain::audit::{Detail, GateRecord};
use crate::domain::delivery::RefusalCause;
use crate::domain::gates::{Gate, Verdict};
use crate::domain::profile::TABLE;
use crate::domain::{DAY, HOUR, MINUTE, SECOND};
use crate::flow::account::sessions::SessionsView;
use crate::flow::account::views::{AccountNames, AccountView, FactorView, SessionView};
use crate::flow::delivery::known::{AbsentBecause, KnownAtView, KnownState};
use crate::flow::support::audit_chain::{ChainCheckView, ChainView};
use crate::flow::support::compared::ComparedView;
use crate::flow::support::explain::{
    Count, ExplainedDecision, ExplainedPerson, ExplainedShare, Shares, UsedAttempts,
};
use crate::flow::support::people::{PeopleView, PersonView, PlaceView, ShareView};
use crate::flow::support::person_live::{AttemptView, LiveView};
use crate::flow::support::trail::{EventView, TrailPage};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{
    AnswerPart, AuditPage, AuditProblem, HelpDeskPage, InvitationPage, LogInPage, PeoplePage, PersonAction,
    PersonButton, PersonNotice, PersonPage, ShownFix, ShownPerson, TypedConditions, UnitButton,
};
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};
use crate::web::pages::{HtmlPage, Language};

/// All of them.
pub(super) fn all() -> Vec<Sample> {
    let auditor = AdminFrame { role: Role::Auditor, ..at("/admin/people/person") };
    let read_only = ShownPerson { buttons: Vec::new(), ..person("Ada Admin") };
    let mut samples = vec![
        people("panel-people-start", "", PeopleView::default()),
        people("panel-people-nobody", "zoe", PeopleView::default()),
        people("panel-people", "ali", list("Alice Adams")),
        one("panel-person", at("/admin/people/person"), None, Some(person("Alice Adams"))),
        one("panel-person-read-only", auditor, None, Some(read_only)),
        one("panel-person-unknown", at("/admin/people/person"), Some(PersonNotice::Unknown), None),
        one("panel-person-live", at("/admin/people/person"), None, Some(live("Alice Adams", true))),
        one("panel-person-refused", at("/admin/people/person"), None, Some(live("Alice Adams", false))),
        invitation(),
        help_desk("panel-help-desk", "", Vec::new()),
        help_desk("panel-help-desk-unknown", "7K3PW-01X9M", Vec::new()),
        help_desk("panel-help-desk-refused", "7K3PW-01X9M", vec![decision("CN=Alice", true)]),
        log_in("panel-log-in", "", None, false),
        log_in("panel-log-in-name", "alice", Some(live("Alice Adams", false)), false),
        log_in("panel-log-in-code", "7K3PW-01X9M", Some(live("Alice Adams", true)), true),
        audit("panel-audit-log", None, events("alice")),
        audit("panel-audit-log-empty", Some(AuditProblem::Time), TrailPage::default()),
        audit("panel-audit-log-name", Some(AuditProblem::Name), TrailPage::default()),
    ];
    for notice in [PersonNotice::Suspended, PersonNotice::HigherRole] {
        let name = format!("panel-person-{}", notice.word());
        samples.push(one(&name, at("/admin/people/person"), Some(notice), Some(person("Alice Adams"))));
    }
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        samples.push(people(&format!("hostile-{label}-panel-people"), text, list(text)));
        let shown = live(text, false);
        samples.push(one(&format!("hostile-{label}-panel-person"), named(text), None, Some(shown)));
        samples.push(help_desk(
            &format!("hostile-{label}-panel-help-desk"),
            text,
            vec![decision(text, true)],
        ));
        samples.push(log_in(&format!("hostile-{label}-panel-log-in"), text, Some(live(text, false)), true));
        samples.push(audit(&format!("hostile-{label}-panel-audit-log"), None, events(text)));
    }
    samples
}

fn at(path: &str) -> AdminFrame {
    AdminFrame { path: path.into(), ..frame() }
}

fn people(name: &str, search: &str, view: PeopleView) -> Sample {
    let search = search.to_owned();
    Sample::new(name, "admin/people.html", move |language| {
        let frame = AdminFrame { language, ..at("/admin/people") };
        PeoplePage { language, frame, search: search.clone(), view: view.clone() }.html()
    })
}

fn one(name: &str, frame: AdminFrame, notice: Option<PersonNotice>, shown: Option<ShownPerson>) -> Sample {
    Sample::new(name, "admin/person.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        let shown = shown.clone().map(|shown| {
            let answer = AnswerPart { language, ..shown.answer };
            ShownPerson { answer, ..shown }
        });
        PersonPage { language, frame, notice, shown }.html()
    })
}

fn invitation() -> Sample {
    Sample::new("panel-invitation", "admin/invitation.html", |language| {
        let frame = AdminFrame { language, ..at("/admin/people/invite") };
        let back = "/admin/people/person?id=42".into();
        InvitationPage { language, frame, back, code: "7K3PW-01X9M".into(), until: ago(-DAY) }.html()
    })
}

fn help_desk(name: &str, code: &str, decisions: Vec<ExplainedDecision>) -> Sample {
    let code = code.to_owned();
    Sample::new(name, "admin/help-desk.html", move |language| {
        let frame = AdminFrame { language, ..at("/admin/help-desk") };
        HelpDeskPage { language, frame, code: code.clone(), decisions: decisions.clone() }.html()
    })
}

/// The answer for a name, or for a code; several people may have the name.
fn log_in(name: &str, who: &str, shown: Option<ShownPerson>, by_code: bool) -> Sample {
    let who = who.to_owned();
    Sample::new(name, "admin/log-in.html", move |language| {
        let frame = AdminFrame { language, ..at("/admin/troubleshooting/user-cant-log-in") };
        let answer = shown.clone().map(|shown| AnswerPart { language, ..shown.answer });
        let decisions = if by_code { vec![decision(&who, true)] } else { Vec::new() };
        let several = if by_code { vec![account(&who, "active", None)] } else { Vec::new() };
        LogInPage { language, frame, who: who.clone(), decisions, several, answer }.html()
    })
}

/// A check has found no problem, or this one.
fn chain(problem: Option<&str>) -> ChainView {
    let problem = problem.map(str::to_owned);
    let check = ChainCheckView { at: NOW - HOUR, events: 1_234_567, problem };
    ChainView { head: Some(format!("1234567:{}", "ab".repeat(32))), last: Some(check), is_running: false }
}

fn audit(name: &str, problem: Option<AuditProblem>, view: TrailPage) -> Sample {
    let chain = match problem {
        None => chain(None),
        Some(AuditProblem::Name) => chain(Some("event 41 was changed")),
        Some(AuditProblem::Time) => ChainView { is_running: true, ..ChainView::default() },
    };
    Sample::new(name, "admin/audit-log.html", move |language| {
        let frame = AdminFrame { language, ..at("/admin/audit-log") };
        let typed = TypedConditions {
            person: "alice".into(),
            from: "2027-01-15".into(),
            ..TypedConditions::default()
        };
        let (names, export_token) = ([("a1".to_owned(), names("Alice"))].into(), Some("token".to_owned()));
        let chain = chain.clone();
        let check_token = "token".to_owned();
        AuditPage {
            language,
            frame,
            typed,
            problem,
            view: view.clone(),
            names,
            export_token,
            chain,
            check_token,
        }
        .html()
    })
}

fn names(text: &str) -> AccountNames {
    AccountNames { account: "42".into(), login_name: Some(text.into()), email: format!("{text}@example.com") }
}

fn account(text: &str, status: &'static str, because: Option<&'static str>) -> AccountView {
    AccountView {
        names: names(text),
        attributes: [("name", Some(text.to_owned()))].into(),
        status,
        suspended_because: because,
        suspended_since: because.map(|_| NOW - DAY),
        directory: Some(text.into()),
        entry: Some("6f9619ff-8b86-d011-b42d-00c04fc964ff".into()),
        expires_at: None,
        seen_at: Some(NOW - MINUTE),
    }
}

fn list(text: &str) -> PeopleView {
    let unlinked = AccountView { directory: None, entry: None, ..account(text, "active", None) };
    let suspended = |because| account(text, "suspended", Some(because));
    let people = vec![
        account(text, "active", None),
        unlinked,
        account(text, "ended", None),
        suspended("disabled"),
        suspended("out_of_scope"),
        suspended("admin"),
    ];
    PeopleView { people, next: Some(PlaceView { word: text.into(), account: "43".into() }) }
}

fn person(text: &str) -> ShownPerson {
    let factor = FactorView {
        name: text.into(),
        kind: "totp",
        algorithm: "SHA1",
        digits: 6,
        period: 30,
        created_at: NOW - DAY,
        used_at: Some(NOW - HOUR),
    };
    let session =
        SessionView { signed_in_at: NOW - HOUR, used_at: NOW - MINUTE, methods: vec!["pwd".into()] };
    let share = ShareView { team_share: text.into(), directory: text.into(), since: NOW - DAY };
    let attempt = |refused: bool| AttemptView {
        at: NOW - HOUR,
        decision: "sign_in_refused".into(),
        code: Some("7K3PW-01X9M".into()),
        address: Some("192.0.2.7".into()),
        times: if refused { 3 } else { 1 },
        refused,
        what: "The password is wrong.",
        advice: "Try again.",
    };
    let view = PersonView {
        account: account(text, "active", None),
        held_by_guard: true,
        factors: vec![factor],
        recovery_codes_left: 1,
        invited_until: Some(NOW + HOUR),
        sessions: SessionsView { sessions: vec![session], refresh_families: 2 },
        team_shares: vec![share],
        locked_down_at: None,
    };
    let buttons = PersonAction::ALL.map(|action| PersonButton { action, token: "token".into() });
    let answer = AnswerPart {
        now: NOW,
        language: Language::English,
        account: Some(view.account.clone()),
        live: None,
        fix: None,
        ask: "/admin/people/person?id=42&live=1".into(),
    };
    ShownPerson {
        view,
        attempts: vec![attempt(true), attempt(false)],
        answer,
        buttons: buttons.into(),
        deliveries: deliveries(text),
    }
}

/// One service for each state, one with a delivery that is long ago, and one for each reason to be absent.
fn deliveries(text: &str) -> Vec<KnownAtView> {
    let one = |state, at| KnownAtView {
        service: text.into(),
        state,
        id: None,
        user_name: None,
        active: None,
        active_since: None,
        at,
        cause: None,
        words: None,
        why: None,
    };
    let refused = KnownAtView {
        cause: Some(RefusalCause::Taken),
        words: Some(format!("409 conflict: {text}")),
        ..one(KnownState::Quarantined, Some(NOW - HOUR))
    };
    let absent = |why| KnownAtView { why: Some(why), ..one(KnownState::Absent, None) };
    let there = [
        one(KnownState::Delivered, Some(NOW - 2 * SECOND)),
        one(KnownState::Delivered, Some(NOW - DAY)),
        one(KnownState::Waiting, Some(NOW - MINUTE)),
        refused,
    ];
    let reasons = [
        AbsentBecause::OtherDirectory,
        AbsentBecause::NotLinked,
        AbsentBecause::Suspended,
        AbsentBecause::NotNoted,
    ];
    there.into_iter().chain(reasons.map(absent)).collect()
}

fn live(text: &str, can_sign_in: bool) -> ShownPerson {
    let gate = |gate: Gate| GateRecord {
        gate: gate.as_str().into(),
        verdict: match gate {
            Gate::Bound => Verdict::NotTried,
            Gate::InScope if !can_sign_in => Verdict::Failed,
            _ => Verdict::Passed,
        },
        evidence: text.into(),
    };
    let count = Count {
        spent: 1,
        threshold: 5,
        unknown_browser_limit: Some(3),
        known_browser_limit: Some(4),
        until: None,
        spent_for_unknown: false,
        spent_for_known: false,
    };
    let tries =
        UsedAttempts { person: Some(count.clone()), name: count, throttles: Vec::new(), complete: true };
    let explained = ExplainedPerson {
        name: text.into(),
        directory: text.into(),
        account: Some(text.into()),
        cause: (!can_sign_in).then_some(Gate::InScope),
        reason: "in_scope",
        what: Cause::OutOfScope.what(),
        advice: Cause::OutOfScope.advice(),
        judgement: Gate::ALL.map(gate).into(),
        tries,
    };
    let share = |since: Option<&str>, leaving, chain: &[&str]| ExplainedShare {
        team_share: text.into(),
        group: text.into(),
        chain: chain.iter().map(|group| (*group).to_owned()).collect(),
        since: since.map(str::to_owned),
        leaving,
    };
    let shares = Shares {
        entry: text.into(),
        account: Some("42".into()),
        in_scope: can_sign_in,
        scope: text.into(),
        missing_unit: None,
        team_shares: vec![
            share(Some("2026-11-01T00:00:00Z"), false, &[text, "CN=Sales"]),
            share(None, false, &[]),
            share(Some("2026-11-01T00:00:00Z"), true, &[]),
        ],
        not_matched: Vec::new(),
    };
    let row = |attribute, entry: Option<&str>| ComparedView {
        attribute,
        account: Some(text.into()),
        entry: entry.map(str::to_owned),
        differs: entry != Some(text),
    };
    let compared = vec![row("email", Some(text)), row("name", Some("Alice A.")), row(TABLE[4].column, None)];
    let live = LiveView::Answered { person: Box::new(explained), compared, shares: Some(Box::new(shares)) };
    let sync = PersonButton { action: PersonAction::SyncNow, token: "token".into() };
    let unit = UnitButton {
        token: "token".into(),
        directory: "corp".into(),
        unit: text.into(),
        name: text.into(),
        who: text.into(),
    };
    let fix = ShownFix {
        what: "fix.change-entry",
        place: "fix.in-ad",
        shows_advice: true,
        asks_again: true,
        link: Some(("/admin/settings/active-directory/sync-log?person=ada".into(), "sync-log")),
        button: Some(sync),
        unit: Some(unit),
        until: Some("2026-11-23T09:30:00Z".into()),
        ask_others: true,
    };
    let person = person(text);
    let answer = AnswerPart { live: Some(live), fix: (!can_sign_in).then_some(fix), ..person.answer };
    ShownPerson { answer, ..person }
}

fn decision(text: &str, refused: bool) -> ExplainedDecision {
    ExplainedDecision {
        at: "2026-11-23T09:00:00Z".into(),
        decision: text.into(),
        address: Some(text.into()),
        client: Some(text.into()),
        directory: Some(text.into()),
        account: Some("42".into()),
        times: 3,
        last_at: Some("2026-11-23T09:30:00Z".into()),
        refused,
        cause: Some(text.into()),
        reason: "in_scope",
        what: Cause::OutOfScope.what(),
        advice: Cause::OutOfScope.advice(),
        detail: Detail { entry: Some(text.into()), server: Some(text.into()), ..Detail::default() },
    }
}

fn events(text: &str) -> TrailPage {
    let event = |id: i64, account: Option<&str>, actor: Option<&str>| EventView {
        id,
        at: NOW - id * HOUR,
        decision: text.into(),
        cause: Some(text.into()),
        attempt: Some(text.into()),
        account: account.map(str::to_owned),
        directory: Some(text.into()),
        client: Some(text.into()),
        address: Some(text.into()),
        times: id,
        last_at: None,
        actor: actor.map(str::to_owned),
        role: Some("owner".into()),
        detail: Some(serde_json::json!({ "entry": text })),
    };
    let difference = serde_json::json!({ "key": "sso.enabled", "before": text, "after": null });
    let gate = serde_json::json!({ "gate": "in_scope", "verdict": "failed", "evidence": text });
    let decisions = vec![
        EventView {
            decision: "settings_changed".into(),
            detail: Some(serde_json::json!({ "changed": [text], "differences": [difference] })),
            ..event(3, Some("a1"), Some("account a1"))
        },
        EventView {
            decision: "sign_in_refused".into(),
            cause: Some("in_scope".into()),
            detail: Some(serde_json::json!({ "server": text, "judgement": [gate] })),
            ..event(2, Some(text), Some(text))
        },
        event(1, None, None),
    ];
    TrailPage { decisions, next_before: Some(1) }
}
