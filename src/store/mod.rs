//! Durable state in SQL: a SQLite file, or PostgreSQL for several nodes, by one set of statements.
//!
//! What must be true together is written in one transaction, and what was decided before it is compared again inside it.
//! Sealed and hashed values are opaque here. No time comes from the database, and nothing expires by itself: an
//! expiry is a value that is compared with the caller's `now`.
//!
//! Who issues, or ends what was issued, locks rows in this order, or two of them wait for each other (a deadlock, which
//! PostgreSQL ends after a second by failing one): the spent login; the account, before any row that belongs to it; sessions;
//! grants; then the rest, the audit trail last. Who touches several accounts takes them by their ids, or holds the lease of the
//! sync. A statement that removes what is over, whoever's it is, skips what is locked.

mod accounts;
mod again;
mod applied;
mod apply;
mod audit;
mod bulk;
mod bundles;
mod changes;
mod created;
mod emails;
mod endings;
mod error;
mod expire;
mod factor_reset;
mod factors;
mod facts;
mod feeds;
mod filter;
mod grants;
mod groups;
mod growth;
mod hand_over;
mod held;
mod import;
mod invitations;
mod keys;
mod leases;
mod linked_before;
mod mapped;
mod migrations;
mod mirror;
mod nodes;
mod open;
mod own_password;
mod pins;
mod plans;
mod purge;
mod recovery;
mod remembered;
mod resealing;
mod runs;
mod sessions;
mod settings;
mod shares;
mod spent;
mod sql;
mod sqlite;
mod undo;
mod unwritten;
mod value;

pub use applied::{Applied, AppliedKind};
pub use apply::Verdicts;
pub use audit::{AuditFilter, AuditRow};
pub use bundles::BundleRow;
pub use changes::{ChangeFilter, ChangeRow, picture as account_picture};
pub use endings::Ended;
pub use error::StoreError;
pub use expire::Expired;
pub use factors::{AddOutcome, Adding};
pub use feeds::FeedRow;
pub use grants::{ExchangeOutcome, RefreshOutcome, Rotation};
pub use hand_over::HandedOver;
pub use held::{HeldBack, HeldRow, Pause, Taking};
pub use import::{ImportConflict, ImportOutcome, LeftOut, Loaded};
pub use keys::{KeyChange, KeyRow, KeysOutcome};
pub use linked_before::RESETS_FACTORS;
pub use mirror::{
    Fenced, Judged, Kind, MOST_REREAD, MirrorState, Mirrored, MirroredPerson, Scan, ScanId, ScanState,
    Waiting,
};
pub use nodes::NodeRow;
pub use plans::{KEEP_PLANS, Plan, PlanId, PlanRow};
pub use purge::Purged;
pub use resealing::Resealed;
pub use runs::{ConflictRow, Progress, RunCounts, RunFilter, RunId, RunResult, RunRow, RunTold};
pub use sessions::{Issue, IssueOutcome};
pub use settings::{NewSettings, SaveOutcome, SettingsVersion};
pub use shares::{SharePicture, ShareRow, picture as share_picture};
pub use spent::SpentLogin;
pub use undo::{UNDO_WITHIN, UNDONE, UndoRefused};

use std::sync::Arc;

use error::Result;
use sql::Db;
use unwritten::Unwritten;
use value::values;

/// The store. A clone is another handle on the same connections.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    unwritten: Arc<Unwritten>,
}

impl Store {
    /// Opens `sqlite:PATH[?synchronous=full]` or `postgres://...`, and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Self> {
        let db = open::open(url).await?;
        emails::bring_up_to_date(&db).await?;
        Ok(Self { db, unwritten: Arc::default() })
    }

    /// Asks the database whether it answers.
    pub async fn ping(&self) -> Result<()> {
        self.db.row("SELECT generation FROM settings_versions LIMIT 1", Vec::new()).await?;
        Ok(())
    }

    async fn generation(&self, name: &str) -> Result<i64> {
        let row = self.db.row("SELECT value FROM generations WHERE name = $1", values![name]).await?;
        row.map_or(Ok(0), |row| row.of("generations", "name").cell("value"))
    }
}
