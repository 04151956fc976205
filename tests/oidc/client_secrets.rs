//! A client gets a new secret without an outage: both secrets work for a while, then only the new one.

use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::flow::settings::{
    ClientSecretError, Mode, NewClientSecret, end_old_client_secret, rotate_client_secret,
};
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use super::{DAY, HOUR, Stage, error};
use crate::support::relying_party::RelyingParty;

const REFUSED: (StatusCode, &str) = (StatusCode::UNAUTHORIZED, "invalid_client");
/// The client was authenticated, and the token is none.
const PASSED: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "invalid_grant");
const OLD: &str = "cloudsync-test-secret";
const NEW: &str = "cloudsync-new-test-secret";

/// Gives the client a secret; the one before is accepted for so long.
async fn rotate(stage: &Stage, client_id: &str, secret: &str, overlap: i64) -> Result<(), ClientSecretError> {
    let parts = &stage.provider.parts;
    let event = Event::new(parts.now(), Decision::SettingsChanged);
    let new = NewClientSecret { client_id, secret: &Plain::new(secret), old_until: event.at + overlap };
    rotate_client_secret(&parts.store, &parts.keys.sealer, &new, event).await?;
    parts.installation.refresh().await.expect("they can be put in force");
    Ok(())
}

/// What a client with this secret gets for an unknown refresh token.
async fn sends(stage: &Stage, secret: &str) -> (StatusCode, String) {
    let party = RelyingParty::new(&stage.provider.url, "cloudsync", Some(secret));
    let answer = party.refresh("unknown").await;
    let (status, code) = error(&answer);
    (status, code.to_owned())
}

async fn expect(stage: &Stage, old: (StatusCode, &str), new: (StatusCode, &str), when: &str) {
    for (secret, (status, code)) in [(OLD, old), (NEW, new)] {
        assert_eq!(sends(stage, secret).await, (status, code.to_owned()), "{secret} {when}");
    }
}

async fn uses_of_the_old_one(stage: &Stage) -> Vec<(Option<String>, i64)> {
    let store = stage.provider.parts.store.login();
    let trail = store.audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
    let used = trail.into_iter().filter(|row| row.decision == "old_secret_used");
    used.map(|row| (row.client_id, row.times)).collect()
}

#[tokio::test]
async fn both_secrets_are_accepted_until_the_old_one_ends() {
    let stage = Stage::new().await;
    expect(&stage, PASSED, REFUSED, "before").await;
    rotate(&stage, "cloudsync", NEW, DAY).await.expect("a new secret");
    assert_eq!(uses_of_the_old_one(&stage).await, []);
    expect(&stage, PASSED, PASSED, "during the overlap").await;
    expect(&stage, PASSED, PASSED, "during the overlap, again").await;
    let uses = uses_of_the_old_one(&stage).await;
    assert_eq!(uses, [(Some("cloudsync".to_owned()), 1)], "once an hour");
    stage.later(DAY - 1);
    expect(&stage, PASSED, PASSED, "at the last moment").await;
    stage.later(1);
    expect(&stage, REFUSED, PASSED, "afterwards").await;
}

#[tokio::test]
async fn the_old_secret_can_be_ended_and_a_third_one_is_refused_before() {
    let stage = Stage::new().await;
    rotate(&stage, "cloudsync", NEW, DAY).await.expect("a new secret");
    let third = rotate(&stage, "cloudsync", "cloudsync-third-test-secret", DAY).await;
    assert!(matches!(third, Err(ClientSecretError::OldStillAccepted { .. })), "{third:?}");
    expect(&stage, PASSED, PASSED, "after the refusal").await;

    let parts = &stage.provider.parts;
    let event = || Event::new(parts.now(), Decision::SettingsChanged);
    let end = async || end_old_client_secret(&parts.store, &parts.keys.sealer, "cloudsync", event()).await;
    assert!(end().await.expect("it is stored"));
    assert!(!end().await.expect("nothing to do"));
    parts.installation.refresh().await.expect("they can be put in force");
    expect(&stage, REFUSED, PASSED, "after its end").await;

    rotate(&stage, "cloudsync", OLD, 0).await.expect("without an overlap");
    expect(&stage, PASSED, REFUSED, "without an overlap").await;
}

#[tokio::test]
async fn an_overlap_survives_other_changes_and_ends_for_a_public_client() {
    let stage = Stage::new().await;
    rotate(&stage, "cloudsync", NEW, HOUR).await.expect("a new secret");
    let named = "[[clients]]\nclient_id = \"cloudsync\"\nclient_name = \"Other\"\n";
    stage.provider.apply(named, Mode::Merge).await.expect("settings");
    expect(&stage, PASSED, PASSED, "after another change").await;

    let public = "[[clients]]\nclient_id = \"cloudsync\"\ntoken_endpoint_auth_method = \"none\"\n";
    stage.provider.apply(public, Mode::Merge).await.expect("settings");
    expect(&stage, REFUSED, REFUSED, "as a public client").await;
    let refused = rotate(&stage, "cloudsync", NEW, HOUR).await;
    assert!(matches!(refused, Err(ClientSecretError::Public(_))), "{refused:?}");
    let unknown = rotate(&stage, "clodsync", NEW, HOUR).await.expect_err("no such client").to_string();
    assert!(unknown.contains("there are: cloudsync"), "{unknown}");
}
