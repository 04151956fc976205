//! Opening: what is made, by whom it can be read, and what happens when two processes open at once.

use std::os::unix::fs::PermissionsExt;

use cloudsync_idp::store::{Store, StoreError};

use super::{Fresh, event, first_settings, person};

#[tokio::test]
async fn a_database_file_is_nobody_elses_to_read() {
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
async fn nodes_that_open_a_new_store_at_once_make_one_schema() {
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
async fn what_was_written_is_there_for_the_next_process() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let id = person(&fresh.store, 1, "alice").await;
        let other = Store::open(&fresh.url).await.expect("it opens again");
        assert_eq!(
            other.account(&id).await.expect("it reads"),
            fresh.store.account(&id).await.expect("it reads")
        );
        other.append(&event()).await.expect("it writes beside the first");
    }
}

#[tokio::test]
async fn a_wrong_url_is_refused() {
    for url in ["", "mysql://x", "sqlite:", "sqlite::memory:", "sqlite:x?journal=off"] {
        assert!(matches!(Store::open(url).await, Err(StoreError::Url(_))), "{url}");
    }
    let unreachable = Store::open("postgres://127.0.4.1:24999/x").await;
    assert!(matches!(unreachable, Err(StoreError::Unavailable(_))));
    assert!(matches!(Store::open("sqlite:/nowhere/idp.db").await, Err(StoreError::File { .. })));
}
