//! A password that has expired or must be changed is changed during the sign-in, after the second factor; and
//! a new password, wherever it was set, ends what was opened with the old one.

use cloudsync_idp::domain::MINUTE;
use reqwest::StatusCode;

use super::{SESSION, assert_ended, assert_refused};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::phone::Phone;
use crate::support::provider::{ad_settings, ldap_settings};
use crate::support::relying_party::Tokens;
use crate::support::story::{
    CODE, ENROL, EVERYONE, NEW_PASSWORD, SIGN_IN, Story, assert_arrived, assert_rejected,
};

const NEW: &str = "A-New-Passw0rd!";

impl Story {
    /// An administrator requires a new password at the next sign-in.
    fn must_change(&self) {
        if self.is_ad() {
            self.admin.replace(&self.person.dn, "userAccountControl", &["512"]);
            self.admin.replace(&self.person.dn, "pwdLastSet", &["0"]);
        } else {
            self.admin.replace(&self.person.dn, "pwdReset", &["TRUE"]);
        }
    }

    fn is_ad(&self) -> bool {
        self.person.dn.contains("OU=Staff")
    }

    async fn changes(&self, page: &Page, (old, new, again): (&str, &str, &str)) -> Page {
        assert_eq!(page.heading(), NEW_PASSWORD, "{}", page.text());
        let typed = [("current", old), ("new", new), ("again", again)];
        self.browser.fill(page, "/login/password", &typed).await
    }

    async fn can_sign_in_with(&self, password: &str) -> bool {
        let page =
            Browser::new().sign_in(&self.cloudsync.authorize(&[]), &self.person.account, password).await;
        page.location.is_some()
    }

    /// Another browser of the same person, signed in, and its tokens.
    async fn elsewhere(&self) -> (Browser, Tokens) {
        let other = Browser::new();
        let arrived = self.signs_in_with(&other, &self.cloudsync.authorize(&[])).await;
        let tokens = self.tokens(&arrived).await;
        (other, tokens)
    }

    async fn assert_over(&self, (browser, tokens): &(Browser, Tokens)) {
        let silent = browser.open(&self.cloudsync.authorize(&[("prompt", "none")]).url).await;
        assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
        let refreshed = self.cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(refreshed.text("error"), "invalid_grant", "{:?}", refreshed.body);
    }
}

#[tokio::test]
async fn a_required_password_change_is_made_and_the_login_continues() {
    for story in [Story::at_ad("").await, Story::at_openldap("").await] {
        let other = story.elsewhere().await;
        story.must_change();
        let page = story.signs_in(&[]).await;
        assert!(page.text().contains("your administrator requires a new one"), "{}", page.text());
        if story.is_ad() {
            assert!(page.text().contains("At least 7 characters."), "the rules come first: {}", page.text());
        }
        assert_eq!(page.cookie(SESSION), None);
        let arrived = story.changes(&page, (&story.password, NEW, NEW)).await;
        let tokens = story.tokens(&arrived).await;
        assert_eq!(tokens.payload("id_token")["amr"], serde_json::json!(["pwd"]));
        story.assert_over(&other).await;
        assert_eq!(story.silently(&[]).await, "a code", "this session was made with the new password");
        let refreshed = story.cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(refreshed.status, StatusCode::OK, "{:?}", refreshed.body);
        story.later(2 * MINUTE);
        assert_eq!(story.silently(&[]).await, "a code", "also after the directory was asked again");
        assert!(story.can_sign_in_with(NEW).await);
        assert_ended(&story.changes_again(&page).await);
    }
}

impl Story {
    /// Sends the form of a login that has ended.
    async fn changes_again(&self, page: &Page) -> Page {
        let typed = [("current", NEW), ("new", "Yet-Another-1"), ("again", "Yet-Another-1")];
        self.browser.fill(page, "/login/password", &typed).await
    }
}

#[tokio::test]
async fn an_expired_password_is_changed_and_the_login_continues() {
    let lab: &'static lab::AdLab = Box::leak(Box::new(lab::own_ad(&[])));
    let gina = lab::Person {
        dn: lab.admin.dn_of(&lab.base_dn, "gina"),
        account: "gina".to_owned(),
        mail: String::new(),
    };
    let story = Story::of((gina, &lab.user_password, &lab.admin), &ad_settings(lab), "").await;
    let page = story.signs_in(&[]).await;
    assert!(page.text().contains("too old and no longer valid"), "{}", page.text());
    assert_arrived(&story.changes(&page, (&story.password, NEW, NEW)).await);
    assert!(story.can_sign_in_with(NEW).await);
    lab.kill();
}

#[tokio::test]
async fn without_the_second_factor_the_password_cannot_be_changed() {
    for story in [Story::at_ad(EVERYONE).await, Story::at_openldap(EVERYONE).await] {
        let (phone, ..) = story.enrolled().await;
        story.must_change();
        let page = story.signs_in(&[("prompt", "login")]).await;
        assert_eq!(page.heading(), CODE, "the factor comes first: {}", page.text());
        let typed = [("current", story.password.as_str()), ("new", NEW), ("again", NEW)];
        let skipped = story.browser.fill(&page, "/login/password", &typed).await;
        assert_eq!(skipped.heading(), CODE, "{}", skipped.text());
        assert!(!story.can_sign_in_with(NEW).await, "nothing was changed");
        let page = story.types_next_code(&page, &phone).await;
        let arrived = story.changes(&page, (&story.password, NEW, NEW)).await;
        let claims = story.tokens(&arrived).await.payload("id_token");
        assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    }
}

