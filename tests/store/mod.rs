//! The contract of the store: every test runs on a SQLite file and on PostgreSQL.

mod accounts;
mod admin;
mod admin_work;
mod chain;
mod comparisons;
mod counts;
mod decisions;
mod deliveries;
mod factors;
mod grants;
mod guard;
mod hand_over;
mod jobs;
mod killed;
mod linked_before;
mod lock_downs;
mod locks;
mod logouts;
mod mirror;
mod opening;
mod paused;
mod people;
mod plans;
mod sealing;
mod sessions;
mod settings;
mod shares;
mod sync;
mod trail;
mod undo;
mod wishes;

use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::account::{AccountId, Link, Profile};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::{DirectoryId, EntryId, Sid};
use cloudsync_idp::domain::evidence::{Evidence, Generations, Method};
use cloudsync_idp::domain::grant::{Grant, GrantId};
use cloudsync_idp::domain::place::Place;
use cloudsync_idp::domain::profile::{ProfileAttribute, ProfileValues};
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::domain::secret::Hashed;
use cloudsync_idp::domain::session::Session;
use cloudsync_idp::store::{
    AppliedEntry, AppliedKind, EntryOutcome, Issue, IssueOutcome, NewSettings, SaveOutcome, Store,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::lab;
use crate::support::rows::Decisions;

/// The time at which every test here begins.
const NOW: Millis = 1_800_000_000_000;

/// Makes a test of each function for each database.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let fresh = crate::store::Fresh::sqlite().await;
                super::$name(&fresh.store).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let fresh = crate::store::Fresh::postgres().await;
                super::$name(&fresh.store).await;
            })*
        }
    };
}
use on_both;

/// An empty store, deleted when dropped.
struct Fresh {
    store: Store,
    url: String,
    _dir: Option<TempDir>,
}

impl Fresh {
    async fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite:{}/idp.db", dir.path().display());
        Self { store: Store::open(&url).await.expect("a fresh file opens"), url, _dir: Some(dir) }
    }

    async fn postgres_url() -> String {
        tokio::task::spawn_blocking(|| lab::postgres().url()).await.expect("PostgreSQL runs")
    }

    async fn postgres() -> Self {
        let url = Self::postgres_url().await;
        Self { store: Store::open(&url).await.expect("a fresh database opens"), url, _dir: None }
    }
}

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

fn entry(number: u128) -> EntryId {
    EntryId(Uuid::from_u128(number))
}

fn hash(number: u8) -> Hashed {
    Hashed([number; 32])
}

fn event() -> Event {
    event_at(NOW)
}

/// Writes an event, also where a busy database was too slow for it to be written at once.
async fn append(store: &Store, event: &Event) {
    store.login().append(event).await.expect("written, or kept");
    store.login().write_waiting_events().await.expect("written");
}

fn event_at(at: Millis) -> Event {
    Event::new(at, Decision::SignedIn)
}

fn profile(name: &str) -> Profile {
    Profile {
        email: format!("{name}@Example.com"),
        login_name: Some(name.into()),
        attributes: ProfileValues::default()
            .with(ProfileAttribute::Name, name.to_uppercase())
            .with(ProfileAttribute::FamilyName, "Näme"),
    }
}

fn change(number: u128, name: &str) -> Change {
    let link =
        Link { directory: corp(), entry: entry(number), sid: Some(Sid(format!("S-1-5-21-1-2-3-{number}"))) };
    Change { link, profile: Some(profile(name)), expires_at: None }
}

/// A decision without a conflict.
fn decided(number: u128, login_name: &str, action: Action) -> EntryOutcome {
    let outcome = Outcome { action, conflict: None };
    EntryOutcome {
        entry: entry(number),
        login_name: login_name.to_owned(),
        outcome,
        password_changed_at: None,
    }
}

/// Applies one action outside a run.
async fn apply(store: &Store, number: u128, action: Action) -> AppliedEntry {
    let batch = vec![decided(number, &format!("login{number}"), action)];
    store.sync().apply_actions(None, &corp(), batch, NOW).await.expect("it applies").remove(0)
}

/// A new account that is linked to the entry `number`.
async fn person(store: &Store, number: u128, name: &str) -> AccountId {
    let applied = apply(store, number, Action::Create(change(number, name))).await;
    assert_eq!(applied.kind, AppliedKind::Created);
    applied.account.expect("an account")
}

/// The first settings, so that their generation is 1.
async fn first_settings(store: &Store) {
    let first = NewSettings {
        policy_generation: 0,
        document: "first",
        changed_clients: &[],
        targets: &[],
        mark: &Hashed([9; 32]),
    };
    assert_eq!(
        store.settings().save_settings(0, first, &event()).await.expect("it saves"),
        SaveOutcome::Saved(1)
    );
}

/// The generations of a new account and of the first settings.
const CHECKS: Generations = Generations { account: 1, settings: 1 };

fn evidence(account: &AccountId) -> Evidence {
    Evidence {
        account: account.clone(),
        methods: vec![Method::Pwd],
        auth_time: NOW,
        account_generation: 1,
        policy_generation: 0,
        password_set_at: None,
    }
}

fn place(number: u8) -> Place {
    Place::of("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/145.0", &format!("192.0.{number}.7"))
}

fn session(account: &AccountId, number: u8) -> Session {
    Session {
        id_hash: hash(number),
        sid: format!("sid{number}"),
        evidence: evidence(account),
        factor_at: Some(NOW + 3),
        created_at: NOW,
        used_at: NOW,
        place: place(number),
    }
}

/// A stored session.
async fn signed_in(store: &Store, account: &AccountId, number: u8) -> Session {
    let session = session(account, number);
    let issue = Issue::New { session: session.clone(), replaces: None, confirmed_at: None };
    let outcome = store.login().issue(issue, None, CHECKS, account, &event()).await.expect("it answers");
    assert_eq!(outcome, IssueOutcome::Issued);
    session
}

fn grant(session: &Session, id: &str, refresh: Option<u8>) -> Grant {
    Grant {
        id: GrantId(id.into()),
        client_id: "cloudsync".into(),
        sid: session.sid.clone(),
        scope: "openid offline_access".into(),
        claims: Some("email;name".into()),
        groups: vec!["Sales".into()],
        evidence: session.evidence.clone(),
        created_at: NOW,
        expires_at: NOW + 1_000_000,
        refresh_hash: refresh.map(hash),
        refresh_expires_at: NOW + 10_000,
        refresh_rotated_at: None,
        revoked_at: None,
    }
}
