//! Durable state in SQL: a SQLite file, or PostgreSQL for several nodes, with one set of statements:
//!
//! - `engine`: SQL for both databases
//! - `trail`: the audit trail
//! - `mirror`: the people, groups and containers of each directory as a feed last reported them
//! - `identity`: accounts and their second factors
//! - `login`: sessions, grants and remembered browsers
//! - `sync`: runs, changes, plans, and what waits for an administrator
//! - `settings`: the settings document, signing keys, leases, and cleaning up
//! - `admin`: sessions of the admin panel, and break-glass links
//! - `delivery`: the outbox of what is delivered to other services
//!
//! What must be consistent is written in one transaction, which compares again what was decided before it.
//! Sealed and hashed values are opaque here. No time comes from the database, and nothing expires by itself:
//! an expiry is a value that is compared with the caller's `now`.
//!
//! Transactions that issue something, or end something issued, lock rows in this order to prevent deadlocks
//! (PostgreSQL ends a deadlock after a second by failing one transaction): the used-up login; the account,
//! before any row that belongs to it; sessions; grants; then the rest, the audit trail, and at the commit the outbox
//! of deliveries, people before Team Shares. A transaction
//! for several accounts locks them in the order of their ids, or holds the lease of the sync. A statement
//! that removes expired rows of any account skips locked rows.

mod admin;
mod delivery;
mod engine;
mod identity;
mod login;
mod mirror;
mod settings;
mod sync;
mod trail;

pub use crate::store::admin::{
    ApprovedDeed, CarriedOut, DraftRow, EndedApproval, FoundAdminSession, KeyedOutcome, KeyedRequest,
    LinkUse, NewDraft, NewLink, NewTask, UsedLink,
};
pub use crate::store::delivery::{
    AttemptNote, ComparisonRow, ComparisonRun, Correction, DeliveredState, DeliveryLogFilter, DeliveryTarget,
    FailingTarget, FoundDifference, ListedKeys, ListedResource, LoggedDelivery, Retried, StoppedTarget,
    StoredDelivery, TargetState, Waiting,
};
pub use crate::store::engine::error::StoreError;
pub use crate::store::identity::accounts::AccountsFor;
pub use crate::store::identity::endings::EndedCounts;
pub use crate::store::identity::enrolment::EnrolmentRow;
pub use crate::store::identity::factors::{AddOutcome, Adding};
pub use crate::store::identity::import::{ImportConflict, ImportOutcome, LeftOut, LoadedAccount};
pub use crate::store::identity::invitations::Issuer;
pub use crate::store::identity::linked_before::RESETS_FACTORS;
pub use crate::store::identity::logouts::WaitingLogout;
pub use crate::store::identity::purge::PurgeOutcome;
pub use crate::store::identity::words::{FoundAccounts, SearchPlace};
pub use crate::store::login::grants::{ExchangeOutcome, RefreshOutcome, Rotation};
pub use crate::store::login::sessions::{Issue, IssueOutcome};
pub use crate::store::login::spent::SpentLogin;
pub use crate::store::mirror::{
    Fenced, MOST_REREAD, MirrorState, Mirrored, MirroredKind, MirroredPerson, PlacedKind, PlacedObject,
    QueuePlace, Scan, ScanId, ScanState, SettledPerson,
};
pub use crate::store::settings::agent_tunnels::AgentTunnelRow;
pub use crate::store::settings::agents::{AgentEnrolment, AgentRow, NewAgent};
pub use crate::store::settings::certificates::CertificateRow;
pub use crate::store::settings::expire::Expired;
pub use crate::store::settings::keys::{KeyChange, KeyRow, KeysOutcome};
pub use crate::store::settings::nodes::NodeRow;
pub use crate::store::settings::resealing::Resealed;
pub use crate::store::settings::versions::{NewSettings, SaveOutcome, SettingsVersion};
pub use crate::store::sync::applied::{AppliedEntry, AppliedKind, EntryOutcome};
pub use crate::store::sync::apply::{Applied, Verdicts};
pub use crate::store::sync::bundles::BundleRow;
pub use crate::store::sync::changes::{ChangeFilter, ChangeRow};
pub use crate::store::sync::conflicts::ConflictRow;
pub use crate::store::sync::feeds::FeedRow;
pub use crate::store::sync::hand_over::HandOverOutcome;
pub use crate::store::sync::headcount::Headcount;
pub use crate::store::sync::held::{HeldBack, HeldRow, Loss, Pause, Rejection};
pub use crate::store::sync::ids::{Mandate, PlanId, RunId, RunKind, RunTrigger};
pub use crate::store::sync::lock_down::LockDownRow;
pub use crate::store::sync::plans::{KEEP_PLANS, PlanRow, SyncPlan};
pub use crate::store::sync::run_row::{RunCounts, RunDetails, RunProgress, RunResult, RunRow};
pub use crate::store::sync::runs::RunFilter;
pub use crate::store::sync::shares::{ShareRow, ShareSnapshot, snapshot as share_snapshot};
pub use crate::store::sync::stop::StopOutcome;
pub use crate::store::sync::suspend_here::{ReactivateOutcome, SuspendOutcome};
pub use crate::store::sync::undo::{UNDO_WITHIN, UNDONE, UndoRefused};
pub use crate::store::trail::audit::{AuditFilter, AuditRow};
pub use crate::store::trail::chain::UnlinkedEvent;
pub use crate::store::trail::checks::ChainCheckRow;
pub use crate::store::trail::conditions::AuditConditions;
pub use crate::store::trail::hours::{CountedHour, KeptValue, MeasuredHour};

