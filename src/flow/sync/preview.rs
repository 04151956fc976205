//! Show what a run would change under other settings, by the mirror alone: no directory is asked, and nothing is
//! written. The result is that of a plan made with these settings, if the directory has not changed.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::{Duration, timeout};
use utoipa::ToSchema;

use super::draft::resolve;
use super::history::PlannedView;
use super::judge::{Judge, JudgedPerson};
use super::order::{PAGE, SyncError};
use super::orphaned::OrphanedAccounts;
use super::plan::make::rows;
use super::plan::tally::Tally;
use crate::domain::admin::Role;
use crate::domain::history::ChangeKind;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::admin_role;
use crate::flow::person::decided::DecidedPerson;
use crate::flow::person::guard::allowance;
use crate::store::RunCounts;

pub use super::draft::DraftSite;

/// How many changes of a kind are listed; the counts are complete.
pub const MOST_LISTED: usize = 1_000;

/// A preview judges everybody: one at a time, so that sign-ins keep their share of the processor.
static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// How long a preview waits for others.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error("the directory was never read completely; read it first")]
    NotRead,
    #[error("other previews are being made; try again in a minute")]
    Busy,
    /// An object of the draft is missing, or the store does not answer.
    #[error(transparent)]
    Sync(#[from] SyncError),
}

impl From<crate::store::StoreError> for PreviewError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Sync(error.into())
    }
}

/// What a run would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PreviewView {
    /// The settings in force and the version of the mirror that it was made from.
    pub settings_generation: i64,
    pub mirror_version: i64,
    /// The mirror has changed meanwhile, so that the counts may be of two moments.
    pub changed_meanwhile: bool,
    /// The filter is another one than that by which the directory was read: who matches it is not known yet.
    pub filter_unknown: bool,
    /// Accounts whose entry is not in the mirror: what becomes of them is not known.
    pub orphaned: u64,
    /// `held` counts the people whom the guard would hold.
    pub counts: RunCounts,
    /// How many people would lose something.
    pub takes: u64,
    pub changes: Vec<PreviewKind>,
    pub from: Option<PreviewFrom>,
    /// Those who would lose something and have a role in the panel: login name and role.
    pub admins: Vec<(String, Role)>,
}

/// From where the changes of one kind are listed. Those of the others are listed from the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PreviewFrom {
    pub kind: ChangeKind,
    /// How many are left out before.
    pub skip: u64,
}

/// The changes of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewKind {
    #[schema(value_type = String)]
    pub kind: ChangeKind,
    pub total: u64,
    /// The first ones, at most [`MOST_LISTED`].
    pub rows: Vec<PlannedView>,
}

/// Judges everybody in the mirror by the draft.
pub async fn preview(
    parts: &SyncParts,
    site: &Site,
    draft: &DraftSite,
    from: Option<PreviewFrom>,
) -> Result<PreviewView, PreviewError> {
    let Ok(Ok(_turn)) = timeout(PATIENCE, ONE_AT_A_TIME.acquire()).await else {
        return Err(PreviewError::Busy);
    };
    let state = parts.store.sync().mirror_state(site.id()).await?;
    if state.scanned_at.is_none() {
        return Err(PreviewError::NotRead);
    }
    let settings_generation = parts.current().generation;
    site.refresh_groups(&parts.store).await?;
    let resolved = resolve(parts, site, draft).await?;
    let judge = Judge::of_draft(parts, site, resolved.scope, resolved.mappings);
    let mut listed = Listed { from, kinds: BTreeMap::new() };
    let mut tally = Tally::new(allowance(&parts.store, site, parts.now()).await?);
    let (mut after, mut admins) = (None, Vec::new());
    loop {
        let people = parts.store.sync().people_page(site.id(), after, PAGE).await?;
        let Some(last) = people.last() else { break };
        after = Some(last.id);
        let judged = judge.judge_page(people).await?;
        for one in &judged {
            tally.add(&one.decided);
            listed.add(parts, site, one);
        }
        admins.extend(losing_admins(parts, site, &judged).await?);
    }
    let (filter, now) = (&draft.scope.filter, parts.store.sync().mirror_state(site.id()).await?);
    Ok(PreviewView {
        settings_generation,
        mirror_version: state.version,
        changed_meanwhile: now.version != state.version,
        filter_unknown: !filter.is_empty() && *filter != site.settings.scope.filter,
        orphaned: count_orphaned(parts, site).await?,
        counts: tally.counts,
        takes: tally.takes,
        changes: listed.kinds.into_values().collect(),
        from,
        admins,
    })
}

async fn losing_admins(
    parts: &SyncParts,
    site: &Site,
    judged: &[JudgedPerson],
) -> Result<Vec<(String, Role)>, PreviewError> {
    let losing: Vec<_> = judged.iter().map(|one| &one.decided).filter(|decided| decided.takes()).collect();
    let entries: Vec<_> = losing.iter().map(|decided| decided.entry).collect();
    let roles = admin_role::among(&parts.store, site, &entries).await?;
    let named = |decided: &&DecidedPerson| Some((decided.login_name.clone(), *roles.get(&decided.entry)?));
    Ok(losing.iter().filter_map(named).collect())
}

async fn count_orphaned(parts: &SyncParts, site: &Site) -> Result<u64, PreviewError> {
    let (mut orphaned, mut many) = (OrphanedAccounts::of(parts, site), 0);
    while let Some(page) = orphaned.next_page(PAGE).await? {
        many += page.len() as u64;
    }
    Ok(many)
}

/// The changes by kind, in the order of the words of the kinds.
struct Listed {
    from: Option<PreviewFrom>,
    kinds: BTreeMap<&'static str, PreviewKind>,
}

impl Listed {
    fn add(&mut self, parts: &SyncParts, site: &Site, one: &JudgedPerson) {
        for row in rows(site, one, parts.now()) {
            let skip = self.from.filter(|from| from.kind == row.kind).map_or(0, |from| from.skip);
            let of_kind = self.kinds.entry(row.kind.as_str());
            let of_kind =
                of_kind.or_insert_with(|| PreviewKind { kind: row.kind, total: 0, rows: Vec::new() });
            of_kind.total += 1;
            if of_kind.total > skip && of_kind.rows.len() < MOST_LISTED {
                of_kind.rows.push(PlannedView::from(&row));
            }
        }
    }
}
