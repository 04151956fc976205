//! Team Shares of one person: what a live look at their groups finds due, joined on the spot. Nothing is taken here: one look
//! at one person can't tell who has left a group from a group that is gone, so only a sync run takes.

use crate::domain::Millis;
use crate::domain::account::Account;
use crate::domain::dn::DnError;
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::scope::Memberships;
use crate::domain::team_share::{Mappings, ShareChange, ShareDiff};
use crate::flow::installation::current::{Current, Site};
use crate::flow::person::live::Looked;
use crate::oidc::claim_set::{Claim, ClaimSet};
use crate::store::{Store, StoreError};

/// The mappings of a directory, by where their groups are now.
pub fn mappings(current: &Current, site: &Site) -> Result<Mappings, DnError> {
    Mappings::new(&current.settings, site.id(), &site.pins())
}

/// True when a person's groups are read for these claims.
pub(in crate::flow) fn wants_groups(current: &Current, claims: ClaimSet) -> bool {
    claims.has(Claim::Groups) || claims.has(Claim::TeamShares) && !current.settings.team_shares.is_empty()
}

/// What these groups lead to. The mappings were read when they were set: one that can't be read leads nowhere.
pub(in crate::flow) fn wanted(
    current: &Current,
    site: &Site,
    memberships: &Memberships,
    graph: &GroupGraph,
) -> Vec<ShareChange> {
    let mappings = mappings(current, site).unwrap_or_default();
    mappings.diff(&Default::default(), Some(memberships), graph).joined
}

/// Gives the owner of an account what a look has found due, so that a newcomer has it with the first token.
pub(in crate::flow) async fn join(
    store: &Store,
    directory: &DirectoryId,
    looked: &Looked,
    account: Option<&Account>,
    now: Millis,
) -> Result<(), StoreError> {
    let due = looked.shares.as_deref().unwrap_or_default();
    let Some(account) = account.filter(|account| account.is_usable(now)) else { return Ok(()) };
    if due.is_empty() || looked.scope.is_none() {
        return Ok(());
    }
    let held = store.sync().shares_held(directory, std::slice::from_ref(&account.id)).await?;
    let held = held.get(&account.id);
    let new = |change: &&ShareChange| held.is_none_or(|held| !held.contains(&change.share));
    let joined: Vec<ShareChange> = due.iter().filter(new).cloned().collect();
    // A sync that rests was undone by an administrator: nothing is given meanwhile.
    if joined.is_empty() || store.sync().paused(directory).await?.is_some() {
        return Ok(());
    }
    let diff = ShareDiff { joined, left: Vec::new() };
    store.sync().write_shares(None, directory, &[(account.id.clone(), diff)], now).await?;
    Ok(())
}
