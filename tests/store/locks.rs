//! Concurrent issuing and ending on PostgreSQL: all transactions lock rows in one order, so none fails by a
//! deadlock.

use std::sync::Arc;

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::evidence::Generations;
use cloudsync_idp::domain::factor::Remembered;
use cloudsync_idp::domain::place::Place;
use cloudsync_idp::domain::secret::{Hashed, Sealed};
use cloudsync_idp::domain::session::Session;
use cloudsync_idp::domain::settings::SessionSettings;
use cloudsync_idp::store::{Issue, Resealed, Store};
use futures_util::future::join_all;
use sqlx::Connection;

use super::{Fresh, NOW, event, first_settings, grant, person, session};
use crate::support::lab;

const ROUNDS: u32 = 60;
/// How many tasks do each thing at once.
const AT_ONCE: u32 = 2;

/// The sessions of one person, for the tasks that issue and end them.
struct PersonSessions {
    store: Store,
    alice: AccountId,
}

impl PersonSessions {
    async fn checks(&self) -> Generations {
        let account = self.store.identity().account(&self.alice).await.unwrap().expect("an account");
        Generations { account: account.generation, settings: 1 }
    }

    /// A new session of the account in its present state.
    fn next(&self, checks: Generations, (who, round): (u32, u32)) -> Session {
        let mut next = session(&self.alice, 1);
        next.id_hash = Hashed([0; 32]);
        next.id_hash.0[..4].copy_from_slice(&who.to_be_bytes());
        next.id_hash.0[4..8].copy_from_slice(&round.to_be_bytes());
        next.evidence.account_generation = checks.account;
        next
    }

    async fn any(&self) -> Option<Session> {
        self.store.login().sessions_of(&self.alice).await.unwrap().pop()
    }

    async fn signs_in_again(&self, name: (u32, u32)) {
        let checks = self.checks().await;
        let replaces = self.any().await.map(|old| old.id_hash);
        let confirmed_at = Some(NOW + 1 + i64::from(name.1));
        let issue = Issue::New { session: self.next(checks, name), replaces, confirmed_at };
        self.store.login().issue(issue, None, checks, &self.alice, &event()).await.unwrap();
    }

    async fn is_raised(&self, name: (u32, u32)) {
        let (checks, Some(old)) = (self.checks().await, self.any().await) else { return };
        let issue = Issue::Raised { session: self.next(checks, name), from: old.id_hash };
        self.store.login().issue(issue, None, checks, &self.alice, &event()).await.unwrap();
    }

    async fn changes_the_password(&self, name: (u32, u32)) {
        let (mut checks, Some(old)) = (self.checks().await, self.any().await) else { return };
        // Every second time it was judged before something changed.
        checks.account -= i64::from(name.1 % 2);
        let renewed = self.next(checks, name);
        self.store.identity().own_password_changed(&renewed, &old.id_hash, checks, &event()).await.unwrap();
    }

    async fn exchanges(&self, (who, round): (u32, u32)) {
        let (checks, Some(old)) = (self.checks().await, self.any().await) else { return };
        let given = grant(&old, &format!("g{who}-{round}"), Some(1));
        self.store.login().exchange(&given, checks, &event()).await.unwrap();
    }

    async fn signs_out(&self) {
        let Some(old) = self.any().await else { return };
        self.store.login().end_session(&old.id_hash, &event()).await.unwrap();
    }

    async fn ends_all(&self, round: u32) {
        let kept = self.any().await.filter(|_| round.is_multiple_of(2));
        self.store.identity().end_sessions_of(&self.alice, kept.as_ref(), &event()).await.unwrap();
    }

    async fn forgets_browsers(&self, name: (u32, u32)) {
        let checks = self.checks().await;
        let by = self.next(checks, name);
        let browser = Remembered {
            id_hash: by.id_hash,
            account: self.alice.clone(),
            policy_generation: 1,
            account_generation: checks.account,
            password_as_of: NOW,
            created_at: NOW,
            expires_at: NOW + 1_000_000,
            place: Place::default(),
        };
        self.store.login().remember_browser(&browser).await.unwrap();
        self.store.login().forget_browsers(&by, NOW).await.unwrap();
    }

    async fn resets_and_cleans_up(&self, round: u32) {
        let sessions = SessionSettings { idle_minutes: 60, absolute_hours: 24 };
        match round % 3 {
            0 => self.store.identity().reset_factors(&self.alice, &event()).await.unwrap(),
            // so late that all of them have expired
            1 => drop(self.store.settings().expire(&sessions, NOW + 2_000_000_000).await.unwrap()),
            _ => self.store.login().passwords_changed(&[(self.alice.clone(), NOW - 1)], NOW).await.unwrap(),
        }
    }

