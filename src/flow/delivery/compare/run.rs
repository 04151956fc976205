//! A comparison as it is ordered: to look, or to fix what differs.

use std::time::Duration;

use serde_json::json;

use super::error::CompareError;
use super::fix::fix;
use super::people::compare_people;
use super::read::read_list;
use super::shares::compare_shares;
use super::work::{Purpose, Work};
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::delivery::{Drift, Failure, Finding, FixOrder, Kind};
use crate::domain::settings::Provisioning;
use crate::flow::delivery::channel::Channel;
use crate::flow::delivery::status::service;
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::lease::Lease;
use crate::store::{ComparisonRow, ComparisonRun};

/// A comparison that is complete. Its list of differences stays in the store until [`super::FindingPages::close`].
#[derive(Debug)]
pub struct Comparison {
    pub service: String,
    pub drift: Drift,
    /// About how many a newer wish was noted; `None`: nothing was to be fixed.
    pub fixed: Option<u64>,
    pub(super) run: ComparisonRun,
}

/// How a service is reconciled.
#[derive(Clone, Copy, Debug)]
pub struct Reconciling<'a> {
    /// Nothing is fixed.
    pub report_only: bool,
    pub actor: &'a Actor,
}

/// What the delivery of everything would do at a service. Nothing is changed, here or there.
pub async fn preview(parts: &OperationParts, id: &str) -> Result<Comparison, CompareError> {
    let service = service(parts, id)?;
    let channel = open(parts, &service).await?;
    alone(&channel, compare(&channel, Purpose::Preview)).await
}

/// Compares a service with what it should have, and has delivered again what differs. What only an administrator can
/// decide is left: conflicts, and those who are gone in great number.
pub async fn reconcile(
    parts: &OperationParts,
    id: &str,
    how: Reconciling<'_>,
) -> Result<Comparison, CompareError> {
    let service = service(parts, id)?;
    let state = parts.store.delivery().target(id).await?;
    match state {
        Some(state) if state.stopped.is_some() => return Err(CompareError::Stopped(id.to_owned())),
        Some(state) if state.filled_to.is_none() => {}
        _ => return Err(CompareError::NotFilled(id.to_owned())),
    }
    let channel = open(parts, &service).await?;
    let order = (!how.report_only).then_some(FixOrder::Admin);
    alone(&channel, carry_out(&channel, order, Some(how.actor))).await
}

/// Compares, fixes by this order, and notes the result; with an event if an administrator has ordered it, or
/// something differs.
pub(super) async fn carry_out(
    channel: &Channel<'_>,
    order: Option<FixOrder>,
    actor: Option<&Actor>,
) -> Result<Comparison, CompareError> {
    let begun_at = channel.now();
    let mut comparison = compare(channel, Purpose::Drift).await?;
    let deliveries = channel.store().delivery();
    if let Some(order) = order {
        let fixed = fix(deliveries, &comparison.run, (&comparison.drift, order), channel.now()).await?;
        comparison.fixed = Some(fixed);
    }
    let row = ComparisonRow {
        begun_at,
        ended_at: channel.now(),
        fixed: comparison.fixed.unwrap_or_default(),
        drift: Some(comparison.drift.clone()),
        failed: None,
    };
    let is_event = actor.is_some() || comparison.drift.differs();
    let event = is_event.then(|| event(channel, &comparison, actor));
    deliveries.note_comparison(channel.id(), &row, event.as_ref()).await?;
    Ok(comparison)
}

fn event(channel: &Channel<'_>, comparison: &Comparison, actor: Option<&Actor>) -> Event {
    let Comparison { drift, fixed, .. } = comparison;
    let cause = match fixed {
        _ if drift.is_emptied() => "emptied",
        Some(_) => "fixed",
        None => "reported",
    };
    let mut detail = json!({ "service": channel.id(), "fixed": fixed });
    for (finding, number) in &drift.findings {
        detail[finding.as_str()] = json!(number);
    }
    let event = Event {
        client_id: channel.service.client.clone(),
        cause: Some(cause.to_owned()),
        detail: Some(detail.to_string()),
        ..Event::new(channel.now(), Decision::DeliveryCompared)
    };
    match actor {
        Some(actor) => event.by(actor),
        None => event,
    }
}

/// The way to a service from this process, with what the service announces.
async fn open<'a>(parts: &'a OperationParts, service: &'a Provisioning) -> Result<Channel<'a>, CompareError> {
    let opened = Channel::open(parts, service);
    let mut channel = opened.map_err(|error| CompareError::connection(&error))?;
    let known = parts.store.delivery().target(&service.id).await?.and_then(|state| state.dialect);
    let reply = channel.ask_config().await?;
    if matches!(reply.status, 401 | 429 | 503) {
        let words = "ServiceProviderConfig".to_owned();
        return Err(Failure::of_status(reply.status, words, reply.retry_after).into());
    }
    channel.dialect = channel.dialect_after(Some(&reply), known);
    Ok(channel)
}

/// Of all processes one compares a service at a time.
pub(super) async fn alone<T>(
    channel: &Channel<'_>,
    work: impl Future<Output = Result<T, CompareError>>,
) -> Result<T, CompareError> {
    let name = format!("compare:{}", channel.id());
    let lease = Lease::take(channel.store(), &channel.parts.clock, name, Duration::ZERO).await?;
    lease.ok_or(CompareError::Busy)?.spend(work).await
}

async fn compare(channel: &Channel<'_>, purpose: Purpose) -> Result<Comparison, CompareError> {
    let work = Work::begin(channel, purpose);
    match compared(&work).await {
        Ok(drift) => {
            Ok(Comparison { service: channel.id().to_owned(), drift, fixed: None, run: work.run.clone() })
        }
        Err(error) => {
            work.deliveries().end_comparison(&work.run).await?;
            Err(error)
        }
    }
}

async fn compared(work: &Work<'_>) -> Result<Drift, CompareError> {
    let all = [Kind::User, Kind::Group];
    let kinds = if work.channel.service.team_shares { &all[..] } else { &all[..1] };
    for kind in kinds {
        read_list(work, *kind).await?;
    }
    work.deliveries().analyze_listed().await?;
    let mut drift = Drift::default();
    compare_people(work, &mut drift).await?;
    if work.channel.service.team_shares {
        compare_shares(work, &mut drift).await?;
    }
    let mut unknown = 0;
    for kind in kinds {
        unknown += work.deliveries().count_unclaimed(&work.run, *kind).await?;
    }
    if unknown > 0 {
        drift.findings.insert(Finding::Unknown, unknown);
    }
    Ok(drift)
}
