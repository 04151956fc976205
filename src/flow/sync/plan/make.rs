//! Make a plan: judge everybody, and store what would be done.

use crate::domain::Millis;
use crate::domain::entry::EntryId;
use crate::domain::history::{ChangeKind, account_snapshot};
use crate::domain::reconcile::{Action, preview};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard::allowance;
use crate::flow::sync::feed::open;
use crate::flow::sync::judge::{Judge, JudgedPerson, Links};
use crate::flow::sync::order::{PAGE, RunOrder, SyncError};
use crate::flow::sync::orphaned::{OrphanedAccounts, judge_orphaned};
use crate::flow::sync::plan::tally::Tally;
use crate::flow::sync::round::catch_up;
use crate::flow::sync::run_lease;
use crate::flow::sync::run_log::Log;
use crate::store::{PlanId, PlanRow, RESETS_FACTORS, RunTrigger, StoreError, SyncPlan, share_snapshot};

/// A plan that was made.
#[derive(Clone, Debug)]
pub struct NewPlan {
    /// Its number and counts; `held` counts the people whom the guard would hold without it.
    pub plan: SyncPlan,
    /// How many people would lose something.
    pub takes: u64,
}

/// Judges everybody and stores what would be done. Changes no account.
pub async fn make(parts: &SyncParts, site: &Site) -> Result<NewPlan, SyncError> {
    let lease = run_lease::to_work(parts, site.id()).await?;
    let order = RunOrder::partial(RunTrigger::Plan);
    let mut log = Log::new(parts, site, &order);
    let mut made = None;
    let work = async {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        let mut feed = open(parts, site, &state).await?;
        catch_up(&mut feed, None, &mut log).await?;
        made = Some(write_plan(&mut log).await?);
        Ok(())
    };
    let done = lease.spend(work).await;
    log.close(done).await?;
    made.ok_or(SyncError::Overtaken)
}

async fn write_plan(log: &mut Log<'_>) -> Result<NewPlan, SyncError> {
    let (parts, site) = (log.parts, log.site);
    let (store, id) = (&parts.store, site.id());
    let version = store.sync().mirror_state(id).await?.version;
    let plan = store.sync().begin_plan(id, parts.current().generation, version, parts.now()).await?;
    let judge = Judge::new(parts, site, Links::ByPlan)?;
    let tally = Tally::new(allowance(store, site, parts.now()).await?);
    let mut writer = PlanWriter { parts, site, plan, tally, rows: 0 };
    let mut orphaned = OrphanedAccounts::of(parts, site);
    while let Some(page) = orphaned.next_page(PAGE).await? {
        writer.add_page(judge_orphaned(&judge, page, &log.read.asked).await?).await?;
    }
    let (mut after, mut done): (Option<EntryId>, u64) = (None, 0);
    let all = store.sync().count_people(id).await?;
    loop {
        let people = store.sync().people_page(id, after, PAGE).await?;
        let Some(last) = people.last() else { break };
        (after, done) = (Some(last.id), done + people.len() as u64);
        writer.add_page(judge.judge_page(people).await?).await?;
        log.progress("planning", done, Some(all.max(done))).await?;
    }
    store.sync().finish_plan(plan, &writer.tally.counts).await?;
    let made = store.sync().plan(plan, parts.now()).await?.ok_or(SyncError::Overtaken)?;
    Ok(NewPlan { plan: made, takes: writer.tally.takes })
}

/// A plan that is being written.
struct PlanWriter<'a> {
    parts: &'a SyncParts,
    site: &'a Site,
    plan: PlanId,
    tally: Tally,
    rows: u64,
}

impl PlanWriter<'_> {
    async fn add_page(&mut self, judged: Vec<JudgedPerson>) -> Result<(), StoreError> {
        let mut planned = Vec::new();
        for one in &judged {
            self.tally.add(&one.decided);
            planned.extend(rows(self.site, one, self.parts.now()));
        }
        if planned.is_empty() {
            return Ok(());
        }
        self.parts.store.sync().extend_plan(self.plan, self.rows, &planned).await?;
        self.rows += planned.len() as u64;
        Ok(())
    }
}

/// What would be done to one person, one row for each change.
pub(in crate::flow::sync) fn rows(site: &Site, one: &JudgedPerson, now: Millis) -> Vec<PlanRow> {
    // A link names the account to be linked, since that is what an administrator confirms.
    let decided = &one.decided;
    let subject = decided.subject();
    let account = subject.map(|account| account.id.clone());
    let row = |kind: ChangeKind, before: Option<String>, after: String, why: Option<String>| PlanRow {
        entry: decided.entry,
        account: account.clone(),
        login_name: decided.login_name.clone(),
        kind,
        before,
        after,
        why,
    };
    let mut rows = Vec::new();
    if let Some((kind, why)) = change_of_account(one) {
        let before = subject.map(account_snapshot);
        let after = preview(subject, &decided.outcome, now).map(|after| account_snapshot(&after));
        rows.push(row(kind, before, after.unwrap_or_default(), why));
    }
    for change in &decided.shares.joined {
        let after = share_snapshot(site.id(), &change.share);
        rows.push(row(ChangeKind::ShareJoined, None, after, Some(change.why.clone())));
    }
    for change in &decided.shares.left {
        let before = Some(share_snapshot(site.id(), &change.share));
        rows.push(row(ChangeKind::ShareLeft, before, "null".to_owned(), Some(change.why.clone())));
    }
    rows
}

/// What would become of the account, and why.
fn change_of_account(one: &JudgedPerson) -> Option<(ChangeKind, Option<String>)> {
    Some(match &one.decided.outcome.action {
        Action::Keep(_) | Action::Ignore => return None,
        Action::Create(_) => (ChangeKind::Created, None),
        Action::Link(..) => (ChangeKind::Linked, one.resets_factors.then(|| RESETS_FACTORS.to_owned())),
        Action::Update(..) => (ChangeKind::Updated, None),
        Action::Suspend(_, because, _) => (ChangeKind::Suspended, Some(because.as_str().to_owned())),
        Action::Reactivate(..) => (ChangeKind::Reactivated, None),
    })
}