    async fn does(&self, what: u32, name: (u32, u32)) {
        match what {
            0 | 1 => self.signs_in_again(name).await,
            2 => self.is_raised(name).await,
            3 => self.changes_the_password(name).await,
            4 => self.exchanges(name).await,
            5 => self.signs_out().await,
            6 => self.ends_all(name.1).await,
            7 => self.forgets_browsers(name).await,
            _ => self.resets_and_cleans_up(name.1).await,
        }
    }
}

/// The server's count of deadlocks. A connection reports its count at its end at the latest, so this waits
/// for the others to end. It has one connection of its own: a pool may open more, and would wait for them.
async fn deadlocks(url: &str) -> i64 {
    let mut own = sqlx::PgConnection::connect(url).await.expect("a connection");
    let others = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while sqlx::query_scalar::<_, i64>(others).fetch_one(&mut own).await.expect("an answer") > 0 {
        tokio::task::yield_now().await;
    }
    let counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    sqlx::query_scalar(counted).fetch_one(&mut own).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_issuing_and_ending_never_deadlocks() {
    let url = tokio::task::spawn_blocking(|| lab::postgres().url()).await.expect("PostgreSQL runs");
    let fresh = Fresh { store: Store::open(&url).await.expect("it opens"), url, _dir: None };
    first_settings(&fresh.store).await;
    let alice = person(&fresh.store, 1, "alice").await;
    let scene = Arc::new(PersonSessions { store: fresh.store.clone(), alice });
    let working = (0..9 * AT_ONCE).map(|who| {
        let scene = scene.clone();
        tokio::spawn(async move {
            for round in 0..ROUNDS {
                scene.does(who % 9, (who, round)).await;
            }
        })
    });
    for worked in join_all(working).await {
        worked.expect("no error");
    }
    drop(scene);
    let url = fresh.url.clone();
    drop(fresh);
    assert_eq!(deadlocks(&url).await, 0);
}

/// Runs `work`, which the server ends as the victim of a deadlock: another transaction has the row of `held`,
/// and then waits for the row of `wanted`, which `work` has locked.
async fn as_victim<T>(url: &str, [held, wanted]: [&'static str; 2], work: impl Future<Output = T>) -> T {
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let pool = sqlx::PgPool::connect(url).await.expect("a connection");
    let mut other = pool.begin().await.expect("a transaction");
    // The server ends the transaction that looks for a deadlock first: not this one.
    for sql in ["SET LOCAL deadlock_timeout = '1min'", held] {
        sqlx::query(sql).execute(&mut *other).await.expect("it locks the row");
    }
    let other = async {
        while sqlx::query_scalar::<_, i64>(WAITING).fetch_one(&pool).await.expect("an answer") == 0 {
            tokio::task::yield_now().await;
        }
        sqlx::query(wanted).execute(&mut *other).await.expect("the other one is the victim");
        other.commit().await.expect("a commit");
    };
    futures_util::future::join(work, other).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_victim_of_a_deadlock_is_repeated() {
    const FACTORS: [&str; 2] = [
        "UPDATE factors SET last_step = 1 WHERE id = 'f2'",
        "UPDATE factors SET last_step = 1 WHERE id = 'f1'",
    ];
    const RESET: [&str; 2] = [FACTORS[1], "UPDATE accounts SET seen_at = NULL WHERE login_name = 'alice'"];
    let fresh = Fresh::postgres().await;
    let (alice, first) = super::factors::equipped(&fresh.store).await;
    let bob = person(&fresh.store, 2, "bob").await;
    let second = super::factors::factor(&bob, "f2");
    assert_eq!(
        fresh.store.identity().import_factors(std::slice::from_ref(&second), &event()).await.unwrap(),
        [bob]
    );
    let resealed = [&first, &second].map(|factor| Resealed {
        id: factor.id.clone(),
        old: factor.secret.clone(),
        new: Sealed(vec![7; 9]),
    });
    let settings = fresh.store.settings();
    assert_eq!(as_victim(&fresh.url, FACTORS, settings.reseal_factors(&resealed)).await.unwrap(), 2);
    let identity = fresh.store.identity();
    as_victim(&fresh.url, RESET, identity.reset_factors(&alice, &event())).await.unwrap();
    assert_eq!(identity.factors(&alice).await.unwrap(), []);
    let url = fresh.url.clone();
    drop(fresh);
    assert_eq!(deadlocks(&url).await, 2);
}
