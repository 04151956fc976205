//! A person changes the directory password on their own page, with the current password and after a recent
//! sign-in; and what was opened with the old one ends.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use super::SESSION;
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::ad_settings;
use crate::support::story::{CODE, EVERYONE, SIGN_IN, Story, assert_arrived, assert_rejected};

const NEW: &str = "A-New-Passw0rd!";
const ACCOUNT: &str = "/account/security";
const PATH: &str = "/account/security/password";
const CHANGE: &str = "Change your password";
const REMEMBERING: &str = "[second_factor]\nrequired = \"optional\"\nremember_browser_days = 30\n";

impl Story {
    async fn opens(&self, path: &str) -> Page {
        self.browser.follow(&format!("{}{path}", self.provider.url)).await
    }

    /// The form, for a person who has just signed in.
    async fn form(&self) -> Page {
        let page = self.opens(PATH).await;
        assert_eq!(page.heading(), CHANGE, "{}", page.text());
        page
    }

    async fn sends(&self, page: &Page, (old, new, again): (&str, &str, &str)) -> Page {
        let typed = [("csrf", csrf(page)), ("current", old), ("new", new), ("again", again)];
        self.browser.post(&format!("{}{PATH}", self.provider.url), &typed).await
    }

    async fn enters_with(&self, password: &str) -> bool {
        let asked = self.cloudsync.authorize(&[]);
        Browser::new().sign_in(&asked, &self.person.account, password).await.location.is_some()
    }

    async fn trail(&self) -> Vec<String> {
        let store = &self.provider.parts.store;
        let page = store.login().audit_page(None, 100, &AuditFilter::All).await.expect("the store");
        page.into_iter().map(|row| format!("{} {:?}", row.decision, row.cause)).collect()
    }
}

fn csrf(page: &Page) -> &str {
    let field = page.body.split("name=\"csrf\" value=\"").nth(1).expect("a form");
    field.split('"').next().expect("a value")
}

#[tokio::test]
async fn changing_the_password_ends_all_that_the_old_one_opened() {
    for story in [Story::at_ad(REMEMBERING).await, Story::at_openldap(REMEMBERING).await] {
        let other = Browser::new();
        let arrived = story.signs_in_with(&other, &story.cloudsync.authorize(&[])).await;
        let elsewhere = story.tokens(&arrived).await;
        assert_arrived(&story.signs_in(&[]).await);
        assert!(story.opens(ACCOUNT).await.body.contains(&format!("href=\"{PATH}\"")));
        let page = story.form().await;
        let done = story.sends(&page, (&story.password, NEW, NEW)).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let shown = story.browser.go_on(done.clone()).await;
        assert!(shown.text().contains("Your password was changed."), "{}", shown.text());
        assert!(!shown.body.contains(NEW) && !shown.body.contains(&story.password));

        let silent = other.open(&story.cloudsync.authorize(&[("prompt", "none")]).url).await;
        assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
        let refreshed = story.cloudsync.refresh(elsewhere.text("refresh_token")).await;
        assert_eq!(refreshed.text("error"), "invalid_grant", "{:?}", refreshed.body);
        assert_eq!(story.silently(&[]).await, "a code", "this browser stays signed in");
        story.later(2 * MINUTE);
        assert_eq!(story.silently(&[]).await, "a code", "also after the directory was asked again");
        assert!(story.enters_with(NEW).await);
        assert!(story.trail().await.iter().any(|line| line.starts_with("password_changed ")));
    }
}

#[tokio::test]
async fn the_session_continues_with_a_new_id_and_no_browser_stays_remembered() {
    let story = Story::at_openldap(REMEMBERING).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_eq!(page.heading(), CODE);
    story.later(30_000);
    let typed = [("code", phone.code(story.now())), ("remember", "yes".to_owned())];
    let typed = typed.each_ref().map(|(name, value)| (*name, value.as_str()));
    let arrived = story.browser.fill(&page, "/login/factor", &typed).await;
    assert_arrived(&arrived);
    let old = arrived.cookie(SESSION).expect("a session").to_owned();
    let (account, store) = (story.account().await.id, &story.provider.parts.store);
    let policy = story.provider.parts.current().policy_generation;
    let remembered =
        async || store.login().remembered_browsers(&account, policy, story.now()).await.unwrap().len();
    assert_eq!(remembered().await, 1);

    let done = story.sends(&story.form().await, (&story.password, NEW, NEW)).await;
    let renewed = done.cookie(SESSION).expect("another id");
    assert_ne!(renewed, old);
    assert_eq!(remembered().await, 0);
    let copied = Browser::with_cookie(&story.provider.url, &format!("{SESSION}={old}"));
    let silent = copied.open(&story.cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"), "a copy of the old cookie");
}

#[tokio::test]
async fn an_old_sign_in_or_one_without_the_factor_changes_nothing() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.form().await;
    story.later(6 * MINUTE);
    let late = story.sends(&page, (&story.password, NEW, NEW)).await;
    assert_eq!(late.location.as_deref(), Some(PATH), "{}", late.text());
    let asked = story.opens(PATH).await;
    assert_eq!(asked.heading(), SIGN_IN, "the password is required again: {}", asked.text());
    let asked = story.browser.submit(&asked, &story.person.account, &story.password).await;
    let asked = story.browser.go_on(asked).await;
    assert_eq!(asked.heading(), CODE, "and the factor is required: {}", asked.text());
    let page = story.opens(PATH).await;
    assert_eq!(page.heading(), SIGN_IN, "the password alone is not enough: {}", page.text());
    assert!(!story.enters_with(NEW).await, "nothing was changed");
    let back = story.types_next_code(&asked, &phone).await;
    assert_eq!(back.heading(), CHANGE, "back to the page: {}", back.text());
}

