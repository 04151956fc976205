//! Preview what a sync would change, store it as a plan for an administrator, and apply exactly that plan.

use std::collections::BTreeMap;

use serde::Serialize;

use super::apply::Applier;
use super::judge::{Judge, JudgedPerson, Links};
use super::mirror_update::MirrorUpdate;
use super::{PAGE, PATIENCE, RunOrder, RunReport, SyncError, catch_up, open};
use crate::domain::Millis;
use crate::domain::entry::EntryId;
use crate::domain::guard::Allowance;
use crate::domain::history::{ChangeKind, account_snapshot};
use crate::domain::reconcile::{Action, preview};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard::{Guard, allowance};
use crate::flow::sync::one_person;
use crate::flow::sync::orphaned::{self, OrphanedAccounts, ReadById};
use crate::flow::sync::run_lease::RunLease;
use crate::flow::sync::run_log::Log;
use crate::store::{
    PlanId, PlanRow, RESETS_FACTORS, RunCounts, RunTrigger, StoreError, SyncPlan, share_snapshot,
};

/// A plan that was made.
#[derive(Clone, Debug)]
pub struct NewPlan {
    /// Its number and counts; `held` counts the people whom the guard would hold without it.
    pub plan: SyncPlan,
    /// How many people would lose something.
    pub takes: u64,
}

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

/// Judges everybody and stores what would be done. Changes no account.
pub async fn make(parts: &SyncParts, site: &Site) -> Result<NewPlan, SyncError> {
    let lease = RunLease::at(parts, site.id(), PATIENCE).await?.ok_or(SyncError::Running)?;
    // Approved, so that it works even if no person is left: nothing is written.
    let order = RunOrder { approved: true, ..RunOrder::changes(RunTrigger::Plan) };
    let mut log = Log::new(parts, site, &order);
    let mut read = MirrorUpdate::default();
    let mut made = None;
    let work = async {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        let mut feed = open(parts, site, &state).await?;
        catch_up(parts, site, &mut feed, None, (&mut log, &mut read), &order).await?;
        made = Some(write(parts, site, &read.asked).await?);
        Ok(())
    };
    let done = lease.spend(work).await;
    log.close_errand(&read, done).await?;
    made.ok_or(SyncError::Overtaken)
}

async fn write(parts: &SyncParts, site: &Site, asked: &ReadById) -> Result<NewPlan, SyncError> {
    let (store, id) = (&parts.store, site.id());
    let version = store.sync().mirror_state(id).await?.version;
    let plan = store.sync().begin_plan(id, parts.current().generation, version, parts.now()).await?;
    let judge = Judge::new(parts, site, Links::ByPlan)?;
    let allowance = allowance(store, site, parts.now()).await?;
    let mut writer =
        PlanWriter { parts, site, plan, allowance, rows: 0, takes: 0, counts: RunCounts::default() };
    let mut orphaned = OrphanedAccounts::of(parts, site);
    while let Some(page) = orphaned.next(PAGE).await? {
        writer.page(orphaned::judged(&judge, page, asked).await?).await?;
    }
    let mut after: Option<EntryId> = None;
    loop {
        let people = store.sync().people_page(id, after, PAGE).await?;
        let Some(last) = people.last() else { break };
        after = Some(last.id);
        writer.page(judge.page(people).await?).await?;
    }
    store.sync().finish_plan(plan, &writer.counts).await?;
    let made = store.sync().plan(plan, parts.now()).await?.ok_or(SyncError::Overtaken)?;
    Ok(NewPlan { plan: made, takes: writer.takes })
}

/// A plan that is being written.
struct PlanWriter<'a> {
    parts: &'a SyncParts,
    site: &'a Site,
    plan: PlanId,
    allowance: Allowance,
    rows: u64,
    takes: u64,
    counts: RunCounts,
}

