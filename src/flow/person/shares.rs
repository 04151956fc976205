//! Team Shares of one person: what their groups give them is joined at once. Nothing is taken here: for a
//! single person, leaving a group can't be distinguished from a group that is gone, so only a sync run takes.

use crate::domain::Millis;
use crate::domain::account::Account;
use crate::domain::dn::DnError;
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::scope::Memberships;
use crate::domain::team_share::{Mappings, ShareChange, ShareDiff};
use crate::flow::installation::current::{Current, Site};
use crate::oidc::claim_set::{Claim, ClaimSet};
use crate::store::{Store, StoreError};

/// The mappings of a directory, by where their groups are now.
pub fn mappings(current: &Current, site: &Site) -> Result<Mappings, DnError> {
    Mappings::new(&current.settings, site.id(), &site.pins())
}

/// True if a person's groups are read for these claims.
pub(in crate::flow) fn wants_groups(current: &Current, claims: ClaimSet) -> bool {
    claims.has(Claim::Groups) || claims.has(Claim::TeamShares) && !current.settings.team_shares.is_empty()
}

/// The Team Shares of these groups. Mappings were checked when they were set.
pub(in crate::flow) fn wanted(
    current: &Current,
    site: &Site,
    memberships: &Memberships,
    graph: &GroupGraph,
) -> Vec<ShareChange> {
    let mappings = mappings(current, site).unwrap_or_default();
    mappings.diff(&Default::default(), Some(memberships), graph).joined
}

/// Adds an account's Team Shares at once, so that a new person has them with the first token.
pub(in crate::flow) async fn join(
    store: &Store,
    directory: &DirectoryId,
    due: &[ShareChange],
    account: Option<&Account>,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(account) = account.filter(|account| account.is_usable(now)) else { return Ok(()) };
    if due.is_empty() {
        return Ok(());
    }
    let held = store.sync().shares_held(directory, std::slice::from_ref(&account.id)).await?;
    let held = held.get(&account.id);
    let new = |change: &&ShareChange| held.is_none_or(|held| !held.contains(&change.share));
    let joined: Vec<ShareChange> = due.iter().filter(new).cloned().collect();
    // A paused sync was reverted by an administrator: nothing is added meanwhile.
    if joined.is_empty() || store.sync().paused(directory).await?.is_some() {
        return Ok(());
    }
    let diff = ShareDiff { joined, left: Vec::new() };
    store.sync().write_shares(None, directory, &[(account.id.clone(), diff)], now).await?;
    Ok(())
}
