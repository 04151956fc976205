//! What admins have sent and have to confirm, and long work that they have started.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::admin::{
    Actor, Approval, ApprovalState, DRAFT_LIFETIME, Role, TASK_ABANDONED, TaskOrder, TaskState,
};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::secret::{Hashed, Sealed};
use cloudsync_idp::domain::{DAY, HOUR};
use cloudsync_idp::store::{AuditFilter, DraftRow, KeyedOutcome, KeyedRequest, NewDraft, NewTask, Store};
use futures_util::stream::{self, StreamExt};

use super::{NOW, corp, event, on_both, person as account_of};

on_both!(
    a_draft_belongs_to_one_owner_and_is_used_once,
    drafts_are_few_and_expire,
    limits_hold_for_whatever_comes_at_once,
    work_of_links_that_have_ended_is_stopped,
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

/// Of a person in a browser: the owner is both.
async fn keep(store: &Store, owner: &str, id: &str, later: i64) -> bool {
    let content = &Sealed(vec![1, 2, 3]);
    let person = owner.split_once(' ').map_or(owner, |(person, _)| person);
    let draft = NewDraft { id, owner, person, path: "/admin/x", content };
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
    let owner = |number: i64| format!("ada s{}", 1 + number % 2);
    for number in 0..14 {
        assert!(keep(store, &owner(number), &format!("d{number}"), number).await);
    }
    let mut left = Vec::new();
    for number in 0..14 {
        left.push(read(store, &owner(number), &format!("d{number}")).await.is_some());
    }
    assert_eq!(left, [&[false; 2][..], &[true; 12]].concat(), "the oldest make room");
    let late = store.admin().draft("ada s2", "d13", NOW + DRAFT_LIFETIME + 13).await.expect("it reads");
    assert_eq!(late, None);
    for number in 0..288 {
        assert!(keep(store, &format!("other{number} s1"), &format!("o{number}"), 14).await, "{number}");
    }
    assert!(!keep(store, "last", "last", 14).await, "no room");
    store.admin().expire(HOUR, HOUR, NOW + DRAFT_LIFETIME + 14).await.expect("they expire");
    assert_eq!(read(store, "ada s2", "d13").await, None);
}

async fn add_by(store: &Store, by: &str, id: &str, order: TaskOrder) -> Option<String> {
    let (directory, role) = (corp(), Some(Role::Owner));
    let task = NewTask { id, directory: &directory, order: &order, by, role };
    store.admin().add_task(task, &event()).await.expect("it is written")
}

async fn add(store: &Store, id: &str, order: TaskOrder) -> String {
    add_by(store, "account a", id, order).await.expect("there is room")
}

/// How many of these find room, as many at once as the store has connections for.
async fn admitted<F: Future<Output = bool>>(all: impl IntoIterator<Item = F>) -> usize {
    let all: Vec<bool> = stream::iter(all).buffer_unordered(8).collect().await;
    all.into_iter().filter(|has_room| *has_room).count()
}

async fn limits_hold_for_whatever_comes_at_once(store: &Store) {
    let revert = async |by: String, run: i64| {
        add_by(store, &by, &format!("revert {run}"), TaskOrder::Revert { run }).await.is_some()
    };
    let person = async |account: i64| {
        let order = TaskOrder::SyncPerson { account: account.to_string() };
        add_by(store, "account a", &format!("person {account}"), order).await.is_some()
    };
    let full = admitted((0..40).map(|run| revert("account a".into(), run))).await;
    assert_eq!(full, 20, "of one admin");
    assert!(add_by(store, "account a", "again", TaskOrder::Revert { run: 1_000 }).await.is_none());
    assert_eq!(admitted((0..220).map(person)).await, 200, "single people have room of their own");
    let crowd = (100..320).map(|run| revert(format!("account {run}"), run));
    assert_eq!(admitted(crowd).await, 180, "200 of all");
    let mut joined = 0;
    for run in 0..40 {
        let id = add_by(store, "account late", "late", TaskOrder::Revert { run }).await;
        joined += usize::from(id.is_some_and(|id| id == format!("revert {run}")));
    }
    assert_eq!(joined, 20, "whoever joins needs no room");

    let draft =
        async |number: i64| keep(store, &format!("ada s{number}"), &format!("d{number}"), number).await;
    assert_eq!(admitted((0..40).map(draft)).await, 40, "each replaces the oldest");
    let mut left = 0;
    for number in 0..40 {
        left += usize::from(read(store, &format!("ada s{number}"), &format!("d{number}")).await.is_some());
    }
    assert_eq!(left, 12, "of one person, in whatever browser");
    let other = async |number: i64| keep(store, &format!("o{number} s"), &format!("o{number}"), 50).await;
    assert_eq!(admitted((0..300).map(other)).await, 288, "300 of all");

    let asker = account_of(store, 1, "asker").await;
    let asked =
        async |number: i64| store.admin().keep_approval(&request(&asker, number)).await.expect("written");
    assert_eq!(admitted((0..30).map(asked)).await, 10, "requests of one person");
}

fn request(asker: &AccountId, number: i64) -> Approval {
    Approval {
        id: format!("r{number}"),
        kind: None,
        content: Some(Sealed(vec![1])),
        generation: 1,
        state: ApprovalState::Open,
        asked_by: asker.clone(),
        role: Role::Owner,
        why: String::new(),
        made_at: NOW,
        decided_by: None,
        decided_at: None,
        reason: None,
    }
}

async fn work_of_links_that_have_ended_is_stopped(store: &Store) {
    let link = "break-glass root@idp";
    add(store, "of a person", TaskOrder::Revert { run: 1 }).await;
    add_by(store, link, "runs", TaskOrder::Sync).await.expect("room");
    add_by(store, link, "waits", TaskOrder::Plan).await.expect("room");
    let state = async |id: &str| store.admin().task(id).await.expect("it reads").expect("there").state;
    for _ in 0..3 {
        take(store, "n1", 0).await.expect("a task");
    }
    for id in ["runs", "of a person"] {
        assert!(store.admin().begin_task(id, "n1").await.expect("written"));
    }
    let content = &Sealed(vec![1]);
    for (id, owner, person) in [("d1", "session 1", link), ("d2", "ada s1", "account ada")] {
        let draft = NewDraft { id, owner, person, path: "/admin/x", content };
        assert!(store.admin().keep_draft(draft, NOW).await.expect("written"));
    }
    let ended = Event::new(NOW + 1, Decision::AdminLinksEnded).by(&Actor::command("root@idp".into()));
    store.admin().end_links(&ended).await.expect("ended");
    assert_eq!(state("waits").await, TaskState::Stopped);
    let beat = async |id| store.admin().beat_task(id, "n1", (None, None), NOW + 2).await.expect("written");
    assert_eq!((beat("runs").await, beat("of a person").await), (Some(true), Some(false)));
    let kept = async |owner, id| store.admin().draft(owner, id, NOW + 2).await.expect("it reads").is_some();
    assert!(!kept("session 1", "d1").await && kept("ada s1", "d2").await);
    let trail = store.login().audit_page(None, 20, &AuditFilter::All).await.expect("it reads");
    let stopped: Vec<_> = trail.iter().filter(|row| row.decision == "task_stopped").collect();
    assert_eq!(stopped.len(), 2);
    for row in stopped {
        let said = (row.actor.as_deref(), row.cause.as_deref(), row.directory.as_deref());
        assert_eq!(said, (Some("command root@idp"), Some("link_ended"), Some("corp")));
    }
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
