//! One audit event for each decision, found by the id on the page; one log line for each response.

use cloudsync_idp::store::{AuditFilter, AuditRow, Store};
use serde_json::Value;

use super::process::Installation;
use crate::support::browser::{Browser, Page};
use crate::support::lab;

async fn trail(store: &Store, filter: AuditFilter) -> Vec<AuditRow> {
    store.login().audit_page(None, 1000, &filter).await.expect("an answer")
}

/// The id that the page asks people to pass on.
fn attempt_id(page: &Page) -> String {
    let after = page.body.split("<code>").nth(1).unwrap_or_else(|| panic!("an id on {}", page.text()));
    after.split('<').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_id_on_the_page_leads_to_the_one_event_of_the_decision() {
    let idp = Installation::of(lab::ldap());
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let served = idp.serve();
    let store = Store::open(&idp.store()).await.expect("the same file");
    let (cloudsync, right) = (served.cloudsync(), lab::ldap().user_password.as_str());
    for (name, password, gate) in [
        ("carol", right, "in_scope"),
        ("jan", right, "mail_present"),
        ("gina", right, "password_usable"),
        ("alice", "not the password", "bound"),
        ("nobody", right, "found"),
    ] {
        let page = Browser::new().sign_in(&cloudsync.authorize(&[]), name, password).await;
        let rows = trail(&store, AuditFilter::Attempt(attempt_id(&page))).await;
        let [row] = rows.as_slice() else { panic!("one event: {rows:?}") };
        assert_eq!((row.decision.as_str(), row.cause.as_deref()), ("sign_in_refused", Some(gate)), "{name}");
        assert_eq!(row.address.as_deref(), Some("127.0.0.1"));
        assert_eq!((row.client_id.as_deref(), row.directory.as_deref()), (Some("cloudsync"), Some("corp")));
        let detail = row.detail.as_deref().expect("the judgement");
        let _: Value = serde_json::from_str(detail).expect("JSON");
        assert!(!detail.contains(right) && !detail.contains("not the password"));
    }
}

#[tokio::test]
async fn each_decision_of_a_login_has_one_event() {
    let idp = Installation::of(lab::ldap());
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let served = idp.serve();
    let store = Store::open(&idp.store()).await.expect("the same file");
    let (cloudsync, browser) = (served.cloudsync(), Browser::new());
    let arrived = browser.sign_in(&cloudsync.authorize(&[]), "alice", &lab::ldap().user_password).await;
    let tokens = cloudsync.exchange(&arrived).await;
    let next = cloudsync.refresh(tokens.text("refresh_token")).await;
    cloudsync.refresh(next.text("refresh_token")).await;
    cloudsync.refresh(tokens.text("refresh_token")).await;
    browser.follow(&cloudsync.authorize(&[("prompt", "none")]).url).await;
    let mut decisions: Vec<(String, Option<String>)> = trail(&store, AuditFilter::All)
        .await
        .into_iter()
        .filter(|row| row.attempt_id.is_some())
        .inspect(|row| assert!(row.address.is_some() && row.account_id.is_some(), "{row:?}"))
        .map(|row| (row.decision, row.client_id))
        .collect();
    decisions.reverse();
    let words: Vec<&str> = decisions.iter().map(|(decision, _)| decision.as_str()).collect();
    let refreshes = ["refreshed", "refreshed", "refresh_replayed"];
    assert_eq!(words, [&["signed_in", "code_exchanged"][..], &refreshes, &["session_used"]].concat());
    assert!(decisions.iter().all(|(_, client)| client.as_deref() == Some("cloudsync")), "{decisions:?}");
}

#[tokio::test]
async fn a_json_log_is_one_object_a_line_with_the_id_of_the_request() {
    let idp = Installation::of(lab::ldap()).set("CLOUDSYNC_IDP_LOG_FORMAT", "json");
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let mut served = idp.serve();
    let page = Browser::new()
        .sign_in(&served.cloudsync().authorize(&[]), "al\u{1b}\"\n{ice", "wrong\n\"password")
        .await;
    let shown = attempt_id(&page);
    served.signal("-TERM");
    assert!(served.ended().success());
    let lines: Vec<Value> = served
        .log()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("JSON: {line}")))
        .collect();
    assert!(lines.iter().all(|line| line["level"].is_string() && line["timestamp"].is_string()));
    let answers: Vec<&Value> = lines.iter().filter(|line| line["path"].is_string()).collect();
    assert!(answers.iter().all(|line| line["id"].is_string() && line["status"].is_u64()), "{answers:?}");
    let found = answers.iter().find(|line| line["id"] == shown.as_str()).expect("the one of the page");
    assert_eq!((&found["path"], &found["status"]), (&"/login".into(), &403.into()));
}

#[tokio::test]
async fn the_id_on_the_page_is_explained_on_the_command_line() {
    let idp = Installation::of(lab::ldap());
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let served = idp.serve();
    let asked = served.cloudsync().authorize(&[]);
    let page = Browser::new().sign_in(&asked, "carol", &lab::ldap().user_password).await;
    let id = attempt_id(&page).to_lowercase().replace('-', " ");
    let ran = idp.run(&["explain", "--attempt", &id]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    for words in
        ["sign_in_refused", "127.0.0.1", "cloudsync", "FAIL", "refused by: in_scope", "what to do: Add"]
    {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let json = idp.run(&["explain", "--json", "--attempt", &id]);
    let decisions: Value = serde_json::from_str(&json.out).expect("JSON");
    let decision = &decisions[0];
    assert_eq!((&decision["cause"], &decision["reason"]), (&"in_scope".into(), &"out_of_scope".into()));
    assert!(decision["judgement"].as_array().is_some_and(|gates| gates.len() > 10), "{decision}");
    let unknown = idp.run(&["explain", "--attempt", "00000-00000"]);
    assert_eq!((unknown.status, unknown.out.as_str()), (Some(2), ""), "{unknown:?}");
    assert_eq!(idp.run(&["explain", "alice", "--attempt", &id]).status, Some(2), "one or the other");
}