impl PlanWriter<'_> {
    async fn page(&mut self, judged: Vec<JudgedPerson>) -> Result<(), StoreError> {
        let mut planned = Vec::new();
        for one in &judged {
            self.count(one);
            planned.extend(rows(self.site, one, self.parts.now()));
        }
        if planned.is_empty() {
            return Ok(());
        }
        self.parts.store.sync().extend_plan(self.plan, self.rows, &planned).await?;
        self.rows += planned.len() as u64;
        Ok(())
    }

    fn count(&mut self, one: &JudgedPerson) {
        let counts = &mut self.counts;
        counts.seen += 1;
        counts.conflicts += u64::from(one.outcome.conflict.is_some());
        counts.shares_joined += one.shares.joined.len() as u64;
        counts.shares_left += one.shares.left.len() as u64;
        match &one.outcome.action {
            Action::Keep(_) => counts.kept += 1,
            Action::Ignore => {}
            Action::Create(_) => counts.created += 1,
            Action::Link(..) => counts.linked += 1,
            Action::Update(..) => counts.updated += 1,
            Action::Suspend(..) => counts.suspended += 1,
            Action::Reactivate(..) => counts.reactivated += 1,
        }
        let Some(account) = one.account.as_ref().filter(|_| one.takes()) else { return };
        self.takes += 1;
        counts.held += u64::from(!self.allowance.take(&account.id));
    }
}

/// What would be done to one person, one row for each change.
fn rows(site: &Site, one: &JudgedPerson, now: Millis) -> Vec<PlanRow> {
    // A link names the account to be linked, since that is what an administrator confirms.
    let held = one.account.as_ref().or(one.to_link.as_ref());
    let account = held.map(|account| account.id.clone());
    let row = |kind: ChangeKind, before: Option<String>, after: String, why: Option<String>| PlanRow {
        entry: one.person.id,
        account: account.clone(),
        login_name: one.person.facts.login_name.clone(),
        kind,
        before,
        after,
        why,
    };
    let mut rows = Vec::new();
    if let Some((kind, why)) = deed(one) {
        let before = held.map(account_snapshot);
        let after = preview(held, &one.outcome, now).map(|after| account_snapshot(&after));
        rows.push(row(kind, before, after.unwrap_or_default(), why));
    }
    for change in &one.shares.joined {
        let after = share_snapshot(site.id(), &change.share);
        rows.push(row(ChangeKind::ShareJoined, None, after, Some(change.why.clone())));
    }
    for change in &one.shares.left {
        let before = Some(share_snapshot(site.id(), &change.share));
        rows.push(row(ChangeKind::ShareLeft, before, "null".to_owned(), Some(change.why.clone())));
    }
    rows
}

fn deed(one: &JudgedPerson) -> Option<(ChangeKind, Option<String>)> {
    Some(match &one.outcome.action {
        Action::Keep(_) | Action::Ignore => return None,
        Action::Create(_) => (ChangeKind::Created, None),
        Action::Link(..) => (ChangeKind::Linked, one.resets_factors.then(|| RESETS_FACTORS.to_owned())),
        Action::Update(..) => (ChangeKind::Updated, None),
        Action::Suspend(_, because, _) => (ChangeKind::Suspended, Some(because.as_str().to_owned())),
        Action::Reactivate(..) => (ChangeKind::Reactivated, None),
    })
}

