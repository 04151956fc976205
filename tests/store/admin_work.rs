//! What admins have sent and have to confirm, and long work that they have started.

use cloudsync_idp::domain::admin::{DRAFT_LIFETIME, Role, TASK_ABANDONED, TaskOrder, TaskState};
use cloudsync_idp::domain::secret::{Hashed, Sealed};
use cloudsync_idp::domain::{DAY, HOUR};
use cloudsync_idp::store::{AuditFilter, DraftRow, KeyedOutcome, KeyedRequest, NewDraft, NewTask, Store};

use super::{NOW, corp, event, on_both};

on_both!(
    a_draft_belongs_to_one_owner_and_is_used_once,
    drafts_are_few_and_expire,
    a_task_is_taken_by_one_node_and_by_another_when_it_is_silent,
    a_second_task_of_a_kind_joins_the_first,
    a_task_is_stopped,
    a_task_that_has_to_wait_comes_after_the_others,
    one_actor_has_room_for_so_many_keys,
);

fn draft(id: &str) -> DraftRow {
    let content = Sealed(vec![1, 2, 3]);
    DraftRow { id: id.into(), path: "/admin/x".into(), content, report: None, reported_at: NOW }
}

async fn keep(store: &Store, owner: &str, id: &str, later: i64) -> bool {
    let content = &Sealed(vec![1, 2, 3]);
    let draft = NewDraft { id, owner, path: "/admin/x", content };
    store.admin().keep_draft(draft, NOW + later).await.expect("it is written")
}

async fn read(store: &Store, owner: &str, id: &str) -> Option<DraftRow> {
    store.admin().draft(owner, id, NOW).await.expect("it reads")
}

async fn a_draft_belongs_to_one_owner_and_is_used_once(store: &Store) {
    assert!(keep(store, "ada s1", "d1", 0).await);
    assert_eq!(read(store, "ada s1", "d1").await, Some(draft("d1")));
    for other in ["ada s2", "bob s1", "ada", ""] {
        assert_eq!(read(store, other, "d1").await, None, "{other:?}");
        let taken = store.admin().take_draft(other, "d1", "/admin/x", NOW).await.expect("it reads");
        assert_eq!(taken, None, "{other:?}");
    }
    let take = async |path| store.admin().take_draft("ada s1", "d1", path, NOW).await.expect("it reads");
    assert_eq!(take("/admin/y").await, None, "of another action");
    assert_eq!(take("/admin/x").await, Some(draft("d1")));
    assert_eq!(take("/admin/x").await, None, "once");

    assert!(keep(store, "ada s1", "d2", 0).await);
    store.admin().report_draft("d2", "{}", NOW + 1).await.expect("written");
    store.admin().empty_draft("d2").await.expect("written");
    let reported = DraftRow { content: Sealed(Vec::new()), report: Some("{}".into()), ..draft("d2") };
    assert_eq!(read(store, "ada s1", "d2").await, Some(DraftRow { reported_at: NOW + 1, ..reported }));
    store.admin().drop_drafts("ada s1").await.expect("dropped");
    assert_eq!(read(store, "ada s1", "d2").await, None);
}

async fn drafts_are_few_and_expire(store: &Store) {
    for number in 0..14 {
        assert!(keep(store, "ada s1", &format!("d{number}"), number).await);
    }
    let mut left = Vec::new();
    for number in 0..14 {
        left.push(read(store, "ada s1", &format!("d{number}")).await.is_some());
    }
    assert_eq!(left, [&[false; 2][..], &[true; 12]].concat(), "the oldest make room");
    let late = store.admin().draft("ada s1", "d13", NOW + DRAFT_LIFETIME + 13).await.expect("it reads");
    assert_eq!(late, None);
    for number in 0..288 {
        assert!(keep(store, &format!("other {number}"), &format!("o{number}"), 14).await, "{number}");
    }
    assert!(!keep(store, "last", "last", 14).await, "no room");
    store.admin().expire(HOUR, HOUR, NOW + DRAFT_LIFETIME + 14).await.expect("they expire");
    assert_eq!(read(store, "ada s1", "d13").await, None);
}

async fn add(store: &Store, id: &str, order: TaskOrder) -> String {
    let (directory, role) = (corp(), Some(Role::Owner));
    let task = NewTask { id, directory: &directory, order: &order, by: "account a", role };
    store.admin().add_task(task, &event()).await.expect("it is written")
}

async fn take(store: &Store, node: &str, later: i64) -> Option<String> {
    store.admin().take_task(node, NOW + later).await.expect("it reads").map(|task| task.id)
}

async fn beat(store: &Store, node: &str, progress: Option<&str>, later: i64) -> Option<bool> {
    store.admin().beat_task("t1", node, (progress, None), NOW + later).await.expect("it is written")
}

