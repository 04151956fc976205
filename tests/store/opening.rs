//! Opening a store: what is created, who can read it, and what happens when two processes open it at once.

use std::os::unix::fs::PermissionsExt;

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::place::Place;
use cloudsync_idp::store::{RunDetails, RunId, Store, StoreError};
use rusqlite::Connection;
use tokio::net::TcpListener;

use super::{Fresh, NOW, corp, entry, event, first_settings, person};
use crate::support::rows::{AccountRows, LogRows};

#[tokio::test]
async fn a_database_file_is_readable_only_by_its_owner() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(&format!("sqlite:{}/idp.db", dir.path().display())).await.expect("it opens");
    first_settings(&store).await;
    let mut files = 0;
    for file in std::fs::read_dir(dir.path()).expect("it lists") {
        let file = file.expect("an entry");
        let mode = file.metadata().expect("its mode").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
        files += 1;
    }
    assert!(files >= 2, "the database and its log");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_open_a_new_store_at_once_create_one_schema() {
    let dir = tempfile::tempdir().expect("a directory");
    let sqlite = format!("sqlite:{}/idp.db", dir.path().display());
    let postgres = Fresh::postgres_url().await;
    for url in [sqlite, postgres] {
        let opening: Vec<_> = (0..6)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { Store::open(&url).await })
            })
            .collect();
        for opened in opening {
            opened.await.expect("no panic").expect("it opens").ping().await.expect("it answers");
        }
    }
}

#[tokio::test]
async fn the_next_process_reads_what_was_written() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let id = person(&fresh.store, 1, "alice").await;
        let other = Store::open(&fresh.url).await.expect("it opens again");
        assert_eq!(
            other.identity().account(&id).await.expect("it reads"),
            fresh.store.identity().account(&id).await.expect("it reads")
        );
        other.login().append(&event()).await.expect("it writes beside the first");
    }
}

#[tokio::test]
async fn a_wrong_url_is_refused() {
    for url in ["", "mysql://x", "sqlite:", "sqlite::memory:", "sqlite:x?journal=off"] {
        assert!(matches!(Store::open(url).await, Err(StoreError::Url(_))), "{url}");
    }
    let unreachable = Store::open("postgres://127.0.4.1:24999/x").await;
    assert!(matches!(unreachable, Err(StoreError::Unreachable(_))));
    assert!(matches!(Store::open("sqlite:/nowhere/idp.db").await, Err(StoreError::File { .. })));
}

#[tokio::test]
async fn a_server_that_never_answers_is_unavailable() {
    let frozen = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
    let url = format!("postgres://x@{}/x", frozen.local_addr().expect("an address"));
    assert!(matches!(Store::open(&url).await, Err(StoreError::Unreachable(_))));
}

#[tokio::test]
async fn an_invalid_row_is_refused_by_its_key() {
    let fresh = Fresh::sqlite().await;
    let id = person(&fresh.store, 1, "alice").await;
    let file = raw(&fresh);
    for (damage, word) in [
        ("status = 'active', suspended_because = 'disabled'", "status"),
        ("status = 'suspended', suspended_because = 'mood', suspended_since = 1", "mood"),
        ("status = 'suspended', suspended_because = 'admin', suspended_since = NULL", "status"),
        ("status = 'active', suspended_because = NULL, entry = 'x'", "UUID"),
    ] {
        file.execute(&format!("UPDATE accounts SET {damage}"), []).expect("it is damaged");
        let refused = fresh.store.identity().account(&id).await.expect_err("such a row is rejected");
        let StoreError::Corrupt { table, row, what } = refused else { panic!("{refused}") };
        assert_eq!((table, row), ("accounts", id.0.clone()));
        assert!(what.contains(word), "{what}");
    }
}

#[tokio::test]
async fn while_another_process_writes_readers_read_and_writers_wait() {
    let fresh = Fresh::sqlite().await;
    let id = person(&fresh.store, 1, "alice").await;
    let file = raw(&fresh);
    file.execute_batch("BEGIN IMMEDIATE; DELETE FROM changes").expect("it writes");
    {
        let event = event();
        let trail = fresh.store.login();
        let given_up = trail.append(&event);
        tokio::pin!(given_up);
        assert!(futures_util::poll!(&mut given_up).is_pending(), "it waits, and its request is dropped");
    }
    let (writing, store) = (event(), fresh.store.clone());
    let waiting = tokio::spawn(async move { store.login().append(&writing).await });
    assert!(fresh.store.identity().account(&id).await.expect("it reads").is_some());
    assert!(!waiting.is_finished());
    file.execute_batch("COMMIT").expect("it is done");
    waiting.await.expect("no panic").expect("its turn has come");
}

