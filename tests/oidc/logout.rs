//! RP-initiated logout: when the person is asked, where the browser is redirected, and what ends.

use reqwest::StatusCode;

use super::{HOUR, INVALID_GRANT, NOTES, Stage, error};
use crate::support::browser::{Browser, Page};

const HOME: &str = "https://cloudsync.example/";

fn address(stage: &Stage, parameters: &[(&str, &str)]) -> String {
    reqwest::Url::parse_with_params(&stage.at("/logout"), parameters).unwrap().to_string()
}

async fn is_signed_in(stage: &Stage, browser: &Browser) -> bool {
    match stage.ask(browser, &[("prompt", "none")]).await.as_str() {
        "code" => true,
        "login_required" => false,
        other => panic!("{other}"),
    }
}

/// Presses the button of the confirmation page.
async fn confirm(browser: &Browser, page: &Page) -> Page {
    let fields = page.fields();
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&page.absolute("/logout"), &fields).await
}

#[tokio::test]
async fn with_its_own_id_token_a_client_signs_out_without_a_question() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    stage.later(HOUR); // the ID token has expired, which does not matter
    let asked =
        [("id_token_hint", tokens.text("id_token")), ("post_logout_redirect_uri", HOME), ("state", "ü &")];
    let out = browser.open(&address(&stage, &asked)).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.text());
    assert!(
        out.location.as_deref().unwrap().starts_with("https://cloudsync.example/?state="),
        "{:?}",
        out.location
    );
    assert_eq!(out.parameter("state").as_deref(), Some("ü &"));
    assert!(out.headers["set-cookie"].contains("Max-Age=0"), "{:?}", out.headers);
    assert!(!is_signed_in(&stage, &browser).await);
}

