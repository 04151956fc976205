//! What commands and the panel show of deliveries. docs/command-line.md lists the fields of their JSON: fields may be
//! added, but never renamed or removed.

use serde::Serialize;
use utoipa::ToSchema;

use super::compare::NewestComparisonView;
use super::status::ServiceStatus;
use crate::domain::delivery::{Kind, RefusalCause, Stop};
use crate::domain::{Millis, SECOND, words};
use crate::flow::account::views::{in_rfc_3339, maybe_in_rfc_3339};
use crate::store::StoredDelivery;

/// How the delivery to one service stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceView {
    pub service: String,
    pub base_url: String,
    pub client: Option<String>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Why it gets nothing until an administrator resumes it or changes its settings.
    pub stopped: Option<ServiceStopView>,
    /// Why it gets nothing for now; it is tried again.
    pub failing: Option<ServiceFailureView>,
    /// People and Team Shares that are to be delivered, those in quarantine among them.
    pub waiting: u64,
    /// For how long the oldest has waited that is not in quarantine.
    pub lag_seconds: Option<Millis>,
    /// How many people and Team Shares are known to be there.
    pub known: u64,
    /// Whether everybody was noted once; until then the numbers grow.
    pub filled: bool,
    /// How many people and Team Shares were delivered within the last minute.
    pub delivered_last_minute: u64,
    pub quarantined: u64,
    /// Why those in quarantine are refused.
    pub causes: Vec<RefusalCountView>,
    /// The newest comparison.
    pub comparison: Option<NewestComparisonView>,
}

/// Why a service is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceStopView {
    /// `unauthorized`, `emptied` or `refusing`.
    #[schema(value_type = String)]
    pub why: Stop,
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub since: Millis,
    /// The service's own words.
    pub words: String,
}

/// Why a service gets nothing for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceFailureView {
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub since: Millis,
    /// The service's own words, or those of the connection.
    pub words: String,
    /// Whether this has lasted so long that the audit log says so.
    pub away: bool,
}

/// A cause of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusalCountView {
    #[schema(value_type = String)]
    pub cause: RefusalCause,
    pub count: u64,
}

/// A person or Team Share in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusedView {
    pub account: Option<String>,
    pub team_share: Option<String>,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Millis>,
    pub attempts: u32,
    #[schema(value_type = String)]
    pub cause: RefusalCause,
    /// The service's own words.
    pub words: String,
}

words! {
    /// How one person stands at a service.
    pub enum DeliveryState {
        Delivered = "delivered",
        /// Nothing waits, and this service does not have the person.
        Absent = "absent",
        Waiting = "waiting",
        Quarantined = "quarantined",
    }
}

/// One person at a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonDeliveryView {
    pub service: String,
    #[schema(value_type = String)]
    pub state: DeliveryState,
    /// Since when it has waited or is in quarantine, or when it was delivered.
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Millis>,
    /// Of a quarantine.
    #[schema(value_type = Option<String>)]
    pub cause: Option<RefusalCause>,
    /// The service's own words, of a quarantine.
    pub words: Option<String>,
}

impl ServiceView {
    /// What is shown of a service at this time.
    #[must_use]
    pub fn new(status: &ServiceStatus, now: Millis) -> Self {
        let ServiceStatus { service, waiting, stopped, failing, .. } = status;
        Self {
            service: service.id.clone(),
            base_url: service.base_url.clone(),
            client: service.client.clone(),
            enabled: service.enabled,
            stopped: stopped.as_ref().map(|stop| ServiceStopView {
                why: stop.why,
                since: stop.at,
                words: stop.words.clone(),
            }),
            failing: failing.as_ref().map(|failing| ServiceFailureView {
                since: failing.since,
                words: failing.words.clone(),
                away: failing.is_noted,
            }),
            waiting: waiting.waiting,
            lag_seconds: status.lag(now).map(|lag| lag / SECOND),
            known: status.known,
            filled: status.is_filled,
            delivered_last_minute: status.delivered_last_minute,
            quarantined: waiting.quarantined,
            comparison: status.comparison.as_ref().map(NewestComparisonView::from),
            causes: status
                .refusals
                .iter()
                .map(|(cause, count)| RefusalCountView { cause: *cause, count: *count })
                .collect(),
        }
    }

