//! The log is bounded whoever is busy, and nobody who writes waits for a checkpoint. Waiting for a condition ends
//! after [`PATIENCE`], which no assertion depends on.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use tempfile::TempDir;

use super::*;

const PATIENCE: Duration = Duration::from_secs(120);
/// Of the row that each write replaces; some 245 pages.
const BYTES: i64 = 1_000_000;
/// So many different rows.
const ROWS: i64 = 12;
const PAGE: u64 = 4_096;

struct Scene {
    sqlite: Sqlite,
    path: PathBuf,
    _dir: TempDir,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("idp.db");
        let options = SqliteOptions { path: path.clone(), full: false };
        let file = File::create(&path).expect("the file");
        let connection = options.connect().expect("it opens");
        connection.pragma_update(None, "journal_mode", "wal").expect("a log");
        connection.execute_batch("CREATE TABLE big (id INTEGER PRIMARY KEY, bytes BLOB)").expect("a table");
        let sqlite = Sqlite::new(options, connection, file).expect("it opens");
        Self { sqlite, path, _dir: dir }
    }

    async fn write(&self, from: i64, to: i64) {
        for number in from..to {
            write(&self.sqlite, number).await;
        }
    }

    /// The length of the file of the log, in bytes.
    fn log_length(&self) -> u64 {
        std::fs::metadata(log_of(&self.path)).expect("the log").len()
    }

    /// Writes until the log is begun anew.
    async fn write_until_new(&self, before: [u8; 8]) {
        let writing = async {
            let mut number = 0;
            while salt(&self.path) == before {
                write(&self.sqlite, number).await;
                number += 1;
            }
        };
        timeout(PATIENCE, writing).await.expect("the log is begun anew");
    }
}

async fn write(sqlite: &Sqlite, number: i64) {
    let mut tx = sqlite.begin().await.expect("its turn");
    let values = [Value::from(number % ROWS), Value::from(BYTES)];
    let sql = "INSERT OR REPLACE INTO big (id, bytes) VALUES ($1, zeroblob($2))";
    assert_eq!(tx.execute(sql, &values).expect("it writes"), 1);
    tx.commit().await.expect("it commits");
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// The number in the header of the log that is another one each time it is begun anew.
fn salt(path: &Path) -> [u8; 8] {
    let mut header = [0; 24];
    File::open(log_of(path)).and_then(|mut log| log.read_exact(&mut header)).expect("a header");
    let mut salt = [0; 8];
    salt.copy_from_slice(&header[16..]);
    salt
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_log_is_begun_anew_while_writers_and_readers_never_pause() {
    let scene = Scene::new();
    scene.write(0, 1).await;
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|first| {
            let (sqlite, over) = (scene.sqlite.clone(), over.clone());
            tokio::spawn(async move {
                let mut number = first;
                while !over.load(Ordering::Relaxed) {
                    write(&sqlite, number).await;
                    number += 1;
                }
            })
        })
        .collect();
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (path, over) = (scene.path.clone(), over.clone());
            std::thread::spawn(move || {
                let reader = Connection::open(path).expect("it opens");
                while !over.load(Ordering::Relaxed) {
                    let read = reader.query_row("SELECT count(*) FROM big", [], |row| row.get::<_, i64>(0));
                    assert!(read.expect("it reads") > 0);
                }
            })
        })
        .collect();
    let mut salts = BTreeSet::new();
    let looking = async {
        while salts.len() < 4 {
            salts.insert(salt(&scene.path));
            tokio::task::yield_now().await;
        }
    };
    let seen = timeout(PATIENCE, looking).await;
    over.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("no write has failed");
    }
    for reader in readers {
        reader.join().expect("no read has failed");
    }
    seen.expect("the log is begun anew again and again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_bounded_again_after_a_long_read() {
    let scene = Scene::new();
    scene.write(0, 1).await;
    let reader = Connection::open(&scene.path).expect("it opens");
    reader.execute_batch("BEGIN; SELECT count(*) FROM big").expect("it reads");
    let before = salt(&scene.path);
    scene.write(0, 100).await;
    assert_eq!(salt(&scene.path), before, "the reader needs all of it");
    let limit = u64::try_from(checkpoint::LOG_FILE).expect("positive");
    assert!(scene.log_length() > limit);
    reader.execute_batch("COMMIT").expect("the end of the read");
    scene.write_until_new(before).await;
    assert!(scene.log_length() <= limit, "{}", scene.log_length());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_write_waits_for_a_slow_checkpoint() {
    let scene = Scene::new();
    scene.write(0, 1).await;
    let before = salt(&scene.path);
    let slow = scene.sqlite.0.checkpointer.clone().lock_owned().await;
    scene.write(0, 30).await;
    assert!(scene.log_length() > 2 * u64::from(checkpoint::STEP) * PAGE, "nothing was copied meanwhile");
    drop(slow);
    scene.write_until_new(before).await;
}

#[tokio::test]
async fn a_long_read_is_not_made_in_the_place_of_a_write() {
    let scene = Scene::new();
    scene.write(0, 1).await;
    let _turn = scene.sqlite.0.turns.take().await;
    let (sql, writer) = ("SELECT id FROM big", scene.sqlite.0.writer());
    assert_eq!(scene.sqlite.rows_beside(sql, &[]).expect("it reads").len(), 1);
    drop(writer);
    assert_eq!(scene.sqlite.rows(sql, &[]).expect("it reads").len(), 1, "also while somebody writes");
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_the_turn_to_the_next() {
    let scene = Scene::new();
    let tx = scene.sqlite.begin().await.expect("its turn");
    {
        let mut waiting = Box::pin(scene.sqlite.begin());
        assert!((&mut waiting).now_or_never().is_none());
    }
    let mut next = Box::pin(scene.sqlite.begin());
    assert!((&mut next).now_or_never().is_none());
    tx.commit().await.expect("it commits");
    let next = next.await.expect("the next turn");
    drop(next);
    write(&scene.sqlite, 1).await;
    assert_eq!(scene.sqlite.rows("SELECT id FROM big", &[]).expect("it reads").len(), 1);
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back_before_the_next_begins() {
    let scene = Scene::new();
    let mut dropped = scene.sqlite.begin().await.expect("its turn");
    dropped.execute("INSERT INTO big (id) VALUES (7)", &[]).expect("it writes");
    let mut next = Box::pin(scene.sqlite.begin());
    assert!((&mut next).now_or_never().is_none());
    drop(dropped);
    let mut next = next.await.expect("its turn");
    assert!(next.rows("SELECT id FROM big", &[]).expect("it reads").is_empty());
}

/// Versions before lose pages when the log is begun anew while another connection makes a checkpoint.
#[test]
fn sqlite_is_not_older_than_its_fix_for_checkpoints_beside_writes() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}
