//! Signing in, end to end: the people of the lab, what they may not do, and attacks.

mod account;
mod attacks;
mod attempts;
mod branding;
mod cancelled;
mod changed_settings;
mod crowd;
mod domains;
mod enrolment;
mod exhaustion;
mod expiry;
mod explain;
mod factor_first;
mod faults;
mod gates;
mod hostile;
mod identical_refusals;
mod interrupted;
mod lock_down;
mod new_passwords;
mod outage_under_load;
mod outages;
mod own_password;
mod people;
mod remembered;
mod scope;
mod second_factor;
mod sequences;
mod sessions;
mod spent_codes;
mod spray;
mod step_up;
mod steps_attacked;
mod strangers;
mod throttle_page;
mod throttles;
mod waiting_logins;

use cloudsync_idp::directory::Stats;
use cloudsync_idp::domain::entry::DirectoryId;
use reqwest::StatusCode;

use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::{Provider, ldap_settings};
use crate::support::relying_party::RelyingParty;

/// The title of every refusal before the password is proven.
const GENERIC: &str = "Sign-in failed";
/// What a person without attempts left reads, whether the name exists or not.
const TOO_MANY: &str = "Too many attempts with this user name";
/// The title of the page for a login that is completed, too old, or another browser's.
const ENDED: &str = "This sign-in has ended";
/// The address of the client.
const HOME: &str = "href=\"https://cloudsync.example/\"";
/// The name of the session cookie on plain http.
const SESSION: &str = "cloudsync_session";

/// `[[directories]]` of an OpenLDAP server whose default policy is known.
fn with_policy(lab: &lab::LdapLab) -> String {
    let policy = lab.dn("cn=default,ou=policies");
    let policy = format!("password_policy = \"{policy}\"\n[directories.scope]");
    ldap_settings(&[lab]).replace("[directories.scope]", &policy)
}

/// A provider for the shared OpenLDAP.
async fn at_openldap() -> Provider {
    Provider::for_ldap(&[lab::ldap()]).await
}

/// The password of every seeded person, in either directory.
fn right() -> &'static str {
    &lab::ldap().user_password
}

/// A new browser in which this person has signed in, and the redirect back to the client.
async fn signed_in(cloudsync: &RelyingParty, name: &str) -> (Browser, Page) {
    let browser = Browser::new();
    let arrived = browser.sign_in(&cloudsync.authorize(&[]), name, right()).await;
    assert!(arrived.parameter("code").is_some(), "{name}: {}", arrived.text());
    (browser, arrived)
}

/// The result of `prompt=none`: "a code", or the error.
async fn silently(cloudsync: &RelyingParty, browser: &Browser) -> String {
    let page = browser.open(&cloudsync.authorize(&[("prompt", "none")]).url).await;
    match page.parameter("code") {
        Some(_) => "a code".to_owned(),
        None => page.parameter("error").unwrap_or_else(|| page.text()),
    }
}

/// Refused on the sign-in page itself: no redirect, no session.
fn assert_refused(page: &Page, words: &str) {
    let no_attempts_left = words == TOO_MANY;
    let status = if no_attempts_left { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::FORBIDDEN };
    assert_eq!(page.status, status, "{}", page.text());
    assert!(page.text().contains(words), "{words}: {}", page.text());
    assert_nothing_gained(page);
}

/// The login is over, and the page leads back to the client.
fn assert_ended(page: &Page) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.text());
    assert!(page.text().contains(ENDED) && page.body.contains(HOME), "{}", page.body);
    assert_nothing_gained(page);
}

fn assert_nothing_gained(page: &Page) {
    assert_eq!(page.location, None);
    assert_eq!(page.cookie(SESSION), None);
}

/// The statistics of the provider's directory connection.
fn stats(provider: &Provider) -> Stats {
    let current = provider.parts.current();
    current.site(&DirectoryId("corp".into())).expect("the directory of the test").directory.stats()
}
