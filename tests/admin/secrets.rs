//! The log contains no secret at any level.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::process::{Installation, Served};
use crate::support::browser::{Browser, Page};
use crate::support::lab;

const WRONG: &str = "Wr0ng-passw0rd-typed";

#[tokio::test]
async fn the_most_verbose_log_contains_no_secret() {
    for format in ["human", "json"] {
        let idp = Installation::of(lab::ldap())
            .set("CLOUDSYNC_IDP_LOG", "trace")
            .set("CLOUDSYNC_IDP_LOG_FORMAT", format);
        let ran = idp.run(&["sync"]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let mut served = idp.serve();
        let mut secrets = use_everything(&served).await;
        secrets.extend([
            lab::ldap().user_password.clone(),
            lab::ldap().service_password.clone(),
            WRONG.to_owned(),
            "cloudsync-test-secret".to_owned(),
            BASE64_STANDARD.encode("cloudsync:cloudsync-test-secret"),
        ]);
        served.signal("-TERM");
        assert!(served.ended().success());
        let log = ran.err + &served.log();
        assert!(log.contains("answered"), "it was talkative: {log}");
        assert!(secrets.len() >= 14 && secrets.iter().all(|secret| secret.len() > 10), "{secrets:?}");
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "{secret}");
        }
    }
}

/// Signs in with a wrong and a right password, exchanges, refreshes, replays and signs out; returns all secrets seen.
async fn use_everything(served: &Served) -> Vec<String> {
    let (cloudsync, browser) = (served.cloudsync(), Browser::new());
    let page = browser.follow(&cloudsync.authorize(&[]).url).await;
    let mut secrets: Vec<String> =
        page.fields().into_iter().filter(|(name, _)| name == "csrf").map(|(_, value)| value).collect();
    secrets.extend(cookies(&browser.open(&cloudsync.authorize(&[]).url).await));
    let refused = browser.submit(&page, "alice", WRONG).await;
    assert!(!refused.body.contains(WRONG));
    let arrived = browser.submit(&refused, "alice", &lab::ldap().user_password).await;
    secrets.extend(cookies(&arrived));
    let code = arrived.parameter("code").expect("a code");
    let tokens = cloudsync.exchange(&arrived).await;
    let userinfo = cloudsync.userinfo(tokens.text("access_token")).await;
    assert_eq!(userinfo.status, reqwest::StatusCode::OK);
    let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
    cloudsync.refresh(tokens.text("refresh_token")).await;
    cloudsync.exchange_code(&code).await;
    for answer in [&tokens, &refreshed] {
        for token in ["access_token", "id_token", "refresh_token"] {
            // Header and payload are no secret, but the signature makes the token.
            secrets.push(answer.text(token).rsplit('.').next().unwrap_or_default().to_owned());
        }
    }
    secrets.push(code);
    browser.open(&format!("{}/logout?id_token_hint={}", served.url, tokens.text("id_token"))).await;
    secrets
}

/// The values of the cookies that an answer sets.
fn cookies(page: &Page) -> Vec<String> {
    let set = page.headers.get("set-cookie").cloned().unwrap_or_default();
    set.split_once('=').and_then(|(_, rest)| rest.split(';').next()).map(str::to_owned).into_iter().collect()
}
