//! Failed client authentication is recorded in the audit trail, soon throttled, and affects no other client.

use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use super::{MINUTE, Stage, error};
use crate::support::relying_party::RelyingParty;

const REFUSED: (StatusCode, &str) = (StatusCode::UNAUTHORIZED, "invalid_client");
const THROTTLED: (StatusCode, &str) = (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");

#[tokio::test]
async fn wrong_secrets_are_throttled_and_in_the_trail_and_the_right_one_passes() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let token = tokens.text("refresh_token");
    let wrong = RelyingParty::new(&stage.provider.url, "cloudsync", Some("guessed"));
    let unknown = RelyingParty::new(&stage.provider.url, "nobody", Some("guessed"));
    for _ in 0..60 {
        assert_eq!(error(&wrong.refresh(token).await), REFUSED);
    }
    for _ in 0..5 {
        assert_eq!(error(&wrong.refresh(token).await), THROTTLED);
    }
    assert_eq!(error(&unknown.refresh(token).await), REFUSED, "counted apart");
    let next = stage.cloudsync.refresh(token).await;
    assert_eq!(next.status, StatusCode::OK, "{:?}", next.body);
    stage.later(MINUTE);
    assert_eq!(error(&wrong.refresh(token).await), REFUSED, "another minute");

    let trail =
        stage.provider.parts.store.login().audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
    let refused: Vec<_> = trail.iter().filter(|row| row.decision == "client_refused").collect();
    let rows: Vec<_> = refused.iter().map(|row| (row.client_id.as_deref(), row.times)).collect();
    assert_eq!(rows, [(None, 1), (Some("cloudsync"), 2)], "one a minute, those of an hour in one row");
    assert!(refused.iter().all(|row| row.address.is_some() && row.cause.as_deref() == Some("client_secret")));
}
