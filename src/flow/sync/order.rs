//! What a run of the sync is to do, what it reports, and why it failed.

use tokio::sync::watch;

use crate::directory::DirectoryError;
use crate::directory::feed::FeedError;
use crate::domain::dn::{Dn, DnError};
use crate::flow::installation::lease::LeaseLost;
use crate::flow::person::guard::{Guard, Paused};
use crate::store::{ConflictRow, Mandate, RunCounts, RunId, RunKind, RunTrigger, StoreError};

/// How many people are judged at once.
pub(super) const PAGE: u32 = 1_000;

/// Why a run failed. What was read so far has taken nothing from anybody.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("another sync of this directory is running; try again later")]
    Running,
    /// Another process took over because the lease of this one expired.
    #[error("another process has taken over")]
    Overtaken,
    #[error(transparent)]
    Paused(#[from] Paused),
    /// An administrator has stopped the run. The store recognizes an interrupted run by the first word.
    #[error("interrupted: stopped by {0}")]
    Stopped(String),
    /// The directory did not respond, or not completely.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// An OU or group of the scope, selected or excluded, can't be found or read.
    #[error(
        "{0} is named in [directories.scope] but can't be read: was it deleted, or may the service account not read it?"
    )]
    ScopeObject(Dn),
    /// An object of the scope exists but has the wrong class.
    #[error("{dn} is named in [directories.scope] but can't be used there: {why}")]
    ScopeClass { dn: Dn, why: String },
    #[error("a DN of the settings: {0}")]
    Dn(#[from] DnError),
    #[error("no OU and no group is selected in [directories.scope]")]
    NoScope,
    /// No people were found though there are linked accounts: more likely an error than the truth.
    #[error(
        "the directory returned no people, though {linked} accounts are linked to it; nothing was changed"
    )]
    Empty {
        /// Active accounts of this directory.
        linked: i64,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LeaseLost> for SyncError {
    fn from(_: LeaseLost) -> Self {
        Self::Overtaken
    }
}

impl From<DirectoryError> for SyncError {
    fn from(error: DirectoryError) -> Self {
        Self::Feed(error.into())
    }
}

/// Why a run starts, what it reads, and whom it covers.
#[derive(Clone, Debug)]
pub struct RunOrder {
    /// What started the run.
    pub trigger: RunTrigger,
    pub kind: RunKind,
    /// Why to read everything even if the directory can report changes.
    pub everything: Option<String>,
    /// Gets the run once it has begun.
    pub begun: watch::Sender<Option<RunId>>,
}

impl RunOrder {
    /// Covers everybody who may have changed, and reads only changes if possible.
    #[must_use]
    pub fn changes(trigger: RunTrigger) -> Self {
        Self { trigger, kind: RunKind::Complete, everything: None, begun: watch::Sender::default() }
    }

    /// Covers only some people: a plan, or one person.
    pub(super) fn partial(trigger: RunTrigger) -> Self {
        Self { kind: RunKind::Partial, ..Self::changes(trigger) }
    }

    /// Reads everything.
    #[must_use]
    pub fn everything(trigger: RunTrigger, why: &str) -> Self {
        Self { everything: Some(why.to_owned()), ..Self::changes(trigger) }
    }

    /// What limits the run.
    pub(super) fn guard(&self) -> Guard {
        match self.trigger.mandate() {
            Mandate::ByAdministrator => Guard::Approved,
            Mandate::ByGuard | Mandate::Preview => Guard::limited(),
        }
    }
}

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// The run, if there was anything to do.
    pub run: Option<RunId>,
    pub counts: RunCounts,
    /// People with a conflict.
    pub conflicts: Vec<ConflictRow>,
}
