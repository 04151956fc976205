//! What the directory says of one person now, beyond the attributes of the entry: its groups and scope.

use tokio::time::Instant;

use crate::directory::{self, DirectoryError};
use crate::domain::admin::Role;
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::group::GroupGraph;
use crate::domain::scope::{Exclusion, LiveGroups, Memberships, NamedGroup, Scope, ScopeReason};
use crate::domain::team_share::ShareChange;
use crate::flow::installation::current::{Current, Site};
use crate::flow::person::shares;

/// The entry of one person that was read just now.
#[derive(Clone, Copy)]
pub struct LiveEntry<'a> {
    pub current: &'a Current,
    pub site: &'a Site,
    pub entry: &'a Entry,
    /// Until when the directory may answer.
    pub deadline: Instant,
}

/// What the directory says of an entry beyond its own attributes.
#[derive(Clone, Debug, Default)]
pub struct LiveDetails {
    pub scope: Option<ScopeReason>,
    /// Why it is excluded, whatever selects it.
    pub excluded: Option<Exclusion>,
    /// The names of its groups; `None` if they were not needed.
    pub groups: Option<Vec<String>>,
    /// Whether it is in a group whose members must prove a second factor.
    pub in_policy_group: bool,
    /// Its role in the admin panel; none if the groups were not needed.
    pub admin_role: Option<Role>,
    /// The Team Shares that its groups give it; none if they were not needed, or out of scope.
    pub shares_due: Vec<ShareChange>,
}

/// The current groups of one entry.
pub(in crate::flow) struct LiveMemberships {
    /// Groups that list the entry itself, by the mirror.
    pub direct: Vec<EntryId>,
    /// These and the groups that contain them.
    pub all: Memberships,
}

impl LiveEntry<'_> {
    /// Reads the groups of the entry if they are needed: for the scope, for the policy, or for a client.
    pub(in crate::flow) async fn look(&self, wants_groups: bool) -> Result<LiveDetails, DirectoryError> {
        let policy_groups = self.current.policy_groups(self.site);
        let (scope, graph) = self.site.scope_and_graph();
        if !wants_groups && policy_groups.is_empty() && !scope.depends_on_groups(&self.entry.dn) {
            let (scope, excluded) = self.in_scope(&scope, &Memberships::default(), &graph).await?;
            return Ok(LiveDetails { scope, excluded, ..LiveDetails::default() });
        }
        let memberships = self.memberships(&graph).await?.all;
        // A group that the mirror does not have may have been renamed, so it exempts nobody from the policy.
        let is_member =
            |group: &NamedGroup| group.found_in(&graph).is_none_or(|group| memberships.contains(group.id));
        let (scope, excluded) = self.in_scope(&scope, &memberships, &graph).await?;
        let shares_due = match &scope {
            Some(_) => shares::wanted(self.current, self.site, &memberships, &graph),
            None => Vec::new(),
        };
        Ok(LiveDetails {
            scope,
            excluded,
            groups: Some(memberships.names(&graph)),
            in_policy_group: policy_groups.iter().any(is_member),
            // A group that the mirror does not have gives nobody a role.
            admin_role: self.site.admins().role(&memberships, &graph),
            shares_due,
        })
    }

    /// Reads the groups of the entry.
    pub(in crate::flow) async fn memberships(
        &self,
        graph: &GroupGraph,
    ) -> Result<LiveMemberships, DirectoryError> {
        let Self { site, entry, .. } = self;
        let known = |dns: &[Dn]| dns.iter().filter_map(|dn| graph.by_dn(dn)).map(|group| group.id).collect();
        let (live, mut direct): (LiveGroups, Vec<EntryId>) =
            match site.directory.groups_of(entry, self.deadline).await? {
                directory::EntryGroups::TokenGroups(sids) => {
                    (LiveGroups::Token(sids), known(&entry.direct_groups))
                }
                directory::EntryGroups::Direct(dns) => {
                    let direct = known(&dns);
                    (LiveGroups::Direct(dns), direct)
                }
            };
        let primary = entry.primary_group.as_ref().and_then(|sid| graph.by_sid(sid));
        direct.extend(primary.map(|group| group.id));
        Ok(LiveMemberships { direct, all: Memberships::new(entry, &live, graph) })
    }

    /// Why the entry is in scope, or why not although something selects it. The filter is asked last, and only
    /// if nothing else excludes the entry.
    pub(in crate::flow) async fn in_scope(
        &self,
        scope: &Scope,
        memberships: &Memberships,
        graph: &GroupGraph,
    ) -> Result<(Option<ScopeReason>, Option<Exclusion>), DirectoryError> {
        let Self { site, entry, .. } = self;
        let but_for_the_filter = scope.reason(&entry.dn, memberships, graph, true);
        let passes = match &site.filter {
            Some(filter) if but_for_the_filter.is_some() => {
                site.directory.passes(entry, filter, self.deadline).await?
            }
            _ => true,
        };
        let excluded = scope.exclusion(&entry.dn, memberships, graph, passes);
        Ok((but_for_the_filter.filter(|_| excluded.is_none()), excluded))
    }
}
