//! From a new directory to its accounts, by an owner who came in by a link of the server.

use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::entry::DirectoryId;

use super::link::{made, uses};
use super::sync_settings::{DRAFT, SYNC_SETTINGS, typed};
use super::sync_work::{APPLY, plan_link};
use super::tasks::Worker;
use super::{COOKIE, PanelStory};
use crate::support::browser::Browser;
use crate::support::rows::AccountRows;
use crate::support::subtree::Subtree;
use crate::support::until;

const SET_UP: &str = "/admin/set-up";
const NOT_SYNCING: &str = "/admin/troubleshooting/users-not-syncing";

async fn a_new_directory_is_imported(subtree: Subtree) {
    let story = PanelStory::unsynced(subtree, "", String::new()).await;
    let browser = Browser::new();
    let entered = uses(&story, &browser, &made(&story).await).await;
    let cookie = entered.cookie(COOKIE).expect("a session").to_owned();
    let _worker = Worker::of(&story.provider.parts);
    let store = &story.provider.parts.store;
    let open = async |path: &str| browser.open(&story.url(path)).await;
    let done = async |path: &str| {
        until("the task is done", async || open(path).await.text().contains("Done")).await;
    };
    let order = async |order: &str| {
        let fields = [("order", order), ("directory", "corp")];
        let path = story.posts(&browser, &cookie, "/admin/tasks", &fields).await.location.expect("a task");
        done(&path).await;
        path
    };
    let steps = open(SET_UP).await.text();
    for step in ["Directory Done", "Read the directory Next", "Who is synced Done", "Initial sync Later"] {
        assert!(steps.contains(step), "{step}: {steps}");
    }
    let page = open(SYNC_SETTINGS).await;
    assert!(page.text().contains("The directory was not read yet"), "{}", page.text());
    let version = super::settings::value(&page, "version");
    let mut fields = typed(&version);
    let unit = format!("one_level {}", story.subtree.unit);
    fields.push(("unit", &unit));
    let early = story.token(&cookie, DRAFT).await;
    let sent: Vec<_> = fields.iter().copied().chain([("csrf", early.as_str())]).collect();
    let early = story.send(&browser, &format!("{DRAFT}?do=preview"), &sent).await.text();
    assert!(early.contains("The preview failed") && early.contains("read it first"), "{early}");
    let read = order("read_directory").await;
    let after = open(&read).await;
    assert!(after.text().contains("Sync Settings"), "it leads on");
    assert!(after.text().contains("step 3 of 8, Who is synced · next: Initial sync"), "{}", after.text());
    let page = open(SYNC_SETTINGS).await;
    assert!(
        !page.text().contains("was not read yet") && page.text().contains("Not run yet"),
        "{}",
        page.text()
    );

    let saved = story.posts(&browser, &cookie, SYNC_SETTINGS, &fields).await;
    assert_eq!(saved.told(), Some(format!("{SYNC_SETTINGS}?directory=corp|saved=yes")), "{}", saved.text());
    let corp = DirectoryId("corp".into());
    let paused = store.sync().paused(&corp).await.expect("the store").expect("it waits");
    assert_eq!(paused.why, "waits for Run Initial Sync");
    assert!(open(NOT_SYNCING).await.text().contains("The initial sync was not run yet"));

    let link = plan_link(&open(&order("plan").await).await);
    let plan = open(&link).await.text();
    assert!(
        plan.contains("Lets 5 people in, suspends 0") && plan.contains(&story.bystander.account),
        "{plan}"
    );
    let account = async || store.identity().account_by_email(&story.bystander.mail).await.expect("the store");
    assert!(account().await.is_none(), "nothing is done yet");
    let number = link.rsplit('/').next().expect("a number");
    let applied = story.posts(&browser, &cookie, APPLY, &[("plan", number)]).await;
    done(&applied.location.expect("a task")).await;
    assert!(account().await.is_some());
    assert_eq!(store.sync().paused(&corp).await.expect("the store"), None, "changes are synced from now on");
    story.provider.sync().await.expect("a sync");
    let steps = open(SET_UP).await.text();
    assert!(
        steps.contains("Initial sync Done") && !steps.contains("Owners Done"),
        "none has entered: {steps}"
    );
    let administrators = open("/admin/security/administrators").await;
    assert!(administrators.text().contains("step 6 of 8, Owners · next: "), "{}", administrators.text());
    story.inside(Role::Owner).await;
    assert!(open(SET_UP).await.text().contains("Owners Done"));
    assert!(open(NOT_SYNCING).await.text().contains("Nothing keeps people from being synced"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_openldap_is_imported_step_by_step() {
    a_new_directory_is_imported(Subtree::ldap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_active_directory_is_imported_step_by_step() {
    a_new_directory_is_imported(Subtree::ad()).await;
}
