//! A person's role in the admin panel by the mirror: what the last change or full read of the directory
//! reported.

use std::collections::HashMap;

use crate::clock::Clock;
use crate::domain::account::{Account, AccountId};
use crate::domain::admin::Role;
use crate::domain::entry::{EntryId, Sid};
use crate::domain::scope::Memberships;
use crate::domain::settings::Directory;
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::person::rejudge;
use crate::store::{MirroredPerson, Store, StoreError};

/// True if an account's owner has a role now, or if the directory can't say: the help desk has to approve
/// their first factor. The directory itself is asked, since the mirror may not know a new member yet. Nothing
/// is read where no group gives a role.
pub(in crate::flow) async fn may_have_one(
    store: &Store,
    clock: &Clock,
    current: &Current,
    account: &AccountId,
) -> Result<bool, Fault> {
    let named = |directory: &Directory| directory.role_groups().into_iter().any(|groups| !groups.is_empty());
    if !current.settings.directories.iter().any(named) {
        return Ok(false);
    }
    let Some(account) = store.identity().account(account).await? else { return Ok(false) };
    let of_here = account.directory().and_then(|directory| current.settings.directory(directory));
    if !of_here.is_some_and(named) {
        return Ok(false);
    }
    match rejudge::by_live_entry(store, clock, current, &account, true).await {
        Ok(judged) => Ok(judged.admin_role.is_some()),
        Err(Fault::Directory(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// The higher of the roles that the directory gives the person now, and that the last sync saw: somebody who is
/// disabled at the moment is still an owner.
pub(in crate::flow) async fn highest(
    store: &Store,
    clock: &Clock,
    current: &Current,
    account: &Account,
) -> Result<Option<Role>, Fault> {
    let seen = by_mirror(store, current, account).await?;
    let judged = rejudge::by_live_entry(store, clock, current, account, true).await?;
    Ok(judged.admin_role.into_iter().chain(seen).min())
}

/// The role of an account's owner; none if the mirror does not have the person.
pub(in crate::flow) async fn by_mirror(
    store: &Store,
    current: &Current,
    account: &Account,
) -> Result<Option<Role>, StoreError> {
    let Some(link) = &account.link else { return Ok(None) };
    let Some(site) = current.site(&link.directory) else { return Ok(None) };
    Ok(among(store, site, &[link.entry]).await?.remove(&link.entry))
}

/// The roles of those of these people who have one, by the mirror.
pub(in crate::flow) async fn among(
    store: &Store,
    site: &Site,
    entries: &[EntryId],
) -> Result<HashMap<EntryId, Role>, StoreError> {
    if entries.is_empty() || site.settings.role_groups().into_iter().all(Vec::is_empty) {
        return Ok(HashMap::new());
    }
    let (people, graph) = (store.sync().people_among(site.id(), entries).await?, site.graph());
    let role = |person: MirroredPerson| {
        let primary = person.facts.primary_group.clone().map(Sid);
        let primary = primary.and_then(|sid| graph.by_sid(&sid)).map(|group| group.id);
        let memberships = Memberships::from_mirror(person.direct_groups.into_iter().chain(primary), &graph);
        Some((person.id, site.admins().role(&memberships, &graph)?))
    };
    Ok(people.into_iter().filter(|person| !person.gone).filter_map(role).collect())
}
