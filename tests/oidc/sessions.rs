//! One sign-in serves every client for as long as the session is valid.

use reqwest::StatusCode;

use super::{HOUR, INVALID_GRANT, MINUTE, NOTES, SECOND, Stage, error};
use crate::support::browser::{Browser, Page};
use crate::support::lab;

const SILENT: [(&str, &str); 1] = [("prompt", "none")];

fn session_id(page: &Page) -> String {
    let cookie = page.cookies.iter().find(|cookie| cookie.starts_with("cloudsync_session="));
    let cookie = cookie.expect("a session");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Expires"), "{cookie}");
    cookie.split(['=', ';']).nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_second_client_asks_for_no_password() {
    let stage = Stage::with(NOTES).await;
    let (browser, tokens) = stage.signed_in().await;
    let notes = stage.notes();
    let back = browser.open(&notes.authorize(&[]).url).await;
    let noted = notes.exchange(&back).await;
    let (one, other) = (tokens.payload("id_token"), noted.payload("id_token"));
    assert_eq!(
        (&one["sub"], &one["sid"], &one["auth_time"]),
        (&other["sub"], &other["sid"], &other["auth_time"])
    );
    assert_eq!((one["aud"].as_str(), other["aud"].as_str()), (Some("cloudsync"), Some("notes")));
    assert_eq!(stage.outcome(&browser, &notes.authorize(&SILENT)).await, "code");
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_and_use_prolongs_it() {
    let stage = Stage::new().await;
    let (used, unused) = (stage.signed_in().await.0, stage.signed_in().await.0);
    stage.later(8 * HOUR - 1);
    assert_eq!(stage.ask(&used, &SILENT).await, "code");
    stage.later(1);
    assert_eq!(stage.ask(&unused, &SILENT).await, "login_required");
    assert_eq!(stage.ask(&unused, &[]).await, "page");
    stage.later(8 * HOUR - 2);
    assert_eq!(stage.ask(&used, &SILENT).await, "code");
}

#[tokio::test]
async fn a_session_ends_a_day_after_the_password_used_or_not() {
    let stage = Stage::new().await;
    let (browser, _) = stage.signed_in().await;
    for _ in 0..3 {
        stage.later(8 * HOUR - 1);
        assert_eq!(stage.ask(&browser, &SILENT).await, "code");
    }
    stage.later(3); // 24 hours
    assert_eq!(stage.ask(&browser, &SILENT).await, "login_required");
}

#[tokio::test]
async fn settings_shorten_existing_sessions() {
    let stage = Stage::new().await;
    let (browser, _) = stage.signed_in().await;
    stage.later(10 * MINUTE);
    let mode = cloudsync_idp::flow::settings::Mode::Merge;
    stage.provider.apply("[session]\nidle_minutes = 10\n", mode).await.expect("good settings");
    assert_eq!(stage.ask(&browser, &SILENT).await, "login_required");
}

#[tokio::test]
async fn each_sign_in_makes_a_new_id_and_the_old_one_is_worth_nothing() {
    let stage = Stage::new().await;
    let browser = Browser::new();
    let first = session_id(&stage.arrive(&browser, "alice", &[]).await);
    let second = session_id(&stage.arrive(&browser, "alice", &[("prompt", "login")]).await);
    assert_ne!(first, second);
    let asked = stage.cloudsync.authorize(&SILENT);
    for (id, expected) in [(&first, "login_required"), (&second, "")] {
        let request = Browser::new().http.get(&asked.url);
        let back = Page::of(request.header("cookie", format!("cloudsync_session={id}"))).await;
        assert_eq!(back.parameter("error").unwrap_or_default(), expected);
    }
}

#[tokio::test]
async fn a_planted_session_id_is_not_adopted() {
    let stage = Stage::new().await;
    let planted = "A".repeat(43);
    let browser = Browser::new();
    let page = browser.follow(&stage.cloudsync.authorize(&[]).url).await;
    let login = page.fields();
    assert!(login.contains_key("pending"));
    let arrived = stage.arrive(&browser, "alice", &[]).await;
    assert_ne!(session_id(&arrived), planted);
    let request = Browser::new().http.get(stage.cloudsync.authorize(&SILENT).url);
    let back = Page::of(request.header("cookie", format!("cloudsync_session={planted}"))).await;
    assert_eq!(back.parameter("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn another_person_at_the_same_browser_ends_the_first_ones_session() {
    let stage = Stage::new().await;
    let (browser, alice) = stage.signed_in().await;
    let zoe = stage.sign_in(&browser, "zoe", &[("prompt", "login")]).await;
    assert_ne!(alice.payload("id_token")["sid"], zoe.payload("id_token")["sid"]);
    assert_eq!(stage.opens(&alice).await, StatusCode::UNAUTHORIZED);
    assert_eq!(error(&stage.cloudsync.refresh(alice.text("refresh_token")).await), INVALID_GRANT);
    assert_eq!(stage.opens(&zoe).await, StatusCode::OK);
}

#[tokio::test]
async fn not_you_ends_the_session_and_asks_for_another_name() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    let page = browser.follow(&stage.cloudsync.authorize(&[("prompt", "login")]).url).await;
    assert!(page.text().contains("Alice Adams"), "{}", page.text());
    let fields = page.fields();
    let forget = [("pending", fields["pending"].as_str()), ("csrf", fields["csrf"].as_str())];
    let next = browser.post(&page.absolute("/session/forget"), &forget).await;
    let page = browser.open(&next.absolute(next.location.as_deref().unwrap())).await;
    assert!(page.body.contains("name=\"password\"") && !page.text().contains("Alice Adams"));
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
    let back = browser.submit(&page, "zoe", &lab::ldap().user_password).await;
    let tokens = stage.cloudsync.exchange(&back).await;
    assert_eq!(tokens.payload("id_token")["preferred_username"], "zoe");
}

#[tokio::test]
async fn a_session_ends_when_an_import_suspends_its_owner() {
    let stage = Stage::new().await;
    let lab = lab::ldap();
    let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    let (browser, tokens) = stage.signed_in_as(&person.account).await;
    assert_eq!(stage.ask(&browser, &SILENT).await, "code");
    let account = cloudsync_idp::domain::account::AccountId(
        tokens.payload("id_token")["sub"].as_str().unwrap().to_owned(),
    );
    assert_eq!(stage.provider.parts.store.login().sessions_of(&account).await.unwrap().len(), 1);
    lab.admin.delete(&person.dn);
    stage.later(SECOND); // later than the sign-in, which has just seen the entry
    stage.provider.sync().await.expect("an import");
    assert_eq!(stage.provider.parts.store.login().sessions_of(&account).await.unwrap().len(), 0);
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.ask(&browser, &SILENT).await, "login_required");
    assert_eq!(error(&stage.cloudsync.refresh(tokens.text("refresh_token")).await), INVALID_GRANT);
}

#[tokio::test]
async fn a_session_is_checked_again_when_its_last_check_is_too_old() {
    let stage = Stage::new().await;
    let lab = lab::ldap();
    let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    let (browser, _) = stage.signed_in_as(&person.account).await;
    lab.admin.move_to(&person.dn, &format!("uid={}", person.account), &lab.dn("ou=outside"));
    stage.later(MINUTE);
    assert_eq!(stage.ask(&browser, &SILENT).await, "login_required");
    assert_eq!(stage.ask(&browser, &[]).await, "page");
}
