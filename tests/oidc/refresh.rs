//! Refresh tokens: valid once, for their client, for a limited time; using one twice revokes its family.

use reqwest::StatusCode;
use serde_json::Value;

use super::{DAY, INVALID_GRANT, MINUTE, NOTES, SECOND, START, Stage, error};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::ldap_settings;
use crate::support::relying_party::{RelyingParty, Tokens};
use crate::support::until;

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_sign_in() {
    let stage = Stage::new().await;
    let first = stage.tokens().await;
    stage.later(5 * MINUTE);
    let second = stage.cloudsync.refresh(first.text("refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "{:?}", second.body);
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    let (before, after) = (first.payload("id_token"), second.payload("id_token"));
    for same in ["iss", "sub", "aud", "auth_time", "sid", "amr", "acr", "name", "email"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    // OpenID Connect Core section 12.2
    assert_eq!((&before["nonce"], &after["nonce"]), (&Value::from("a-nonce"), &Value::Null));
    assert_eq!(after["iat"], START / SECOND + 300);
    assert_eq!(stage.opens(&second).await, StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_comes_twice_ends_its_family() {
    let stage = Stage::new().await;
    let first = stage.tokens().await;
    let second = stage.cloudsync.refresh(first.text("refresh_token")).await;
    let third = stage.cloudsync.refresh(second.text("refresh_token")).await;
    assert_eq!(stage.opens(&third).await, StatusCode::OK);
    assert_eq!(error(&stage.cloudsync.refresh(first.text("refresh_token")).await), INVALID_GRANT);
    assert_eq!(error(&stage.cloudsync.refresh(third.text("refresh_token")).await), INVALID_GRANT);
    assert_eq!(stage.opens(&third).await, StatusCode::UNAUTHORIZED, "the access token too");
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_are_given_the_same_token() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        let token = stage.tokens().await;
        let token = token.text("refresh_token");
        let (one, other) = tokio::join!(stage.cloudsync.refresh(token), stage.cloudsync.refresh(token));
        assert_eq!((one.status, other.status), (StatusCode::OK, StatusCode::OK), "{one:?} {other:?}");
        assert_eq!(one.text("refresh_token"), other.text("refresh_token"), "one family");
        for tokens in [&one, &other] {
            assert_eq!(stage.opens(tokens).await, StatusCode::OK);
        }
        assert_eq!(stage.cloudsync.refresh(one.text("refresh_token")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_grace_is_short_and_ends_with_the_use_of_the_next_token() {
    let stage = Stage::new().await;
    let refresh = async |tokens: &Tokens| stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    let first = stage.tokens().await;
    let second = refresh(&first).await;
    stage.later(10 * SECOND - 1);
    let again = refresh(&first).await;
    assert_eq!(again.text("refresh_token"), second.text("refresh_token"), "{:?}", again.body);
    stage.later(1);
    assert_eq!(error(&refresh(&first).await), INVALID_GRANT, "a replay");
    assert_eq!(error(&refresh(&second).await), INVALID_GRANT, "which ends the family");
    assert_eq!(stage.opens(&again).await, StatusCode::UNAUTHORIZED);

    let first = stage.tokens().await;
    let second = refresh(&first).await;
    let third = refresh(&second).await;
    assert_eq!(error(&refresh(&first).await), INVALID_GRANT, "its successor was used");
    assert_eq!(error(&refresh(&third).await), INVALID_GRANT);
    // a person who was signed out or suspended meanwhile gets nothing in the grace period either
    let (browser, first) = stage.signed_in().await;
    let second = refresh(&first).await;
    browser.open(&stage.at(&format!("/logout?id_token_hint={}", second.text("id_token")))).await;
    assert_eq!(error(&refresh(&first).await), INVALID_GRANT);
}

#[tokio::test]
async fn nonsense_and_strangers_do_not_end_a_family() {
    let stage = Stage::with(NOTES).await;
    let tokens = stage.tokens().await;
    let token = tokens.text("refresh_token");
    let (family, secret) = token.split_once('.').expect("a family and a secret");
    let nonsense = [
        format!("{family}."),
        format!("{family}.x"),
        format!("{family}.{}", "A".repeat(secret.len())),
        format!("{family}.{}", secret.to_lowercase()),
        format!("x.{secret}"),
        family.to_owned(),
        "x".to_owned(),
        format!("{token}x"),
        tokens.text("access_token").to_owned(),
    ];
    for nonsense in nonsense {
        assert_eq!(error(&stage.cloudsync.refresh(&nonsense).await), INVALID_GRANT, "{nonsense}");
    }
    assert_eq!(error(&stage.notes().refresh(token).await), INVALID_GRANT, "another client");
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK);
    assert_eq!(stage.cloudsync.refresh(token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_the_family_keeps_all() {
    let stage = Stage::new().await;
    let mut tokens = stage.tokens().await;
    let all = "openid profile email offline_access";
    #[rustfmt::skip]
    let table = [
        ("openid", "openid", true, false),
        ("openid email", "openid email", true, true),
        ("email openid profile offline_access", all, true, true),
        ("email", "email", false, true),
        ("", all, true, true),
    ];
    for (asked, given, has_id_token, has_email) in table {
        let token = tokens.text("refresh_token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", asked)];
        let next = stage.cloudsync.token(&form).await;
        assert_eq!((next.status, next.text("scope")), (StatusCode::OK, given), "{asked:?}");
        assert_eq!(next.payload("access_token")["scope"], given, "{asked:?}");
        assert_eq!(next.body.get("id_token").is_some(), has_id_token, "{asked:?}");
        let userinfo = stage.cloudsync.userinfo(next.text("access_token")).await;
        let expected = if has_id_token { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(userinfo.status, expected, "{asked:?}");
        assert_eq!(userinfo.body.get("email").is_some(), has_id_token && has_email, "{asked:?}");
        tokens = next;
    }
}

#[tokio::test]
async fn a_refresh_may_not_ask_for_more_and_the_token_stays_good() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let token = tokens.text("refresh_token");
    for asked in ["openid groups", "openid address", "groups", "openid \"x\"", "OPENID"] {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", asked)];
        let refused = stage.cloudsync.token(&form).await;
        assert_eq!(error(&refused), (StatusCode::BAD_REQUEST, "invalid_scope"), "{asked}");
    }
    assert_eq!(stage.cloudsync.refresh(token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_is_not_used_ends_after_its_idle_lifetime() {
    let stage = Stage::new().await;
    let (used, unused) = (stage.tokens().await, stage.tokens().await);
    stage.later(30 * DAY - 1);
    assert_eq!(stage.cloudsync.refresh(used.text("refresh_token")).await.status, StatusCode::OK);
    stage.later(1);
    assert_eq!(error(&stage.cloudsync.refresh(unused.text("refresh_token")).await), INVALID_GRANT);
}

#[tokio::test]
async fn a_family_ends_after_its_absolute_lifetime_used_or_not() {
    let stage = Stage::new().await;
    let mut tokens = stage.tokens().await;
    for _ in 0..8 {
        stage.later(11 * DAY);
        tokens = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
    }
    stage.later(2 * DAY - 1); // 90 days in total
    tokens = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
    stage.later(1);
    assert_eq!(error(&stage.cloudsync.refresh(tokens.text("refresh_token")).await), INVALID_GRANT);
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn there_is_none_without_offline_access_or_without_the_grant_type() {
    let online = r#"
[[clients]]
client_id = "online"
client_secret = "online-long-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
grant_types = ["authorization_code"]
"#;
    let stage = Stage::with(online).await;
    let (browser, _) = stage.signed_in().await;
    let tokens = stage.sign_in(&Browser::new(), "alice", &[("scope", "openid profile")]).await;
    assert!(tokens.body.get("refresh_token").is_none(), "not asked for");
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK);
    let online = RelyingParty::new(&stage.provider.url, "online", Some("online-long-test-secret"));
    let tokens = online.exchange(&browser.follow(&online.authorize(&[]).url).await).await;
    assert!(tokens.body.get("refresh_token").is_none(), "not the client's");
    assert_eq!(tokens.text("scope"), "openid profile email");
}

#[tokio::test]
async fn a_scope_that_was_taken_from_the_client_is_gone_with_the_next_refresh() {
    let stage = Stage::with(NOTES).await;
    let tokens = stage.tokens().await;
    let narrowed = "[[clients]]\nclient_id = \"cloudsync\"\nscope = \"openid offline_access\"\n";
    stage.provider.apply(narrowed, cloudsync_idp::flow::settings::Mode::Merge).await.expect("good settings");
    let next = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!((next.status, next.text("scope")), (StatusCode::OK, "openid offline_access"));
    assert!(next.payload("id_token").get("email").is_none());
}

#[tokio::test]
async fn a_person_who_left_the_directory_gets_no_new_tokens() {
    let stage = Stage::new().await;
    let lab = lab::ldap();
    let (leaver, mover) = (
        lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password),
        lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password),
    );
    let (_, left) = stage.signed_in_as(&leaver.account).await;
    let (_, moved) = stage.signed_in_as(&mover.account).await;
    lab.admin.delete(&leaver.dn);
    lab.admin.move_to(&mover.dn, &format!("uid={}", mover.account), &lab.dn("ou=outside"));
    stage.later(MINUTE); // the last check of the directory is too old to be trusted
    for tokens in [left, moved] {
        assert_eq!(error(&stage.cloudsync.refresh(tokens.text("refresh_token")).await), INVALID_GRANT);
    }
}

#[tokio::test]
async fn with_the_directory_away_a_refresh_is_answered_503_and_spends_nothing() {
    let lab = lab::own_ldap(&[]);
    let stage = Stage::with("").await;
    let own = ldap_settings(&[&lab]);
    stage.provider.apply(&own, cloudsync_idp::flow::settings::Mode::Merge).await.expect("good settings");
    stage.provider.sync().await.expect("an import");
    let back = Browser::new().sign_in(&stage.cloudsync.authorize(&[]), "alice", &lab.user_password).await;
    let tokens = stage.cloudsync.exchange(&back).await;
    lab.kill();
    stage.later(59 * SECOND);
    let known = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(known.status, StatusCode::OK, "known well enough: {:?}", known.body);
    stage.later(MINUTE);
    let away = stage.cloudsync.refresh(known.text("refresh_token")).await;
    assert_eq!(error(&away), (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"));
    lab.restart();
    // The breaker may exclude the server for a moment: what matters is that the token stays valid.
    until("the directory is asked again", async || {
        let again = stage.cloudsync.refresh(known.text("refresh_token")).await;
        assert_ne!(again.status, StatusCode::BAD_REQUEST, "{:?}", again.body);
        again.status == StatusCode::OK
    })
    .await;
}
