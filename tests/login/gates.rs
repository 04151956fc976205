//! Each gate shut, on the live domain: the person is told why, and let in again when the reason has gone.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::directory::Found;
use cloudsync_idp::domain::account::{Account, Status, SuspendedBecause};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::name::TypedName;
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;
use tokio::time::{Duration, Instant};

use super::{GENERIC, assert_refused, at_openldap, right, signed_in, silently};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, Person};
use crate::support::provider::{Provider, Setup, ad_settings};
use crate::support::relying_party::Tokens;

const STAFF: &str = "OU=Sales,OU=Staff";
const OUTSIDE: &str = "OU=Outside";
const ENABLED: &str = "66048";
const DISABLED: &str = "66050";

/// A provider with a clock of its own, whose first import has seen a person made for this test.
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
        provider.sync().await.expect("the first import");
        Self { provider, person }
    }

    async fn new() -> Self {
        Self::with_person_in(STAFF).await
    }

    /// An administrator of the domain sets an attribute of the person.
    fn set(&self, attribute: &str, value: &str) {
        lab::ad().admin.replace(&self.person.dn, attribute, &[value]);
    }

    /// Wrong passwords that were not typed here lock the person in the domain.
    async fn is_locked_elsewhere(&self) {
        let current = self.provider.parts.current();
        let corp = &current.site(&DirectoryId("corp".into())).expect("the directory of the test").directory;
        let deadline = Instant::now() + Duration::from_secs(20);
        let name = TypedName::parse(&self.person.account).expect("a name");
        let Found::One(entry) = corp.find(&name, deadline).await.expect("an answer") else {
            panic!("one entry")
        };
        while matches!(lab::ad().admin.read(&self.person.dn, "lockoutTime").concat().as_str(), "" | "0") {
            corp.bind(&entry, &Plain::new("wrong"), deadline).await.expect("an answer");
        }
    }

    /// The person types name and right password in a new browser.
    async fn try_it(&self) -> Page {
        self.type_name(&self.person.account).await
    }

    async fn type_name(&self, name: &str) -> Page {
        Browser::new().sign_in(&self.provider.cloudsync().authorize(&[]), name, right()).await
    }

    async fn is_refused(&self, words: &str) {
        assert_refused(&self.try_it().await, words);
    }

    /// Signs in; the claims of the ID token.
    async fn gets_in(&self) -> serde_json::Value {
        self.provider.cloudsync().exchange(&self.try_it().await).await.payload("id_token")
    }

    async fn account(&self) -> Account {
        let account = self.provider.parts.store.identity().account_by_email(&self.person.mail).await;
        account.expect("the store").expect("the account")
    }

    /// More time passes than what is known may be old.
    fn time_passes(&self) {
        self.provider.parts.clock.advance(61_000);
    }
}

#[tokio::test]
async fn who_is_disabled_after_the_import_is_told_so() {
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
    assert_eq!(scene.gets_in().await["sub"], sub, "the same account, in use again");
}

#[tokio::test]
async fn who_has_expired_is_told_so() {
    let scene = Scene::new().await;
    scene.set("accountExpires", "130000000000000000");
    scene.is_refused("Your account has expired").await;
    for never in ["0", "9223372036854775807"] {
        scene.set("accountExpires", never);
        scene.gets_in().await;
    }
}

