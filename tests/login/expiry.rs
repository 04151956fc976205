//! Expiry that a directory represents in its own way, or hides: after it, no way of access stays open.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::account::{Status, SuspendedBecause};
use cloudsync_idp::domain::doctor::Severity;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::gates::Gate;
use cloudsync_idp::flow::support::doctor::examine;
use cloudsync_idp::flow::support::explain::explain;
use reqwest::StatusCode;

use super::{right, signed_in, silently};
use crate::support::browser::Browser;
use crate::support::lab::{self, Person};
use crate::support::provider::{Provider, Setup};
use crate::support::relying_party::Tokens;
use crate::support::rows::AccountRows;
use crate::support::subtree::Subtree;

/// Read Property of `accountExpires`, denied to all authenticated users.
const HIDES_THE_END: &str = "(OD;;RP;bf967915-0de6-11d0-a285-00aa003049e2;;AU)";

/// A person who has signed in, and a clock that stands still.
struct Scene {
    subtree: Subtree,
    provider: Provider,
    person: Person,
    browser: Browser,
    tokens: Tokens,
}

impl Scene {
    async fn at(subtree: Subtree) -> Self {
        let person = subtree.person();
        let clock = Clock::fixed(Clock::System.now());
        let settings = subtree.settings(&subtree.unit, "");
        let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
        provider.sync().await.expect("the first sync");
        let cloudsync = provider.cloudsync();
        let (browser, arrived) = signed_in(&cloudsync, &person.account).await;
        let tokens = cloudsync.exchange(&arrived).await;
        Self { subtree, provider, person, browser, tokens }
    }

    fn set(&self, attribute: &str, values: &[&str]) {
        self.subtree.admin.replace(&self.person.dn, attribute, values);
    }

    /// Password, refresh token and session are all refused.
    async fn is_shut(&self, why: &str) {
        // Longer than cached entries are valid.
        self.provider.parts.clock.advance(61_000);
        let cloudsync = self.provider.cloudsync();
        let refreshed = cloudsync.refresh(self.tokens.text("refresh_token")).await;
        assert_ne!(refreshed.status, StatusCode::OK, "{why}: {:?}", refreshed.body);
        assert_ne!(silently(&cloudsync, &self.browser).await, "a code", "{why}");
        let page = Browser::new().sign_in(&cloudsync.authorize(&[]), &self.person.account, right()).await;
        assert_eq!(page.parameter("code"), None, "{why}");
    }

    async fn status(&self, person: &Person) -> Option<Status> {
        let account = self.provider.parts.store.identity().account_by_email(&person.mail).await;
        account.expect("the store answers").map(|account| account.status)
    }

    /// The reason why the sync has suspended the account; `None` when it has not.
    async fn synced(&self) -> Option<SuspendedBecause> {
        self.provider.sync().await.expect("a good run");
        match self.status(&self.person).await {
            Some(Status::Suspended { because, .. }) => Some(because),
            _ => None,
        }
    }
}

#[tokio::test]
async fn an_unreadable_expiry_is_not_taken_for_no_expiry() {
    let scene = Scene::at(Subtree::ad()).await;
    scene.set("accountExpires", &["130000000000000000"]);
    lab::ad().rule(&scene.person.dn, HIDES_THE_END);
    scene.is_shut("the end has passed, and can't be read").await;

    let newcomer = scene.subtree.person();
    lab::ad().rule(&newcomer.dn, HIDES_THE_END);
    assert_eq!(scene.synced().await, None, "no access is revoked for an unreadable attribute");
    assert_eq!(scene.status(&newcomer).await, None, "and no account is created");
    let examined = examine(&scene.provider.parts.operation(), None).await.expect("an answer");
    let finding = examined[0].findings.iter().find(|finding| finding.check == "attributes");
    let finding = finding.expect("the check reads the attributes");
    assert_eq!(finding.verdict, Severity::Error, "{finding:?}");
    assert!(
        finding.evidence.as_ref().is_some_and(|text| text.contains("accountExpires (2 times)")),
        "{finding:?}"
    );
    [scene.person.dn, newcomer.dn].iter().for_each(|dn| scene.subtree.admin.delete(dn));
}

#[tokio::test]
async fn openldap_expiry_attributes_are_respected() {
    let scene = Scene::at(Subtree::ldap()).await;
    scene.set("pwdEndTime", &["202001010000Z"]);
    scene.is_shut("pwdEndTime has passed").await;
    assert_eq!(scene.synced().await, Some(SuspendedBecause::Expired));
    scene.set("pwdEndTime", &["20990101000000Z"]);
    assert_eq!(scene.synced().await, None);
    scene.set("pwdStartTime", &["20980101000000Z"]);
    scene.is_shut("pwdStartTime has not come").await;
    assert_eq!(scene.synced().await, Some(SuspendedBecause::Disabled));
    scene.set("pwdStartTime", &[]);
    assert_eq!(scene.synced().await, None);
    signed_in(&scene.provider.cloudsync(), &scene.person.account).await;
}

#[tokio::test]
async fn a_password_is_refused_if_a_smart_card_is_required() {
    let scene = Scene::at(Subtree::ad()).await;
    // Enabled, the password never expires, a smart card is required.
    scene.set("userAccountControl", &["328192"]);
    let current = scene.provider.parts.current();
    let site = current.site(&DirectoryId("corp".into())).expect("the directory of the test");
    let judgement =
        explain(&scene.provider.parts.login(), site, &scene.person.account).await.expect("an answer");
    assert_eq!(judgement.refusal(), Some(Gate::PasswordAllowed), "{judgement:?}");
    scene.is_shut("a smart card is required").await;
    assert_eq!(scene.synced().await, None, "the account is not suspended");
}

/// Sessions and refresh tokens need no password, so its age ends none of them, only the next sign-in.
#[tokio::test]
async fn an_expired_password_ends_no_session_or_refresh_token() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let is_ad = subtree.is_ad;
        let scene = Scene::at(subtree).await;
        if is_ad {
            scene.set("userAccountControl", &["512"]);
            scene.set("pwdLastSet", &["0"]);
        } else {
            scene.set("pwdReset", &["TRUE"]);
        }
        scene.provider.parts.clock.advance(61_000);
        let cloudsync = scene.provider.cloudsync();
        assert_eq!(silently(&cloudsync, &scene.browser).await, "a code");
        let refreshed = cloudsync.refresh(scene.tokens.text("refresh_token")).await;
        assert_eq!(refreshed.status, StatusCode::OK, "{:?}", refreshed.body);
        let current = scene.provider.parts.current();
        let site = current.site(&DirectoryId("corp".into())).expect("the directory of the test");
        let judgement = explain(&scene.provider.parts.login(), site, &scene.person.account).await;
        assert_eq!(judgement.expect("an answer").refusal(), Some(Gate::PasswordUsable));
    }
}
