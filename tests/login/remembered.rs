//! A remembered browser need not prove the second factor for a while: only if the administrator allows it,
//! and it never counts as a second factor.

use cloudsync_idp::domain::{DAY, MINUTE};
use cloudsync_idp::flow::account::factors;

use crate::support::browser::{Browser, Page};
use crate::support::phone::Phone;
use crate::support::story::{CODE, ENROL, EVERYONE, MFA, SFA, Story, assert_arrived, essential_acr};

const COOKIE: &str = "cloudsync_remembered";
const REMEMBERS: &str = "[second_factor]\nrequired = \"everyone\"\nremember_browser_days = 30\n";
const FRESH: [(&str, &str); 1] = [("prompt", "login")];

/// A person who has ticked the box, their phone, and the page after it.
async fn ticked(policy: &str) -> (Story, Phone, Page) {
    let story = Story::at_openldap(policy).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&FRESH).await;
    story.later(30_000);
    let typed = [("code", &*phone.code(story.now())), ("remember", "yes")];
    let arrived = story.browser.fill(&page, "/login/factor", &typed).await;
    assert_arrived(&arrived);
    (story, phone, arrived)
}

#[tokio::test]
async fn by_default_no_browser_is_remembered() {
    let (story, _, arrived) = ticked(EVERYONE).await;
    assert_eq!(arrived.cookie(COOKIE), None);
    let page = story.signs_in(&FRESH).await;
    assert!(page.heading() == CODE && !page.body.contains("remember"), "{}", page.body);
}

#[tokio::test]
async fn a_remembered_browser_is_not_asked_and_does_not_count_as_a_second_factor() {
    let (story, _, arrived) = ticked(REMEMBERS).await;
    let cookie = arrived.cookies.iter().find(|line| line.starts_with(COOKIE)).expect("a cookie");
    assert!(cookie.contains("Max-Age=2592000") && cookie.contains("HttpOnly"), "{cookie}");
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["acr"], MFA, "this time both were proven");

    let arrived = story.signs_in(&FRESH).await;
    let tokens = story.tokens(&arrived).await;
    let claims = tokens.payload("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&SFA.into(), &serde_json::json!(["pwd"])));
    assert_eq!(story.silently(&[]).await, "a code");
    assert_eq!(story.cloudsync.refresh(tokens.text("refresh_token")).await.status, 200);

    let essential = essential_acr(&[MFA]);
    assert_eq!(story.silently(&[("claims", &essential)]).await, "interaction_required");
    assert_eq!(story.starts_login(&[("claims", &essential)]).await.heading(), CODE);
    assert_eq!(story.starts_login(&[("acr_values", MFA)]).await.heading(), CODE);
    assert_eq!(story.signs_in(&[("prompt", "login"), ("claims", &essential)]).await.heading(), CODE);
}

#[tokio::test]
async fn another_browser_and_another_person_are_asked() {
    let (story, _, arrived) = ticked(REMEMBERS).await;
    let page = story.signs_in_with(&Browser::new(), &story.cloudsync.authorize(&[])).await;
    assert_eq!(page.heading(), CODE);
    let value = arrived.cookie(COOKIE).expect("a cookie");
    let altered = format!("{}{}", &value[..42], if value.ends_with('A') { "B" } else { "A" });
    let forger = Browser::with_cookie(&story.provider.url, &format!("{COOKIE}={altered}"));
    assert_eq!(story.signs_in_with(&forger, &story.cloudsync.authorize(&[])).await.heading(), CODE);

    // A colleague at the same computer.
    let lab = crate::support::lab::ldap();
    let colleague = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    let page = story.starts_login(&FRESH).await;
    let page =
        story.browser.go_on(story.browser.submit(&page, &colleague.account, &story.password).await).await;
    assert_eq!(page.heading(), ENROL, "{}", page.text());
}

#[tokio::test]
async fn a_remembered_browser_is_forgotten_after_thirty_days() {
    let (story, ..) = ticked(REMEMBERS).await;
    story.later(30 * DAY - MINUTE);
    assert_arrived(&story.signs_in(&FRESH).await);
    story.later(MINUTE);
    assert_eq!(story.signs_in(&FRESH).await.heading(), CODE);
    assert_eq!(story.silently(&[]).await, "a code", "the session continues");
}

