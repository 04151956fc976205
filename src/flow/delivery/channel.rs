//! The way to one service: its settings, its connection, and what this process knows of its state.

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use rand::RngExt;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Duration;

use super::control::Control;
use super::link::{LinkError, ServiceLink};
use super::listing::Listing;
use super::names::Names;
use crate::delivery::scim::{self, Message, Method, Reply};
use crate::domain::audit::{Decision, Event};
use crate::domain::delivery::{Answer, Dialect, Failure, Kind, Stop};
use crate::domain::settings::Provisioning;
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::OperationParts;
use crate::flow::settings::fingerprint;
use crate::store::{StoppedTarget, Store, StoreError, TargetState};

/// The way from this process to one service.
pub(super) struct Channel<'a> {
    pub(super) parts: &'a OperationParts,
    pub(super) service: &'a Provisioning,
    pub(super) link: ServiceLink,
    pub(super) control: Control,
    pub(super) dialect: Dialect,
    /// The digest of the settings.
    pub(super) under: String,
    /// How often an administrator had resumed the service when it was last looked at.
    pub(super) resumed: AtomicI64,
    /// What this process has noted last: nothing yet, [`WELL`] or [`FAILING`].
    pub(super) health: AtomicU8,
    /// The list of users, and that of groups.
    pub(super) listings: [Mutex<Listing>; 2],
    pub(super) names: Names,
}

const WELL: u8 = 1;
const FAILING: u8 = 2;
/// A service that fails for so long is away.
const AWAY: Millis = 15 * MINUTE;

/// What every service understands, with the limits of the settings.
pub(super) fn narrow(service: &Provisioning) -> Dialect {
    Dialect { members_per_request: service.members_per_request, ..Dialect::default() }
}

impl<'a> Channel<'a> {
    /// A way on which nothing was sent yet, in the dialect that every service understands.
    pub(super) fn open(parts: &'a OperationParts, service: &'a Provisioning) -> Result<Self, LinkError> {
        Ok(Self {
            link: ServiceLink::new(service, &parts.keys.sealer, parts.clock.clone())?,
            control: Control::new(service.rate()),
            dialect: narrow(service),
            // A struct of plain values can always be written as JSON.
            under: fingerprint(serde_json::to_string(service).unwrap_or_default().as_bytes()),
            resumed: AtomicI64::new(-1),
            health: AtomicU8::new(0),
            listings: Default::default(),
            names: Names::default(),
            parts,
            service,
        })
    }
}

impl Channel<'_> {
    /// Asks for what the service announces (RFC 7644 section 4).
    pub(super) async fn ask_config(&self) -> Result<Reply, Failure> {
        let path = "ServiceProviderConfig".to_owned();
        self.link.send(&Message { method: Method::Get, path, if_match: None, body: None }).await
    }

    /// The dialect after this answer. A service without this address understands what every service does; `known` is
    /// what it has announced before.
    pub(super) fn dialect_after(&self, config: Option<&Reply>, known: Option<Dialect>) -> Dialect {
        let config = config.filter(|reply| (200..300).contains(&reply.status));
        let config = config.and_then(|reply| serde_json::from_slice(&reply.body).ok());
        match (config, known) {
            (Some(config), _) => scim::dialect(narrow(self.service), &config),
            (None, Some(known)) => Dialect { members_per_request: self.service.members_per_request, ..known },
            (None, None) => narrow(self.service),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.service.id
    }

    pub(super) fn listing(&self, kind: Kind) -> &Mutex<Listing> {
        let [users, groups] = &self.listings;
        if kind == Kind::User { users } else { groups }
    }

    pub(super) fn store(&self) -> &Store {
        &self.parts.store
    }

    pub(super) fn now(&self) -> Millis {
        self.parts.now()
    }

    /// A random number from 0 to 1, and whether the service is well.
    pub(super) fn chances(&self) -> (f64, bool) {
        (rand::rng().random(), self.control.is_well())
    }

    pub(super) async fn sleep_until(&self, at: Millis) {
        let left = u64::try_from(at - self.now()).unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(left)).await;
    }

    /// Notes what an answer says of the service.
    pub(super) async fn answered(&self, answer: &Answer) -> Result<(), StoreError> {
        let stopped = self.control.answered(answer, self.now(), self.chances().0);
        let Answer::Failed(failure) = answer else { return self.note_well().await };
        if let Some(why) = stopped {
            self.stop(why, failure.to_string()).await?;
        }
        match failure.is_of_target() {
            true => self.note_failing(failure).await,
            false => self.note_well().await,
        }
    }

    /// A single failure says nothing yet.
    async fn note_failing(&self, failure: &Failure) -> Result<(), StoreError> {
        if self.control.rests() && self.health.swap(FAILING, Ordering::Relaxed) != FAILING {
            let words = failure.to_string();
            self.store().delivery().note_failing(self.id(), &words, self.now()).await?;
            tracing::warn!(service = self.id(), words, "the service does not answer as it should");
        }
        Ok(())
    }

    async fn note_well(&self) -> Result<(), StoreError> {
        if self.health.swap(WELL, Ordering::Relaxed) != WELL
            && self.store().delivery().note_well(self.id()).await?
        {
            tracing::info!(service = self.id(), "the service answers again");
        }
        Ok(())
    }

    /// Writes an event once the service has been failing for long.
    pub(super) async fn report_away(&self, state: &TargetState) -> Result<(), StoreError> {
        let now = self.now();
        match &state.failing {
            Some(failing) if !failing.is_noted && now - failing.since >= AWAY => {
                let event = self.event(Decision::DeliveryAway, &failing.words);
                self.store().delivery().note_away(self.id(), &event).await
            }
            _ => Ok(()),
        }
    }

    fn event(&self, decision: Decision, words: &str) -> Event {
        let detail = json!({ "service": self.id(), "words": words }).to_string();
        let client_id = self.service.client.clone();
        Event { client_id, detail: Some(detail), ..Event::new(self.now(), decision) }
    }

    /// Notes that the service is stopped, with an event.
    pub(super) async fn stop(&self, why: Stop, words: String) -> Result<(), StoreError> {
        let event = self.event(Decision::DeliveryStopped, &words);
        let event = Event { cause: Some(why.as_str().to_owned()), ..event };
        let stopped = StoppedTarget { why, at: self.now(), words: words.clone(), under: self.under.clone() };
        if self.store().delivery().stop(self.id(), &stopped, &event).await? {
            tracing::error!(service = self.id(), why = why.as_str(), words, "delivery is stopped");
        }
        Ok(())
    }
}