#[tokio::test]
async fn a_new_mail_is_imported_on_the_spot() {
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
async fn a_mail_that_somebody_else_has_is_refused() {
    let owner = lab::ad().admin.add_person(&lab::ad().dn(STAFF), right());
    let scene = Scene::new().await;
    for taken in [&owner.mail, &owner.mail.to_uppercase()] {
        scene.set("mail", taken);
        scene.is_refused("Your email address belongs to another account").await;
        // nor does anybody get in by the mail that two entries have now
        assert_refused(&scene.type_name(taken).await, GENERIC);
    }
    assert!(scene.type_name(&owner.account).await.parameter("code").is_some(), "the owner is not disturbed");
    lab::ad().admin.replace(&scene.person.dn, "mail", &[]);
    scene.is_refused("Your email address is missing").await;
    scene.set("mail", &scene.person.mail);
    scene.gets_in().await;
}

#[tokio::test]
async fn a_newcomer_gets_in_before_the_next_import() {
    let ad = lab::ad();
    let mut scene = Scene::new().await;
    scene.person = ad.admin.add_person(&ad.dn(STAFF), right());
    assert_eq!(scene.gets_in().await["email"], scene.person.mail.as_str());
}

#[tokio::test]
async fn who_moves_out_of_scope_is_told_so_and_comes_back_as_the_same() {
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
async fn who_leaves_a_nested_group_is_out_of_scope() {
    let ad = lab::ad();
    let scene = Scene::with_person_in(OUTSIDE).await;
    scene.is_refused("You do not have access to CloudSync yet").await;
    // two groups below the one that is synced
    let group = ad.dn("CN=Field Consultants,OU=Groups");
    ad.admin.add_values(&group, "member", &[&scene.person.dn]);
    let sub = scene.gets_in().await["sub"].clone();
    ad.admin.remove_values(&group, "member", &[&scene.person.dn]);
    scene.is_refused("You do not have access to CloudSync yet").await;
    ad.admin.add_values(&group, "member", &[&scene.person.dn]);
    assert_eq!(scene.gets_in().await["sub"], sub);
}

#[tokio::test]
async fn who_is_suspended_by_an_administrator_stays_out() {
    let scene = Scene::new().await;
    let tokens = scene.provider.cloudsync().exchange(&scene.try_it().await).await;
    let account = scene.account().await;
    let link = account.link.clone().expect("a link");
    let entry = link.entry;
    let change = Change { link, profile: None, expires_at: account.expires_at };
    let action = Action::Suspend(account.id.clone(), SuspendedBecause::Admin, change);
    let batch = vec![(entry, scene.person.account.clone(), Outcome { action, conflict: None })];
    let parts = &scene.provider.parts;
    parts
        .store
        .sync()
        .apply_actions(None, &DirectoryId("corp".into()), batch, parts.now())
        .await
        .expect("the store");
    assert_all_shut(&scene, &tokens).await;
    scene.provider.sync().await.expect("an import");
    scene.is_refused("Your account is suspended").await;
}

/// Neither refresh nor access token is good any more.
async fn assert_all_shut(scene: &Scene, tokens: &Tokens) {
    let cloudsync = scene.provider.cloudsync();
    let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::BAD_REQUEST, "{:?}", refreshed.body);
    assert_eq!(refreshed.text("error"), "invalid_grant");
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_living_session_ends_once_what_is_known_is_too_old() {
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
    // what came before the suspension stays dead
    scene.set("userAccountControl", ENABLED);
    scene.gets_in().await;
    assert_eq!(silently(&cloudsync, &browser).await, "login_required");
    assert_all_shut(&scene, &tokens).await;
}

#[tokio::test]
async fn a_refresh_is_refused_once_what_is_known_is_too_old() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let tokens = cloudsync.exchange(&scene.try_it().await).await;
    scene.set("userAccountControl", DISABLED);
    let still = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(still.status, StatusCode::OK, "{:?}", still.body);
    assert_eq!(cloudsync.userinfo(still.text("access_token")).await.status, StatusCode::OK);
    scene.time_passes();
    assert_all_shut(&scene, &still).await;
}

#[tokio::test]
async fn what_an_import_has_found_counts_at_once() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let (browser, arrived) = signed_in(&cloudsync, &scene.person.account).await;
    let tokens = cloudsync.exchange(&arrived).await;
    lab::ad().admin.delete(&scene.person.dn);
    // whoever was seen since an import began is not missing in it
    scene.provider.parts.clock.advance(1);
    scene.provider.sync().await.expect("an import");
    assert_eq!(silently(&cloudsync, &browser).await, "login_required");
    assert_all_shut(&scene, &tokens).await;
    scene.is_refused(GENERIC).await;
}

#[tokio::test]
async fn a_locked_account_keeps_the_sessions_that_it_has() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let (browser, arrived) = signed_in(&cloudsync, &scene.person.account).await;
    let tokens = cloudsync.exchange(&arrived).await;
    scene.is_locked_elsewhere().await;
    scene.is_refused(GENERIC).await;
    scene.time_passes();
    assert_eq!(silently(&cloudsync, &browser).await, "a code", "or anyone could sign a person out");
    assert_eq!(cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn with_sign_in_switched_off_everybody_is_told_so() {
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
async fn a_mail_of_two_people_is_nobodys_name() {
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
async fn openldap_shuts_its_own_gates() {
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
    assert!(fred.location.is_some_and(|next| next.starts_with("/login?p=")), "to a new password");
    let warned = Browser::new().sign_in(&cloudsync.authorize(&[]), "warned", right()).await;
    assert!(warned.parameter("code").is_some(), "soon to expire is not expired: {}", warned.text());
}

#[tokio::test]
async fn openldap_locks_after_wrong_tries() {
    let ldap = lab::ldap();
    let person = ldap.admin.add_inet_person(&ldap.dn("ou=people"), right());
    let provider = at_openldap().await;
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    for _ in 0..5 {
        assert_refused(&browser.submit(&page, &person.account, "wrong").await, GENERIC);
    }
    assert_eq!(ldap.admin.read(&person.dn, "pwdFailureTime").len(), 5, "each try counts once");
    assert_refused(&browser.submit(&page, &person.account, right()).await, GENERIC);
}

#[tokio::test]
async fn the_number_on_the_page_leads_to_the_whole_judgement() {
    let scene = Scene::new().await;
    scene.set("userAccountControl", DISABLED);
    let page = scene.try_it().await;
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
async fn a_login_name_that_reads_like_the_mail_of_a_newcomer_takes_nothing_from_them() {
    let ad = lab::ad();
    let mut scene = Scene::new().await;
    let namesake = ad.admin.add_person(&ad.dn(STAFF), right());
    scene.person = ad.admin.add_person(&ad.dn(STAFF), right());
    // the address means the namesake too, when it is typed: their login name stands before the domain's own name
    scene.set("mail", &format!("{}@corp.example.com", namesake.account));
    assert_eq!(scene.gets_in().await["email"], format!("{}@corp.example.com", namesake.account).as_str());
}
