//! The support bundle as a download: whole, recorded, and without a secret.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::flow::settings::Mode::Merge;
use serde_json::Value;

use super::PanelStory;
use super::settings::value;
use crate::support::lab;

const PATH: &str = "/admin/support-bundle";
const SLOW: &str = "/admin/troubleshooting/sync-is-slow";
const HELP: &str =
    "[[branding.help]]\nlanguage = \"en\"\ntext = \"Cloud support\"\nemail = \"help@corp.example\"";

#[tokio::test]
async fn an_owner_downloads_the_support_bundle() {
    let story = PanelStory::new("").await;
    story.provider.apply(HELP, Merge).await.expect("settings");
    let operator = story.inside(Role::Operator).await;
    let page = operator.browser.open(&story.url(SLOW)).await;
    assert!(page.text().contains("Only an owner can download it"), "{}", page.text());
    assert_eq!(story.saves(&operator, PATH, &[]).await.status, reqwest::StatusCode::FORBIDDEN);

    let owner = story.inside(Role::Owner).await;
    for path in [SLOW, "/admin"] {
        let page = owner.browser.open(&story.url(path)).await;
        assert!(page.text().contains("Download the support bundle"), "{}", page.text());
        assert!(page.body.contains("mailto:help@corp.example"), "{}", page.body);
    }
    let file = story.saves(&owner, PATH, &[]).await;
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"support-bundle.json\"");
    let bundle: Value = serde_json::from_str(&file.body).expect("JSON");
    assert_eq!(bundle["directories"][0]["id"], "corp", "{bundle:#}");
    assert!(bundle["directories"][0]["doctor"]["findings"].is_array(), "{bundle:#}");
    assert_eq!(bundle["why"], "requested in the panel");
    for secret in [lab::ldap().service_password.as_str(), "cloudsync-test-secret", &owner.cookie, "sealed:"] {
        assert!(!file.body.contains(secret), "{secret}: {bundle:#}");
    }
    let event = story.trail("support_bundle_made").await.remove(0);
    let account = story.account(story.person(Role::Owner)).await;
    assert_eq!((event.actor, event.role.as_deref()), (Some(format!("account {}", account.0)), Some("owner")));

    story.later(5 * MINUTE);
    let kept = story.saves(&owner, PATH, &[]).await.location.unwrap_or_default();
    let (confirm, cookie) = story.signs_in_again(&owner, story.person(Role::Owner), &kept).await;
    assert!(confirm.text().contains("no password, secret or key"), "{}", confirm.text());
    let draft = value(&confirm, "draft");
    let file = story.posts(&owner.browser, &cookie, PATH, &[("draft", &draft)]).await;
    assert!(file.headers["content-type"].starts_with("application/json"), "{}", file.text());
    assert_eq!(story.trail("support_bundle_made").await.len(), 2);
}
