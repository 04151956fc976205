//! How one person stands at each service, from what the store knows.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::{Account, AccountId, Status};
use crate::domain::delivery::{Attribute, RefusalCause, Subject};
use crate::domain::settings::Provisioning;
use crate::domain::{Millis, words};
use crate::flow::account::views::maybe_in_rfc_3339;
use crate::flow::installation::context::OperationParts;
use crate::store::{DeliveredState, StoreError};

words! {
    /// How a person stands at a service.
    pub enum KnownState {
        /// The service has what is wished.
        Delivered = "delivered",
        /// A change is on its way.
        Waiting = "waiting",
        /// The service refuses the person.
        Quarantined = "quarantined",
        /// The service does not have the person, and nothing is on its way.
        Absent = "absent",
    }
}

words! {
    /// Why a service does not have a person.
    pub enum AbsentBecause {
        /// The person's directory is not among those of the service.
        OtherDirectory = "other_directory",
        /// The account belongs to no entry yet.
        NotLinked = "not_linked",
        /// Whoever is suspended is not created.
        Suspended = "suspended",
        /// The first delivery of everybody has not come to the person.
        NotNoted = "not_noted",
    }
}

/// One person at one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnownAtView {
    pub service: String,
    #[schema(value_type = String)]
    pub state: KnownState,
    /// The id over there.
    pub id: Option<String>,
    pub user_name: Option<String>,
    /// What the service has confirmed last.
    pub active: Option<bool>,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub active_since: Option<Millis>,
    /// Since when it has waited or is refused, or when it was delivered.
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Millis>,
    /// Why the service refuses the person.
    #[schema(value_type = Option<String>)]
    pub cause: Option<RefusalCause>,
    /// The service's own words, of a refusal.
    pub words: Option<String>,
    /// Why the service does not have the person.
    #[schema(value_type = Option<String>)]
    pub why: Option<AbsentBecause>,
}

/// How a person stands at each service of the settings.
pub async fn of_person(parts: &OperationParts, id: &AccountId) -> Result<Vec<KnownAtView>, StoreError> {
    let account = parts.store.identity().account(id).await?;
    let (subject, mut views) = (Subject::Person(id.clone()), Vec::new());
    for service in &parts.current().settings.provisioning {
        let state = parts.store.delivery().state(&service.id, &subject).await?;
        views.push(KnownAtView::new(service, account.as_ref(), state.as_ref()));
    }
    Ok(views)
}

impl KnownAtView {
    /// What is shown of a person. Without `state` nothing was ever to be delivered.
    #[must_use]
    pub fn new(service: &Provisioning, account: Option<&Account>, state: Option<&DeliveredState>) -> Self {
        let row = state.map(|state| &state.delivery.row);
        let known = state.map(|state| &state.delivery.known);
        let id = known.and_then(|known| known.id());
        let waits = row.is_some_and(|row| row.is_dirty());
        let refused = row.and_then(|row| row.quarantine.as_ref()).filter(|_| waits);
        let (state_word, at) = match (refused, row) {
            (Some(refused), _) => (KnownState::Quarantined, Some(refused.since)),
            (None, Some(row)) if waits => (KnownState::Waiting, Some(row.dirty_since)),
            (None, Some(row)) if id.is_some() => (KnownState::Delivered, Some(row.dirty_since)),
            _ => (KnownState::Absent, None),
        };
        let user_name = known.and_then(|known| known.values.get(&Attribute::UserName)).cloned().flatten();
        Self {
            service: service.id.clone(),
            state: state_word,
            id: id.map(|id| id.0.clone()),
            user_name: user_name.filter(|_| id.is_some()),
            active: state.and_then(|state| state.active).filter(|_| id.is_some()),
            active_since: state.and_then(|state| state.active_since).filter(|_| id.is_some()),
            at,
            cause: refused.map(|refused| RefusalCause::of_words(&refused.words)),
            words: refused.map(|refused| refused.words.clone()),
            why: (state_word == KnownState::Absent).then(|| absent(service, account)),
        }
    }
}

fn absent(service: &Provisioning, account: Option<&Account>) -> AbsentBecause {
    let Some(account) = account else { return AbsentBecause::NotNoted };
    match account.directory() {
        None => AbsentBecause::NotLinked,
        Some(directory) if !service.delivers_people_of(directory) => AbsentBecause::OtherDirectory,
        Some(_) if matches!(account.status, Status::Suspended { .. }) => AbsentBecause::Suspended,
        Some(_) => AbsentBecause::NotNoted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::SuspendedBecause;
    use crate::domain::delivery::{Failure, Known, RemoteId, Row, Urgency, Values};
    use crate::domain::entry::DirectoryId;
    use crate::domain::samples;
    use crate::store::StoredDelivery;

    fn state(row: Row, known: Known) -> DeliveredState {
        let subject = Subject::Person(samples::account().id);
        let delivery = StoredDelivery { subject, row, known };
        DeliveredState { delivery, active: Some(true), active_since: Some(3) }
    }

    #[test]
    fn a_person_is_delivered_waits_is_refused_or_is_absent_for_a_reason() {
        let values = Values::from([(Attribute::UserName, Some("alice@example.com".to_owned()))]);
        let there = || Known::created(RemoteId("r7".into()), None, values.clone());
        let mut waiting = Row::default();
        waiting.wish(Urgency::Change, 5);
        let (mut delivered, mut refused) = (waiting.clone(), waiting.clone());
        delivered.delivered(1, 9);
        refused.refused(1, &Failure::Conflict("taken".into()), 8);
        let (service, account) = (Provisioning::default(), samples::account());
        for (row, known, state_word, at) in [
            (delivered.clone(), there(), KnownState::Delivered, Some(9)),
            (waiting.clone(), there(), KnownState::Waiting, Some(5)),
            (waiting, Known::default(), KnownState::Waiting, Some(5)),
            (refused, there(), KnownState::Quarantined, Some(8)),
            (delivered.clone(), Known::default(), KnownState::Absent, None),
        ] {
            let is_there = known.id().is_some();
            let view = KnownAtView::new(&service, Some(&account), Some(&state(row, known)));
            assert_eq!((view.state, view.at), (state_word, at));
            let cause = (state_word == KnownState::Quarantined).then_some(RefusalCause::Taken);
            assert_eq!((view.cause, view.words.is_some()), (cause, cause.is_some()));
            assert_eq!(view.why.is_some(), state_word == KnownState::Absent);
            assert_eq!((view.user_name.is_some(), view.active.is_some()), (is_there, is_there));
        }
    }

    #[test]
    fn who_is_absent_is_so_for_the_first_reason_that_applies() {
        let (all, account) = (Provisioning::default(), samples::account());
        let other = Provisioning { directories: vec![DirectoryId("other".into())], ..all.clone() };
        let status = Status::Suspended { because: SuspendedBecause::Disabled, since: 1 };
        let suspended = Account { status, ..account.clone() };
        let unlinked = Account { link: None, ..account.clone() };
        for (service, account, why) in [
            (&all, &account, AbsentBecause::NotNoted),
            (&all, &suspended, AbsentBecause::Suspended),
            (&all, &unlinked, AbsentBecause::NotLinked),
            (&other, &account, AbsentBecause::OtherDirectory),
            (&other, &suspended, AbsentBecause::OtherDirectory),
        ] {
            assert_eq!(KnownAtView::new(service, Some(account), None).why, Some(why));
        }
    }
}
