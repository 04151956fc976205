//! Each gate fails on the live domain: the person sees the reason, and signs in again after it is gone.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::directory::Found;
use cloudsync_idp::domain::account::{Account, Status, SuspendedBecause};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::name::TypedName;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;
use tokio::time::{Duration, Instant};

use super::{GENERIC, assert_refused, at_openldap, right, signed_in, silently};
use crate::support::bind;
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, Person};
use crate::support::provider::{Provider, Setup, ad_settings};
use crate::support::relying_party::Tokens;
use crate::support::rows::{AccountRows, Decisions};

const STAFF: &str = "OU=Sales,OU=Staff";
const OUTSIDE: &str = "OU=Outside";
const ENABLED: &str = "66048";
const DISABLED: &str = "66050";

/// A provider whose clock the test sets, after a first sync that has seen a person added for this test.
struct Scene {
    provider: Provider,
    person: Person,
}

impl Scene {
    async fn with_person_in(unit: &str) -> Self {
        let ad = lab::ad();
        let person = ad.admin.add_person(&ad.dn(unit), right());
        let clock = Clock::fixed(Clock::System.now());
        let provider = Provider::start(Setup { clock, ..Setup::new(&ad_settings(ad)) }).await;
        provider.sync().await.expect("the first sync");
        Self { provider, person }
    }

    async fn new() -> Self {
        Self::with_person_in(STAFF).await
    }

    /// An administrator of the domain sets an attribute of the person.
    fn set(&self, attribute: &str, value: &str) {
        lab::ad().admin.replace(&self.person.dn, attribute, &[value]);
    }

    /// Wrong passwords typed elsewhere lock the person in the domain.
    async fn is_locked_elsewhere(&self) {
        let current = self.provider.parts.current();
        let corp = &current.site(&DirectoryId("corp".into())).expect("the directory of the test").directory;
        let deadline = Instant::now() + Duration::from_secs(20);
        let name = TypedName::parse(&self.person.account).expect("a name");
        let Found::One(entry) = corp.find(&name, deadline).await.expect("an answer") else {
            panic!("one entry")
        };
        while matches!(lab::ad().admin.read(&self.person.dn, "lockoutTime").concat().as_str(), "" | "0") {
            bind(corp, &entry, &Plain::new("wrong"), deadline).await.expect("an answer");
        }
    }

    /// The person types name and right password in a new browser.
    async fn signs_in(&self) -> Page {
        self.type_name(&self.person.account).await
    }

    async fn type_name(&self, name: &str) -> Page {
        Browser::new().sign_in(&self.provider.cloudsync().authorize(&[]), name, right()).await
    }

    async fn is_refused(&self, words: &str) {
        assert_refused(&self.signs_in().await, words);
    }

    /// Signs in; returns the claims of the ID token.
    async fn gets_in(&self) -> serde_json::Value {
        self.provider.cloudsync().exchange(&self.signs_in().await).await.payload("id_token")
    }

    async fn account(&self) -> Account {
        let account = self.provider.parts.store.identity().account_by_email(&self.person.mail).await;
        account.expect("the store").expect("the account")
    }

    /// Longer than cached entries are valid.
    fn time_passes(&self) {
        self.provider.parts.clock.advance(61_000);
    }
}

#[tokio::test]
async fn a_person_disabled_after_the_sync_sees_that_reason() {
    let scene = Scene::new().await;
    let sub = scene.gets_in().await["sub"].clone();
    scene.set("userAccountControl", DISABLED);
    scene.is_refused("Your account is disabled").await;
    let suspended = scene.account().await.status;
    assert!(
        matches!(suspended, Status::Suspended { because: SuspendedBecause::Disabled, .. }),
        "{suspended:?}"
    );
    scene.set("userAccountControl", ENABLED);
    assert_eq!(scene.gets_in().await["sub"], sub, "the same account, active again");
}

#[tokio::test]
async fn a_person_whose_account_has_expired_sees_that_reason() {
    let scene = Scene::new().await;
    scene.set("accountExpires", "130000000000000000");
    scene.is_refused("Your account has expired").await;
    for never in ["0", "9223372036854775807"] {
        scene.set("accountExpires", never);
        scene.gets_in().await;
    }
}

#[tokio::test]
async fn a_new_email_address_is_taken_over_at_the_sign_in() {
    let scene = Scene::new().await;
    let before = scene.gets_in().await;
    assert_eq!(before["email"], scene.person.mail.as_str());
    let fresh = format!("New.{}", scene.person.mail);
    scene.set("mail", &fresh);
    let after = scene.gets_in().await;
    assert_eq!((&after["sub"], &after["email"]), (&before["sub"], &serde_json::json!(fresh)));
    assert_eq!(after["email_verified"], true);
}

