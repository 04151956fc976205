//! The newest wish about a person or Team Share, read when it is delivered.

use crate::domain::account::{Account, AccountId, Status};
use crate::domain::delivery::{Attribute, Known, Place, Presence, Subject, Values, Wish};
use crate::domain::settings::{EMAIL, Provisioning};
use crate::store::{Store, StoreError, StoredDelivery};

/// The wish of now; `None` if the service is to know nothing of this person or Team Share.
pub(super) async fn wish_of(
    store: &Store,
    service: &Provisioning,
    stored: &StoredDelivery,
) -> Result<Option<Wish>, StoreError> {
    match &stored.subject {
        Subject::Person(id) => {
            let account = store.identity().account(id).await?;
            Ok(person(service, (id, account.as_ref()), &stored.known))
        }
        Subject::Share(name) => share(store, service, name, &stored.known).await,
    }
}

/// An account that was erased is erased there too.
pub(super) fn person(
    service: &Provisioning,
    (id, account): (&AccountId, Option<&Account>),
    known: &Known,
) -> Option<Wish> {
    let Some(account) = account else {
        return Some(Wish::person(id.clone(), String::new(), Presence::Erased, Values::new()));
    };
    let presence = presence(service, account, known)?;
    let email = account.profile.email.clone();
    let mut values = Values::new();
    if service.delivers(EMAIL) {
        values.insert(Attribute::Email, Some(email.clone()));
    }
    for (row, value) in account.profile.attributes.rows() {
        if service.delivers(row.column) {
            values.insert(Attribute::Profile(row.attribute), value.map(str::to_owned));
        }
    }
    Some(Wish::person(id.clone(), email, presence, values))
}

/// Who is not (or not yet) delivered to this service, and was never there, is left alone: somebody else may have an
/// account there with the same address. An account that no directory confirms is not suspended for that.
fn presence(service: &Provisioning, account: &Account, known: &Known) -> Option<Presence> {
    let was_there = known.place != Place::Unknown;
    let delivers = account.directory().map(|directory| service.delivers_people_of(directory));
    match (delivers, account.status) {
        (None | Some(false), _) if !was_there => None,
        (Some(false), _) | (_, Status::Suspended { .. }) => Some(Presence::Suspended),
        (_, Status::Active) => Some(Presence::Active),
    }
}

/// A Team Share that nobody has any more stays there without the members from here.
pub(super) async fn share(
    store: &Store,
    service: &Provisioning,
    name: &str,
    known: &Known,
) -> Result<Option<Wish>, StoreError> {
    let was_there = known.place != Place::Unknown;
    if !service.team_shares || (!was_there && !store.delivery().has_members(name).await?) {
        return Ok(None);
    }
    let members = store.delivery().members_at(&service.id, name).await?;
    Ok(Some(Wish::share(name.to_owned(), name.to_owned(), members)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::SuspendedBecause;
    use crate::domain::delivery::RemoteId;
    use crate::domain::entry::DirectoryId;
    use crate::domain::profile::ProfileAttribute;
    use crate::domain::samples;

    fn there() -> Known {
        let place = Place::At { id: RemoteId("r1".into()), etag: None };
        Known { place, ..Known::default() }
    }

    fn suspended() -> Account {
        let status = Status::Suspended { because: SuspendedBecause::Disabled, since: 1 };
        Account { status, ..samples::account() }
    }

    #[test]
    fn who_is_at_a_service_follows_from_the_account_its_directory_and_what_is_there() {
        let all = Provisioning::default();
        let own = samples::account().directory().expect("a directory").clone();
        let this = Provisioning { directories: vec![own], ..all.clone() };
        let other = Provisioning { directories: vec![DirectoryId("other".into())], ..all.clone() };
        let (active, suspended) = (samples::account(), suspended());
        let unlinked = Account { link: None, ..active.clone() };
        let unlinked_suspended = Account { link: None, ..suspended.clone() };
        let (yes, no) = (Some(Presence::Active), Some(Presence::Suspended));
        for (name, service, account, new, known) in [
            ("active", &all, &active, yes, yes),
            ("suspended", &all, &suspended, no, no),
            ("of this directory", &this, &active, yes, yes),
            ("of another directory", &other, &active, None, no),
            ("of no directory", &all, &unlinked, None, yes),
            ("of no directory, for one", &this, &unlinked, None, yes),
            ("of no directory, suspended", &all, &unlinked_suspended, None, no),
        ] {
            assert_eq!(presence(service, account, &Known::default()), new, "{name}, never there");
            assert_eq!(presence(service, account, &there()), known, "{name}, there");
            let lost = Known { place: Place::Lost, ..Known::default() };
            assert_eq!(presence(service, account, &lost), known, "{name}, gone over there");
        }
    }

    #[test]
    fn only_the_attributes_of_the_settings_are_delivered() {
        let account = samples::account();
        let id = account.id.clone();
        let attributes = |service: &Provisioning| {
            let wish = person(service, (&id, Some(&account)), &Known::default()).expect("a wish");
            wish.values.into_keys().collect::<Vec<_>>()
        };
        let all = attributes(&Provisioning::default());
        assert_eq!(all.len(), 4 + crate::domain::profile::TABLE.len(), "{all:?}");
        let title = Provisioning { attributes: vec!["title".into()], ..Provisioning::default() };
        let expected = [
            Attribute::ExternalId,
            Attribute::UserName,
            Attribute::Profile(ProfileAttribute::Title),
            Attribute::Active,
        ];
        assert_eq!(attributes(&title), expected);
        let erased = person(&title, (&id, None), &there()).map(|wish| wish.presence);
        assert_eq!(erased, Some(Presence::Erased));
    }
}