#[tokio::test]
async fn every_token_of_the_session_ends_with_it_and_no_other() {
    let stage = Stage::with(NOTES).await;
    let (browser, tokens) = stage.signed_in().await;
    let (elsewhere, other) = stage.signed_in().await;
    let notes = stage.notes();
    let noted = notes.exchange(&browser.follow(&notes.authorize(&[]).url).await).await;
    browser.open(&address(&stage, &[("id_token_hint", tokens.text("id_token"))])).await;
    for (party, ended) in [(&stage.cloudsync, &tokens), (&notes, &noted)] {
        assert_eq!(error(&party.refresh(ended.text("refresh_token")).await), INVALID_GRANT);
        assert_eq!(stage.opens(ended).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(stage.opens(&other).await, StatusCode::OK);
    assert_eq!(stage.cloudsync.refresh(other.text("refresh_token")).await.status, StatusCode::OK);
    assert!(is_signed_in(&stage, &elsewhere).await);
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked_and_led_back_after_a_yes() {
    let stage = Stage::new().await;
    let (browser, _) = stage.signed_in().await;
    let asked = [("client_id", "cloudsync"), ("post_logout_redirect_uri", HOME), ("state", "s\"1")];
    let page = browser.open(&address(&stage, &asked)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Do you want to sign out?") && page.text().contains("Alice Adams"));
    let policy = &page.headers["content-security-policy"];
    assert!(policy.ends_with("form-action 'self' https://cloudsync.example"), "{policy}");
    assert!(is_signed_in(&stage, &browser).await, "asking ends nothing");
    let out = confirm(&browser, &page).await;
    assert_eq!((out.status, out.parameter("state").as_deref()), (StatusCode::SEE_OTHER, Some("s\"1")));
    assert!(!is_signed_in(&stage, &browser).await);
}

#[tokio::test]
async fn a_yes_that_did_not_come_from_our_page_is_asked_again() {
    let stage = Stage::new().await;
    let (browser, _) = stage.signed_in().await;
    let (other, _) = stage.signed_in().await;
    let token = other.open(&address(&stage, &[])).await.fields()["csrf"].clone();
    for forged in ["", "x", &token] {
        let page = browser.post(&stage.at("/logout"), &[("confirm", "yes"), ("csrf", forged)]).await;
        assert!(page.text().contains("Do you want to sign out?"), "{forged}: {}", page.text());
    }
    let good = browser.open(&address(&stage, &[])).await.fields()["csrf"].clone();
    let cross_site = browser.http.post(stage.at("/logout")).header("origin", "https://evil.example");
    let page = Page::of(cross_site.form(&[("confirm", "yes"), ("csrf", &good)])).await;
    assert!(page.text().contains("Do you want to sign out?"), "{}", page.text());
    assert!(is_signed_in(&stage, &browser).await);
}

#[tokio::test]
async fn a_hint_of_another_session_is_asked_about() {
    let stage = Stage::new().await;
    let (browser, _) = stage.signed_in().await;
    for name in ["alice", "zoe"] {
        let (elsewhere, foreign) = stage.signed_in_as(name).await;
        let page = browser.open(&address(&stage, &[("id_token_hint", foreign.text("id_token"))])).await;
        assert!(page.text().contains("Do you want to sign out?"), "{}", page.text());
        assert!(is_signed_in(&stage, &browser).await && is_signed_in(&stage, &elsewhere).await);
    }
}

#[tokio::test]
async fn a_request_that_is_not_right_is_answered_by_a_page_and_ends_nothing() {
    let stage = Stage::with(NOTES).await;
    let (browser, tokens) = stage.signed_in().await;
    let hint = ("id_token_hint", tokens.text("id_token"));
    let to = |uri| ("post_logout_redirect_uri", uri);
    let mut tampered = tokens.text("id_token").to_owned();
    tampered.replace_range(tampered.len() - 8..tampered.len() - 4, "AAAA");
    let bad_address = "This return address is not registered";
    #[rustfmt::skip]
    let table = [
        (vec![hint, to("https://evil.example/")], bad_address),
        (vec![hint, to("https://cloudsync.example")], bad_address),
        (vec![hint, to("https://cloudsync.example/?x=1")], bad_address),
        (vec![hint, to("https://cloudsync.example/#x")], bad_address),
        (vec![hint, to("https://CLOUDSYNC.example/")], bad_address),
        (vec![hint, to("https://notes.example/bye")], bad_address),
        (vec![hint, to("javascript:alert(1)")], bad_address),
        (vec![("client_id", "cloudsync"), to("https://evil.example/")], bad_address),
        (vec![("client_id", "nobody"), to(HOME)], "This app is not registered"),
        (vec![to(HOME)], "needs id_token_hint or client_id"),
        (vec![hint, ("client_id", "notes"), to("https://notes.example/bye")], "not the client of id_token_hint"),
        (vec![("id_token_hint", &tampered)], "not an ID token of this provider"),
        (vec![("id_token_hint", tokens.text("access_token"))], "not an ID token of this provider"),
        (vec![hint, hint], "more than once"),
        (vec![hint, ("state", "a\0b")], "contains a NUL"),
    ];
    for (parameters, says) in table {
        let page = browser.open(&address(&stage, &parameters)).await;
        assert_eq!((page.status, &page.location), (StatusCode::BAD_REQUEST, &None), "{parameters:?}");
        assert!(page.text().contains(says), "{parameters:?}: {}", page.text());
        assert!(!page.text().contains("sign-in request"), "it is about a sign-out: {}", page.text());
    }
    assert!(is_signed_in(&stage, &browser).await);
}

#[tokio::test]
async fn a_posted_request_becomes_a_get_that_has_the_cookies() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    let fields =
        [("id_token_hint", tokens.text("id_token")), ("post_logout_redirect_uri", HOME), ("state", "x y")];
    let page = browser.post(&stage.at("/logout"), &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert!(is_signed_in(&stage, &browser).await, "not by the post itself");
    let out = browser.open(&page.absolute(page.location.as_deref().unwrap())).await;
    assert_eq!(out.parameter("state").as_deref(), Some("x y"));
    assert!(!is_signed_in(&stage, &browser).await);
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_ask() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    let hint = ("id_token_hint", tokens.text("id_token"));
    browser.open(&address(&stage, &[hint])).await;
    let again = browser.open(&address(&stage, &[hint, ("post_logout_redirect_uri", HOME)])).await;
    assert_eq!((again.status, again.location.as_deref()), (StatusCode::SEE_OTHER, Some(HOME)));
    for parameters in [vec![], vec![("client_id", "cloudsync")]] {
        let page = Browser::new().open(&address(&stage, &parameters)).await;
        assert!(page.status == StatusCode::OK && page.text().contains("You are signed out"));
    }
}

#[tokio::test]
async fn the_signed_out_page_links_back_to_the_client_in_the_requested_language() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    let asked = [("id_token_hint", tokens.text("id_token")), ("ui_locales", "de")];
    let page = browser.open(&address(&stage, &asked)).await;
    assert!(page.body.contains("lang=\"de\"") && page.body.contains("href=\"https://cloudsync.example/\""));
    let plain = browser.open(&stage.at("/signed-out")).await;
    assert!(plain.status == StatusCode::OK && plain.text().contains("You are signed out"));
}