#[tokio::test]
async fn a_policy_change_forgets_it() {
    let (story, phone, _) = ticked(REMEMBERS).await;
    assert_arrived(&story.signs_in(&FRESH).await);
    assert_eq!(story.silently(&[]).await, "a code");
    story.set("[second_factor]\ngrace_days = 1\n").await;
    assert_eq!(story.silently(&[]).await, "interaction_required", "so does a session made by it");
    let page = story.starts_login(&[]).await;
    assert_eq!(page.heading(), CODE);
    assert_arrived(&story.types_next_code(&page, &phone).await);
    assert_eq!(story.signs_in(&FRESH).await.heading(), CODE);
    // Settings that do not concern factors leave it valid.
    let (story, ..) = ticked(REMEMBERS).await;
    story.set("[session]\nidle_minutes = 30\n").await;
    assert_arrived(&story.signs_in(&FRESH).await);
}

#[tokio::test]
async fn switching_it_off_takes_effect_at_once() {
    let (story, ..) = ticked(REMEMBERS).await;
    let arrived = story.signs_in(&FRESH).await;
    let tokens = story.tokens(&arrived).await;
    story.set("[second_factor]\nremember_browser_days = 0\n").await;
    assert_eq!(story.silently(&[]).await, "interaction_required");
    assert_eq!(story.cloudsync.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
    assert_eq!(story.signs_in(&FRESH).await.heading(), CODE);
}

#[tokio::test]
async fn a_reset_forgets_it() {
    let (story, ..) = ticked(REMEMBERS).await;
    let account = story.account().await.id;
    factors::reset(&story.provider.parts.login(), &account, &crate::support::desk()).await.expect("a reset");
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), ENROL);
    let (_, codes) = story.sets_up_factor(&page).await;
    assert_arrived(&story.continues_from(&codes).await);
    assert_eq!(story.signs_in(&FRESH).await.heading(), CODE, "not even under the new factor");
}

#[tokio::test]
async fn a_newer_password_or_a_suspension_forgets_it() {
    let story = Story::at_ad(REMEMBERS).await;
    let (phone, ..) = story.enrolled().await;
    let ticks = async |page: &Page| {
        story.later(30_000);
        let typed = [("code", &*phone.code(story.now())), ("remember", "yes")];
        assert_arrived(&story.browser.fill(page, "/login/factor", &typed).await);
        assert_arrived(&story.signs_in(&FRESH).await);
    };
    ticks(&story.signs_in(&FRESH).await).await;
    story.admin.replace(&story.person.dn, "userAccountControl", &["514"]);
    story.provider.sync().await.expect("a sync that suspends");
    story.admin.replace(&story.person.dn, "userAccountControl", &["512"]);
    story.provider.sync().await.expect("a sync that lets in again");
    let page = story.signs_in(&FRESH).await;
    assert_eq!(page.heading(), CODE, "after a suspension: {}", page.text());
    ticks(&page).await;
    let new = "A-New-Passw0rd!";
    story.admin.set_ad_password(&story.person.dn, new);
    let page = story.starts_login(&FRESH).await;
    let page = story.browser.go_on(story.browser.submit(&page, &story.person.account, new).await).await;
    assert_eq!(page.heading(), CODE, "after a newer password: {}", page.text());
}

#[tokio::test]
async fn only_an_authenticator_code_makes_a_browser_remembered() {
    let story = Story::at_openldap(REMEMBERS).await;
    let (phone, codes, _) = story.enrolled().await;
    let page = story.signs_in(&FRESH).await;
    let wrong = phone.wrong_code(story.now());
    let refused = story.browser.fill(&page, "/login/factor", &[("code", &wrong), ("remember", "yes")]).await;
    assert_eq!(refused.cookie(COOKIE), None);
    let typed = [("code", codes[0].as_str()), ("remember", "yes")];
    let recovered = story.browser.fill(&page, "/login/factor", &typed).await;
    assert_eq!(recovered.cookie(COOKIE), None);
    let arrived = story.continues_from(&recovered).await;
    assert_eq!(arrived.cookie(COOKIE), None, "a recovery code replaces the factor once");
    assert_eq!(story.signs_in(&FRESH).await.heading(), CODE);
}