#[tokio::test]
async fn an_email_address_of_another_account_is_refused() {
    let owner = lab::ad().admin.add_person(&lab::ad().dn(STAFF), right());
    let scene = Scene::new().await;
    for taken in [&owner.mail, &owner.mail.to_uppercase()] {
        scene.set("mail", taken);
        scene.is_refused("Your email address belongs to another account").await;
        // An email address that two entries have identifies neither.
        assert_refused(&scene.type_name(taken).await, GENERIC);
    }
    assert!(scene.type_name(&owner.account).await.parameter("code").is_some(), "the owner is not affected");
    lab::ad().admin.replace(&scene.person.dn, "mail", &[]);
    scene.is_refused("Your email address is missing").await;
    scene.set("mail", &scene.person.mail);
    scene.gets_in().await;
}

#[tokio::test]
async fn a_newcomer_gets_in_before_the_next_sync() {
    let ad = lab::ad();
    let mut scene = Scene::new().await;
    scene.person = ad.admin.add_person(&ad.dn(STAFF), right());
    assert_eq!(scene.gets_in().await["email"], scene.person.mail.as_str());
}

#[tokio::test]
async fn a_person_moved_out_of_scope_sees_that_reason_and_returns_to_the_same_account() {
    let ad = lab::ad();
    let mut scene = Scene::new().await;
    let sub = scene.gets_in().await["sub"].clone();
    let rdn = format!("CN=Person {}", scene.person.account);
    scene.person.dn = ad.admin.move_to(&scene.person.dn, &rdn, &ad.dn(OUTSIDE));
    scene.is_refused("You do not have access to CloudSync yet").await;
    scene.person.dn = ad.admin.move_to(&scene.person.dn, &rdn, &ad.dn("OU=Platform,OU=Engineering,OU=Staff"));
    assert_eq!(scene.gets_in().await["sub"], sub);
}

#[tokio::test]
async fn leaving_a_nested_group_puts_a_person_out_of_scope() {
    let ad = lab::ad();
    let scene = Scene::with_person_in(OUTSIDE).await;
    scene.is_refused("You do not have access to CloudSync yet").await;
    // Two groups below the synced one.
    let group = ad.dn("CN=Field Consultants,OU=Groups");
    ad.admin.add_values(&group, "member", &[&scene.person.dn]);
    let sub = scene.gets_in().await["sub"].clone();
    ad.admin.remove_values(&group, "member", &[&scene.person.dn]);
    scene.is_refused("You do not have access to CloudSync yet").await;
    ad.admin.add_values(&group, "member", &[&scene.person.dn]);
    assert_eq!(scene.gets_in().await["sub"], sub);
}

#[tokio::test]
async fn a_person_suspended_by_an_administrator_stays_out() {
    let scene = Scene::new().await;
    let tokens = scene.provider.cloudsync().exchange(&scene.signs_in().await).await;
    let parts = &scene.provider.parts;
    parts.store.sync().suspend_here(scene.account().await, parts.now()).await.expect("the store");
    assert_all_shut(&scene, &tokens).await;
    scene.provider.sync().await.expect("a sync");
    scene.is_refused("Your account is suspended").await;
}

/// Neither refresh nor access token is accepted any more.
async fn assert_all_shut(scene: &Scene, tokens: &Tokens) {
    let cloudsync = scene.provider.cloudsync();
    let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::BAD_REQUEST, "{:?}", refreshed.body);
    assert_eq!(refreshed.text("error"), "invalid_grant");
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_ends_once_the_cached_entry_is_too_old() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let (browser, arrived) = signed_in(&cloudsync, &scene.person.account).await;
    let tokens = cloudsync.exchange(&arrived).await;
    scene.set("userAccountControl", DISABLED);
    assert_eq!(silently(&cloudsync, &browser).await, "a code", "confirmed less than a minute ago");
    scene.time_passes();
    assert_eq!(silently(&cloudsync, &browser).await, "login_required");
    let page = browser.follow(&cloudsync.authorize(&[]).url).await;
    assert_refused(&browser.submit(&page, &scene.person.account, right()).await, "Your account is disabled");
    assert_all_shut(&scene, &tokens).await;
    // What was issued before the suspension stays revoked.
    scene.set("userAccountControl", ENABLED);
    scene.gets_in().await;
    assert_eq!(silently(&cloudsync, &browser).await, "login_required");
    assert_all_shut(&scene, &tokens).await;
}

#[tokio::test]
async fn a_refresh_is_refused_once_the_cached_entry_is_too_old() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let tokens = cloudsync.exchange(&scene.signs_in().await).await;
    scene.set("userAccountControl", DISABLED);
    let still = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(still.status, StatusCode::OK, "{:?}", still.body);
    assert_eq!(cloudsync.userinfo(still.text("access_token")).await.status, StatusCode::OK);
    scene.time_passes();
    assert_all_shut(&scene, &still).await;
}

#[tokio::test]
async fn the_result_of_a_sync_takes_effect_at_once() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let (browser, arrived) = signed_in(&cloudsync, &scene.person.account).await;
    let tokens = cloudsync.exchange(&arrived).await;
    lab::ad().admin.delete(&scene.person.dn);
    // An entry that was read after the sync began is not missing in it.
    scene.provider.parts.clock.advance(1);
    scene.provider.sync().await.expect("a sync");
    assert_eq!(silently(&cloudsync, &browser).await, "login_required");
    assert_all_shut(&scene, &tokens).await;
    scene.is_refused(GENERIC).await;
}

