//! What admins have sent and have to confirm, and long work that they have started.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::admin::{DRAFT_LIFETIME, Role, TASK_ABANDONED, TaskKind, TaskState};
use cloudsync_idp::domain::secret::Sealed;
use cloudsync_idp::domain::{DAY, HOUR};
use cloudsync_idp::store::{AuditFilter, DraftOwner, DraftRow, NewTask, Store};

use super::{NOW, corp, event, on_both, person};

on_both!(
    a_draft_belongs_to_one_browser_and_is_used_once,
    drafts_are_few_and_expire,
    a_task_is_taken_by_one_node_and_by_another_when_it_is_silent,
    a_second_task_of_a_kind_joins_the_first,
    a_task_is_stopped,
);

fn draft(id: &str) -> DraftRow {
    DraftRow { id: id.into(), path: "/admin/x".into(), content: Sealed(vec![1, 2, 3]) }
}

async fn keep(store: &Store, owner: DraftOwner<'_>, id: &str, later: i64) -> bool {
    store.admin().keep_draft(owner, &draft(id), NOW + later).await.expect("it is written")
}

async fn there(store: &Store, owner: DraftOwner<'_>, id: &str) -> bool {
    store.admin().draft(owner, id, NOW).await.expect("it reads").is_some()
}

async fn a_draft_belongs_to_one_browser_and_is_used_once(store: &Store) {
    let (ada, bob) = (person(store, 1, "ada").await, person(store, 2, "bob").await);
    let owner = DraftOwner { account: &ada, sid: "s1" };
    assert!(keep(store, owner, "d1", 0).await);
    let found = store.admin().draft(owner, "d1", NOW).await.expect("it reads");
    assert_eq!(found, Some(draft("d1")));
    for other in [DraftOwner { account: &ada, sid: "s2" }, DraftOwner { account: &bob, sid: "s1" }] {
        assert!(!there(store, other, "d1").await, "{other:?}");
        let taken = store.admin().take_draft(other, "d1", "/admin/x", NOW).await.expect("it reads");
        assert_eq!(taken, None, "{other:?}");
    }
    let take = async |path| store.admin().take_draft(owner, "d1", path, NOW).await.expect("it reads");
    assert_eq!(take("/admin/y").await, None, "of another action");
    assert_eq!(take("/admin/x").await, Some(draft("d1")));
    assert_eq!(take("/admin/x").await, None, "once");

    assert!(keep(store, owner, "d2", 0).await);
    store.admin().drop_drafts(owner).await.expect("dropped");
    assert!(!there(store, owner, "d2").await);
}

async fn drafts_are_few_and_expire(store: &Store) {
    let ada = person(store, 1, "ada").await;
    let owner = DraftOwner { account: &ada, sid: "s1" };
    for number in 0..6 {
        assert!(keep(store, owner, &format!("d{number}"), number).await);
    }
    let mut left = Vec::new();
    for number in 0..6 {
        left.push(there(store, owner, &format!("d{number}")).await);
    }
    assert_eq!(left, [false, false, true, true, true, true], "the oldest make room");
    assert_eq!(store.admin().draft(owner, "d5", NOW + DRAFT_LIFETIME + 5).await.expect("it reads"), None);
    for number in 0..96 {
        let sid = format!("other {number}");
        let other = DraftOwner { account: &ada, sid: &sid };
        assert!(keep(store, other, &format!("o{number}"), 6).await, "{number}");
    }
    assert!(!keep(store, DraftOwner { account: &ada, sid: "last" }, "last", 6).await, "no room");
    store.admin().expire(HOUR, HOUR, NOW + DRAFT_LIFETIME + 6).await.expect("they expire");
    assert!(!there(store, owner, "d5").await);
    let stranger = AccountId("nobody".into());
    let unknown = DraftOwner { account: &stranger, sid: "s" };
    assert!(store.admin().keep_draft(unknown, &draft("x"), NOW).await.is_err(), "no such account");
}

async fn add(store: &Store, id: &str, kind: TaskKind) -> String {
    let directory = corp();
    let (subject, role) = ("", Some(Role::Owner));
    let task = NewTask { id, kind, directory: &directory, subject, order: "{}", by: "account a", role };
    store.admin().add_task(task, &event()).await.expect("it is written")
}

