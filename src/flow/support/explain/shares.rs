//! Explain why a person has a Team Share: the path of groups from the person to the mapped one, from the live
//! directory, compared with what is stored. Nothing is written.

use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::directory::Found;
use crate::domain::dn::Dn;
use crate::domain::entry::Entry;
use crate::domain::group::GroupGraph;
use crate::domain::name::TypedName;
use crate::domain::scope::{Memberships, Scope};
use crate::domain::team_share::{Mapping, Share};
use crate::domain::timestamp;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{Current, DIRECTORY_WAIT, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::person::look::{LiveEntry, LiveMemberships};
use crate::flow::person::shares;
use crate::store::ShareRow;

/// The result for a name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Shares {
    pub entry: String,
    pub account: Option<String>,
    /// Whether a synced OU or group contains the entry: without that there is no Team Share.
    pub in_scope: bool,
    pub scope: String,
    /// The OU to select so that the entry is in scope: none if it is, or if that would not be enough.
    #[serde(skip)]
    pub missing_unit: Option<Dn>,
    /// What the person's groups give, and what is stored.
    pub team_shares: Vec<ExplainedShare>,
    pub not_matched: Vec<NotMatched>,
}

/// A Team Share with the reason for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExplainedShare {
    pub team_share: String,
    /// The mapped group.
    pub group: String,
    /// The groups from the person's to the mapped one; empty if only the directory knows the path.
    pub chain: Vec<String>,
    /// Since when it is stored; without it, the next sync adds it.
    pub since: Option<String>,
    /// Stored, but no longer given by the person's groups: the next sync removes it.
    pub leaving: bool,
}

/// A mapping that does not apply to the person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotMatched {
    pub team_share: String,
    pub group: String,
    pub why: &'static str,
}

/// Explains a person's Team Shares; the inner `Err` says that no entry, or more than one, has the name.
pub async fn shares(
    parts: &LoginParts,
    site: &Site,
    name: &str,
) -> Result<Result<Shares, &'static str>, Fault> {
    let deadline = Instant::now() + DIRECTORY_WAIT;
    let found = match TypedName::parse(name) {
        Some(name) => site.directory.find(&name, deadline).await?,
        None => Found::None,
    };
    match found {
        Found::One(entry) => explain_entry(parts, site, &entry, deadline).await.map(Ok),
        Found::None => Ok(Err("no entry has this name")),
        Found::Ambiguous(_) => Ok(Err("more than one entry has this name")),
    }
}

async fn explain_entry(
    parts: &LoginParts,
    site: &Site,
    entry: &Entry,
    deadline: Instant,
) -> Result<Shares, Fault> {
    let (current, (scope, graph)) = (parts.current(), site.scope_and_graph());
    let live = LiveEntry { current: &current, site, entry, deadline };
    let groups = live.memberships(&graph).await?;
    let (reason, excluded) = live.in_scope(&scope, &groups.all, &graph).await?;
    let missing_unit = match reason {
        Some(_) => None,
        None => missing_unit(&live, &scope, &groups.all, &graph).await?,
    };
    let account = parts.store.identity().account_by_entry(site.id(), entry.id).await?;
    let held = match &account {
        Some(account) => parts.store.sync().shares_of(&account.id).await?,
        None => Vec::new(),
    };
    let held: Vec<ShareRow> = held.into_iter().filter(|row| row.directory == *site.id()).collect();
    let why = reason.as_ref().map(ToString::to_string).or(excluded.map(|excluded| excluded.to_string()));
    let (mut team_shares, not_matched) = matched(&current, site, &groups, &graph, &held);
    let (in_scope, listed) = (reason.is_some(), team_shares.len());
    team_shares.extend(leaving(&held, &team_shares, &graph));
    if !in_scope {
        // Out of scope nothing is given, and what is stored is removed.
        team_shares.retain(|share| share.since.is_some());
        team_shares.iter_mut().take(listed).for_each(|share| share.leaving = true);
    }
    Ok(Shares {
        entry: entry.dn.to_string(),
        account: account.map(|account| account.id.0),
        in_scope,
        missing_unit,
        scope: why.unwrap_or_else(|| "in no synced OU and no synced group".to_owned()),
        team_shares,
        not_matched,
    })
}

/// Never the base DN: that would select the whole directory for one person.
async fn missing_unit(
    live: &LiveEntry<'_>,
    scope: &Scope,
    groups: &Memberships,
    graph: &GroupGraph,
) -> Result<Option<Dn>, Fault> {
    let base = live.site.directory.base();
    let Some(unit) = live.entry.dn.parent().filter(|unit| unit.is_within(base) && unit != base) else {
        return Ok(None);
    };
    let (reason, _) = live.in_scope(&scope.clone().with_unit(unit.clone()), groups, graph).await?;
    Ok(reason.map(|_| unit))
}

fn matched(
    current: &Current,
    site: &Site,
    groups: &LiveMemberships,
    graph: &GroupGraph,
    held: &[ShareRow],
) -> (Vec<ExplainedShare>, Vec<NotMatched>) {
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for mapping in shares::mappings(current, site).unwrap_or_default().iter() {
        let not = |why| NotMatched {
            team_share: mapping.team_share.clone(),
            group: mapping.group.dn.to_string(),
            why,
        };
        match mapping.share(graph) {
            None => no.push(not("the last sync did not find this group")),
            Some(share) if groups.all.contains(share.group) => {
                yes.push(one(mapping, &share, groups, graph, held));
            }
            Some(_) => no.push(not("not a member of it")),
        }
    }
    yes.sort_by(|one, other| (&one.team_share, &one.group).cmp(&(&other.team_share, &other.group)));
    (yes, no)
}

fn one(
    mapping: &Mapping,
    share: &Share,
    groups: &LiveMemberships,
    graph: &GroupGraph,
    held: &[ShareRow],
) -> ExplainedShare {
    let way = graph.path(groups.direct.iter().copied(), share.group, |group| groups.all.contains(*group));
    let name = |id| graph.by_id(id).map(|group| group.dn.to_string());
    let since = held.iter().find(|row| row.share == *share).map(|row| timestamp(row.since));
    ExplainedShare {
        team_share: mapping.team_share.clone(),
        group: name(share.group).unwrap_or_else(|| mapping.group.dn.to_string()),
        chain: way.unwrap_or_default().into_iter().filter_map(name).collect(),
        since,
        leaving: false,
    }
}

/// What is stored but no longer due.
fn leaving(held: &[ShareRow], due: &[ExplainedShare], graph: &GroupGraph) -> Vec<ExplainedShare> {
    let name = |row: &ShareRow| {
        let group: Option<&Dn> = graph.by_id(row.share.group).map(|group| &group.dn);
        group.map_or_else(|| row.share.group.to_string(), ToString::to_string)
    };
    let stored = held.iter().map(|row| ExplainedShare {
        team_share: row.share.team_share.clone(),
        group: name(row),
        chain: Vec::new(),
        since: Some(timestamp(row.since)),
        leaving: true,
    });
    let is_due = |share: &ExplainedShare| {
        due.iter().any(|due| due.team_share == share.team_share && due.group == share.group)
    };
    stored.filter(|share| !is_due(share)).collect()
}
