//! What commands and the panel show of deliveries. docs/command-line.md lists the fields of their JSON: fields may be
//! added, but never renamed or removed.

use serde::Serialize;
use utoipa::ToSchema;

use super::compare::NewestComparisonView;
use super::status::ServiceStatus;
use crate::domain::delivery::{Kind, RefusalCause, Stop};
use crate::domain::{Millis, SECOND};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::{Failure, Known, Row, Subject, Urgency};

    #[test]
    fn a_refused_team_share_is_shown_with_the_cause_and_the_words() {
        let mut refused = Row::default();
        refused.wish(Urgency::Change, 5);
        refused.refused(1, &Failure::Conflict("taken".into()), 8);
        let subject = Subject::Share("Sales".into());
        let one = RefusedView::from(&StoredDelivery { subject, row: refused, known: Known::default() });
        assert_eq!((one.team_share.as_deref(), one.account, one.since), (Some("Sales"), None, Some(8)));
        assert_eq!((one.cause, one.words.as_str()), (RefusalCause::Taken, "409 conflict: taken"));
    }
}
