//! A login that waits at one of its steps: changes to its owner meanwhile take effect, and it issues its code
//! only once.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::flow::account::factors;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use super::{assert_ended, assert_nothing_gained};
use crate::support::browser::Page;
use crate::support::phone::Phone;
use crate::support::story::{CODE, EVERYONE, NEW_PASSWORD, SIGN_IN, STEP, Story, assert_arrived};

const AGAIN: [(&str, &str); 1] = [("prompt", "login")];

/// A person with a factor, whose login waits for the code.
async fn waiting(story: &Story) -> (Phone, Page) {
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&AGAIN).await;
    assert_eq!(page.heading(), CODE, "{}", page.text());
    (phone, page)
}

#[tokio::test]
async fn a_person_disabled_meanwhile_is_not_let_in_by_the_code() {
    let story = Story::at_ad(EVERYONE).await;
    let (phone, page) = waiting(&story).await;
    story.admin.replace(&story.person.dn, "userAccountControl", &["514"]);
    story.later(2 * MINUTE);
    let refused = story.types_code(&page, &phone.code(story.now())).await;
    assert_nothing_gained(&refused);
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    assert!(refused.text().contains("Your account is disabled"), "{}", refused.text());
    let account = story.account().await.id;
    let trail = story.provider.parts.store.login().audit_page(None, 1, &AuditFilter::Account(account)).await;
    let last = &trail.expect("the trail")[0];
    assert_eq!((last.decision.as_str(), last.cause.as_deref()), ("sign_in_refused", Some("enabled")));
    // The old pages stay invalid after the end of the suspension.
    story.admin.replace(&story.person.dn, "userAccountControl", &["512"]);
    story.later(2 * MINUTE);
    assert_ended(&story.types_code(&page, &phone.code(story.now())).await);
    let again = story.browser.submit(&refused, &story.person.account, &story.password).await;
    let page = story.browser.go_on(again).await;
    assert_arrived(&story.types_next_code(&page, &phone).await);
}

#[tokio::test]
async fn ending_all_sessions_ends_a_waiting_login() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, page) = waiting(&story).await;
    let (store, account) = (&story.provider.parts.store, story.account().await.id);
    let event = Event::new(story.now(), Decision::SessionsEnded);
    store.identity().end_sessions_of(&account, None, &event).await.expect("all is ended");
    story.later(STEP);
    assert_ended(&story.types_code(&page, &phone.code(story.now())).await);
}

#[tokio::test]
async fn a_reset_ends_a_login_that_waits_for_a_new_password() {
    let story = Story::at_openldap("").await;
    story.signs_in(&[]).await;
    story.admin.replace(&story.person.dn, "pwdReset", &["TRUE"]);
    let page = story.signs_in(&AGAIN).await;
    assert_eq!(page.heading(), NEW_PASSWORD, "{}", page.text());
    let account = story.account().await.id;
    factors::reset(&story.provider.parts.login(), &account, &crate::support::desk()).await.expect("a reset");
    let typed =
        [("current", story.password.as_str()), ("new", "A-New-Passw0rd!"), ("again", "A-New-Passw0rd!")];
    assert_ended(&story.browser.fill(&page, "/login/password", &typed).await);
    let page = story.signs_in(&AGAIN).await;
    assert_eq!(page.heading(), NEW_PASSWORD, "the old password still holds: {}", page.text());
}

/// A person who finds the page in the history of a shared browser must not set up a phone of their own.
#[tokio::test]
async fn a_cancelled_login_opens_no_page() {
    let story = Story::at_openldap(EVERYONE).await;
    let (_, page) = waiting(&story).await;
    let away = story.browser.fill(&page, "/login/cancel", &[]).await;
    assert_eq!(away.parameter("error").as_deref(), Some("access_denied"), "{}", away.text());
    // Longer than the mark in the short-lived state, shorter than the login.
    story.later(6 * MINUTE);
    let found = story.browser.open(&page.url).await;
    assert!(
        found.text().contains("took too long") && !found.body.contains("name=\"code\""),
        "{}",
        found.text()
    );
}

/// In memory, short-lived state ends with the process: another node stands for the restarted process.
#[tokio::test]
async fn a_completed_login_stays_completed_over_a_restart() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, page) = waiting(&story).await;
    assert_arrived(&story.types_next_code(&page, &phone).await);
    let restarted = story.provider.another_node().await;
    story.later(STEP);
    let mut fields = page.fields();
    fields.insert("code".to_owned(), phone.code(story.now()));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let replayed = story.browser.post(&format!("{}/login/factor", restarted.url), &fields).await;
    assert_ended(&story.browser.go_on(replayed).await);
}

#[tokio::test]
async fn a_password_older_than_max_age_is_asked_for_again() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&[("prompt", "login"), ("max_age", "45")]).await;
    story.later(STEP);
    let in_time = story.types_code(&page, &phone.code(story.now())).await;
    assert_arrived(&in_time);
    let page = story.signs_in(&[("prompt", "login"), ("max_age", "45")]).await;
    story.later(2 * STEP);
    let page = story.types_code(&page, &phone.code(story.now())).await;
    assert_eq!(page.heading(), SIGN_IN, "{}", page.text());
    let arrived = story.browser.submit(&page, &story.person.account, &story.password).await;
    let claims = story.tokens(&arrived).await.payload("id_token");
    assert_eq!(claims["auth_time"], story.now() / 1_000);
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]), "no second code");
}
