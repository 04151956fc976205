//! Admins from whom only an owner takes anything: an operator could otherwise remove the owners by the sync.

use crate::domain::account::AccountId;
use crate::domain::admin::{Actor, Role, TaskOrder};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::guard::SeenHeld;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::current::Site;
use crate::flow::person::admin_role;
use crate::store::{ChangeFilter, PlanId, RunId, StoreError};

/// How many changes are read at once.
const PAGE: u32 = 500;

/// True if an order takes something from somebody on whom this admin may not act. Asked when it is ordered, and again
/// when it is carried out: meanwhile somebody may have become an admin. Whoever is gone from the directory has no
/// role, and nobody but owners can bring that about.
pub(super) async fn against_admin(
    parts: &PanelParts,
    actor: &Actor,
    directory: &DirectoryId,
    order: &TaskOrder,
) -> Result<bool, StoreError> {
    let Some(role) = actor.role().filter(|role| *role != Role::Owner) else { return Ok(false) };
    let current = parts.login.current();
    let Some(site) = current.site(directory) else { return Ok(false) };
    let asked = Asked { parts, site, role };
    match order {
        TaskOrder::ApplyPlan { plan } => asked.of_plan(PlanId(*plan)).await,
        TaskOrder::Revert { run } => asked.of_run(RunId(*run)).await,
        TaskOrder::ApproveHeld { seen } => {
            let seen = seen.iter().filter_map(|one| SeenHeld::parse(one));
            asked.is_hit(&seen.map(|one| one.entry).collect::<Vec<_>>()).await
        }
        TaskOrder::ReadDirectory | TaskOrder::Plan | TaskOrder::Sync | TaskOrder::SyncPerson { .. } => {
            Ok(false)
        }
    }
}

struct Asked<'a> {
    parts: &'a PanelParts,
    site: &'a Site,
    role: Role,
}

impl Asked<'_> {
    async fn of_plan(&self, plan: PlanId) -> Result<bool, StoreError> {
        let mut after = String::new();
        loop {
            let losers = self.parts.login.store.sync().plan_losers(plan, &after, PAGE).await?;
            let Some(last) = losers.last() else { return Ok(false) };
            after.clone_from(&last.0);
            if self.hits_account(&losers).await? {
                return Ok(true);
            }
        }
    }

    /// A revert may take back what the run has given to anybody.
    async fn of_run(&self, run: RunId) -> Result<bool, StoreError> {
        let mut before = None;
        loop {
            let filter = ChangeFilter { run: Some(run), before, limit: PAGE, ..ChangeFilter::default() };
            let page = self.parts.login.store.sync().changes_of(&filter).await?;
            let Some(last) = page.last() else { return Ok(false) };
            before = Some(last.id);
            let changed: Vec<AccountId> = page.into_iter().map(|change| change.account).collect();
            if self.hits_account(&changed).await? {
                return Ok(true);
            }
        }
    }

    async fn hits_account(&self, ids: &[AccountId]) -> Result<bool, StoreError> {
        let accounts = self.parts.login.store.identity().accounts_with_ids(ids).await?;
        let entries = accounts.into_iter().filter_map(|account| account.link).map(|link| link.entry);
        self.is_hit(&entries.collect::<Vec<_>>()).await
    }

    async fn is_hit(&self, entries: &[EntryId]) -> Result<bool, StoreError> {
        let roles = admin_role::among(&self.parts.login.store, self.site, entries).await?;
        Ok(roles.into_values().any(|other| !self.role.may_act_on(Some(other))))
    }
}
