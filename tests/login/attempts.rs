//! An administrator finds the reason of each failed attempt by the number on the person's page: the gate that
//! failed, the directory's response, and the advice. The lab produces each cause.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::audit::Budget;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::support::explain::{ExplainedDecision, attempt};
use cloudsync_idp::store::AuditFilter;

use super::factor_first::{EVERYONE, Scene, fills};
use super::{right, signed_in, silently};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, Person};
use crate::support::provider::{Provider, Setup, ad_settings, ldap_settings};
use crate::support::rows::{AccountRows, Decisions};

const STAFF: &str = "OU=Sales,OU=Staff";

/// The expected explanation of an attempt.
struct Expected {
    /// The first gate that failed, or another cause.
    cause: &'static str,
    /// The more specific reason.
    reason: &'static str,
    /// The sub-code of the bind.
    bind: Option<&'static str>,
    /// Part of the advice.
    advice: &'static str,
}

fn because(cause: &'static str, reason: &'static str, bind: &'static str, advice: &'static str) -> Expected {
    Expected { cause, reason, bind: Some(bind).filter(|bind| !bind.is_empty()), advice }
}

/// A provider for the lab's domain whose clock stands still.
async fn at_ad() -> Provider {
    let clock = Clock::fixed(Clock::System.now());
    let provider = Provider::start(Setup { clock, ..Setup::new(&ad_settings(lab::ad())) }).await;
    provider.sync().await.expect("the first sync");
    provider
}

fn newcomer() -> Person {
    let ad = lab::ad();
    ad.admin.add_person(&ad.dn(STAFF), right())
}

/// A person with this value of an attribute.
fn person_with(attribute: &str, value: &str) -> Person {
    let person = newcomer();
    lab::ad().admin.replace(&person.dn, attribute, &[value]);
    person
}

async fn sign_in(provider: &Provider, name: &str, password: &str) -> Page {
    Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, password).await
}

/// The audit event of the attempt whose number is on the page.
async fn explained(provider: &Provider, page: &Page) -> ExplainedDecision {
    let mut decisions = attempt(&provider.parts.store, page.attempt_id()).await.expect("the trail");
    assert_eq!(decisions.len(), 1, "one decision: {decisions:?}");
    decisions.remove(0)
}

async fn assert_explained(provider: &Provider, page: &Page, expected: Expected) -> ExplainedDecision {
    let attempt = explained(provider, page).await;
    let Expected { cause, reason, bind, advice } = expected;
    assert_eq!((attempt.cause.as_deref(), attempt.reason), (Some(cause), reason), "{attempt:?}");
    assert_eq!(attempt.detail.bind.as_deref(), bind, "{attempt:?}");
    assert!(attempt.advice.contains(advice), "{reason}: {}", attempt.advice);
    assert_eq!(attempt.client.as_deref(), Some("cloudsync"));
    assert_eq!(attempt.address.as_deref(), Some("127.0.0.1"));
    let json = serde_json::to_string(&attempt).expect("plain data");
    assert!(!json.contains(right()) && !json.contains("wrong-and-secret"), "{json}");
    attempt
}

#[tokio::test]
async fn refusals_by_the_directory_are_explained_with_their_sub_code() {
    let ad = lab::ad();
    let (shared, other) = (newcomer(), newcomer());
    let both = format!("both.{}", shared.mail);
    for person in [&shared, &other] {
        ad.admin.replace(&person.dn, "mail", &[&both]);
    }
    let at_night = person_with("logonHours", &"\0".repeat(21));
    let provider = at_ad().await;
    // With any other reason to change the password, the person gets the page for that.
    let no_change = "[[directories]]\nid = \"corp\"\npassword_change = false\n";
    provider.apply(no_change, Mode::Merge).await.expect("good settings");
    let disabled = person_with("userAccountControl", "66050");
    let expired = person_with("accountExpires", "130000000000000000");
    let table = [
        ("nobody", right(), because("found", "nobody_found", "", "below base_dn")),
        ("OTHER\\alice", right(), because("found", "unknown_domain", "", "netbios_name")),
        (&both, right(), because("found", "several_found", "", "its own email address")),
        ("alice", "wrong-and-secret", because("bound", "wrong_password", "52e", "try again slowly")),
        (&at_night.account, right(), because("bound", "logon_hours", "530", "logon hours")),
        (&disabled.account, right(), because("enabled", "disabled", "533", "Enable it")),
        (&expired.account, right(), because("not_expired", "account_expired", "701", "end date")),
        ("hugo", right(), because("not_locked", "locked", "775", "Unlock it")),
        ("fred", right(), because("password_usable", "must_change", "773", "change it")),
        ("gina", right(), because("password_usable", "password_expired", "532", "change it")),
        ("carol", right(), because("in_scope", "out_of_scope", "accepted", "[directories.scope]")),
        ("jan", right(), because("mail_present", "no_mail", "accepted", "email_attribute")),
        (
            &shared.account,
            right(),
            because("account_exists", "mail_shared", "accepted", "its own email address"),
        ),
    ];
    for (name, password, expected) in table {
        let bound = expected.bind.is_some();
        let page = sign_in(&provider, name, password).await;
        let attempt = assert_explained(&provider, &page, expected).await;
        assert_eq!(attempt.detail.entry.is_some(), bound, "{name}: {attempt:?}");
        assert_eq!(attempt.detail.server.is_some(), bound, "{name}: {attempt:?}");
        let shut = attempt.detail.shut().map(|judged| judged.gate.as_str());
        assert_eq!(shut, attempt.cause.as_deref(), "{name}: the gates report the same");
    }
}

