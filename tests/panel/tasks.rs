//! Long work ordered in the panel: it goes on without the browser, on any node, and can be watched and stopped.

use cloudsync_idp::app::App;
use cloudsync_idp::domain::SECOND;
use cloudsync_idp::domain::admin::{Role, TASK_ABANDONED, TaskOrder, TaskState};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::flow::account::suspension;
use cloudsync_idp::flow::admin::task;
use cloudsync_idp::jobs;
use cloudsync_idp::store::{NewTask, RunProgress, RunTrigger};
use reqwest::StatusCode;
use tokio::task::JoinHandle;

use super::{Inside, PanelStory, link};
use crate::support::browser::{Browser, Page};
use crate::support::{desk, until};

const ORDER: &str = "/admin/tasks";
const RESUME: &str = "/admin/settings/active-directory/sync-log/resume";
const SYNC_PERSON: &str = "/admin/people/sync";

/// A node that works on tasks. Dropping it kills it.
pub(super) struct Worker(JoinHandle<()>);

impl Worker {
    pub(super) fn of(parts: &App) -> Self {
        Self(tokio::spawn(jobs::run_tasks(parts.panel())))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl PanelStory {
    /// Orders work, and returns the path of its page.
    pub(super) async fn orders(&self, inside: &Inside, order: &str) -> String {
        let csrf = self.token(&inside.cookie, ORDER).await;
        let fields = [("csrf", csrf.as_str()), ("order", order), ("directory", "corp")];
        let page = self.send(&inside.browser, ORDER, &fields).await;
        page.location.clone().unwrap_or_else(|| panic!("{} {}", page.status, page.text()))
    }

    pub(super) async fn task_shows(&self, inside: &Inside, path: &str, text: &str) -> bool {
        inside.browser.open(&self.url(path)).await.text().contains(text)
    }

    async fn stops(&self, inside: &Inside, path: &str) -> Page {
        let stop = format!("{path}/stop");
        let csrf = self.token(&inside.cookie, &stop).await;
        self.send(&inside.browser, &stop, &[("csrf", &csrf)]).await
    }

    /// Somebody else works on the directory. The clock stands still, so that lasts.
    async fn keeps_the_directory(&self) {
        let (store, now) = (self.provider.parts.store.settings(), self.now());
        assert!(store.acquire_lease("sync:corp", "somebody", now + 10 * SECOND, now).await.expect("a lease"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ordered_work_is_done_by_a_node_and_a_second_order_joins_it() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let path = story.orders(&inside, "sync").await;
    assert_eq!(story.orders(&inside, "sync").await, path, "it joins");
    let plan = story.orders(&inside, "plan").await;
    assert_ne!(plan, path);
    let page = inside.browser.open(&story.url(&path)).await;
    for shown in ["Sync now", "Waiting for a node", "Ordered by", "corp", "Stop it"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    assert!(page.body.contains("http-equiv=\"refresh\""), "without a script it loads itself again");
    let quiet = inside.browser.open(&story.url(&format!("{path}?live=off"))).await;
    assert!(!quiet.body.contains("http-equiv=\"refresh\""), "until the reader says no");

    let later = story.subtree.person();
    let _worker = Worker::of(&story.provider.parts);
    until("the sync is done", async || story.task_shows(&inside, &path, "Done").await).await;
    let page = inside.browser.open(&story.url(&path)).await;
    assert!(page.text().contains("in the Sync Log as run"), "{}", page.text());
    assert!(
        !page.body.contains("data-live") && !page.body.contains("http-equiv=\"refresh\""),
        "{}",
        page.body
    );
    story.account(&later).await;
    until("the plan is made", async || story.task_shows(&inside, &plan, "Done").await).await;
    assert!(story.task_shows(&inside, &plan, "Nobody would lose anything").await);

    let events = story.trail("task_ordered").await;
    let (joined, events): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.cause.is_some());
    assert_eq!((joined.len(), events.len()), (1, 2), "{joined:?} {events:?}");
    let account = story.account(story.person(Role::Operator)).await;
    assert_eq!(events[1].actor, Some(format!("account {}", account.0)));
    assert!(
        events[1].detail.as_deref().is_some_and(|detail| detail.contains(r#""kind":"sync""#)),
        "{events:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_watched_as_it_goes_and_stopped() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    story.keeps_the_directory().await;
    let path = story.orders(&inside, "sync").await;
    let _worker = Worker::of(&story.provider.parts);
    let waits = "Waiting until other work on this directory is done";
    until("it waits", async || story.task_shows(&inside, &path, waits).await).await;

    let mut events =
        inside.browser.http.get(story.url(&format!("{path}/events"))).send().await.expect("a stream");
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let sync = story.provider.parts.store.sync();
    let corp = cloudsync_idp::domain::entry::DirectoryId("corp".into());
    let run = sync.begin_run(&corp, RunTrigger::Schedule, story.now()).await.expect("a run");
    let now = story.now();
    let progress = RunProgress {
        doing: "judging".into(),
        people: 7,
        of: Some(10),
        at: now,
        begun_at: now,
        begun_with: 0,
    };
    sync.note_progress(run, &progress).await.expect("noted");
    let mut seen = String::new();
    while !seen.contains("7 of 10 people") {
        let Some(chunk) = events.chunk().await.expect("it goes on") else {
            let page = inside.browser.open(&story.url(&path)).await;
            panic!("it ends: {seen}\n{}", page.text());
        };
        seen += &String::from_utf8_lossy(&chunk);
    }
    assert!(seen.contains("event: part"), "{seen}");
    assert!(seen.contains("<progress value=\"7\" max=\"10\""), "{seen}");

    assert_eq!(story.stops(&inside, &path).await.location.as_deref(), Some(path.as_str()));
    while let Some(chunk) = events.chunk().await.expect("it goes on") {
        seen += &String::from_utf8_lossy(&chunk);
    }
    assert!(seen.contains("event: done"), "the stream ends with the work: {seen}");
    assert!(story.task_shows(&inside, &path, "Stopped").await);
    assert_eq!(story.trail("task_stopped").await.len(), 1);
    story.stops(&inside, &path).await;
    assert_eq!(story.trail("task_stopped").await.len(), 1, "once");
    assert_eq!(sync.stopped_by(run).await.expect("the store"), None, "the run of somebody else goes on");
    assert_eq!(sync.paused(&corp).await.expect("the store"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_task_stops_its_own_run_and_pauses_the_sync() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let path = story.orders(&inside, "sync").await;
    let (store, now) = (&story.provider.parts.store, story.now());
    let task = store.admin().take_task("n1", now).await.expect("the store").expect("a task");
    assert!(store.admin().begin_task(&task.id, "n1").await.expect("the store"));
    let run = store.sync().begin_run(&task.directory, RunTrigger::Command, now).await.expect("a run");
    store.admin().beat_task(&task.id, "n1", (None, Some(run.0)), now).await.expect("the store");
    story.stops(&inside, &path).await;
    let name = &story.person(Role::Operator).account;
    assert_eq!(store.sync().stopped_by(run).await.expect("the store").as_ref(), Some(name));
    let paused = store.sync().paused(&task.directory).await.expect("the store").expect("a pause");
    assert_eq!(paused.why, format!("stopped by {name}"));
    let ended = store.admin().end_task(&task.id, "n1", TaskState::Stopped, None, story.now()).await;
    assert!(ended.expect("the store"));
    let page = inside.browser.open(&story.url(&path)).await;
    assert!(page.body.contains("value=\"continue\""), "its page resumes it: {}", page.text());
    let fields = [("directory", "corp"), ("do", "continue")];
    let resumed = story.saves(&inside, RESUME, &fields).await;
    assert!(resumed.location.is_some_and(|to| to.starts_with("/admin/tasks/")), "{}", resumed.body);
    assert_eq!(store.sync().paused(&task.directory).await.expect("the store"), None);
}

/// More tasks wait for a directory than a node works on at once.
#[tokio::test(flavor = "multi_thread")]
async fn work_that_waits_for_its_directory_keeps_no_other_work() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    story.keeps_the_directory().await;
    let (parts, corp) = (&story.provider.parts, DirectoryId("corp".into()));
    for number in 0..6 {
        let (id, event) = (format!("waits{number}"), Event::new(story.now(), Decision::TaskOrdered));
        let order = TaskOrder::SyncPerson { account: number.to_string() };
        let task = NewTask { id: &id, directory: &corp, order: &order, by: "desk", role: None };
        parts.store.admin().add_task(task, &event).await.expect("the store").expect("room");
    }
    let _worker = Worker::of(parts);
    let waits = "Waiting until other work on this directory is done";
    for number in 0..6 {
        let path = format!("/admin/tasks/waits{number}");
        until("it was tried", async || story.task_shows(&inside, &path, waits).await).await;
    }
    let removed = DirectoryId("removed".into());
    let task = NewTask { id: "other", directory: &removed, order: &TaskOrder::Plan, by: "desk", role: None };
    let event = Event::new(story.now(), Decision::TaskOrdered);
    parts.store.admin().add_task(task, &event).await.expect("the store").expect("room");
    until("other work is done", async || {
        story.task_shows(&inside, "/admin/tasks/other", "the directory is not in the settings").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_of_a_node_that_dies_is_done_by_another_one() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let path = story.orders(&inside, "sync").await;
    let taken = task::take(&story.provider.parts.panel()).await.expect("the store").expect("a task");
    // It dies here. The other node waits until it was silent long enough.
    let other = story.provider.another_process().await;
    assert!(task::take(&other.panel()).await.expect("the store").is_none());
    let later = story.subtree.person();
    story.later(TASK_ABANDONED);
    let _worker = Worker::of(&other);
    until("the other node has done it", async || story.task_shows(&inside, &path, "Done").await).await;
    story.account(&later).await;
    task::work(&story.provider.parts.panel(), &taken).await.expect("it is not its own any more");
    assert!(story.task_shows(&inside, &path, "Done").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_few_and_end_with_the_session_and_the_server() {
    let story = PanelStory::new("").await;
    let (inside, other) = (story.inside(Role::Operator).await, story.inside(Role::Owner).await);
    let path = format!("{}/events", story.orders(&inside, "sync").await);
    let open = async |browser: &Browser| browser.http.get(story.url(&path)).send().await.expect("an answer");
    let mut streams = Vec::new();
    for _ in 0..4 {
        let stream = open(&inside.browser).await;
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    assert_eq!(open(&inside.browser).await.status(), StatusCode::NO_CONTENT, "no room for a fifth");
    let mut of_other = open(&other.browser).await;
    assert_eq!(of_other.status(), StatusCode::OK, "another session has room of its own");
    streams.pop();
    until("the place is free again", async || open(&inside.browser).await.status() == StatusCode::OK).await;

    let csrf = story.token(&other.cookie, "/admin/sign-out").await;
    story.send(&other.browser, "/admin/sign-out", &[("csrf", &csrf)]).await;
    while of_other.chunk().await.expect("it ends well").is_some() {}
    let stranger = Browser::new().http.get(story.url(&path)).send().await.expect("an answer");
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ordered_is_not_done_for_somebody_who_is_no_admin_any_more() {
    let story = PanelStory::new("").await;
    let (inside, owner) = (story.inside(Role::Operator).await, story.inside(Role::Owner).await);
    let path = story.orders(&inside, "sync").await;
    let login = story.provider.parts.login();
    let id = story.account(story.person(Role::Operator)).await;
    let account = login.store.identity().account(&id).await.expect("the store").expect("an account");
    suspension::suspend(&login, &account, &desk()).await.expect("suspended");
    let _worker = Worker::of(&story.provider.parts);
    until("it has ended", async || story.task_shows(&owner, &path, "may not do it any more").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_link_has_ordered_is_not_begun_after_its_session() {
    let story = PanelStory::new("").await;
    let owner = story.inside(Role::Owner).await;
    let (browser, cookie) = link::enters_with_cookie(&story).await;
    let by_link = Inside { browser, cookie, ..story.inside(Role::Operator).await };
    let path = story.orders(&by_link, "sync").await;
    story.posts(&by_link.browser, &by_link.cookie, "/admin/sign-out", &[]).await;
    let _worker = Worker::of(&story.provider.parts);
    until("it has ended", async || story.task_shows(&owner, &path, "may not do it any more").await).await;
}

#[tokio::test]
async fn one_admin_orders_only_so_many_tasks() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::HelpDesk).await;
    let (by, corp) = (
        format!("account {}", story.account(story.person(Role::HelpDesk)).await.0),
        DirectoryId("corp".into()),
    );
    for number in 0..200 {
        let (id, role) = (format!("task{number}"), Some(Role::HelpDesk));
        let order = TaskOrder::SyncPerson { account: number.to_string() };
        let task = NewTask { id: &id, directory: &corp, order: &order, by: &by, role };
        let event = Event::new(story.now(), Decision::TaskOrdered);
        story.provider.parts.store.admin().add_task(task, &event).await.expect("the store").expect("room");
    }
    let csrf = story.token(&inside.cookie, SYNC_PERSON).await;
    let account = story.account(&story.bystander).await.0;
    let page = story.send(&inside.browser, SYNC_PERSON, &[("csrf", &csrf), ("account", &account)]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.text());
    let other = story.inside(Role::Operator).await;
    assert!(story.orders(&other, "plan").await.starts_with("/admin/tasks/"));
}

#[tokio::test]
async fn only_known_work_is_ordered() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let csrf = story.token(&inside.cookie, ORDER).await;
    for (order, directory) in [("revert", "corp"), ("sync_person", "corp"), ("", "corp"), ("sync", "other")] {
        let fields = [("csrf", csrf.as_str()), ("order", order), ("directory", directory)];
        let page = story.send(&inside.browser, ORDER, &fields).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{order} {directory}: {}", page.text());
    }
    assert_eq!(inside.browser.open(&story.url("/admin/tasks/none")).await.status, StatusCode::NOT_FOUND);
}
