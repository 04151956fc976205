//! "Cancel" on each page of a login: the client gets `access_denied`, and what was proven is discarded. And a
//! return to a page: by the same person, another one, or nobody.

use cloudsync_idp::domain::SECOND;
use reqwest::StatusCode;

use super::{SESSION, assert_ended, at_openldap, right, signed_in};
use crate::support::browser::{Browser, Page};
use crate::support::story::{
    CODE, ENROL, EVERYONE, INVITATION, SIGN_IN, Story, assert_arrived, recovery_codes,
};

const CANCEL: &str = "/login/cancel";

fn assert_cancelled(page: &Page, issuer: &str) {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    assert!(page.location.as_deref().unwrap_or_default().starts_with("https://cloudsync.example/callback?"));
    assert_eq!(page.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(page.parameter("state").as_deref(), Some("a-state"));
    assert_eq!(page.parameter("iss").as_deref(), Some(issuer));
    assert_eq!((page.parameter("code"), page.cookie(SESSION)), (None, None));
}

#[tokio::test]
async fn each_page_of_a_login_can_be_cancelled_and_its_proof_is_discarded() {
    let story = Story::at_openldap(EVERYONE).await;
    let issuer = story.provider.url.clone();
    let page = story.starts_login(&[]).await;
    assert_eq!(page.heading(), SIGN_IN);
    assert_cancelled(&story.browser.send(&page, CANCEL, &[]).await, &issuer);

    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), ENROL);
    assert_cancelled(&story.browser.send(&page, CANCEL, &[]).await, &issuer);
    assert_ended(&story.browser.fill(&page, "/login/enrol", &[("code", "000000")]).await);
    assert_ended(&story.browser.send(&page, CANCEL, &[]).await);

    let (phone, codes) = story.sets_up_factor(&story.signs_in(&[]).await).await;
    assert_arrived(&story.continues_from(&codes).await);
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_eq!(page.heading(), CODE);
    assert_cancelled(&story.browser.send(&page, CANCEL, &[]).await, &issuer);
    story.later(60 * SECOND);
    let code = phone.code(story.now());
    assert_ended(&story.browser.fill(&page, "/login/factor", &[("code", &code)]).await);
    assert_eq!(story.silently(&[]).await, "a code", "the earlier session continues");
}

#[tokio::test]
async fn the_pages_of_the_help_desk_and_of_a_new_password_can_be_cancelled() {
    let invited = "[second_factor]\nrequired = \"everyone\"\nenrolment = \"invited\"\n";
    let story = Story::at_openldap(invited).await;
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), INVITATION);
    assert_cancelled(&story.browser.send(&page, CANCEL, &[]).await, &story.provider.url);

    let story = Story::at_openldap("").await;
    story.admin.replace(&story.person.dn, "pwdReset", &["TRUE"]);
    let page = story.signs_in(&[]).await;
    assert!(page.body.contains("action=\"/login/password\""), "{}", page.text());
    assert_cancelled(&story.browser.send(&page, CANCEL, &[]).await, &story.provider.url);
}

#[tokio::test]
async fn the_error_uses_the_requested_response_mode() {
    let provider = at_openldap().await;
    let browser = Browser::new();
    let asked = provider.cloudsync().authorize(&[("response_mode", "form_post")]);
    let page = browser.follow(&asked.url).await;
    let answer = browser.send(&page, CANCEL, &[]).await;
    assert_eq!((answer.status, &answer.location), (StatusCode::OK, &None));
    for field in
        ["value=\"access_denied\"", "value=\"a-state\"", "action=\"https://cloudsync.example/callback\""]
    {
        assert!(answer.body.contains(field), "{field}: {}", answer.body);
    }
}

#[tokio::test]
async fn another_browser_cannot_cancel_a_login() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    assert_ended(&Browser::new().send(&page, CANCEL, &[]).await);
    let forged = story.browser.send(&page, CANCEL, &[("csrf", "0")]).await;
    assert_ended(&forged);
    let (_, codes) = story.sets_up_factor(&page).await;
    assert_arrived(&story.continues_from(&codes).await);
}

