//! Apply a plan: exactly what it says, or nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::make::rows;
use crate::domain::Millis;
use crate::domain::entry::EntryId;
use crate::domain::history::{ChangeKind, account_snapshot};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard::allowance;
use crate::flow::sync::apply::Applier;
use crate::flow::sync::feed::open;
use crate::flow::sync::judge::{Judge, JudgedPerson, Links};
use crate::flow::sync::one_person::judge_named;
use crate::flow::sync::order::{PAGE, RunOrder, RunReport, SyncError};
use crate::flow::sync::orphaned::ReadById;
use crate::flow::sync::pause::import_begins;
use crate::flow::sync::round::catch_up;
use crate::flow::sync::run_lease;
use crate::flow::sync::run_log::Log;
use crate::store::{PlanId, PlanRow, RunTrigger, StoreError, SyncPlan, share_snapshot};

/// The result of applying a plan.
#[derive(Clone, Debug)]
pub enum ApplyResult {
    Done(RunReport),
    /// Nothing was done: these people have changed since the plan was made.
    Changed(Vec<PlanDifference>),
    Refused(PlanRefused),
}

/// Why a plan can't be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanRefused {
    /// There is no plan with this number; plans are kept for a week.
    Unknown,
    Unfinished,
    /// It was applied before, at this time.
    Applied(Millis),
    /// Its directory is no longer in the settings.
    NoDirectory,
}

/// A person for whom the sync would now do something else than planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDifference {
    pub login_name: String,
    pub planned: Vec<PlanRow>,
    pub now: Vec<PlanRow>,
}

/// How many people lose something by a plan, and how many of them the guard would hold now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Takes {
    /// People who would be suspended or leave a Team Share.
    pub people: u64,
    /// Those beyond the guard's limit.
    pub beyond: u64,
}

/// Counts the people who lose something by a plan; zero if it can't be applied.
pub async fn takes(parts: &SyncParts, id: PlanId) -> Result<Takes, StoreError> {
    let (current, mut takes) = (parts.current(), Takes::default());
    let Ok(plan) = usable(parts, id).await? else { return Ok(takes) };
    let Some(site) = current.site(&plan.directory) else { return Ok(takes) };
    let mut allowance = allowance(&parts.store, site, parts.now()).await?;
    let mut after = String::new();
    loop {
        let losers = parts.store.sync().plan_losers(id, &after, PAGE).await?;
        let Some(last) = losers.last() else { return Ok(takes) };
        after.clone_from(&last.0);
        takes.people += losers.len() as u64;
        takes.beyond += losers.iter().filter(|account| !allowance.take(account)).count() as u64;
    }
}

/// Does exactly what a plan says, past the guard, or nothing.
pub async fn apply(parts: &SyncParts, id: PlanId) -> Result<ApplyResult, SyncError> {
    let plan = match usable(parts, id).await? {
        Ok(plan) => plan,
        Err(refused) => return Ok(ApplyResult::Refused(refused)),
    };
    let current = parts.current();
    let Some(site) = current.site(&plan.directory) else {
        return Ok(ApplyResult::Refused(PlanRefused::NoDirectory));
    };
    let lease = run_lease::to_work(parts, site.id()).await?;
    let order = RunOrder::partial(RunTrigger::Apply(id));
    let mut log = Log::new(parts, site, &order);
    let mut differences = Vec::new();
    let work = async {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        let mut feed = open(parts, site, &state).await?;
        let mirror = catch_up(&mut feed, None, &mut log).await?;
        let people;
        (people, differences) = compare(parts, site, id, &log.read.asked).await?;
        if differences.is_empty() && parts.store.sync().take_plan(id, parts.now()).await? {
            carry_out(id, mirror.version, people, &mut log).await?;
        }
        Ok(())
    };
    let done = lease.spend(work).await;
    let report = log.close(done).await?;
    if !differences.is_empty() {
        return Ok(ApplyResult::Changed(differences));
    }
    // From now on changes are synced, if the directory has waited for its first plan.
    import_begins(parts, site.id()).await?;
    Ok(ApplyResult::Done(report))
}

async fn usable(parts: &SyncParts, id: PlanId) -> Result<Result<SyncPlan, PlanRefused>, StoreError> {
    let Some(plan) = parts.store.sync().plan(id, parts.now()).await? else {
        return Ok(Err(PlanRefused::Unknown));
    };
    Ok(match (plan.counts, plan.applied_at) {
        (None, _) => Err(PlanRefused::Unfinished),
        (_, Some(at)) => Err(PlanRefused::Applied(at)),
        _ => Ok(plan),
    })
}

