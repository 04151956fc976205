//! A test user is created, changed, suspended, read and deleted, by the same decisions as a delivery. Whatever fails
//! in between, it is deleted in the end, if the service can do that.

use tokio::time::{Duration, timeout};

use super::super::control::Control;
use super::super::exchange::exchange;
use super::super::facts::Facts;
use super::super::link::ServiceLink;
use super::prepared::Prepared;
use super::report::Findings;
use super::stages::delivered;
use crate::delivery::http::HttpError;
use crate::domain::account::AccountId;
use crate::domain::delivery::{
    Answer, Attribute, Dialect, Failure, Known, Outcome, Place, Presence, Request, Seen, Sight, Step,
    Urgency, Values, Wish, next, note,
};
use crate::domain::profile::ValueForm;
use crate::domain::service_test::{Deed, ServiceStage, deed, read_back, remains};
use crate::flow::installation::context::OperationParts;
use crate::keys;

/// For all steps but the last.
const STEPS: Duration = Duration::from_secs(40);
/// For deleting the test user.
const CLEANING: Duration = Duration::from_secs(20);
/// A step needs fewer requests.
const MOST_REQUESTS: usize = 12;

/// A test user at a service.
pub(super) struct RoundTrip<'a> {
    parts: &'a OperationParts,
    link: ServiceLink,
    control: Control,
    dialect: Dialect,
    id: AccountId,
    user_name: String,
    values: Values,
    known: Known,
    /// Whether the user may be there.
    may_be_there: bool,
}

impl<'a> RoundTrip<'a> {
    pub(super) fn new(
        parts: &'a OperationParts,
        prepared: &Prepared,
        dialect: Dialect,
    ) -> Result<Self, HttpError> {
        let random: String = keys::random_id().chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        let id = format!("cloudsync-idp-test-{}", random.to_lowercase());
        let user_name = format!("{id}@{}", prepared.domain);
        let value = |attribute: Attribute| {
            let text = if attribute == Attribute::Email { user_name.clone() } else { test_value(attribute)? };
            Some((attribute, Some(text)))
        };
        Ok(Self {
            parts,
            link: prepared.link(parts, prepared.secrets.clone())?,
            control: Control::new(prepared.service.rate()),
            dialect,
            values: delivered(&prepared.service).into_iter().filter_map(value).collect(),
            id: AccountId(id),
            user_name,
            known: Known::default(),
            may_be_there: false,
        })
    }

    /// Makes the round trip. Returns the name of the test user if it may still be there.
    pub(super) async fn make(mut self, found: &mut Findings<'_>) -> Option<String> {
        let late = || Failure::Lost("it took too long".to_owned());
        let steps = timeout(STEPS, self.steps(found)).await;
        if steps.is_err() {
            found.found(ServiceStage::RoundTrip, deed(Deed::Change, &Err(late()), &self.user_name));
        }
        if !self.may_be_there {
            return None;
        }
        let deleted = timeout(CLEANING, self.settle(Presence::Erased)).await.unwrap_or_else(|_| Err(late()));
        found.found(ServiceStage::RoundTrip, deed(Deed::Delete, &deleted, &self.user_name));
        if deleted.is_ok() {
            return None;
        }
        found.found(ServiceStage::RoundTrip, remains(&self.user_name));
        Some(self.user_name)
    }

    async fn steps(&mut self, found: &mut Findings<'_>) {
        self.may_be_there = true;
        let created = self.settle(Presence::Active).await;
        found.found(ServiceStage::RoundTrip, deed(Deed::Create, &created, &self.user_name));
        if let Err(failure) = created {
            // A refusal is certain; after an answer that was lost it is looked for.
            self.may_be_there =
                self.known.id().is_some() || (failure.is_of_target() && !failure.had_no_effect());
            return;
        }
        let before = self.values.clone();
        if self.change_values() {
            let changed = self.settle(Presence::Active).await;
            found.found(ServiceStage::RoundTrip, deed(Deed::Change, &changed, &self.user_name));
            if changed.is_err() {
                self.values = before;
            }
        }
        let suspended = self.settle(Presence::Suspended).await;
        let is_suspended = suspended.is_ok();
        found.found(ServiceStage::RoundTrip, deed(Deed::Suspend, &suspended, &self.user_name));
        if is_suspended {
            let read = self.read().await;
            found.found(ServiceStage::RoundTrip, read_back(&self.wish(Presence::Suspended), &read));
        }
    }

    fn wish(&self, presence: Presence) -> Wish {
        let (name, values) = (self.user_name.clone(), self.values.clone());
        Wish::person(self.id.clone(), name, presence, values)
    }

    /// Another value of one attribute; false if none is delivered that can change.
    fn change_values(&mut self) -> bool {
        let is_profile = |attribute: Attribute| matches!(attribute, Attribute::Profile(_));
        let Some((_, value)) = self.values.iter_mut().find(|(attribute, _)| is_profile(**attribute)) else {
            return false;
        };
        *value = value.take().map(|text| format!("{text} changed"));
        true
    }

    /// Sends requests until the service has the user so.
    async fn settle(&mut self, presence: Presence) -> Result<(), Failure> {
        let wish = self.wish(presence);
        // Nobody has this name, so nobody is looked for before the user is created.
        let is_new = presence == Presence::Active && self.known.place == Place::Unknown;
        let mut sight = if is_new { Sight::unlisted() } else { Sight::default() };
        // Nobody else here is this user.
        let facts = Facts::default();
        for _ in 0..MOST_REQUESTS {
            let step = facts.decide(&self.dialect, |terms| next(&wish, &self.known, &sight, terms));
            let request = match step {
                Step::Send(request) => request,
                Step::Done { .. } => return Ok(()),
                Step::Gone => return Err(Failure::NotFound("it is not there any more".to_owned())),
            };
            let answer = self.exchange(&wish, &request).await;
            let of = (&self.known, &sight);
            let noted = facts.decide(&self.dialect, |terms| note(&wish, of, &request, answer, terms));
            (self.known, sight) = (noted.known, noted.sight);
            match noted.outcome {
                Outcome::Next => {}
                Outcome::Later(failure) | Outcome::Refused(failure) => return Err(failure),
            }
        }
        Err(Failure::Garbage(format!("it is not so after {MOST_REQUESTS} requests")))
    }

    async fn read(&self) -> Result<Seen, Failure> {
        let Some(id) = self.known.id().cloned() else {
            return Err(Failure::NotFound("it is not there any more".to_owned()));
        };
        let wish = self.wish(Presence::Suspended);
        match self.exchange(&wish, &Request::Read { id, members: false }).await {
            Answer::Read(seen) => Ok(*seen),
            Answer::Failed(failure) => Err(failure),
            Answer::Found(_) | Answer::Created { .. } | Answer::Done { .. } => {
                Err(Failure::Garbage("an answer to another request".to_owned()))
            }
        }
    }

    async fn exchange(&self, wish: &Wish, request: &Request) -> Answer {
        let times = (Urgency::Change, self.parts.now());
        exchange((&self.link, &self.control), (wish, request), &self.dialect, times).await
    }
}

/// What the test user has; `None` for an attribute that a service may check, such as a phone number.
fn test_value(attribute: Attribute) -> Option<String> {
    let Attribute::Profile(attribute) = attribute else { return None };
    (attribute.row().form == ValueForm::Name).then(|| "Connection Test".to_owned())
}