#[tokio::test]
async fn a_refusal_is_explained_and_counts_like_a_sign_in() {
    for story in [Story::at_ad("").await, Story::at_openldap("").await] {
        assert_arrived(&story.signs_in(&[]).await);
        let page = story.form().await;
        let rules = story.person.dn.contains("OU=Staff");
        assert_eq!(page.body.contains("id=\"rules\""), rules, "the domain's password rules: {}", page.text());
        let old = story.password.as_str();
        let table = [
            (("", NEW, NEW), "Enter your current password"),
            ((old, "", ""), "Enter a new password"),
            ((old, NEW, "Another-Passw0rd!"), "The new passwords differ"),
            ((old, "Sh0rt!", "Sh0rt!"), "The new password is too simple"),
            (("not-the-password", NEW, NEW), "The current password is not right"),
        ];
        for (typed, words) in table {
            let refused = story.sends(&page, typed).await;
            assert_rejected(&refused, words);
            assert!(!refused.body.contains("not-the-password") && !refused.body.contains(NEW));
        }
        assert!(story.trail().await.iter().any(|line| line.starts_with("password_change_refused ")));
        let foreign = [("csrf", "0"), ("current", old), ("new", NEW), ("again", NEW)];
        let foreign = story.browser.post(&format!("{}{PATH}", story.provider.url), &foreign).await;
        let shown = story.browser.go_on(foreign).await;
        assert!(shown.text().contains("Nothing was changed"), "{}", shown.text());
        assert!(!story.enters_with(NEW).await);
    }
}

#[tokio::test]
async fn wrong_current_passwords_count_in_the_domain_and_lock_no_account() {
    let lab = lab::strict_ad();
    let person = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), &lab.user_password);
    let story = Story::of((person, &lab.user_password, &lab.admin), &ad_settings(lab), "").await;
    assert_arrived(&story.signs_in(&[]).await);
    let page = story.form().await;
    for _ in 0..6 {
        assert_rejected(&story.sends(&page, ("wrong", NEW, NEW)).await, "The current password is not right");
    }
    let count: u32 = lab.admin.read(&story.person.dn, "badPwdCount").concat().parse().unwrap_or_default();
    assert!((1..4).contains(&count), "{count}");
    assert!(["", "0"].contains(&lab.admin.read(&story.person.dn, "lockoutTime").concat().as_str()));
}

#[tokio::test]
async fn attempts_are_throttled_like_a_sign_in() {
    let story = Story::at_openldap("[throttle]\nname_per_minute = 2\n").await;
    assert_arrived(&story.signs_in(&[]).await);
    let page = story.form().await;
    for _ in 0..2 {
        assert_rejected(&story.sends(&page, ("wrong", NEW, NEW)).await, "The current password is not right");
    }
    let refused = story.sends(&page, (&story.password, NEW, NEW)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text());
    assert!(refused.headers.contains_key("retry-after") && refused.text().contains("Too many attempts"));
    story.later(MINUTE);
    let done = story.sends(&page, (&story.password, NEW, NEW)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
}

#[tokio::test]
async fn with_password_changes_switched_off_no_link_leads_to_the_form() {
    let off = "password_change = false\n[directories.scope]";
    let lab = lab::ad();
    let person = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), &lab.user_password);
    let settings = ad_settings(lab).replace("[directories.scope]", off);
    let story = Story::of((person, &lab.user_password, &lab.admin), &settings, "").await;
    assert_arrived(&story.signs_in(&[]).await);
    let page = story.opens(ACCOUNT).await;
    assert!(!page.body.contains(PATH), "{}", page.text());
    assert_eq!(story.opens(PATH).await.heading(), page.heading());
    let refused = story.sends(&page, (&story.password, NEW, NEW)).await;
    assert_eq!(refused.location.as_deref(), Some(PATH));
    assert!(!story.enters_with(NEW).await);
}
