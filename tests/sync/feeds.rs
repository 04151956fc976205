//! The feeds that a directory can be read with, and a subtree for each.

use cloudsync_idp::domain::cursor::FeedKind;
use cloudsync_idp::flow::sync::{self, RunOrder, RunReport, SyncError};
use cloudsync_idp::store::RunTrigger;

use super::feed_choice::without_dirsync;
use super::{Subtree, corp};
use crate::support::lab;
use crate::support::provider::Provider;
use crate::support::rows::LogRows;

/// The guard holds nobody back: these tests compare what the feed reports.
const NO_GUARD: &str = "[directories.sync]\nguard_people = 1000000\nguard_percent = 100\n";

/// How changes are read. Each of these feeds reports deletions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestedFeed {
    /// DirSync by an account with the replication right.
    DirSync,
    /// DirSync with object security.
    DirSyncAsAnybody,
    UsnChanged,
    SyncRepl,
    FullScan,
}

impl TestedFeed {
    pub fn subtree(self) -> Subtree {
        match self {
            Self::DirSync | Self::DirSyncAsAnybody | Self::UsnChanged => Subtree::ad(),
            Self::SyncRepl => Subtree::ldap(),
            Self::FullScan => Subtree::of_ldap(lab::silent_ldap()),
        }
    }

    /// The directory with this scope: an OU and a group, either may be empty.
    pub async fn settings(self, subtree: &Subtree, unit: &str, group: &str) -> String {
        let best = format!("{}{NO_GUARD}", subtree.settings(unit, group));
        match self {
            Self::DirSync | Self::SyncRepl | Self::FullScan => best,
            Self::DirSyncAsAnybody => best.replace("CN=Svc Sync,", "CN=Svc Watch,"),
            Self::UsnChanged => without_dirsync(&best).await,
        }
    }

    fn kind(self) -> FeedKind {
        match self {
            Self::DirSync | Self::DirSyncAsAnybody => FeedKind::DirSync,
            Self::UsnChanged => FeedKind::UsnChanged,
            Self::SyncRepl => FeedKind::SyncRepl,
            Self::FullScan => FeedKind::FullScan,
        }
    }

    /// Checks that the provider used this feed, and after its first run read changes only.
    pub async fn was_taken(self, provider: &Provider) {
        let found =
            provider.parts.store.sync().feed_of(&corp()).await.expect("an answer").expect("it was read");
        assert_eq!((found.feed, found.tells_deletions), (self.kind(), true), "{found:?}");
        assert_eq!(self == Self::DirSyncAsAnybody, found.feed == FeedKind::DirSync && lacks_rights(&found));
        let runs = provider.parts.store.sync().runs_page(None, 1000).await.expect("an answer");
        let reasons: Vec<_> =
            runs.iter().rev().skip(1).filter_map(|run| run.details.reason.clone()).collect();
        assert!(self == Self::FullScan || reasons.is_empty(), "{self:?}: {reasons:?}");
    }
}

fn lacks_rights(found: &cloudsync_idp::store::FeedRow) -> bool {
    !found.shortfalls.is_empty()
}

/// A run that reads changes only.
pub async fn by_changes(provider: &Provider) -> Result<RunReport, SyncError> {
    let current = provider.parts.current();
    let site = current.site(&corp()).expect("the directory of the test");
    sync::run(&provider.parts.sync(), site, &RunOrder::changes(RunTrigger::Command)).await
}