/// How many people lose something by a plan, and how many of them the guard would hold now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
    let (mut after, mut last) = (None, None);
    loop {
        let rows = parts.store.sync().plan_rows(id, after, PAGE).await?;
        let Some((number, _)) = rows.last() else { return Ok(takes) };
        after = Some(*number);
        for (_, row) in rows.into_iter().filter(|(_, row)| row.takes()) {
            // The rows of one person are consecutive.
            let Some(account) = row.account.filter(|account| last.as_ref() != Some(account)) else {
                continue;
            };
            takes.people += 1;
            takes.beyond += u64::from(!allowance.take(&account));
            last = Some(account);
        }
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
    let lease = RunLease::at(parts, site.id(), PATIENCE).await?.ok_or(SyncError::Running)?;
    let order = RunOrder { approved: true, ..RunOrder::changes(RunTrigger::Apply(id)) };
    let mut log = Log::new(parts, site, &order);
    let mut read = MirrorUpdate::default();
    let mut differences = Vec::new();
    let work = async {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        let mut feed = open(parts, site, &state).await?;
        let mirror = catch_up(parts, site, &mut feed, None, (&mut log, &mut read), &order).await?;
        differences = compare(parts, site, id, &read.asked).await?;
        if differences.is_empty() && parts.store.sync().take_plan(id, parts.now()).await? {
            carry_out(parts, site, mirror.version, id, &read.asked, &mut log).await?;
        }
        Ok(())
    };
    let done = lease.spend(work).await;
    let report = log.close_errand(&read, done).await?;
    Ok(if differences.is_empty() { ApplyResult::Done(report) } else { ApplyResult::Changed(differences) })
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

/// Judges everybody in the plan again.
async fn compare(
    parts: &SyncParts,
    site: &Site,
    plan: PlanId,
    asked: &ReadById,
) -> Result<Vec<PlanDifference>, SyncError> {
    let judge = Judge::new(parts, site, Links::ByPlan)?;
    let (mut after, mut differences) = (None, Vec::new());
    while let Some(planned) = next(parts, plan, &mut after).await? {
        for (mut one, planned) in judged(parts, site, &judge, planned, asked).await? {
            let now = one.as_mut().map_or(Vec::new(), |one| rows(site, one, parts.now()));
            if !agrees(parts, one.as_ref(), &planned, &now).await? {
                let login_name = planned.first().map_or(String::new(), |row| row.login_name.clone());
                differences.push(PlanDifference { login_name, planned, now });
            }
        }
    }
    Ok(differences)
}

/// Applies the changes that are planned and still due, page by page.
async fn carry_out(
    parts: &SyncParts,
    site: &Site,
    version: i64,
    plan: PlanId,
    asked: &ReadById,
    log: &mut Log<'_>,
) -> Result<(), SyncError> {
    let judge = Judge::new(parts, site, Links::ByPlan)?;
    let mut applier = Applier::new(parts, site, version, Guard::Approved);
    let mut after = None;
    while let Some(planned) = next(parts, plan, &mut after).await? {
        let mut page = Vec::new();
        for (one, planned) in judged(parts, site, &judge, planned, asked).await? {
            // A person may have signed in meanwhile, which updates the account.
            let Some(one) = one else { continue };
            match rows(site, &one, parts.now()).iter().all(|row| planned.contains(row)) {
                true => page.push(one),
                false => {
                    let name = &one.person.facts.login_name;
                    tracing::warn!(directory = %site.id(), name, "left out while applying a plan: the change due now differs from the plan");
                }
            }
        }
        applier.page(log, page).await?;
    }
    Ok(())
}

type Planned = BTreeMap<EntryId, Vec<PlanRow>>;

/// The rows of the next few people; `after` is the position.
async fn next(
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

/// These people as judged now. A person who is nowhere known any more is not judged.
async fn judged(
    parts: &SyncParts,
    site: &Site,
    judge: &Judge<'_>,
    planned: Planned,
    asked: &ReadById,
) -> Result<Vec<(Option<JudgedPerson>, Vec<PlanRow>)>, SyncError> {
    let ids: Vec<EntryId> = planned.keys().copied().collect();
    let page = one_person::judged(parts, site, judge, &ids, asked).await?;
    let mut page: BTreeMap<EntryId, JudgedPerson> =
        page.into_iter().map(|one| (one.person.id, one)).collect();
    Ok(planned.into_iter().map(|(id, rows)| (page.remove(&id), rows)).collect())
}

/// Whether the changes due now are among those planned; changes done since then count as agreed.
async fn agrees(
    parts: &SyncParts,
    one: Option<&JudgedPerson>,
    planned: &[PlanRow],
    now: &[PlanRow],
) -> Result<bool, StoreError> {
    if !now.iter().all(|row| planned.contains(row)) {
        return Ok(false);
    }
    let account = match planned.iter().find_map(|row| row.account.as_ref()) {
        Some(id) => parts.store.identity().account(id).await?,
        None => one.and_then(|one| one.account.clone()),
    };
    let Some(account) = account else { return Ok(now.len() == planned.len()) };
    let rest: Vec<&PlanRow> = planned.iter().filter(|row| !now.contains(row)).collect();
    if rest.is_empty() {
        return Ok(true);
    }
    let shares = parts.store.sync().shares_of(&account.id).await?;
    let held: Vec<String> = shares.iter().map(|row| share_snapshot(&row.directory, &row.share)).collect();
    Ok(rest.into_iter().all(|row| match row.kind {
        ChangeKind::ShareJoined => held.contains(&row.after),
        ChangeKind::ShareLeft => row.before.as_ref().is_some_and(|before| !held.contains(before)),
        _ => account_snapshot(&account) == row.after,
    }))
}