use std::sync::Arc;

use crate::store::engine::error::Result;
use crate::store::engine::sql::Db;
use crate::store::engine::value::values;
use crate::store::sync::headcount::Headcounts;
use crate::store::trail::unwritten::Unwritten;

/// The store. A clone uses the same connections.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    unwritten: Arc<Unwritten>,
    headcounts: Arc<Headcounts>,
}

impl Store {
    /// Opens `sqlite:PATH[?synchronous=full]` or `postgres://...`, and migrates the schema.
    pub async fn open(url: &str) -> Result<Self> {
        let db = engine::open::open(url).await?;
        identity::emails::bring_up_to_date(&db).await?;
        identity::words::bring_up_to_date(&db).await?;
        Ok(Self { db, unwritten: Arc::default(), headcounts: Arc::default() })
    }

    /// Accounts and their second factors.
    #[must_use]
    pub fn identity(&self) -> IdentityStore<'_> {
        IdentityStore { store: self }
    }

    /// Sessions, grants and the audit trail.
    #[must_use]
    pub fn login(&self) -> LoginStore<'_> {
        LoginStore { store: self }
    }

    /// Runs, changes, plans and the mirror.
    #[must_use]
    pub fn sync(&self) -> SyncStore<'_> {
        SyncStore { store: self }
    }

    /// Settings, signing keys and leases.
    #[must_use]
    pub fn settings(&self) -> SettingsStore<'_> {
        SettingsStore { store: self }
    }

    /// Sessions of the admin panel, and break-glass links.
    #[must_use]
    pub fn admin(&self) -> AdminStore<'_> {
        AdminStore { store: self }
    }

    /// The outbox of what is delivered to other services.
    #[must_use]
    pub fn delivery(&self) -> DeliveryStore<'_> {
        DeliveryStore { store: self }
    }

    /// Checks that the database responds.
    pub async fn ping(&self) -> Result<()> {
        self.db.row("SELECT generation FROM settings_versions LIMIT 1", Vec::new()).await?;
        Ok(())
    }

    async fn generation(&self, name: &str) -> Result<i64> {
        let row = self.db.row("SELECT value FROM generations WHERE name = $1", values![name]).await?;
        row.map_or(Ok(0), |row| row.of("generations", "name").cell("value"))
    }
}

/// Accounts, factors, invitations and recovery codes.
#[derive(Clone, Copy, Debug)]
pub struct IdentityStore<'a> {
    store: &'a Store,
}

/// Sessions, grants and the audit trail.
#[derive(Clone, Copy, Debug)]
pub struct LoginStore<'a> {
    store: &'a Store,
}

/// Runs, changes, plans, the mirror, and what waits for an administrator.
#[derive(Clone, Copy, Debug)]
pub struct SyncStore<'a> {
    store: &'a Store,
}

/// Sessions of the admin panel, and break-glass links.
#[derive(Clone, Copy, Debug)]
pub struct AdminStore<'a> {
    store: &'a Store,
}

/// Settings, signing keys, leases and cleaning up.
#[derive(Clone, Copy, Debug)]
pub struct SettingsStore<'a> {
    store: &'a Store,
}

/// Targets, and what is to be delivered to each.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryStore<'a> {
    store: &'a Store,
}
