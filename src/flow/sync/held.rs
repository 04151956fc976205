//! Decide about people whom the guard holds, one by one: an approval takes from them exactly what they would
//! lose, a rejection keeps everything as long as they would lose the same.
//!
//! A decision is about what the administrator saw: if the person would lose something else by now, nothing is
//! done for this person.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::json;

use super::acting;
use super::apply::Applier;
use super::feed::open;
use super::history::log::named as accounts_named;
use super::judge::{Judge, JudgedPerson, Links};
use super::one_person::judge_named;
use super::order::{PAGE, RunOrder, RunReport, SyncError};
use super::round::catch_up;
use super::run_lease;
use super::run_log::Log;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::guard::SeenHeld;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{HeldRow, RunTrigger, StoreError};

/// What became of a decision about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldResult {
    Done,
    /// The guard does not hold the person any more.
    NotHeld,
    /// The person would lose something else by now.
    Changed,
}

/// A decision about one person, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecidedHeld {
    pub entry: EntryId,
    pub result: HeldResult,
}

/// The held people whom a name means, now or formerly: login name, email address or account id.
pub async fn named(parts: &SyncParts, name: &str) -> Result<Vec<HeldRow>, StoreError> {
    parts.store.sync().held_accounts(&accounts_named(&parts.store, name).await?).await
}

/// Takes from these people what the guard holds: reads the directory, judges them again, and writes those who
/// would lose exactly what was seen. Also while the sync is paused, like a plan.
pub async fn approve(
    parts: &SyncParts,
    site: &Site,
    seen: &[SeenHeld],
    actor: &Actor,
) -> Result<(RunReport, Vec<DecidedHeld>), SyncError> {
    let lease = run_lease::to_work(parts, site.id()).await?;
    let order = RunOrder::partial(RunTrigger::Approval);
    let mut log = Log::new(parts, site, &order);
    let mut decided = Vec::new();
    let work = async {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        let mut feed = open(parts, site, &state).await?;
        let mirror = catch_up(&mut feed, None, &mut log).await?;
        for page in seen.chunks(PAGE as usize) {
            decided.extend(approve_page(page, actor, mirror.version, &mut log).await?);
        }
        Ok(())
    };
    let done = lease.spend(work).await;
    Ok((log.close(done).await?, decided))
}

async fn approve_page(
    seen: &[SeenHeld],
    actor: &Actor,
    version: i64,
    log: &mut Log<'_>,
) -> Result<Vec<DecidedHeld>, SyncError> {
    let (parts, site) = (log.parts, log.site);
    let (ids, rows) = read(parts, site.id(), seen).await?;
    let judge = Judge::new(parts, site, Links::BySettings)?;
    let judged = judge_named(parts, site, &judge, &ids, &log.read.asked).await?;
    let mut judged: HashMap<EntryId, JudgedPerson> =
        judged.into_iter().map(|one| (one.decided.entry, one)).collect();
    let (mut decided, mut page, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for seen in seen {
        let result = match rows.get(&seen.entry) {
            None => HeldResult::NotHeld,
            Some(row) => {
                let agrees = |due: &JudgedPerson| SeenHeld::from(row) == *seen && loses_the_same(due, row);
                match judged.remove(&seen.entry).filter(agrees) {
                    Some(due) => {
                        page.push(due);
                        events.push(event(parts, row, "approved", actor));
                        HeldResult::Done
                    }
                    None => HeldResult::Changed,
                }
            }
        };
        decided.push(DecidedHeld { entry: seen.entry, result });
    }
    if !page.is_empty() {
        log.stop_if_asked().await?;
        let mut applier = Applier::new(parts, site, version, log.order.guard());
        applier.write_decided(log, page, events).await?;
    }
    Ok(decided)
}

/// Whether the person would lose now what the guard holds, and nothing else.
fn loses_the_same(due: &JudgedPerson, row: &HeldRow) -> bool {
    let account = due.decided.account.as_ref().map(|account| &account.id);
    account == Some(&row.person.account) && due.decided.loss() == row.person.what
}

/// Keeps for these people everything that they would lose, as long as they would lose the same.
pub async fn reject(
    parts: &SyncParts,
    directory: &DirectoryId,
    seen: &[SeenHeld],
    actor: &Actor,
) -> Result<Vec<DecidedHeld>, StoreError> {
    let by = acting::name(parts, actor).await?;
    let mut decided = Vec::with_capacity(seen.len());
    for page in seen.chunks(PAGE as usize) {
        decided.extend(reject_page(parts, directory, page, (&by, actor)).await?);
    }
    Ok(decided)
}

async fn reject_page(
    parts: &SyncParts,
    directory: &DirectoryId,
    seen: &[SeenHeld],
    (by, actor): (&str, &Actor),
) -> Result<Vec<DecidedHeld>, StoreError> {
    let (_, rows) = read(parts, directory, seen).await?;
    let held = seen.iter().filter_map(|one| Some((*one, rows.get(&one.entry)?)));
    let decisions: Vec<_> = held.map(|(one, row)| (one, event(parts, row, "rejected", actor))).collect();
    let kept = parts.store.sync().reject_held(directory, by, &decisions).await?;
    let kept: HashMap<EntryId, bool> = decisions.iter().map(|(one, _)| one.entry).zip(kept).collect();
    let result = |one: &SeenHeld| match kept.get(&one.entry) {
        None => HeldResult::NotHeld,
        Some(true) => HeldResult::Done,
        Some(false) => HeldResult::Changed,
    };
    Ok(seen.iter().map(|one| DecidedHeld { entry: one.entry, result: result(one) }).collect())
}

/// The entries, and the rows of those who are held.
async fn read(
    parts: &SyncParts,
    directory: &DirectoryId,
    seen: &[SeenHeld],
) -> Result<(Vec<EntryId>, HashMap<EntryId, HeldRow>), StoreError> {
    let ids: Vec<EntryId> = seen.iter().map(|one| one.entry).collect();
    let rows = parts.store.sync().held_among(directory, &ids).await?;
    Ok((ids, rows.into_iter().map(|row| (row.person.entry, row)).collect()))
}

fn event(parts: &SyncParts, row: &HeldRow, decision: &str, actor: &Actor) -> Event {
    let person = &row.person;
    let detail = json!({
        "decision": decision, "login_name": person.login_name, "entry": person.entry.to_string(),
        "what": person.what,
    });
    let event = Event::new(parts.now(), Decision::HeldDecided).about(&person.account, Some(&row.directory));
    Event { detail: Some(detail.to_string()), ..event.by(actor) }
}