#[tokio::test]
async fn refusals_by_our_own_gates_are_explained() {
    let provider = at_ad().await;
    let (owner, thief, suspended) = (newcomer(), newcomer(), newcomer());
    for person in [&owner, &thief, &suspended] {
        assert!(sign_in(&provider, &person.account, right()).await.parameter("code").is_some());
    }
    lab::ad().admin.replace(&thief.dn, "mail", &[&owner.mail]);
    let page = sign_in(&provider, &thief.account, right()).await;
    let taken = because("mail_matches", "mail_taken", "accepted", "Change one of the two");
    let attempt = assert_explained(&provider, &page, taken).await;
    assert!(attempt.account.is_some(), "{attempt:?}");

    suspend(&provider, &suspended).await;
    let page = sign_in(&provider, &suspended.account, right()).await;
    let here = because("not_suspended", "suspended_here", "accepted", "Find out who suspended it");
    assert_explained(&provider, &page, here).await;

    provider.apply("[sso]\nenabled = false", Mode::Merge).await.expect("good settings");
    let page = sign_in(&provider, &owner.account, right()).await;
    assert_explained(&provider, &page, because("sso_enabled", "sso_off", "", "[sso] enabled")).await;
}

/// An administrator suspends the account here.
async fn suspend(provider: &Provider, person: &Person) {
    let parts = &provider.parts;
    let account =
        parts.store.identity().account_by_email(&person.mail).await.expect("the store").expect("an account");
    parts.store.sync().suspend_here(account, parts.now()).await.expect("the store");
}

#[tokio::test]
async fn an_outage_before_any_gate_is_explained() {
    let lab = lab::own_ldap(&[]);
    let good = ldap_settings(&[&lab]);
    let port = format!("port = {}", lab.tls_port);
    let name = format!("tls_name = \"{}\"", lab.host_name);
    let table = [
        (good.replace(&port, "port = 9"), because("directory_away", "directory_away", "", "firewall")),
        (
            good.replace(&name, "tls_name = \"other.example\""),
            because("directory_tls", "directory_tls", "", "tls_name"),
        ),
        (
            good.replace(&lab.service_password, "changed"),
            because("service_account", "service_account", "", "settings apply"),
        ),
    ];
    for (settings, expected) in table {
        assert_ne!(settings, good, "something is wrong in them");
        let provider = Provider::start(Setup::new(&settings)).await;
        let page = sign_in(&provider, "alice", right()).await;
        let attempt = assert_explained(&provider, &page, expected).await;
        assert!(attempt.detail.error.is_some(), "{attempt:?}");
        assert_eq!(attempt.directory.as_deref(), Some("corp"));
    }
}

#[tokio::test]
async fn a_used_up_budget_is_explained_with_its_figures() {
    let lab = lab::strict_ad();
    let provider = Provider::start(Setup::new(&ad_settings(lab))).await;
    let person = lab.admin.add_person(&lab.dn(STAFF), right());
    for password in ["wrong-and-secret", "wrong-and-secret", "another"] {
        sign_in(&provider, &person.account, password).await;
    }
    let page = sign_in(&provider, &person.account, right()).await;
    let spent = because("lockout_budget", "lockout_budget", "", "observation window");
    let attempt = assert_explained(&provider, &page, spent).await;
    let budget = Budget { spent: 2, threshold: 4, known_browser: false };
    assert_eq!(attempt.detail.budget, Some(budget), "{attempt:?}");
    assert!(attempt.refused && attempt.detail.entry.is_some(), "{attempt:?}");
}

