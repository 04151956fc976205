//! `admin link`: into the panel without a directory; and the link that a server without admins prints.

use cloudsync_idp::store::{AuditFilter, Store};
use serde_json::Value;

use super::process::{Installation, Served};
use crate::support::browser::{Browser, Page};
use crate::support::provider::ldap_settings;
use crate::support::{lab, until};

/// Opens a link, presses its button, and follows to the panel.
async fn uses(served: &Served, url: &str) -> (Browser, Page) {
    let browser = Browser::new();
    let token = browser.open(url).await.fields()["t"].clone();
    let request = browser.http.post(format!("{}/admin/link", served.url)).header("origin", &served.url);
    let page = browser.go_on(Page::of(request.form(&[("t", token)])).await).await;
    (browser, page)
}

#[tokio::test]
async fn an_administrator_of_the_server_enters_without_any_directory() {
    let idp = Installation::new().set("SUDO_USER", "gerda");
    let served = idp.serve();
    let ran = idp.run(&["admin", "link", "--json"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let made: Value = serde_json::from_str(&ran.out).expect("JSON");
    let (_, page) = uses(&served, made["url"].as_str().expect("a link")).await;
    assert_eq!(page.heading(), "Overview", "{}", page.text());
    for shown in ["gerda@", "No directory is connected yet"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    let ran = idp.run(&["admin", "link"]);
    let url = ran.out.lines().next().expect("a line").trim();
    assert!(url.starts_with(&format!("{}/admin/link?t=", served.url)), "{ran:?}");
    assert_eq!(uses(&served, url).await.1.heading(), "Overview");

    let store = Store::open(&idp.store()).await.expect("the same file");
    let trail = store.login().audit_page(None, 99, &AuditFilter::All).await.expect("an answer");
    let by = |decision: &str| {
        let rows = trail.iter().filter(|row| row.decision == decision);
        rows.map(|row| row.actor.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(by("admin_link_made").len(), 3, "the server's own start, and two commands");
    assert!(by("admin_link_made").iter().all(|actor| actor.starts_with("command gerda@")), "{trail:?}");
    assert!(by("admin_link_used").iter().all(|actor| actor.starts_with("break-glass gerda@")), "{trail:?}");
}

#[tokio::test]
async fn a_server_without_owners_prints_a_link_and_another_does_not() {
    let idp = Installation::new();
    let (served, out) = idp.serve_and_keep_output();
    let printed = || std::fs::read_to_string(&out).unwrap_or_default();
    until("the link is printed", async || printed().contains("good until")).await;
    let text = printed();
    let url = text.lines().map(str::trim).find(|line| line.contains("/admin/link?t=")).expect("a link");
    assert_eq!(uses(&served, url).await.1.heading(), "Overview");
    assert!(!served.log().contains(url.split("t=").nth(1).expect("a token")), "the log has no token");

    let lab = lab::ldap();
    let groups =
        format!("admin_groups = [{:?}]\n[directories.scope]", lab.dn("cn=CloudSync Admins,ou=groups"));
    let idp = Installation::new();
    idp.apply(&ldap_settings(&[lab]).replace("[directories.scope]", &groups));
    let (_served, out) = idp.serve_and_keep_output();
    assert_eq!(std::fs::read_to_string(out).expect("a file"), "");
}