    /// How many are on their way: they wait, and are not in quarantine.
    #[must_use]
    pub fn queued(&self) -> u64 {
        self.waiting.saturating_sub(self.quarantined)
    }
}

impl From<&StoredDelivery> for RefusedView {
    fn from(one: &StoredDelivery) -> Self {
        let id = one.subject.external_id().to_owned();
        let (account, team_share) = match one.subject.kind() {
            Kind::User => (Some(id), None),
            Kind::Group => (None, Some(id)),
        };
        let why = one.row.quarantine.as_ref();
        let words = why.map(|why| why.words.clone()).unwrap_or_default();
        Self {
            account,
            team_share,
            since: why.map(|why| why.since),
            attempts: one.row.attempts,
            cause: RefusalCause::of_words(&words),
            words,
        }
    }
}

impl PersonDeliveryView {
    /// What the outbox says of a person; without a row nothing was ever to be delivered.
    #[must_use]
    pub fn new(service: &str, stored: Option<&StoredDelivery>) -> Self {
        let service = service.to_owned();
        let Some(StoredDelivery { row, known, .. }) = stored else {
            return Self { service, state: DeliveryState::Absent, at: None, cause: None, words: None };
        };
        let why = row.quarantine.as_ref().filter(|_| row.is_dirty());
        let (state, at) = match why {
            Some(why) => (DeliveryState::Quarantined, why.since),
            None if row.is_dirty() => (DeliveryState::Waiting, row.dirty_since),
            // A row without an open wish has the time of its delivery here.
            None if known.id().is_some() => (DeliveryState::Delivered, row.dirty_since),
            None => (DeliveryState::Absent, row.dirty_since),
        };
        Self {
            service,
            state,
            at: Some(at),
            cause: why.map(|why| RefusalCause::of_words(&why.words)),
            words: why.map(|why| why.words.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::delivery::{Failure, Known, RemoteId, Row, Subject, Urgency};

    #[test]
    fn a_person_is_delivered_absent_waits_or_is_refused() {
        let there = || Known::created(RemoteId("7".into()), None, Default::default());
        let mut wished = Row::default();
        wished.wish(Urgency::Change, 5);
        let mut delivered = wished.clone();
        delivered.delivered(1, 9);
        let mut refused = wished.clone();
        refused.refused(1, &Failure::Conflict("taken".into()), 8);
        let mut again = refused.clone();
        again.delivered(1, 9);
        for (row, known, state, at) in [
            (wished.clone(), Known::default(), DeliveryState::Waiting, 5),
            (wished, there(), DeliveryState::Waiting, 5),
            (delivered.clone(), there(), DeliveryState::Delivered, 9),
            (delivered, Known::default(), DeliveryState::Absent, 9),
            (refused.clone(), there(), DeliveryState::Quarantined, 8),
            (again, there(), DeliveryState::Delivered, 9),
        ] {
            let subject = Subject::Person(AccountId("a".into()));
            let view = PersonDeliveryView::new("s", Some(&StoredDelivery { subject, row, known }));
            assert_eq!((view.state, view.at), (state, Some(at)));
            assert_eq!(view.cause.is_some(), state == DeliveryState::Quarantined);
        }
        let subject = Subject::Share("Sales".into());
        let one = RefusedView::from(&StoredDelivery { subject, row: refused, known: there() });
        assert_eq!((one.team_share.as_deref(), one.account), (Some("Sales"), None));
        assert_eq!((one.cause, one.words.as_str()), (RefusalCause::Taken, "409 conflict: taken"));
        assert_eq!(PersonDeliveryView::new("s", None).state, DeliveryState::Absent);
    }
}
