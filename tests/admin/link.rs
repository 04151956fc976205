//! `admin link`: into the panel without a directory; and the link that a server without admins prints.

use cloudsync_idp::store::{AuditFilter, Store};
use serde_json::Value;

use super::process::{Installation, Served};
use crate::support::browser::{Browser, Page};

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
    assert_eq!(page.heading(), "Set-up", "{}", page.text());
    for shown in ["(sudo: gerda", "Connect Active Directory or another LDAP directory"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    let ran = idp.run(&["admin", "link"]);
    let url = ran.out.lines().next().expect("a line").trim();
    assert!(url.starts_with(&format!("{}/admin/link?t=", served.url)), "{ran:?}");
    assert_eq!(uses(&served, url).await.1.heading(), "Set-up");

    let store = Store::open(&idp.store()).await.expect("the same file");
    let trail = store.login().audit_page(None, 99, &AuditFilter::All).await.expect("an answer");
    let by = |decision: &str| {
        let rows = trail.iter().filter(|row| row.decision == decision);
        rows.map(|row| row.actor.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!((by("admin_link_made").len(), by("admin_link_used").len()), (2, 2));
    // The environment is a hint: the owner of the process comes first.
    let owner = std::process::Command::new("id").arg("-un").output().expect("id runs").stdout;
    let owner = String::from_utf8_lossy(&owner).trim().to_owned();
    for actor in by("admin_link_made") {
        assert!(
            actor.starts_with(&format!("command {owner}@")) && actor.ends_with("sudo: gerda)"),
            "{actor}"
        );
    }
    let ran = idp.run(&["admin", "link", "--end", "--json"]);
    assert_eq!(ran.out.trim(), "{\"ended\":1}", "the second link ended what the first had opened: {ran:?}");
}

#[tokio::test]
async fn a_server_without_owners_names_the_command_and_prints_no_link() {
    let idp = Installation::new();
    let ran = idp.run(&["admin", "link"]);
    let url = ran.out.lines().next().expect("a line").trim().to_owned();
    let (served, out) = idp.serve_and_keep_output();
    assert_eq!(std::fs::read_to_string(out).expect("a file"), "", "standard output is collected like a log");
    assert!(served.log().contains("run: cloudsync-idp admin link"), "{}", served.log());
    assert!(!served.log().contains("t="), "{}", served.log());
    assert_eq!(uses(&served, &url).await.1.heading(), "Set-up", "a start voids no link");
    let store = Store::open(&idp.store()).await.expect("the same file");
    let trail = store.login().audit_page(None, 99, &AuditFilter::All).await.expect("an answer");
    assert_eq!(trail.iter().filter(|row| row.decision == "admin_link_made").count(), 1, "{trail:?}");
}