/// Judges everybody in the plan again: how many people that are, and for whom something else is due now.
async fn compare(
    parts: &SyncParts,
    site: &Site,
    plan: PlanId,
    asked: &ReadById,
) -> Result<(u64, Vec<PlanDifference>), SyncError> {
    let judge = Judge::new(parts, site, Links::ByPlan)?;
    let (mut after, mut people, mut differences) = (None, 0, Vec::new());
    while let Some(planned) = next_planned(parts, plan, &mut after).await? {
        people += planned.len() as u64;
        for person in judge_planned(parts, site, &judge, planned, asked).await? {
            let now = person.due.as_ref().map_or(Vec::new(), |due| rows(site, due, parts.now()));
            if !person.agrees(parts, &now).await? {
                let planned = person.planned;
                let login_name = planned.first().map_or(String::new(), |row| row.login_name.clone());
                differences.push(PlanDifference { login_name, planned, now });
            }
        }
    }
    Ok((people, differences))
}

/// Applies the changes that are planned and still due, page by page.
async fn carry_out(plan: PlanId, version: i64, people: u64, log: &mut Log<'_>) -> Result<(), SyncError> {
    let (parts, site) = (log.parts, log.site);
    let judge = Judge::new(parts, site, Links::ByPlan)?;
    let mut applier = Applier::new(parts, site, version, log.order.guard());
    let (mut after, mut done) = (None, 0);
    while let Some(planned) = next_planned(parts, plan, &mut after).await? {
        log.progress("applying the plan", done, Some(people)).await?;
        done += planned.len() as u64;
        let mut page = Vec::new();
        for PlannedPerson { due, planned } in
            judge_planned(parts, site, &judge, planned, &log.read.asked).await?
        {
            // A person may have signed in meanwhile, which updates the account.
            let Some(due) = due else { continue };
            match rows(site, &due, parts.now()).iter().all(|row| planned.contains(row)) {
                true => page.push(due),
                false => {
                    let name = &due.decided.login_name;
                    tracing::warn!(directory = %site.id(), name, "left out while applying a plan: the change due now differs from the plan");
                }
            }
        }
        applier.write_page(log, page).await?;
    }
    Ok(())
}

type Planned = BTreeMap<EntryId, Vec<PlanRow>>;

/// A person of a plan.
struct PlannedPerson {
    /// What is to be done now; `None` if the person is nowhere known any more.
    due: Option<JudgedPerson>,
    planned: Vec<PlanRow>,
}

/// The rows of the next few people; `after` is the position.
async fn next_planned(
    parts: &SyncParts,
    plan: PlanId,
    after: &mut Option<i64>,
) -> Result<Option<Planned>, StoreError> {
    let mut rows = parts.store.sync().plan_rows(plan, *after, PAGE).await?;
    if rows.len() == PAGE as usize {
        // The last person may have more rows on the next page.
        let last = rows.last().map(|(_, row)| row.entry);
        let whole = rows.iter().position(|(_, row)| Some(row.entry) == last).filter(|whole| *whole > 0);
        rows.truncate(whole.unwrap_or(rows.len()));
    }
    let mut planned = Planned::new();
    for (number, row) in rows {
        *after = Some(number);
        planned.entry(row.entry).or_default().push(row);
    }
    Ok((!planned.is_empty()).then_some(planned))
}

/// Judges these people again.
async fn judge_planned(
    parts: &SyncParts,
    site: &Site,
    judge: &Judge<'_>,
    planned: Planned,
    asked: &ReadById,
) -> Result<Vec<PlannedPerson>, SyncError> {
    let ids: Vec<EntryId> = planned.keys().copied().collect();
    let page = judge_named(parts, site, judge, &ids, asked).await?;
    let mut page: BTreeMap<EntryId, JudgedPerson> =
        page.into_iter().map(|one| (one.decided.entry, one)).collect();
    let person = |(id, planned)| PlannedPerson { due: page.remove(&id), planned };
    Ok(planned.into_iter().map(person).collect())
}

impl PlannedPerson {
    /// Whether the changes due now are among those planned; changes done since then count as agreed.
    async fn agrees(&self, parts: &SyncParts, now: &[PlanRow]) -> Result<bool, StoreError> {
        let planned = &self.planned;
        if !now.iter().all(|row| planned.contains(row)) {
            return Ok(false);
        }
        let account = match planned.iter().find_map(|row| row.account.as_ref()) {
            Some(id) => parts.store.identity().account(id).await?,
            None => self.due.as_ref().and_then(|due| due.decided.account.clone()),
        };
        let Some(account) = account else { return Ok(now.len() == planned.len()) };
        let rest: Vec<&PlanRow> = planned.iter().filter(|row| !now.contains(row)).collect();
        if rest.is_empty() {
            return Ok(true);
        }
        let shares = parts.store.sync().shares_of(&account.id).await?;
        let has: Vec<String> = shares.iter().map(|row| share_snapshot(&row.directory, &row.share)).collect();
        Ok(rest.into_iter().all(|row| match row.kind {
            ChangeKind::ShareJoined => has.contains(&row.after),
            ChangeKind::ShareLeft => row.before.as_ref().is_some_and(|before| !has.contains(before)),
            _ => account_snapshot(&account) == row.after,
        }))
    }
}
