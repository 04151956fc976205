//! What waits for each service, who is in quarantine, and trying again.

use std::collections::BTreeMap;

use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
use crate::domain::delivery::{RefusalCause, Subject};
use crate::domain::settings::Provisioning;
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::fault::{Fault, carries_faults};
use crate::store::{
    ComparisonRow, FailingTarget, Retried, StoppedTarget, StoreError, StoredDelivery, Waiting,
};
use serde_json::json;

/// How many of those in quarantine are read at once.
pub const PAGE: u32 = 200;

/// How the delivery to one service stands.
#[derive(Clone, Debug)]
pub struct ServiceStatus {
    pub service: Provisioning,
    pub waiting: Waiting,
    /// How many people and Team Shares are known to be there.
    pub known: u64,
    /// Whether everybody was noted once; until then the numbers grow.
    pub is_filled: bool,
    pub stopped: Option<StoppedTarget>,
    /// Why nothing can be sent for now; it is tried again.
    pub failing: Option<FailingTarget>,
    /// The newest comparison.
    pub comparison: Option<ComparisonRow>,
    /// How many people and Team Shares were delivered within the last minute.
    pub delivered_last_minute: u64,
    /// How many are in quarantine, by the cause.
    pub refusals: BTreeMap<RefusalCause, u64>,
}

/// What an administrator has to decide about a service.
#[derive(Clone, Debug)]
pub struct ServiceTrouble {
    pub service: String,
    pub stopped: Option<StoppedTarget>,
    /// It has been failing for so long that an event says so.
    pub away: Option<FailingTarget>,
    pub quarantined: u64,
}

/// Why nothing was tried again.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryStatusError {
    #[error("there is no service {id:?}; there are: {}", .known.join(", "))]
    NoService { id: String, known: Vec<String> },
    #[error("{0} does not wait for this service")]
    NotWaiting(Subject),
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(DeliveryStatusError: StoreError);

impl ServiceStatus {
    /// Whether something is wrong: it is stopped, does not answer, or refuses somebody.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.stopped.is_some() || self.failing.is_some() || self.waiting.quarantined > 0
    }

    /// For how long the oldest wish has waited that is not in quarantine.
    #[must_use]
    pub fn lag(&self, now: Millis) -> Option<Millis> {
        self.waiting.oldest.map(|oldest| (now - oldest).max(0))
    }
}

/// All services of the settings, or this one.
pub async fn statuses(
    parts: &OperationParts,
    only: Option<&str>,
) -> Result<Vec<ServiceStatus>, DeliveryStatusError> {
    let services = match only {
        Some(id) => vec![service(parts, id)?],
        None => parts.current().settings.provisioning.clone(),
    };
    let mut statuses = Vec::with_capacity(services.len());
    for service in services {
        statuses.push(status_of(parts, service).await?);
    }
    Ok(statuses)
}

/// How this service stands.
pub async fn status_of(parts: &OperationParts, service: Provisioning) -> Result<ServiceStatus, StoreError> {
    let deliveries = parts.store.delivery();
    let state = deliveries.target(&service.id).await?;
    Ok(ServiceStatus {
        waiting: deliveries.waiting(&service.id).await?,
        known: deliveries.known_at(&service.id).await?,
        delivered_last_minute: deliveries.delivered_since(&service.id, parts.now() - MINUTE).await?,
        refusals: deliveries.refusals(&service.id).await?,
        comparison: deliveries.comparison(&service.id).await?,
        is_filled: state.as_ref().is_some_and(|state| state.filled_to.is_none()),
        failing: state.as_ref().and_then(|state| state.failing.clone()),
        stopped: state.and_then(|state| state.stopped),
        service,
    })
}

/// The services that need an administrator.
pub async fn troubles(parts: &OperationParts) -> Result<Vec<ServiceTrouble>, StoreError> {
    let (deliveries, mut troubles) = (parts.store.delivery(), Vec::new());
    for service in &parts.current().settings.provisioning {
        let Some(state) = deliveries.target(&service.id).await? else { continue };
        let quarantined = deliveries.waiting(&service.id).await?.quarantined;
        let away = state.failing.filter(|failing| failing.is_noted);
        if state.stopped.is_some() || away.is_some() || quarantined > 0 {
            let (service, stopped) = (service.id.clone(), state.stopped);
            troubles.push(ServiceTrouble { service, stopped, away, quarantined });
        }
    }
    Ok(troubles)
}

/// A page of those in quarantine of a service, after this one; empty at the end.
pub async fn quarantine(
    parts: &OperationParts,
    service: &str,
    after: Option<&Subject>,
) -> Result<Vec<StoredDelivery>, DeliveryStatusError> {
    Ok(parts.store.delivery().quarantined(service, after, PAGE).await?)
}

/// Resumes a service if it was stopped, and has all in quarantine tried again, or only this person or Team Share.
pub async fn retry(
    parts: &OperationParts,
    id: &str,
    only: Option<&Subject>,
    actor: &Actor,
) -> Result<Retried, DeliveryStatusError> {
    let service = service(parts, id)?;
    if let Some(only) = only {
        let row = parts.store.delivery().delivery(id, only).await?;
        if !row.is_some_and(|stored| stored.row.is_dirty()) {
            return Err(DeliveryStatusError::NotWaiting(only.clone()));
        }
    }
    let about = json!({ "service": id, "only": only.map(ToString::to_string) });
    let event = Event {
        client_id: service.client,
        detail: Some(about.to_string()),
        ..Event::new(parts.now(), Decision::DeliveryRetried).by(actor)
    };
    let changed = |retried: Retried| {
        let stopped = retried.stopped.map(|why| ValueChange::removed("stopped", why));
        let refused = ValueChange::new("refused", retried.released, 0);
        event.clone().changing(stopped.into_iter().chain([refused]))
    };
    Ok(parts.store.delivery().retry(id, only, changed).await?)
}

pub(super) fn service(parts: &OperationParts, id: &str) -> Result<Provisioning, DeliveryStatusError> {
    let current = parts.current();
    let found = current.settings.service(id).cloned();
    found.ok_or_else(|| DeliveryStatusError::NoService {
        id: id.to_owned(),
        known: current.settings.provisioning.iter().map(|service| service.id.clone()).collect(),
    })
}
