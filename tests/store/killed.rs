//! kill -9 at any moment: acknowledged writes are stored, and others are stored completely or not at all.
//!
//! The parent starts this test binary again as a child that writes in a loop and reports what it has written;
//! it kills the child after one of these lines, opens the store and compares.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use cloudsync_idp::domain::account::{AccountId, Status, SuspendedBecause};
use cloudsync_idp::domain::audit::Event;
use cloudsync_idp::domain::client::SigningAlgorithm;
use cloudsync_idp::domain::grant::{Grant, GrantId};
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::domain::secret::Hashed;
use cloudsync_idp::domain::session::Session;
use cloudsync_idp::domain::signing_key::KeyState;
use cloudsync_idp::keys::{KeyRecord, KeyRing, Policy, RotationStep, Sealer, plan_rotation};
use cloudsync_idp::store::{
    AuditFilter, ExchangeOutcome, Issue, IssueOutcome, KeyChange, KeyRow, KeysOutcome, RefreshOutcome,
    Rotation, Store,
};
use rand::RngExt;

use super::{CHECKS, Fresh, NOW, apply, change, entry, event, first_settings, grant, person, session};

const CHILD: &str = "store::killed::child";
const STORE: &str = "KILLED_STORE";
const KEYS: &str = "KILLED_KEYS";
const ROUND: &str = "KILLED_ROUND";
const TURNS: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_leaves_a_whole_sqlite_file() {
    let fresh = Fresh::sqlite().await;
    kill_repeatedly(&fresh, 8, 1..80).await;
    assert_whole(&fresh);
}

