//! Long work on the sync from the panel: a plan that is looked at and applied, a revert, and the download.

use cloudsync_idp::domain::account::Status;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::store::ChangeFilter;
use reqwest::StatusCode;

use super::tasks::Worker;
use super::{Inside, PanelStory};
use crate::support::browser::Page;
use crate::support::lab::Person;
use crate::support::rows::AccountRows;
use crate::support::until;

const PLAN: &str = "/admin/settings/active-directory/sync-settings/plan/";
pub(super) const APPLY: &str = "/admin/settings/active-directory/sync-settings/apply";
const LOG: &str = "/admin/settings/active-directory/sync-log";
const REVERT: &str = "/admin/settings/active-directory/sync-log/revert";
const EXPORT: &str = "/admin/settings/active-directory/sync-log/export";

/// The link to the plan on the page of its task.
pub(super) fn plan_link(page: &Page) -> String {
    let link = page.body.split("href=\"").find(|part| part.starts_with(PLAN)).expect("a link to the plan");
    link.split('"').next().expect("an address").to_owned()
}

impl PanelStory {
    /// Waits until the task at this path is done.
    pub(super) async fn is_done(&self, inside: &Inside, path: &str) {
        assert!(path.starts_with("/admin/tasks/"), "{path}");
        until("the task is done", async || self.task_shows(inside, path, "Done").await).await;
    }