#[tokio::test]
async fn the_page_explains_a_refused_new_password() {
    for story in [Story::at_ad("").await, Story::at_openldap("").await] {
        story.must_change();
        let page = story.signs_in(&[]).await;
        let old = story.password.clone();
        let table = [
            (("", NEW, NEW), "Enter your current password"),
            ((old.as_str(), "", ""), "Enter a new password"),
            ((old.as_str(), NEW, "Another-Passw0rd!"), "The new passwords differ"),
            ((old.as_str(), "Sh0rt!", "Sh0rt!"), "The new password is too simple"),
            ((old.as_str(), old.as_str(), old.as_str()), "You have used this password before"),
            (("not-the-password", NEW, NEW), "The current password is not right"),
        ];
        for (typed, words) in table {
            let refused = story.changes(&page, typed).await;
            assert_rejected(&refused, words);
            assert_eq!(refused.cookie(SESSION), None);
            for secret in [typed.0, typed.1] {
                assert!(
                    secret.is_empty() || !refused.body.contains(secret),
                    "{words}: the page repeats nothing typed"
                );
            }
        }
        let arrived = story.changes(&page, (&old, NEW, NEW)).await;
        assert_arrived(&arrived);
    }
}

#[tokio::test]
async fn wrong_old_passwords_lock_no_account() {
    let lab = lab::strict_ad();
    let person = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), &lab.user_password);
    let story = Story::of((person, &lab.user_password, &lab.admin), &ad_settings(lab), "").await;
    story.must_change();
    let page = story.signs_in(&[]).await;
    for _ in 0..6 {
        let refused = story.changes(&page, ("wrong", NEW, NEW)).await;
        assert!(refused.status.is_client_error(), "{}", refused.text());
    }
    let count = lab.admin.read(&story.person.dn, "badPwdCount").concat();
    assert!(count.parse::<u32>().unwrap_or_default() < 4, "{count}");
    assert!(["", "0"].contains(&lab.admin.read(&story.person.dn, "lockoutTime").concat().as_str()));
}

#[tokio::test]
async fn with_password_changes_switched_off_the_page_says_what_to_do() {
    let settings =
        ad_settings(lab::ad()).replace("[directories.scope]", "password_change = false\n[directories.scope]");
    let lab = lab::ad();
    let person = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), &lab.user_password);
    let story = Story::of((person, &lab.user_password, &lab.admin), &settings, "").await;
    story.must_change();
    let page = story.starts_login(&[]).await;
    let refused = story.browser.submit(&page, &story.person.account, &story.password).await;
    assert_refused(&refused, "You need to change your password first");
}

#[tokio::test]
async fn a_password_set_elsewhere_ends_sessions_and_refresh_tokens() {
    let story = Story::at_ad("").await;
    let other = story.elsewhere().await;
    assert_arrived(&story.signs_in(&[]).await);
    story.admin.set_ad_password(&story.person.dn, NEW);
    story.later(2 * MINUTE);
    assert_eq!(story.silently(&[]).await, "login_required");
    story.assert_over(&other).await;
    assert_eq!(story.starts_login(&[]).await.heading(), SIGN_IN);
    assert!(story.can_sign_in_with(NEW).await);
}

#[tokio::test]
async fn a_sync_that_sees_a_newer_password_ends_them_too() {
    let story = Story::at_ad("").await;
    let other = story.elsewhere().await;
    story.admin.set_ad_password(&story.person.dn, NEW);
    story.provider.sync().await.expect("a sync");
    story.assert_over(&other).await;
}

#[tokio::test]
async fn a_waiting_login_ends_when_its_password_is_changed() {
    let grace = "[second_factor]\nrequired = \"everyone\"\ngrace_days = 3\n";
    let story = Story::at_ad(grace).await;
    let (enrolling, waiting) = (Browser::new(), Browser::new());
    let mut pages = Vec::new();
    for thief in [&enrolling, &waiting] {
        pages.push(story.signs_in_with(thief, &story.cloudsync.authorize(&[])).await);
    }
    assert_eq!(pages[0].heading(), ENROL);
    story.admin.set_ad_password(&story.person.dn, NEW);
    assert!(story.can_sign_in_with(NEW).await, "the owner signed in, so the new password is known");
    let code = Phone::scan(&pages[0]).code(story.now());
    assert_ended(&enrolling.fill(&pages[0], "/login/enrol", &[("code", &code)]).await);
    assert!(story.factors().await.is_empty(), "otherwise the thief's phone would keep the owner out");
    assert_ended(&waiting.fill(&pages[1], "/login/enrol/later", &[]).await);
}

#[tokio::test]
async fn an_expired_password_is_refused_by_openldap_and_the_page_says_so() {
    let lab = lab::ldap();
    let (dn, mail) = (lab.dn("uid=gina,ou=people"), "gina@example.org".to_owned());
    let gina = lab::Person { dn, account: "gina".to_owned(), mail };
    let story = Story::of((gina, &lab.user_password, &lab.admin), &ldap_settings(&[lab]), "").await;
    let page = story.starts_login(&[]).await;
    let refused = story.browser.submit(&page, "gina", &story.password).await;
    assert_refused(&refused, "Your password has expired");
}
