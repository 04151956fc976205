//! Full scans, interrupted and resumed, and the fence between two writers.

use cloudsync_idp::domain::cursor::{Cursor, Position};
use cloudsync_idp::domain::mirror::Item;
use cloudsync_idp::store::{Fenced, MirrorState, Scan, ScanId, Store};
use uuid::Uuid;

use super::super::{corp, entry, on_both};
use super::*;

on_both!(
    a_scan_is_resumed_without_writing_twice,
    a_scan_of_another_database_starts_over,
    people_that_a_scan_did_not_show_are_listed_and_removed,
    an_overtaken_writer_writes_nothing,
    a_page_and_its_cursor_are_one_transaction,
);

async fn begin(store: &Store, from: &Cursor) -> Scan {
    let version = version(store).await;
    done(store.sync().begin_scan(&corp(), version, from, 1).await.unwrap())
}

async fn a_scan_is_resumed_without_writing_twice(store: &Store) {
    let first = begin(store, &cursor("1")).await;
    assert_eq!(first, Scan { id: ScanId(1), resumed: false, seen: 0 });
    let page = [at(1, "CN=a,DC=x"), at(2, "CN=b,DC=x")];
    assert_eq!(report_scan(store, first.id, &page).await.written, 2);
    // Killed here; another process resumes.
    let again = begin(store, &cursor("2")).await;
    assert_eq!(again, Scan { id: ScanId(1), resumed: true, seen: 2 });
    let state = store.sync().mirror_state(&corp()).await.unwrap();
    assert_eq!(state.scan.as_ref().map(|scan| (scan.from.clone(), scan.seen)), Some((cursor("1"), 2)));
    assert_eq!(state.cursor, None);
    assert_eq!(report_scan(store, again.id, &page).await.written, 0);
    assert_eq!(report_scan(store, again.id, &[at(3, "CN=c,DC=x")]).await.written, 1);
    assert_eq!(store.sync().mirror_state(&corp()).await.unwrap().scan.unwrap().seen, 3);
    let version = version(store).await;
    done(store.sync().end_scan(&corp(), version, again.id, "mail", 9).await.unwrap());
    let state = store.sync().mirror_state(&corp()).await.unwrap();
    assert_eq!((state.cursor, state.scanned_at, state.scan), (Some(cursor("1")), Some(9), None));
    assert_eq!(state.attributes.as_deref(), Some("mail"));
    assert_eq!(begin(store, &cursor("3")).await, Scan { id: ScanId(2), resumed: false, seen: 0 });
}

async fn a_scan_of_another_database_starts_over(store: &Store) {
    let of = |database: u128, usn| Cursor {
        server: "dc1:636".into(),
        position: Position::UsnChanged { invocation_id: Uuid::from_u128(database), usn },
    };
    assert_eq!(begin(store, &of(1, 10)).await.id, ScanId(1));
    assert_eq!(begin(store, &of(1, 12)).await, Scan { id: ScanId(1), resumed: true, seen: 0 });
    assert!(!begin(store, &of(2, 12)).await.resumed);
    assert_eq!(begin(store, &cursor("1")).await.id, ScanId(3));
}

async fn people_that_a_scan_did_not_show_are_listed_and_removed(store: &Store) {
    let everything = [container(1, "OU=a,DC=x"), with(10, "CN=g,DC=x", &[id(100)]), at(100, "CN=a,DC=x")];
    report(store, &everything).await;
    report(store, &[at(101, "CN=b,DC=x"), at(102, "CN=c,DC=x"), Item::Gone(entry(102))]).await;
    judge_all(store).await;
    let scan = begin(store, &cursor("1")).await;
    report_scan(store, scan.id, &everything[1..2]).await;
    // Created meanwhile, and reported as a change.
    report(store, &[at(103, "CN=d,DC=x")]).await;
    let unseen = async |after| store.sync().unseen_by_scan(&corp(), scan.id, after, 2).await.unwrap();
    assert_eq!(unseen(None).await, [entry(1), entry(100)]);
    assert_eq!(unseen(Some(entry(100))).await, [entry(101)]);
    assert_eq!(dirty(store).await, these(&[103]));
    report_scan(store, scan.id, &[Item::Gone(entry(100)), Item::Gone(entry(101)), everything[0].clone()])
        .await;
    assert_eq!(unseen(None).await, []);
    assert_eq!(dirty(store).await, these(&[100, 101, 103]));
}

async fn an_overtaken_writer_writes_nothing(store: &Store) {
    assert_eq!(store.sync().mirror_state(&corp()).await.unwrap(), MirrorState::default());
    report(store, &[at(1, "CN=a,DC=x")]).await;
    let scan = begin(store, &cursor("1")).await;
    judge_all(store).await;
    let before = store.sync().mirror_state(&corp()).await.unwrap();
    assert_eq!(before.version, 2);
    for stale in [0, 1, 3] {
        let page = [at(2, "CN=b,DC=x"), Item::Gone(entry(1))];
        let wrote = store.sync().mirror_page(&corp(), stale, None, &page, Some(&cursor("9"))).await.unwrap();
        assert_eq!(wrote, Fenced::Overtaken);
        let began = store.sync().begin_scan(&corp(), stale, &cursor("9"), 5).await.unwrap();
        assert_eq!(began, Fenced::Overtaken);
        assert_eq!(
            store.sync().end_scan(&corp(), stale, scan.id, "mail", 5).await.unwrap(),
            Fenced::Overtaken
        );
        assert_eq!(store.sync().dirty_everybody(&corp(), stale, "x").await.unwrap(), Fenced::Overtaken);
        assert!(!store.sync().mirror_caught_up(&corp(), stale, 5).await.unwrap());
    }
    let other = store.sync().mirror_page(&corp(), 2, Some(ScanId(7)), &[], None).await.unwrap();
    assert_eq!(other, Fenced::Overtaken);
    assert_eq!(store.sync().end_scan(&corp(), 2, ScanId(7), "mail", 5).await.unwrap(), Fenced::Overtaken);
    assert_eq!(store.sync().mirror_state(&corp()).await.unwrap(), before);
    assert_eq!(dirty(store).await, these(&[]));
    assert_eq!(store.sync().count_people(&corp()).await.unwrap(), 1);
}

async fn a_page_and_its_cursor_are_one_transaction(store: &Store) {
    let page = [at(1, "CN=a,DC=x")];
    let wrote = store.sync().mirror_page(&corp(), 0, None, &page, Some(&cursor("1"))).await.unwrap();
    assert!(matches!(wrote, Fenced::Done(_)));
    assert!(store.sync().mirror_caught_up(&corp(), 1, 5).await.unwrap());
    let wrote = store.sync().mirror_page(&corp(), 1, None, &page, None).await.unwrap();
    assert!(matches!(wrote, Fenced::Done(_)));
    let state = store.sync().mirror_state(&corp()).await.unwrap();
    assert_eq!((state.version, state.cursor, state.caught_up_at), (2, Some(cursor("1")), Some(5)));
    // Another process, or this one after a crash, sees the same.
    assert_eq!(store.sync().mirror_state(&corp()).await.unwrap().version, 2);
}
