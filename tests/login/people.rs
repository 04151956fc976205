//! What each person of the demo's domain sees.

use reqwest::StatusCode;

use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::Provider;

#[tokio::test]
async fn those_in_scope_sign_in_and_cloudsync_reads_their_claims() {
    let provider = Provider::for_ad(lab::ad()).await;
    let cloudsync = provider.cloudsync();
    let names = [
        ("alice", "Alice Adams"),
        ("CORP\\alice", "Alice Adams"),
        ("alice@corp.example.com", "Alice Adams"),
        ("alice@example.com", "Alice Adams"),
        ("ALICE", "Alice Adams"),
        ("bob", "Bob Brown"),
        ("zoe", "O'Brien, Zoë (Ops)"),
    ];
    for (typed, name) in names {
        let arrived =
            Browser::new().sign_in(&cloudsync.authorize(&[]), typed, &lab::ad().user_password).await;
        let tokens = cloudsync.exchange(&arrived).await;
        let claims = tokens.payload("id_token");
        assert_eq!(claims["name"], name, "{typed}");
        assert_eq!(claims["nonce"], "a-nonce");
        assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
        let userinfo = cloudsync.userinfo(tokens.text("access_token")).await;
        assert_eq!(userinfo.body["sub"], claims["sub"]);
    }
}

#[tokio::test]
async fn the_others_see_the_reason_only_after_a_right_password() {
    let provider = Provider::for_ad(lab::ad()).await;
    let cloudsync = provider.cloudsync();
    let right = &lab::ad().user_password;
    let generic = "Sign-in failed";
    let table = [
        ("carol", "You do not have access to CloudSync yet"),
        ("dora", "Your account is disabled"),
        ("emil", "Your account has expired"),
        ("hugo", generic),
        ("jan", "Your email address is missing"),
        ("nobody", generic),
    ];
    for (name, expected) in table {
        let page = Browser::new().sign_in(&cloudsync.authorize(&[]), name, right).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}");
        assert!(page.text().contains(expected), "{name}: {}", page.text());
    }
    for name in ["fred", "gina"] {
        let browser = Browser::new();
        let sent = browser.sign_in(&cloudsync.authorize(&[]), name, right).await;
        let page = browser
            .follow(&sent.absolute(sent.location.as_deref().expect("a redirect to the next page")))
            .await;
        assert!(page.body.contains("action=\"/login/password\""), "{name}: {}", page.text());
        assert!(sent.cookies.is_empty(), "no cookie before that: {:?}", sent.cookies);
    }
    for name in ["alice", "carol"] {
        let page = Browser::new().sign_in(&cloudsync.authorize(&[]), name, "not the password").await;
        assert!(page.text().contains(generic), "{name}: {}", page.text());
    }
}