async fn a_task_is_taken_by_one_node_and_by_another_when_it_is_silent(store: &Store) {
    assert_eq!(take(store, "n1", 0).await, None);
    add(store, "t1", TaskOrder::Sync).await;
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
    assert_eq!(add(store, "t1", TaskOrder::Sync).await, "t1");
    assert_eq!(add(store, "t2", TaskOrder::Sync).await, "t1");
    assert_eq!(add(store, "t3", TaskOrder::Plan).await, "t3", "another kind");
    take(store, "n1", 0).await;
    assert_eq!(add(store, "t4", TaskOrder::Sync).await, "t1", "it runs");
    assert!(store.admin().end_task("t1", "n1", TaskState::Failed, None, NOW).await.expect("written"));
    let (one, two) = tokio::join!(add(store, "t5", TaskOrder::Sync), add(store, "t6", TaskOrder::Sync));
    assert_eq!(one, two, "of two at once, the second joins");
    let events = store.login().audit_page(None, 10, &AuditFilter::All).await.expect("it reads");
    let ordered = events.iter().filter(|event| event.cause.is_none()).count();
    assert_eq!((ordered, events.len()), (3, 6), "one event for each task, and for each who joins");
}

async fn a_task_is_stopped(store: &Store) {
    let stop = async |id: &str| store.admin().stop_task(id, &event()).await.expect("it is written");
    add(store, "t1", TaskOrder::Sync).await;
    take(store, "n1", 0).await;
    assert!(store.admin().begin_task("t1", "n1").await.expect("written"));
    assert!(stop("t1").await);
    assert!(!stop("t1").await, "asked once");
    assert_eq!(beat(store, "n1", None, 1).await, Some(true), "its node is told");
    add(store, "t2", TaskOrder::Plan).await;
    assert!(stop("t2").await);
    assert_eq!(take(store, "n1", 2).await, None);
    assert!(!store.admin().begin_task("t2", "n1").await.expect("written"), "it is over");
    let task = store.admin().task("t2").await.expect("it reads").expect("there");
    assert_eq!(task.state, TaskState::Stopped, "nobody had begun it");
    assert!(!stop("none").await);
}

async fn a_task_that_has_to_wait_comes_after_the_others(store: &Store) {
    let put_back =
        async |id, later| store.admin().put_back_task(id, "n1", NOW + later).await.expect("written");
    let state = async |id| store.admin().task(id).await.expect("it reads").expect("there").state;
    add(store, "t1", TaskOrder::Sync).await;
    add(store, "t2", TaskOrder::Plan).await;
    for round in 0..6 {
        assert_eq!(take(store, "n1", 2 * round).await.as_deref(), Some("t1"), "{round}");
        assert_eq!(take(store, "n1", 2 * round).await.as_deref(), Some("t2"), "{round}: it is its turn");
        assert_eq!(take(store, "n2", 2 * round).await, None);
        put_back("t1", 2 * round).await;
        put_back("t2", 2 * round + 1).await;
    }
    add(store, "t3", TaskOrder::ReadDirectory).await;
    assert_eq!(take(store, "n1", 20).await.as_deref(), Some("t3"), "what nobody has tried comes first");
    assert_eq!((take(store, "n1", 20).await.as_deref(), state("t1").await), (Some("t1"), TaskState::Waiting));
    assert!(store.admin().begin_task("t1", "n1").await.expect("written"));
    assert!(store.admin().stop_task("t1", &event()).await.expect("written"));
    put_back("t1", 21).await;
    assert_eq!(state("t1").await, TaskState::Stopped, "it does not begin again");
    let task = store.admin().task("t2").await.expect("it reads").expect("there");
    assert_eq!((task.taken, task.state), (0, TaskState::Waiting), "waiting is no failure");
}

async fn one_actor_has_room_for_so_many_keys(store: &Store) {
    let begin = async |actor: &str, key: &str, at| {
        let request = KeyedRequest { actor, key, request: &Hashed([7; 32]) };
        store.admin().begin_keyed(request, at).await.expect("it is written")
    };
    for number in 0..1_000 {
        assert_eq!(begin("client a", &number.to_string(), NOW).await, KeyedOutcome::New);
    }
    assert_eq!(begin("client a", "more", NOW).await, KeyedOutcome::Full);
    assert_eq!(begin("client a", "7", NOW).await, KeyedOutcome::Running { abandoned: false }, "a known one");
    assert_eq!(begin("client b", "more", NOW).await, KeyedOutcome::New, "another's");
    store.admin().expire(HOUR, DAY, NOW + DAY).await.expect("old ones go");
    assert_eq!(begin("client a", "more", NOW + DAY).await, KeyedOutcome::New);
}