    async fn status(&self, person: &Person) -> Option<Status> {
        let found = self.provider.parts.store.identity().account_by_email(&person.mail).await;
        found.expect("the store").map(|account| account.status)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_made_looked_at_and_applied() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let new = story.subtree.person();
    let _worker = Worker::of(&story.provider.parts);
    let path = story.orders(&inside, "plan").await;
    story.is_done(&inside, &path).await;
    let link = plan_link(&inside.browser.open(&story.url(&path)).await);
    let plan = inside.browser.open(&story.url(&link)).await;
    for shown in [new.account.as_str(), "Account created", "Apply: 1 get in, 0 lose something"] {
        assert!(plan.text().contains(shown), "{shown}: {}", plan.text());
    }
    let none = inside.browser.open(&story.url(&format!("{link}?kind=suspended"))).await;
    assert!(none.text().contains("The plan has no such changes"), "{}", none.text());
    let auditor = story.inside(Role::Auditor).await;
    assert!(!auditor.browser.open(&story.url(&link)).await.text().contains("Apply:"));
    assert_eq!(story.status(&new).await, None, "nothing is done yet");

    let number = link.rsplit('/').next().expect("a number");
    let ordered = story.saves(&inside, APPLY, &[("plan", number)]).await;
    story.is_done(&inside, ordered.location.as_deref().unwrap_or_default()).await;
    assert_eq!(story.status(&new).await, Some(Status::Active));
    let plan = inside.browser.open(&story.url(&link)).await;
    assert!(
        plan.text().contains("This plan was applied") && !plan.text().contains("Apply:"),
        "{}",
        plan.text()
    );
    let missing = story.saves(&inside, APPLY, &[("plan", "99999")]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_reverted_after_a_confirmation() {
    let story = PanelStory::new("").await;
    let new = story.subtree.person();
    story.provider.sync().await.expect("a sync");
    let sync = story.provider.parts.store.sync();
    let corp = DirectoryId("corp".into());
    let run = sync.last_good_run(&corp).await.expect("the store").expect("a run").id.0.to_string();
    let inside = story.inside(Role::Owner).await;
    let page = inside.browser.open(&story.url(&format!("{LOG}?run={run}"))).await;
    assert!(page.text().contains("Revert this run for 1 account"), "{}", page.text());
    let (page, cookie) = story.confirms(&inside, REVERT, &[("run", &run)]).await;
    assert!(page.text().contains("Revert this run for 1 account"), "{}", page.text());
    assert_eq!(story.status(&new).await, Some(Status::Active), "nothing is done yet");
    let draft = super::settings::value(&page, "draft");
    let ordered = story.posts(&inside.browser, &cookie, REVERT, &[("draft", &draft)]).await;
    let _worker = Worker::of(&story.provider.parts);
    story.is_done(&inside, ordered.location.as_deref().unwrap_or_default()).await;
    assert!(matches!(story.status(&new).await, Some(Status::Suspended { .. })));
    assert!(sync.paused(&corp).await.expect("the store").is_some_and(|pause| pause.why.contains("reverted")));
}

#[tokio::test]
async fn an_operator_takes_nothing_from_an_owner() {
    let story = PanelStory::new("").await;
    let sync = story.provider.parts.store.sync();
    let first = sync.last_good_run(&DirectoryId("corp".into())).await.expect("the store").expect("a run");
    let (run, operator) = (first.id.0.to_string(), story.inside(Role::Operator).await);
    let refused = story.saves(&operator, REVERT, &[("run", &run)]).await;
    let told = refused.told().unwrap_or_default();
    assert_eq!(told, "/admin/security/approvals|notice=against-admin", "it would suspend the owner");
    let page = operator.browser.go_on(refused).await;
    assert!(page.text().contains("a role like yours or a higher one"), "{}", page.text());
    let trail = story.trail("admin_refused").await;
    assert!(trail.iter().any(|row| row.cause.as_deref() == Some("role_of_person")), "{trail:?}");
    let owner = story.inside(Role::Owner).await;
    let ordered = story.saves(&owner, REVERT, &[("run", &run)]).await;
    assert!(ordered.location.is_some_and(|to| to.starts_with("/admin/tasks/")), "{}", ordered.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_becomes_an_owner_is_protected_from_what_was_ordered_before() {
    let story = PanelStory::new("").await;
    let operator = story.inside(Role::Operator).await;
    let (sync, corp) = (story.provider.parts.store.sync(), DirectoryId("corp".into()));
    let new = story.subtree.person();
    story.provider.sync().await.expect("a sync");
    let run = sync.last_good_run(&corp).await.expect("the store").expect("a run").id.0.to_string();
    let ordered = story.saves(&operator, REVERT, &[("run", &run)]).await;
    let task = ordered.location.expect("nobody of the run has a role yet");
    story.subtree.admin.add_values(story.group(Role::Owner), "member", &[&new.dn]);
    story.provider.sync().await.expect("a sync");
    let _worker = Worker::of(&story.provider.parts);
    until("it is refused", async || {
        story.task_shows(&operator, &task, "it takes something from an admin").await
    })
    .await;
    assert_eq!(story.status(&new).await, Some(Status::Active));
    let refused = story.saves(&operator, REVERT, &[("run", &run)]).await;
    assert_eq!(refused.told().as_deref(), Some("/admin/security/approvals|notice=against-admin"));

    // Whoever is gone from the directory is no owner.
    story.subtree.admin.delete(&new.dn);
    story.provider.sync().await.expect("a sync");
    let ordered = story.saves(&operator, REVERT, &[("run", &run)]).await;
    story.is_done(&operator, ordered.location.as_deref().unwrap_or_default()).await;
}

#[tokio::test]
async fn changes_are_downloaded_and_the_download_is_recorded() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    let csv = story.saves(&inside, EXPORT, &[("format", "csv"), ("kind", "created")]).await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"sync-log.csv\"");
    let lines: Vec<&str> = csv.body.lines().collect();
    assert!(lines[0].starts_with("\"change\",\"at\",\"run\""), "{}", lines[0]);
    assert_eq!(lines.len(), 6, "{}", csv.body);
    assert!(csv.body.contains(&story.bystander.account), "{}", csv.body);
    let one = [("format", "json"), ("person", story.bystander.mail.as_str())];
    let json = story.saves(&inside, EXPORT, &one).await;
    let change: serde_json::Value = serde_json::from_str(json.body.trim()).expect("one line of JSON");
    assert_eq!(
        (&change["kind"], &change["login_name"]),
        (&"created".into(), &story.bystander.account.as_str().into())
    );
    let changes = async |oldest_first| {
        let filter = ChangeFilter { oldest_first, limit: 9, ..ChangeFilter::default() };
        let changes = story.provider.parts.store.sync().changes_of(&filter).await.expect("the store");
        changes.into_iter().map(|change| change.id).collect::<Vec<_>>()
    };
    assert!(changes(true).await.iter().rev().eq(&changes(false).await));
    for (order, sorted) in [("", "descending"), ("&order=oldest", "ascending")] {
        let page = inside.browser.open(&story.url(&format!("{LOG}?kind=created{order}"))).await;
        assert!(page.body.contains(&format!("aria-sort=\"{sorted}\"")), "{}", page.text());
    }
    let none = story.saves(&inside, EXPORT, &[("format", "csv"), ("from", "soon")]).await;
    assert!(none.location.is_some_and(|to| to.starts_with(LOG)), "a wrong condition downloads nothing");
    let trail = story.trail("sync_log_exported").await;
    assert_eq!((trail.len(), trail[0].role.as_deref()), (2, Some("auditor")));
}