#[tokio::test]
async fn a_sign_in_for_the_security_page_says_so_and_leads_only_there() {
    let provider = at_openldap().await;
    let own = format!("{}/account/security", provider.url);
    let stranger = Browser::new();
    let page = stranger.follow(&own).await;
    assert!(page.text().contains("to open your security page"), "{}", page.text());
    let answer = stranger.send(&page, CANCEL, &[]).await;
    assert_eq!((answer.status, answer.location.as_deref()), (StatusCode::SEE_OTHER, Some("/")));
    let gone = stranger.open(&format!("{}/login?p=gone&client_id=", provider.url)).await;
    assert!(gone.body.contains("href=\"/account/security\""), "{}", gone.body);
    let out = stranger.open(&format!("{}/signed-out", provider.url)).await;
    assert!(out.body.contains("href=\"/account/security\""), "Sign in again: {}", out.body);
}

#[tokio::test]
async fn a_signed_in_person_types_only_the_password() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (browser, _) = signed_in(&cloudsync, "alice").await;
    let again = |changes: &[(&str, &str)]| {
        let url = cloudsync.authorize(&[&[("prompt", "login")], changes].concat()).url;
        let browser = &browser;
        async move { browser.follow(&url).await }
    };
    let page = again(&[]).await;
    assert!(!page.body.contains("id=\"username\""), "{}", page.body);
    assert!(page.body.contains("name=\"username\" value=\"alice\""), "{}", page.body);
    let wrong = browser.submit(&page, "alice", "wrong").await;
    assert!(
        wrong.body.contains("id=\"username\" name=\"username\" type=\"text\" value=\"alice\""),
        "{}",
        wrong.body
    );
    let arrived = browser.submit(&page, "alice", right()).await;
    assert!(arrived.parameter("code").is_some(), "{}", arrived.text());

    let hinted = again(&[("login_hint", "bob")]).await;
    assert!(
        hinted.body.contains("id=\"username\" name=\"username\" type=\"text\" value=\"bob\""),
        "{}",
        hinted.body
    );
    let same = again(&[("login_hint", "ALICE")]).await;
    assert!(!same.body.contains("id=\"username\""), "{}", same.body);
    let other = browser.fill(&same, "/session/forget", &[]).await;
    assert!(
        other.body.contains("id=\"username\" name=\"username\" type=\"text\" value=\"\""),
        "{}",
        other.body
    );
}

#[tokio::test]
async fn a_refused_person_continues_with_another_account() {
    let provider = at_openldap().await;
    let browser = Browser::new();
    let refused = browser.sign_in(&provider.cloudsync().authorize(&[]), "carol", right()).await;
    assert!(refused.text().contains("Use another account"), "{}", refused.text());
    let fresh = browser.fill(&refused, "/session/forget", &[]).await;
    assert!(!fresh.body.contains("carol"), "{}", fresh.body);
    let arrived = browser.submit(&fresh, "alice", right()).await;
    assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
}

#[tokio::test]
async fn a_link_opens_the_recovery_code_form_and_a_wrong_code_repeats_it() {
    let story = Story::at_openldap(EVERYONE).await;
    let (_, codes) = story.sets_up_factor(&story.signs_in(&[]).await).await;
    assert_arrived(&story.continues_from(&codes).await);
    let recovery_code = recovery_codes(&codes).remove(0);
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert!(page.body.contains("inputmode=\"numeric\""), "{}", page.body);
    let link = page.body.split("href=\"").find(|part| part.contains("with=recovery")).expect("a link");
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let other = story.browser.open(&page.absolute(&link)).await;
    assert_eq!((other.status, other.heading().as_str()), (StatusCode::OK, "Enter a recovery code"));
    let wrong =
        story.browser.send(&other, "/login/factor", &[("code", "aaaa-bbbb"), ("with", "recovery")]).await;
    assert_eq!(wrong.heading(), "Enter a recovery code");
    assert!(wrong.text().contains("not one of your recovery codes"), "{}", wrong.text());
    let right = story.browser.fill(&wrong, "/login/factor", &[("code", &recovery_code)]).await;
    assert!(right.body.contains("<a href=\"/account/security\">"), "{}", right.text());
    assert_arrived(&story.continues_from(&right).await);
}

#[tokio::test]
async fn the_forgotten_password_link_is_shown_if_it_is_set() {
    let story = Story::at_openldap("").await;
    assert!(!story.starts_login(&[]).await.text().contains("Forgot your password?"));
    story.set("[sso]\nforgot_password_url = \"https://password.example.com/\"\n").await;
    let page = story.starts_login(&[]).await;
    assert!(page.body.contains("href=\"https://password.example.com/\""), "{}", page.body);
}
