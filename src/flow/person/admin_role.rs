//! A person's role in the admin panel by the mirror: what the last change or full read of the directory
//! reported.

use crate::domain::account::{Account, AccountId};
use crate::domain::admin::Role;
use crate::domain::entry::Sid;
use crate::domain::scope::Memberships;
use crate::domain::settings::Directory;
use crate::flow::installation::current::Current;
use crate::store::{Store, StoreError};

/// True if an account's owner has a role: the help desk has to approve their first factor. Nothing is read
/// where no group gives a role.
pub(in crate::flow) async fn is_admin(
    store: &Store,
    current: &Current,
    account: &AccountId,
) -> Result<bool, StoreError> {
    let named = |directory: &Directory| directory.role_groups().into_iter().any(|groups| !groups.is_empty());
    if !current.settings.directories.iter().any(named) {
        return Ok(false);
    }
    match store.identity().account(account).await? {
        Some(account) => Ok(by_mirror(store, current, &account).await?.is_some()),
        None => Ok(false),
    }
}

/// The role of an account's owner; none if the mirror does not have the person.
pub(in crate::flow) async fn by_mirror(
    store: &Store,
    current: &Current,
    account: &Account,
) -> Result<Option<Role>, StoreError> {
    let Some(link) = &account.link else { return Ok(None) };
    let Some(site) = current.site(&link.directory) else { return Ok(None) };
    if site.settings.role_groups().into_iter().all(Vec::is_empty) {
        return Ok(None);
    }
    let people = store.sync().people_among(site.id(), &[link.entry]).await?;
    let Some(person) = people.into_iter().find(|person| !person.gone) else { return Ok(None) };
    let graph = site.graph();
    let primary = person.facts.primary_group.clone().map(Sid);
    let primary = primary.and_then(|sid| graph.by_sid(&sid)).map(|group| group.id);
    let memberships = Memberships::from_import(person.direct_groups.into_iter().chain(primary), &graph);
    Ok(site.admins().role(&memberships, &graph))
}