#[tokio::test]
async fn rejected_codes_are_explained() {
    let scene = Scene::new(EVERYONE).await;
    let (provider, name) = (&scene.provider, &scene.person.account);
    let browser = Browser::new();
    let asked = scene.submit(&browser, &scene.opens(&browser).await, name, right()).await;
    let page = fills(&browser, &asked, "/login/factor", &[("code", "000000")]).await;
    let wrong = || because("wrong_code", "wrong_code", "", "invite");
    let attempt = assert_explained(provider, &page, wrong()).await;
    assert!(attempt.refused && attempt.account.is_some(), "{attempt:?}");
    assert_eq!(attempt.directory.as_deref(), Some("corp"), "{attempt:?}");

    let asked = scene.asked_first(&Browser::new(), name).await;
    assert!(!asked.body.contains("<code>"), "no attempt number without a refusal");
    let stranger = Browser::new();
    let asked = scene.asked_first(&stranger, name).await;
    let page = fills(&stranger, &asked, "/login/factor", &[("code", "000000")]).await;
    let attempt = assert_explained(provider, &page, wrong()).await;
    assert_eq!((attempt.account, attempt.directory), (None, None), "the name may belong to nobody");
    provider.apply("[second_factor]\nenrolment = \"invited\"\n", Mode::Merge).await.expect("good settings");
    let lab = lab::strict_ad();
    let newcomer = lab.admin.add_person(&lab.dn(STAFF), right());
    let browser = Browser::new();
    let asked = scene.submit(&browser, &scene.opens(&browser).await, &newcomer.account, right()).await;
    let code = [("code", "ABCD-EFGH-JKLM-NPQR")];
    let page = fills(&browser, &asked, "/login/invitation", &code).await;
    let needed = because("invitation_needed", "invitation_needed", "", "admin factors invite");
    assert!(assert_explained(provider, &page, needed).await.refused);
}

#[tokio::test]
async fn a_new_password_rejected_by_the_directory_is_explained() {
    let provider = at_ad().await;
    let person = person_with("userAccountControl", "512");
    lab::ad().admin.replace(&person.dn, "pwdLastSet", &["0"]);
    let browser = Browser::new();
    let sent = browser.sign_in(&provider.cloudsync().authorize(&[]), &person.account, right()).await;
    let page =
        browser.follow(&sent.absolute(sent.location.as_deref().expect("a redirect to the next page"))).await;
    for (current, words) in [("wrong-and-secret", "the old password is wrong"), (right(), "too simple")] {
        let typed = [("current", current), ("new", "short"), ("again", "short")];
        let page = fills(&browser, &page, "/login/password", &typed).await;
        let refused = because("change_refused", "change_refused", "", "password policy");
        let attempt = assert_explained(&provider, &page, refused).await;
        assert!(attempt.refused && attempt.account.is_some(), "{attempt:?}");
        assert!(attempt.detail.error.as_deref().is_some_and(|error| error.contains(words)), "{attempt:?}");
    }
}

#[tokio::test]
async fn a_refused_session_is_recorded_with_its_account_and_directory() {
    let (provider, person) = (at_ad().await, newcomer());
    let cloudsync = provider.cloudsync();
    let (browser, _) = signed_in(&cloudsync, &person.account).await;
    lab::ad().admin.replace(&person.dn, "userAccountControl", &["66050"]);
    provider.parts.clock.advance(61_000);
    assert_ne!(silently(&cloudsync, &browser).await, "a code");
    let trail = provider.parts.store.login().audit_page(None, 100, &AuditFilter::All).await;
    let trail = trail.expect("the trail");
    let refused = trail.iter().find(|row| row.decision == "session_refused").expect("an event");
    assert_eq!(refused.directory.as_deref(), Some("corp"), "{refused:?}");
    assert!(refused.account_id.is_some() && refused.client_id.is_some(), "{refused:?}");
}

#[tokio::test]
async fn too_many_failed_attempts_are_explained() {
    let clock = Clock::fixed(1_800_000_000_000);
    let limits = "[throttle]\nname_per_minute = 1\naddress_per_minute = 3";
    let settings = format!("{limits}\n{}", ldap_settings(&[lab::ldap()]));
    let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
    sign_in(&provider, "nobody", "wrong-and-secret").await;
    let page = sign_in(&provider, "nobody", "wrong-and-secret").await;
    let expected = because("throttled_name", "throttled_name", "", "name_per_minute");
    assert_explained(&provider, &page, expected).await;
    for name in ["one", "two"] {
        sign_in(&provider, name, "wrong-and-secret").await;
    }
    let page = sign_in(&provider, "three", "wrong-and-secret").await;
    let expected = because("throttled_address", "throttled_address", "", "trusted_proxies");
    assert_explained(&provider, &page, expected).await;
}

#[tokio::test]
async fn wrong_passwords_of_one_hour_share_a_row_and_each_number_finds_it() {
    let clock = Clock::fixed(Clock::System.now());
    let provider =
        Provider::start(Setup { clock, ..Setup::new(&ldap_settings(&[lab::patient_ldap()])) }).await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        pages.push(sign_in(&provider, "ada", "wrong-and-secret").await);
    }
    for name in ["nobody", "nobody.else"] {
        pages.push(sign_in(&provider, name, "wrong-and-secret").await);
    }
    for (page, times) in pages.iter().zip([3, 3, 3, 2, 2]) {
        assert_eq!(explained(&provider, page).await.times, times, "{}", page.attempt_id());
    }
    let of_ada = explained(&provider, &pages[2]).await;
    assert_eq!(
        (of_ada.reason, of_ada.detail.judgement.len()),
        ("wrong_password", 1),
        "why, and no more: {of_ada:?}"
    );
    let all = provider.parts.store.login().audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
    assert_eq!(all.iter().filter(|row| row.decision == "sign_in_refused").count(), 2, "{all:?}");
}
