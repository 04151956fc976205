//! The Team Shares that groups give to one person.

use crate::domain::dn::DnError;
use crate::domain::group::GroupGraph;
use crate::domain::scope::Memberships;
use crate::domain::team_share::{Mappings, ShareChange};
use crate::flow::installation::current::{Current, Site};
use crate::oidc::claim_set::{Claim, ClaimSet};

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