async fn take(store: &Store, node: &str, later: i64) -> Option<String> {
    store.admin().take_task(node, NOW + later).await.expect("it reads").map(|task| task.id)
}

async fn beat(store: &Store, node: &str, progress: Option<&str>, later: i64) -> Option<bool> {
    store.admin().beat_task("t1", node, progress, NOW + later).await.expect("it is written")
}

async fn a_task_is_taken_by_one_node_and_by_another_when_it_is_silent(store: &Store) {
    assert_eq!(take(store, "n1", 0).await, None);
    add(store, "t1", TaskKind::Sync).await;
    let (one, two) = tokio::join!(take(store, "n1", 0), take(store, "n2", 0));
    assert_eq!([&one, &two].into_iter().flatten().count(), 1, "{one:?} {two:?}");
    let (node, other) = if one.is_some() { ("n1", "n2") } else { ("n2", "n1") };
    assert_eq!(beat(store, node, Some("{\"done\":1}"), 5).await, Some(false));
    assert_eq!(beat(store, other, None, 5).await, None, "not its own");
    assert_eq!(take(store, other, 4 + TASK_ABANDONED).await, None);
    assert_eq!(take(store, other, 5 + TASK_ABANDONED).await.as_deref(), Some("t1"), "it was silent");
    assert_eq!(beat(store, node, None, 6 + TASK_ABANDONED).await, None, "the first one has lost it");
    let end = async |node: &str| {
        let ended = store.admin().end_task("t1", node, TaskState::Done, Some("{}"), NOW + 9).await;
        ended.expect("it is written")
    };
    assert!(!end(node).await);
    assert!(end(other).await);
    assert!(!end(other).await, "once");
    let task = store.admin().task("t1").await.expect("it reads").expect("there");
    assert_eq!((task.state, task.ended_at), (TaskState::Done, Some(NOW + 9)));
    assert_eq!(task.progress.as_deref(), Some("{\"done\":1}"));
    assert_eq!((task.taken, task.role), (2, Some(Role::Owner)));
    assert_eq!(take(store, node, DAY).await, None, "it is over");
    store.admin().expire(HOUR, HOUR, NOW + 31 * DAY).await.expect("they expire");
    assert_eq!(store.admin().task("t1").await.expect("it reads"), None);
}

async fn a_second_task_of_a_kind_joins_the_first(store: &Store) {
    assert_eq!(add(store, "t1", TaskKind::Sync).await, "t1");
    assert_eq!(add(store, "t2", TaskKind::Sync).await, "t1");
    assert_eq!(add(store, "t3", TaskKind::Plan).await, "t3", "another kind");
    take(store, "n1", 0).await;
    assert_eq!(add(store, "t4", TaskKind::Sync).await, "t1", "it runs");
    assert!(store.admin().end_task("t1", "n1", TaskState::Failed, None, NOW).await.expect("written"));
    let (one, two) = tokio::join!(add(store, "t5", TaskKind::Sync), add(store, "t6", TaskKind::Sync));
    assert_eq!(one, two, "of two at once, the second joins");
    let events = store.login().audit_page(None, 10, &AuditFilter::All).await.expect("it reads");
    assert_eq!(events.len(), 3, "one event for each task");
}

async fn a_task_is_stopped(store: &Store) {
    let stop = async |id: &str| store.admin().stop_task(id, &event()).await.expect("it is written");
    add(store, "t1", TaskKind::Sync).await;
    take(store, "n1", 0).await;
    assert!(stop("t1").await);
    assert!(!stop("t1").await, "asked once");
    assert_eq!(beat(store, "n1", None, 1).await, Some(true), "its node is told");
    add(store, "t2", TaskKind::Plan).await;
    assert!(stop("t2").await);
    assert_eq!(take(store, "n1", 2).await, None);
    let task = store.admin().task("t2").await.expect("it reads").expect("there");
    assert_eq!(task.state, TaskState::Stopped, "nobody had begun it");
    assert!(!stop("none").await);
}