fn raw(fresh: &Fresh) -> Connection {
    Connection::open(fresh.url.strip_prefix("sqlite:").expect("a file")).expect("it opens")
}

/// The schema before version 5 separated facts, runs and related tables.
const VERSION_4: [&str; 4] = [
    include_str!("../../src/store/engine/migrations/0001_first.sql"),
    include_str!("../../src/store/engine/migrations/0002_second_factor.sql"),
    include_str!("../../src/store/engine/migrations/0003_evidence.sql"),
    include_str!("../../src/store/engine/migrations/0004_retention.sql"),
];

#[tokio::test]
async fn an_older_store_keeps_no_raw_user_agent_of_a_remembered_browser() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("idp.db");
    let file = Connection::open(&path).expect("the file opens");
    VERSION_4.iter().for_each(|text| file.execute_batch(text).expect("the older schema"));
    let (hash, label) =
        ("01".repeat(32), "Mozilla/5.0 (Windows NT 10.0; <b>) Chrome/142.0 Safari/537.36 Edg/142");
    let written = format!(
        "INSERT INTO accounts (id, directory, entry, email, email_key, status, generation, created_at) \
             VALUES ('a', 'corp', '{entry}', 'a@b', 'a@b', 'active', 1, {NOW}); \
         INSERT INTO remembered_browsers VALUES (x'{hash}', 'a', 1, {NOW}, {NOW} + 9, '{label}'); \
         PRAGMA user_version = 4;",
        entry = entry(1)
    );
    file.execute_batch(&written).expect("what it had");
    drop(file);
    let store = Store::open(&format!("sqlite:{}", path.display())).await.expect("it opens");
    let known = store.login().remembered_browsers(&AccountId("a".into()), 1, NOW).await.expect("an answer");
    assert_eq!(known.iter().map(|one| &one.place).collect::<Vec<_>>(), [&Place::of(label, "")]);
    drop(store);
    let file = Connection::open(&path).expect("the file opens");
    let kept: String =
        file.query_row("SELECT label FROM remembered_browsers", [], |row| row.get(0)).expect("a row");
    assert_eq!(kept, "Edge");
}

#[tokio::test]
async fn a_store_of_an_older_version_keeps_its_runs_and_its_trail() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("idp.db");
    let file = Connection::open(&path).expect("the file opens");
    VERSION_4.iter().for_each(|text| file.execute_batch(text).expect("the older schema"));
    let written = format!(
        "INSERT INTO accounts (id, directory, entry, email, email_key, status, generation, created_at) \
             VALUES ('a', 'corp', '{entry}', 'a@b\u{fc}.de', 'a@b\u{fc}.de', 'active', 1, {NOW}); \
         INSERT INTO runs (id, directory, trigger_word, started_at, finished_at, counts) \
             VALUES (7, 'corp', 'command', {NOW}, {NOW}, '{{\"seen\":1}}'); \
         INSERT INTO changes (run, account, at, kind, after) VALUES (7, 'a', {NOW}, 'created', '{{}}'); \
         INSERT INTO changes (run, account, at, kind, after) VALUES (NULL, 'a', {NOW}, 'suspended', '{{}}'); \
         INSERT INTO audit (at, decision) VALUES ({NOW} + 2, 'accounts_imported'); PRAGMA user_version = 4;",
        entry = entry(1)
    );
    file.execute_batch(&written).expect("what it had");
    drop(file);
    let store = Store::open(&format!("sqlite:{}", path.display())).await.expect("it opens");
    assert_eq!(store.sync().completed_at(&corp()).await.expect("an answer"), Some(NOW));
    let found = store.identity().account_by_email("a@xn--b-eha.de").await.expect("an answer");
    assert!(found.is_some(), "addresses have one form since then");
    let changes = store.sync().changes_page(None, 9).await.expect("an answer");
    assert!(changes.iter().all(|change| change.directory == Some(corp())), "{changes:?}");
    let run = store.sync().run(RunId(7)).await.expect("an answer").expect("kept");
    assert_eq!((run.times, run.approved, run.details), (1, false, RunDetails::default()));
    assert_eq!(store.sync().taken_since(&corp(), NOW - 1).await.expect("an answer").len(), 1);
}
