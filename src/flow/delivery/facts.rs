//! Whose the resources in an answer are, as the store knows it.

use std::collections::{BTreeSet, HashSet};

use crate::domain::account::AccountId;
use crate::domain::delivery::{Answer, Attribute, Dialect, Kind, RemoteId, Seen, Subject, Terms};
use crate::store::{Store, StoreError};

/// What an attempt has asked of the store.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Members of groups that are people from here.
    ours: HashSet<RemoteId>,
    /// Resources that belong to others here.
    taken: HashSet<RemoteId>,
}

impl Facts {
    /// Asks the store about the resources in an answer.
    pub(super) async fn learn(
        &mut self,
        (store, service): (&Store, &str),
        subject: &Subject,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        let seen = match answer {
            Answer::Found(found) => found.as_slice(),
            Answer::Read(seen) => std::slice::from_ref(&**seen),
            Answer::Created { .. } | Answer::Done { .. } | Answer::Failed(_) => &[],
        };
        let members: BTreeSet<RemoteId> =
            seen.iter().flat_map(|seen| seen.members.iter().flatten()).cloned().collect();
        if !members.is_empty() {
            self.ours.extend(store.delivery().ours(service, &members).await?);
        }
        if let Answer::Found(found) = answer {
            for one in found {
                if is_taken((store, service), subject, one).await? {
                    self.taken.insert(one.id.clone());
                }
            }
        }
        Ok(())
    }

    /// Decides by these facts.
    pub(super) fn decide<T>(&self, dialect: &Dialect, by: impl FnOnce(&Terms<'_>) -> T) -> T {
        let ours = |id: &RemoteId| self.ours.contains(id);
        let taken = |seen: &Seen| self.taken.contains(&seen.id);
        by(&Terms { dialect, ours: &ours, taken: &taken })
    }
}

/// By the id over there, or by the external id, which is the id of one of ours.
async fn is_taken(
    (store, service): (&Store, &str),
    subject: &Subject,
    seen: &Seen,
) -> Result<bool, StoreError> {
    let owner = store.delivery().delivered_as(service, subject.kind(), &seen.id).await?;
    if owner.is_some_and(|owner| owner != *subject) {
        return Ok(true);
    }
    let external = seen.values.get(&Attribute::ExternalId).cloned().flatten();
    let Some(external) = external.filter(|external| external != subject.external_id()) else {
        return Ok(false);
    };
    let other = match subject.kind() {
        Kind::User => Subject::Person(AccountId(external)),
        Kind::Group => Subject::Share(external),
    };
    Ok(store.delivery().delivery(service, &other).await?.is_some())
}
