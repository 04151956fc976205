//! Signing keys: rotated with overlap, seen by every process; and the sealing key's file.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;

use cloudsync_idp::app;
use cloudsync_idp::flow::installation::rotation::{self, Rotated};
use jsonwebtoken::decode_header;
use reqwest::StatusCode;
use serde_json::Value;

use super::{DAY, HOUR, MINUTE, Stage};
use crate::support::provider::{Setup, ldap_settings};
use crate::support::relying_party::Tokens;
use crate::support::{desk, lab};

/// How many keys of each algorithm are published.
async fn published(stage: &Stage) -> HashMap<String, usize> {
    let mut count = HashMap::new();
    for key in jwks(stage).await {
        *count.entry(key["alg"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    count
}

async fn jwks(stage: &Stage) -> Vec<Value> {
    let keys: Value = reqwest::get(stage.at("/jwks")).await.unwrap().json().await.unwrap();
    keys["keys"].as_array().unwrap().clone()
}

fn of_each(count: usize) -> HashMap<String, usize> {
    ["RS256", "ES256", "EdDSA"].map(|alg| (alg.to_owned(), count)).into()
}

fn kid(tokens: &Tokens, which: &str) -> String {
    decode_header(tokens.text(which)).unwrap().kid.unwrap()
}

async fn is_published(stage: &Stage, kid: &str) -> bool {
    jwks(stage).await.iter().any(|key| key["kid"] == kid)
}

#[tokio::test]
async fn published_keys_are_public_and_named_for_their_use() {
    let stage = Stage::new().await;
    let keys = jwks(&stage).await;
    for key in &keys {
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    let names: std::collections::HashSet<_> = keys.iter().map(|key| key["kid"].to_string()).collect();
    assert_eq!(names.len(), 6);
    assert_eq!(published(&stage).await, of_each(2), "current and next");
}

#[tokio::test]
async fn after_a_rotation_old_tokens_are_good_and_new_ones_signed_by_the_next_key() {
    let stage = Stage::new().await;
    let (browser, before) = stage.signed_in().await;
    let known: Vec<Value> = jwks(&stage).await;
    assert!(matches!(
        rotation::by_command(&stage.provider.parts.operation(), &desk()).await,
        Ok(Rotated::Done(_))
    ));
    assert_eq!(published(&stage).await, of_each(3), "retired, current and next");
    assert_eq!(stage.opens(&before).await, StatusCode::OK);
    let hint = [("id_token_hint", before.text("id_token")), ("prompt", "none")];
    assert_eq!(stage.ask(&browser, &hint).await, "code");
    let after = stage.cloudsync.refresh(before.text("refresh_token")).await;
    for token in ["access_token", "id_token"] {
        let name = kid(&after, token);
        assert_ne!(name, kid(&before, token), "{token}");
        assert!(known.iter().any(|key| key["kid"] == *name), "{token}: it was published before it signed");
        assert!(is_published(&stage, &kid(&before, token)).await, "{token}");
    }
}

#[tokio::test]
async fn a_retired_key_is_removed_when_none_of_its_tokens_can_be_valid() {
    let stage = Stage::new().await;
    let before = stage.tokens().await;
    assert!(matches!(
        rotation::by_command(&stage.provider.parts.operation(), &desk()).await,
        Ok(Rotated::Done(_))
    ));
    stage.later(HOUR);
    let _steps = rotation::by_schedule(&stage.provider.parts.operation()).await.expect("a look");
    assert!(is_published(&stage, &kid(&before, "id_token")).await);
    stage.later(2 * DAY);
    let _steps = rotation::by_schedule(&stage.provider.parts.operation()).await.expect("a look");
    assert!(!is_published(&stage, &kid(&before, "id_token")).await);
    assert_eq!(published(&stage).await, of_each(2));
}

#[tokio::test]
async fn a_session_can_be_ended_with_its_id_token_after_a_rotation() {
    let stage = Stage::new().await;
    let (browser, before) = stage.signed_in().await;
    assert!(matches!(
        rotation::by_command(&stage.provider.parts.operation(), &desk()).await,
        Ok(Rotated::Done(_))
    ));
    stage.later(6 * HOUR);
    let _steps = rotation::by_schedule(&stage.provider.parts.operation()).await.expect("a look");
    let out = browser.open(&stage.at(&format!("/logout?id_token_hint={}", before.text("id_token")))).await;
    assert!(out.status == StatusCode::OK && out.text().contains("You are signed out"), "{}", out.text());
}

#[tokio::test]
async fn keys_rotate_by_their_age() {
    let stage = Stage::new().await;
    let before = stage.tokens().await;
    stage.later(89 * DAY);
    assert_eq!(
        rotation::by_schedule(&stage.provider.parts.operation()).await.expect("a look"),
        Rotated::NothingDue
    );
    stage.later(DAY);
    assert!(matches!(rotation::by_schedule(&stage.provider.parts.operation()).await, Ok(Rotated::Done(_))));
    let after = stage.tokens().await;
    assert_ne!(kid(&before, "id_token"), kid(&after, "id_token"));
}

#[tokio::test]
async fn a_rotation_in_another_process_is_taken_over() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let other = stage.provider.another_process().await;
    assert!(matches!(rotation::by_command(&other.operation(), &desk()).await, Ok(Rotated::Done(_))));
    assert_eq!(published(&stage).await, of_each(2), "not seen yet");
    rotation::reload(&stage.provider.parts.operation()).await.expect("a look");
    assert_eq!(published(&stage).await, of_each(3));
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK);
    let after = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert!(other.keys.ring().verify(after.text("id_token"), "JWT").is_ok(), "both sign with the same keys");
}

#[tokio::test]
async fn two_processes_that_rotate_at_once_rotate_once() {
    let stage = Stage::new().await;
    let other = stage.provider.another_process().await;
    stage.later(90 * DAY);
    let (parts, others) = (stage.provider.parts.operation(), other.operation());
    let (one, two) = tokio::join!(rotation::by_schedule(&parts), rotation::by_schedule(&others));
    let _steps = (one.expect("a look"), two.expect("a look"));
    rotation::reload(&stage.provider.parts.operation()).await.expect("a look");
    assert_eq!(published(&stage).await, of_each(3));
    stage.later(MINUTE);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_rotates_though_another_process_does_too() {
    let store = tokio::task::spawn_blocking(|| lab::postgres().url()).await.expect("PostgreSQL runs");
    let stage = Stage::set_up(Setup { store, ..Setup::new(&ldap_settings(&[lab::ldap()])) }).await;
    let other = stage.provider.another_process().await;
    let (parts, others) = (stage.provider.parts.operation(), other.operation());
    let admin = desk();
    let (one, two) =
        tokio::join!(rotation::by_command(&parts, &admin), rotation::by_command(&others, &admin));
    assert!(matches!((&one, &two), (Ok(Rotated::Done(_)), Ok(Rotated::Done(_)))), "{one:?} {two:?}");
    rotation::reload(&stage.provider.parts.operation()).await.expect("a look");
    assert_eq!(published(&stage).await, of_each(4), "current, next, and two that signed before");
}

#[tokio::test]
async fn a_sealing_key_that_others_can_read_is_refused_with_the_fix() {
    let stage = Stage::new().await;
    let file = stage.provider.config.keys_dir.join("sealing.key");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let clock = stage.provider.parts.clock.clone();
        let Err(refused) = app::parts(&stage.provider.config, clock).await else { panic!("{mode:o}") };
        let says = format!("{refused:#}");
        assert!(says.contains("can be read by others") && says.contains("chmod 600"), "{says}");
        assert!(says.contains(&file.display().to_string()), "{says}");
    }
}
