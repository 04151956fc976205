//! Authorization codes: valid once, briefly, for their client and verifier; a second use revokes the tokens.

use reqwest::StatusCode;

use super::{INVALID_GRANT, NOTES, SECOND, Stage, error};
use crate::support::browser::Browser;
use crate::support::relying_party::VERIFIER;

async fn code(stage: &Stage) -> String {
    stage.arrive(&Browser::new(), "alice", &[]).await.parameter("code").expect("a code")
}

#[tokio::test]
async fn the_second_use_of_a_code_revokes_the_tokens_of_the_first() {
    let stage = Stage::new().await;
    let code = code(&stage).await;
    let tokens = stage.cloudsync.exchange_code(&code).await;
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK);
    assert_eq!(error(&stage.cloudsync.exchange_code(&code).await), INVALID_GRANT);
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(error(&stage.cloudsync.refresh(tokens.text("refresh_token")).await), INVALID_GRANT);
}

#[tokio::test]
async fn a_replay_also_revokes_refreshed_tokens() {
    let stage = Stage::new().await;
    let code = code(&stage).await;
    let first = stage.cloudsync.exchange_code(&code).await;
    let second = stage.cloudsync.refresh(first.text("refresh_token")).await;
    assert_eq!(stage.opens(&second).await, StatusCode::OK);
    assert_eq!(error(&stage.cloudsync.exchange_code(&code).await), INVALID_GRANT);
    assert_eq!(stage.opens(&second).await, StatusCode::UNAUTHORIZED);
    assert_eq!(error(&stage.cloudsync.refresh(second.text("refresh_token")).await), INVALID_GRANT);
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let stage = Stage::new().await;
    let (young, old) = (code(&stage).await, code(&stage).await);
    stage.later(60 * SECOND - 1);
    assert_eq!(stage.cloudsync.exchange_code(&young).await.status, StatusCode::OK);
    stage.later(1);
    assert_eq!(error(&stage.cloudsync.exchange_code(&old).await), INVALID_GRANT);
}

#[tokio::test]
async fn a_client_that_does_not_own_a_code_gets_nothing_and_does_not_spend_it() {
    let stage = Stage::with(NOTES).await;
    let code = code(&stage).await;
    let other = "a".repeat(43);
    let own = stage.cloudsync.redirect_uri.as_str();
    let form = |uri, verifier: Option<&'static str>| {
        let fields = [("grant_type", "authorization_code"), ("redirect_uri", uri)];
        fields.into_iter().chain(verifier.map(|verifier| ("code_verifier", verifier))).collect::<Vec<_>>()
    };
    let other: &'static str = Box::leak(other.into_boxed_str());
    let table = [
        ("another verifier", form(own, Some(other)), INVALID_GRANT.1),
        ("no verifier", form(own, None), INVALID_GRANT.1),
        ("a malformed verifier", form(own, Some("short")), "invalid_request"),
        ("another address", form("https://cloudsync.example/", Some(VERIFIER)), INVALID_GRANT.1),
        (
            "no address",
            vec![("grant_type", "authorization_code"), ("code_verifier", VERIFIER)],
            "invalid_request",
        ),
    ];
    for (what, mut fields, expected) in table {
        fields.push(("code", &code));
        assert_eq!(
            error(&stage.cloudsync.token(&fields).await),
            (StatusCode::BAD_REQUEST, expected),
            "{what}"
        );
    }
    let mut right = form(own, Some(VERIFIER));
    right.push(("code", &code));
    assert_eq!(error(&stage.notes().token(&right).await), INVALID_GRANT, "another client");
    assert_eq!(stage.cloudsync.token(&right).await.status, StatusCode::OK, "its own client, at last");
}

#[tokio::test]
async fn made_up_codes_are_worth_nothing() {
    let stage = Stage::new().await;
    let real = code(&stage).await;
    for made_up in ["x", &"A".repeat(43), &format!("{real}A"), &real[1..], &real.to_lowercase(), "ü"] {
        assert_eq!(error(&stage.cloudsync.exchange_code(made_up).await), INVALID_GRANT, "{made_up}");
    }
}

#[tokio::test]
async fn of_two_exchanges_at_once_at_most_one_wins_and_keeps_nothing() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        let code = code(&stage).await;
        let (one, other) =
            tokio::join!(stage.cloudsync.exchange_code(&code), stage.cloudsync.exchange_code(&code));
        let won: Vec<_> = [&one, &other].into_iter().filter(|it| it.status == StatusCode::OK).collect();
        assert!(won.len() < 2, "{one:?} {other:?}");
        for tokens in won {
            assert_eq!(stage.opens(tokens).await, StatusCode::UNAUTHORIZED, "the code came twice");
        }
    }
}

#[tokio::test]
async fn a_code_dies_with_the_session_that_it_came_from() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    let code = browser.follow(&stage.cloudsync.authorize(&[]).url).await.parameter("code").unwrap();
    let hint = tokens.text("id_token");
    let out = browser.open(&stage.at(&format!("/logout?id_token_hint={hint}"))).await;
    assert_eq!(out.status, StatusCode::OK, "{}", out.text());
    assert_eq!(error(&stage.cloudsync.exchange_code(&code).await), INVALID_GRANT);
}

#[tokio::test]
async fn a_spent_code_in_another_clients_hands_ends_nothing() {
    let stage = Stage::with(NOTES).await;
    let code = code(&stage).await;
    let tokens = stage.cloudsync.exchange_code(&code).await;
    assert_eq!(error(&stage.notes().exchange_code(&code).await), INVALID_GRANT);
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK, "it was none of its business");
    assert_eq!(error(&stage.cloudsync.exchange_code(&code).await), INVALID_GRANT);
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
}