#[tokio::test]
async fn a_locked_account_keeps_its_sessions() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let (browser, arrived) = signed_in(&cloudsync, &scene.person.account).await;
    let tokens = cloudsync.exchange(&arrived).await;
    scene.is_locked_elsewhere().await;
    scene.is_refused(GENERIC).await;
    scene.time_passes();
    assert_eq!(silently(&cloudsync, &browser).await, "a code", "otherwise anyone could sign a person out");
    assert_eq!(cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn with_sign_in_switched_off_the_page_says_so() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let (browser, arrived) = signed_in(&cloudsync, &scene.person.account).await;
    let tokens = cloudsync.exchange(&arrived).await;
    let switch = async |on: bool| {
        scene.provider.apply(&format!("[sso]\nenabled = {on}"), Mode::Merge).await.expect("good settings");
    };
    switch(false).await;
    scene.is_refused("Company sign-in is switched off").await;
    assert_refused(&scene.type_name("nobody").await, "Company sign-in is switched off");
    assert_eq!(silently(&cloudsync, &browser).await, "login_required");
    assert_eq!(cloudsync.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
    switch(true).await;
    scene.gets_in().await;
}

#[tokio::test]
async fn an_email_address_of_two_people_identifies_neither() {
    let ad = lab::ad();
    let scene = Scene::new().await;
    let second = ad.admin.add_person(&ad.dn(STAFF), right());
    let shared = format!("shared.{}", scene.person.mail);
    for person in [&scene.person, &second] {
        ad.admin.replace(&person.dn, "mail", &[&shared]);
    }
    assert_refused(&scene.type_name(&shared).await, GENERIC);
    assert_refused(&scene.type_name(&second.account).await, "Your email address is already in use");
    ad.admin.replace(&second.dn, "mail", &[&second.mail]);
    assert!(scene.type_name(&shared).await.parameter("code").is_some());
    assert!(scene.type_name(&second.account).await.parameter("code").is_some());
}

#[tokio::test]
async fn refusals_by_openldap_show_their_reason() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let table = [
        ("hugo", GENERIC),
        ("gina", "Your password has expired"),
        ("jan", "Your email address is missing"),
        ("carol", "You do not have access to CloudSync yet"),
    ];
    for (name, expected) in table {
        assert_refused(&Browser::new().sign_in(&cloudsync.authorize(&[]), name, right()).await, expected);
    }
    let fred = Browser::new().sign_in(&cloudsync.authorize(&[]), "fred", right()).await;
    assert!(
        fred.location.is_some_and(|next| next.starts_with("/login?p=")),
        "a redirect to the new password page"
    );
    let warned = Browser::new().sign_in(&cloudsync.authorize(&[]), "warned", right()).await;
    assert!(warned.parameter("code").is_some(), "about to expire is not expired: {}", warned.text());
}

#[tokio::test]
async fn openldap_locks_after_failed_attempts() {
    let ldap = lab::ldap();
    let person = ldap.admin.add_inet_person(&ldap.dn("ou=people"), right());
    let provider = at_openldap().await;
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    for _ in 0..5 {
        assert_refused(&browser.submit(&page, &person.account, "wrong").await, GENERIC);
    }
    assert_eq!(ldap.admin.read(&person.dn, "pwdFailureTime").len(), 5, "each attempt counts once");
    assert_refused(&browser.submit(&page, &person.account, right()).await, GENERIC);
}

#[tokio::test]
async fn the_number_on_the_page_finds_the_whole_judgement() {
    let scene = Scene::new().await;
    scene.set("userAccountControl", DISABLED);
    let page = scene.signs_in().await;
    let filter = AuditFilter::Attempt(page.attempt_id().to_owned());
    let events = scene.provider.parts.store.login().audit_page(None, 10, &filter).await.expect("the store");
    let [event] = events.as_slice() else { panic!("one event for one decision: {events:?}") };
    assert_eq!((event.decision.as_str(), event.cause.as_deref()), ("sign_in_refused", Some("enabled")));
    assert_eq!(event.address.as_deref(), Some("127.0.0.1"));
    assert_eq!(event.client_id.as_deref(), Some("cloudsync"));
    let detail = event.detail.as_deref().unwrap_or_default();
    assert!(detail.contains(&scene.person.dn) && !detail.contains(right()), "{detail}");
}

#[tokio::test]
async fn a_login_name_like_a_newcomers_email_address_does_not_lock_them_out() {
    let ad = lab::ad();
    let mut scene = Scene::new().await;
    let namesake = ad.admin.add_person(&ad.dn(STAFF), right());
    scene.person = ad.admin.add_person(&ad.dn(STAFF), right());
    // Typed as a user name, this address also means the namesake: a login name before the domain's own name.
    scene.set("mail", &format!("{}@corp.example.com", namesake.account));
    assert_eq!(scene.gets_in().await["email"], format!("{}@corp.example.com", namesake.account).as_str());
}