/// So many writes that the log is written back, and begun anew, while they go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_beside_its_checkpoints_leaves_a_whole_sqlite_file() {
    let fresh = Fresh::sqlite().await;
    kill_repeatedly(&fresh, 2, 2_000..3_000).await;
    assert_whole(&fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_leaves_a_whole_postgresql_database() {
    kill_repeatedly(&Fresh::postgres().await, 4, 1..80).await;
}

fn assert_whole(fresh: &Fresh) {
    let path = fresh.url.strip_prefix("sqlite:").expect("a path").to_owned();
    let file = rusqlite::Connection::open(path).expect("it opens");
    let verdict: String =
        file.pragma_query_value(None, "integrity_check", |row| row.get(0)).expect("it answers");
    assert_eq!(verdict, "ok");
}

async fn kill_repeatedly(fresh: &Fresh, rounds: u32, lines: Range<usize>) {
    first_settings(&fresh.store).await;
    let keys = tempfile::tempdir().expect("a directory");
    let mut writes = Acknowledged::default();
    for round in 0..rounds {
        let lines = rand::rng().random_range(lines.clone());
        writes.listen(&fresh.url, keys.path(), round, lines);
        let store = Store::open(&fresh.url).await.expect("it opens after the kill");
        writes.compare(&store, keys.path()).await;
    }
}

/// What the children have acknowledged.
#[derive(Default)]
struct Acknowledged {
    /// How far each person came, as the child reported.
    people: BTreeMap<u32, HashMap<String, u32>>,
    rotated: u32,
}

impl Acknowledged {
    fn listen(&mut self, url: &str, keys: &Path, round: u32, lines: usize) {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", CHILD, "--ignored", "--nocapture"])
            .envs([(STORE, url), (ROUND, &round.to_string())])
            .env(KEYS, keys)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let acknowledged = output.lines().map_while(Result::ok).filter(|line| line.starts_with("ACK "));
        let mut received = 0;
        for line in acknowledged {
            self.note(&line);
            received += 1;
            if received == lines {
                child.kill().expect("it is killed");
            }
        }
        child.wait().expect("it ends");
        assert!(received >= lines, "the child ended by itself after {received} lines");
    }

    fn note(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let number = |index: usize| words[index].parse::<u32>().expect("a number");
        match words[0] {
            "keys" => self.rotated += 1,
            word => {
                let person = self.people.entry(number(1)).or_default();
                person.insert(word.to_owned(), number(2));
            }
        }
    }

    async fn compare(&self, store: &Store, keys: &Path) {
        for (number, done) in &self.people {
            check_person(store, *number, done).await;
        }
        let (generation, rows) = store.settings().signing_keys().await.expect("they are read");
        assert!(generation >= i64::from(self.rotated), "{generation} after {} rotations", self.rotated);
        if !rows.is_empty() {
            check_keys(generation, rows, keys);
        }
    }
}

async fn check_person(store: &Store, number: u32, done: &HashMap<String, u32>) {
    let account =
        store.identity().account_by_entry(&super::corp(), entry(u128::from(number))).await.expect("it reads");
    let account = account.expect("an acknowledged account is stored");
    let sessions = store.login().sessions_of(&account.id).await.expect("they are read");
    let family = store.login().grant(&GrantId(format!("g{number}"))).await.expect("it reads");
    let turn =
        family.as_ref().and_then(|family| (0..=TURNS).find(|turn| hash_of(family) == digest(number, *turn)));
    if let Some(family) = &family {
        assert!(turn.is_some(), "a refresh token of its own: {family:?}");
        assert_eq!(family.evidence.account, account.id);
    }
    if let Some(acknowledged) = done.get("turn") {
        assert!(turn.is_some_and(|turn| turn >= *acknowledged), "turn {turn:?}, acknowledged {acknowledged}");
    }
    match account.status {
        Status::Active => {
            assert!(!done.contains_key("suspended"), "an acknowledged suspension is stored");
            assert!(
                sessions.len() == 1 || !done.contains_key("session"),
                "an acknowledged session is stored"
            );
            let trail = store
                .login()
                .audit_page(None, 99, &AuditFilter::Account(account.id))
                .await
                .expect("it reads");
            let steps = sessions.len() + turn.map_or(0, |turn| 1 + turn as usize);
            assert_eq!(trail.len(), steps, "each step has one event, and each event its step");
            assert!(family.is_none_or(|family| family.revoked_at.is_none()));
        }
        Status::Suspended { .. } => {
            assert!(sessions.is_empty(), "a suspension ends the sessions");
            assert!(family.is_none_or(|family| family.revoked_at.is_some()), "and revokes");
        }
    }
}

fn check_keys(generation: i64, rows: Vec<KeyRow>, keys: &Path) {
    let records: Vec<KeyRecord> = rows.into_iter().map(record).collect();
    for alg in SigningAlgorithm::ALL {
        for state in [KeyState::Current, KeyState::Next] {
            let many = records.iter().filter(|record| record.alg == alg && record.state == state).count();
            assert_eq!(many, 1, "{alg:?} {state:?}");
        }
    }
    let sealer = Sealer::open_dir(keys).expect("the sealing key is there");
    let ring = KeyRing::open(generation, &records, &sealer).expect("every key opens");
    let token = ring.sign(SigningAlgorithm::ES256, "JWT", b"{}").expect("it signs");
    assert!(ring.verify(&token, "JWT").is_ok());
}

/// Not a test: the child process that the parent kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the tests above"]
async fn child() {
    if std::env::var(STORE).is_err() {
        return;
    }
    let variable = |name| std::env::var(name).expect("set by the parent");
    let store = Store::open(&variable(STORE)).await.expect("it opens");
    let sealer = Sealer::open_dir(Path::new(&variable(KEYS))).expect("the sealing key");
    let round: u32 = variable(ROUND).parse().expect("a number");
    for number in round * 10_000.. {
        one_person(&store, number).await;
        // Making keys takes long, so only the first people of a round have it done.
        if number % 5 == 0 && number % 10_000 < 100 {
            rotate(&store, &sealer).await;
        }
    }
}

async fn one_person(store: &Store, number: u32) {
    let (key, name) = (u128::from(number), format!("p{number}"));
    let account = person(store, key, &name).await;
    acknowledge(&format!("account {number} 1"));
    let event = Event { account_id: Some(account.0.clone()), ..event() };
    let session = own_session(&account, number);
    let issue = Issue::New { session: session.clone(), replaces: None, confirmed_at: None };
    assert_eq!(
        store.login().issue(issue, None, CHECKS, &account, &event).await.expect("it answers"),
        IssueOutcome::Issued
    );
    acknowledge(&format!("session {number} 1"));
    let given =
        Grant { refresh_hash: Some(digest(number, 0)), ..grant(&session, &format!("g{number}"), None) };
    let exchanged = store.login().exchange(&given, CHECKS, &event).await.expect("it answers");
    assert_eq!(exchanged, ExchangeOutcome::Exchanged);
    acknowledge(&format!("turn {number} 0"));
    for turn in 0..TURNS {
        let (presented, next) = (digest(number, turn), digest(number, turn + 1));
        let turn_now = Rotation {
            id: &given.id,
            presented: &presented,
            next: &next,
            next_by_other_keys: &[],
            next_expires_at: NOW + 10_000,
            groups: None,
        };
        let rotated = store.login().refresh(turn_now, CHECKS, &event).await.expect("it answers");
        assert_eq!(rotated, RefreshOutcome::Rotated);
        acknowledge(&format!("turn {number} {}", turn + 1));
    }
    if number.is_multiple_of(2) {
        let suspend = Action::Suspend(account, SuspendedBecause::Disabled, change(key, &name));
        apply(store, key, suspend).await;
        acknowledge(&format!("suspended {number} 1"));
    }
}

async fn rotate(store: &Store, sealer: &Sealer) {
    let policy = Policy { rotate_after: 1, published_before: 0, retired_for: 0, at_once: true };
    let (generation, rows) = store.settings().signing_keys().await.expect("they are read");
    let records: Vec<KeyRecord> = rows.into_iter().map(record).collect();
    let steps = plan_rotation(&records, NOW, policy).into_iter().map(|step| match step {
        RotationStep::Generate(alg, state) => {
            KeyChange::Put(row(KeyRecord::generate(alg, state, sealer, NOW).expect("a key")))
        }
        RotationStep::Move(kid, state) => KeyChange::State { kid, state, since: NOW },
        RotationStep::Remove(kid) => KeyChange::Remove { kid },
    });
    let steps: Vec<_> = steps.collect();
    let outcome = store.settings().change_keys(generation, &steps, None).await.expect("it answers");
    assert_eq!(outcome, KeysOutcome::Changed);
    acknowledge("keys");
}

fn acknowledge(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nACK {what}").and_then(|()| out.flush()).expect("the parent listens");
}

fn own_session(account: &AccountId, number: u32) -> Session {
    Session { id_hash: digest(number, 99), sid: format!("sid{number}"), ..session(account, 0) }
}

fn digest(number: u32, turn: u32) -> Hashed {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes[4..8].copy_from_slice(&turn.to_be_bytes());
    Hashed(bytes)
}

fn hash_of(family: &Grant) -> Hashed {
    family.refresh_hash.expect("each has one")
}

fn record(row: KeyRow) -> KeyRecord {
    KeyRecord {
        state: row.state,
        kid: row.kid,
        alg: row.alg,
        public_jwk: row.public_jwk,
        sealed_private: row.sealed_private,
        created_at: row.created_at,
        state_since: row.state_since,
    }
}

fn row(record: KeyRecord) -> KeyRow {
    KeyRow {
        state: record.state,
        kid: record.kid,
        alg: record.alg,
        public_jwk: record.public_jwk,
        sealed_private: record.sealed_private,
        created_at: record.created_at,
        state_since: record.state_since,
    }
}
