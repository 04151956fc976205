//! What the overview of the panel shows: whether this process, its stores and its directories work, and what
//! waits for a decision. Everything is read from the store and from memory; no directory is asked.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::BreakerState;
use crate::domain::admin::{AdminHolder, AdminSession, Capability, Role};
use crate::domain::dn::Dn;
use crate::domain::scope::PinKind;
use crate::domain::settings;
use crate::domain::{DAY, Millis};
use crate::flow::admin::charts::{ChartsView, charts};
use crate::flow::admin::four_eyes;
use crate::flow::admin::link;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::delivery::status;
use crate::flow::installation::background::Background;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::installation::nodes;
use crate::flow::installation::readiness::{self, NotReady};
use crate::flow::support::{audit_chain, certificates};
use crate::flow::sync::history::{SyncStatus, sync_status};
use crate::store::{RunResult, UsedLink};

/// The overview.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct OverviewView {
    pub checks: Vec<CheckView>,
    pub nodes: Vec<NodeView>,
    pub directories: Vec<DirectoryView>,
    pub decisions: Vec<DecisionView>,
    pub charts: ChartsView,
}

/// A part that this process depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessPart {
    Database,
    /// What running sign-ins need, in the memory of this process.
    Memory,
    /// The same in Redis, shared by all processes.
    Redis,
    Settings,
    Jobs,
}

/// Whether such a part works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Good,
    Bad,
    /// Not checked, because another part failed before.
    Unknown,
}

/// A part with its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckView {
    pub part: ProcessPart,
    pub health: Health,
}

/// A running server process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NodeView {
    pub host: String,
    pub noted_at: Millis,
}

/// A server of a directory, as this process sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerState {
    InUse,
    /// Not asked for a while after failures.
    Paused,
    /// The next request decides.
    OnTrial,
}

/// A server with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServerView {
    pub name: String,
    pub state: ServerState,
    /// True for the one that is asked first.
    pub first: bool,
}

/// One directory and its sync.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DirectoryView {
    pub id: String,
    pub name: String,
    pub servers: Vec<ServerView>,
    pub sync: settings::Sync,
    /// The feed and the server that it was opened at.
    pub feed: Option<(&'static str, String)>,
    pub caught_up_at: Option<Millis>,
    pub people: u64,
    pub accounts: u64,
    /// People to be evaluated.
    pub waiting: u64,
    pub running: bool,
    /// The last error and what to do about it, in English.
    pub failure: Option<(String, Option<String>)>,
}

impl DirectoryView {
    /// True if nothing of it failed.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.failure.is_none() && self.servers.iter().all(|server| server.state != ServerState::Paused)
    }
}

/// What waits for an admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// People whom the guard holds.
    Held(u64),
    /// People whose account contradicts another one.
    Conflicts(u64),
    /// The sync is paused, for this reason in English.
    Paused(String),
    Failed,
    NotImported,
    /// The initial sync has been running for so many minutes.
    Slow(u64),
    /// A group that gives a role was not found by the last sync: its DN, for owners only.
    UnknownGroup(String),
    /// A certificate of a directory's server, or a CA certificate of the settings, expires.
    Certificate {
        subject: String,
        server: String,
        days_left: i64,
    },
    /// The old secret of a client ends so many days from now.
    OldSecret {
        days_left: i64,
    },
    /// Requests of other admins that wait for this owner.
    Approvals(u64),
    /// A check has found that the audit log was changed: how, in English.
    ChainBroken(String),
    /// A service gets nothing until an administrator resumes it, with its own words.
    ServiceStopped(String),
    /// A service has not answered for long, with the last error.
    ServiceAway(String),
    /// People and Team Shares that a service refuses.
    Quarantined(u64),
}

/// A decision, about a directory, a client or a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DecisionView {
    /// The id of the directory, client or service; empty for what is about none of them.
    pub id: String,
    /// Its name.
    pub name: String,
    pub kind: DecisionKind,
}

/// A break-glass link that was used in the last days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedLinkView {
    pub made_by: String,
    pub used_at: Millis,
    pub used_from: String,
}

/// Reads the overview for an admin of this role.
pub async fn overview(
    parts: &PanelParts,
    background: &Background,
    admin: &CheckedAdmin,
) -> Result<OverviewView, Fault> {
    let role = admin.session.role;
    let ready = readiness::check(&parts.login, background).await;
    let nodes = nodes::serving(&parts.operation).await?.into_iter();
    let mut view = OverviewView {
        checks: checks(ready.err().as_ref(), parts.login.volatile.is_shared()).into(),
        charts: charts(parts).await?,
        nodes: nodes.map(|node| NodeView { host: node.host, noted_at: node.noted_at }).collect(),
        ..OverviewView::default()
    };
    let current = parts.login.current();
    for site in current.sites() {
        let status = sync_status(&parts.login.store, site.id()).await?;
        view.decisions.extend(decisions(site, &status, role, parts.login.now()));
        view.directories.push(directory(site, &status));
    }
    view.decisions.extend(of_services(parts).await?);
    view.decisions.extend(expiring(parts, role).await?);
    view.decisions.extend(of_trust(parts, admin).await?);
    Ok(view)
}

/// The services that are stopped, do not answer, or refuse somebody.
async fn of_services(parts: &PanelParts) -> Result<Vec<DecisionView>, Fault> {
    let troubles = status::troubles(&parts.operation).await?.into_iter().flat_map(|trouble| {
        let kinds = [
            trouble.stopped.map(|stopped| DecisionKind::ServiceStopped(stopped.words)),
            trouble.away.map(|failing| DecisionKind::ServiceAway(failing.words)),
            (trouble.quarantined > 0).then_some(DecisionKind::Quarantined(trouble.quarantined)),
        ];
        let id = trouble.service;
        let decision = move |kind| DecisionView { id: id.clone(), name: id.clone(), kind };
        kinds.into_iter().flatten().map(decision)
    });
    Ok(troubles.collect())
}

/// What other admins ask for, and a change of the audit log.
async fn of_trust(parts: &PanelParts, admin: &CheckedAdmin) -> Result<Vec<DecisionView>, Fault> {
    let (role, mut kinds) = (admin.session.role, Vec::new());
    if role.can(Capability::Approve) {
        let waiting = four_eyes::waiting_for(&parts.login, admin.actor.account()).await?;
        kinds.extend((waiting > 0).then_some(DecisionKind::Approvals(waiting)));
    }
    if role.can(Capability::SeeAudit) {
        let problem = audit_chain::view(&parts.login).await?.last.and_then(|check| check.problem);
        kinds.extend(problem.map(DecisionKind::ChainBroken));
    }
    let about_neither = |kind| DecisionView { id: String::new(), name: String::new(), kind };
    Ok(kinds.into_iter().map(about_neither).collect())
}

/// Who used break-glass links in the last days, the newest first, except for the link of this session.
pub async fn used_links(parts: &PanelParts, session: &AdminSession) -> Result<Vec<UsedLinkView>, Fault> {
    let own = |link: &UsedLink| match &session.holder {
        AdminHolder::Link { made_by } => *made_by == link.made_by && session.created_at == link.used_at,
        AdminHolder::Person { .. } | AdminHolder::Token => false,
    };
    let used = link::used(&parts.login).await?.into_iter().filter(|link| !own(link));
    Ok(used
        .map(|UsedLink { made_by, used_at, used_from }| UsedLinkView { made_by, used_at, used_from })
        .collect())
}

/// The parts in the order in which they are checked: those after the one that failed are unknown.
fn checks(failed: Option<&NotReady>, is_shared: bool) -> [CheckView; 4] {
    use ProcessPart::{Database, Jobs, Memory, Redis, Settings};
    let short_lived = if is_shared { Redis } else { Memory };
    let bad = failed.map(|failed| match failed {
        NotReady::Store(_) => Database,
        NotReady::Volatile(_) => short_lived,
        NotReady::Settings(_) => Settings,
        NotReady::Job(_) => Jobs,
    });
    let mut health = Health::Good;
    [Database, short_lived, Settings, Jobs].map(|part| {
        if bad == Some(part) {
            health = Health::Unknown;
            return CheckView { part, health: Health::Bad };
        }
        CheckView { part, health }
    })
}

fn directory(site: &Site, status: &SyncStatus) -> DirectoryView {
    let stats = site.directory.stats();
    let server = |(index, (name, state)): (usize, (String, BreakerState))| ServerView {
        name,
        state: match state {
            BreakerState::Closed => ServerState::InUse,
            BreakerState::Open => ServerState::Paused,
            BreakerState::HalfOpen => ServerState::OnTrial,
        },
        first: index == stats.current,
    };
    let failure = status.failure();
    DirectoryView {
        id: site.id().0.clone(),
        name: site.settings.name.clone(),
        servers: stats.servers.into_iter().enumerate().map(server).collect(),
        sync: site.settings.sync.clone(),
        feed: status.feed.as_ref().map(|feed| (feed.feed.as_str(), feed.server.clone())),
        caught_up_at: status.mirror.caught_up_at,
        people: status.people,
        accounts: u64::try_from(status.accounts).unwrap_or_default(),
        waiting: status.waiting,
        running: status.newest.as_ref().is_some_and(|run| run.result == RunResult::Running),
        failure: failure.map(|(run, error)| (error.to_owned(), run.details.advice.clone())),
    }
}

fn decisions(site: &Site, status: &SyncStatus, role: Role, now: Millis) -> Vec<DecisionView> {
    let conflicts = u64::try_from(status.conflicts).unwrap_or_default();
    let held = u64::try_from(status.undecided).unwrap_or_default();
    let slow = status.slow_for(now).map(|lasted| u64::try_from(lasted / crate::domain::MINUTE).unwrap_or(0));
    let simple = [
        (held > 0).then_some(DecisionKind::Held(held)),
        (conflicts > 0).then_some(DecisionKind::Conflicts(conflicts)),
        status.paused.as_ref().map(|pause| DecisionKind::Paused(pause.why.clone())),
        status.failure().map(|_| DecisionKind::Failed),
        (!status.imported).then_some(DecisionKind::NotImported),
        slow.map(DecisionKind::Slow),
    ];
    // Whoever may create a group at such a DN would have its role: only owners read which DN it is.
    let shown = |group: String| if role == Role::Owner { group } else { String::new() };
    let groups = unknown_groups(site).into_iter().map(shown);
    let all = simple.into_iter().flatten().chain(groups.map(DecisionKind::UnknownGroup));
    let (id, name) = (&site.id().0, &site.settings.name);
    all.map(|kind| DecisionView { id: id.clone(), name: name.clone(), kind }).collect()
}

/// What expires soon: certificates that were seen, and secrets that were replaced.
async fn expiring(parts: &PanelParts, role: Role) -> Result<Vec<DecisionView>, Fault> {
    let current = parts.login.current();
    let certificates = certificates::expiring(&parts.operation).await?.into_iter().map(|one| {
        let directory = current.settings.directory(&one.directory);
        DecisionView {
            name: directory.map_or_else(|| one.directory.0.clone(), |found| found.name.clone()),
            id: one.directory.0,
            kind: DecisionKind::Certificate {
                subject: one.subject,
                server: one.server,
                days_left: one.days_left,
            },
        }
    });
    // Only owners change clients.
    let clients = current.settings.clients.iter().filter(|_| role == Role::Owner);
    let secrets = clients.filter_map(|client| {
        let left = client.old_secret_until()? - parts.login.now();
        (left > 0).then(|| DecisionView {
            id: client.client_id.clone(),
            name: client.shown_name().to_owned(),
            kind: DecisionKind::OldSecret { days_left: left / DAY },
        })
    });
    Ok(certificates.chain(secrets).collect())
}

/// The groups of the settings that give a role to nobody, because no sync has found them.
fn unknown_groups(site: &Site) -> Vec<String> {
    let pins = site.pins();
    let known = |group: &String| {
        let pin = Dn::parse(group).ok().and_then(|dn| pins.get(PinKind::Admin, &dn).cloned());
        pin.is_some_and(|pin| pin.gone_since.is_none())
    };
    site.settings.role_groups().into_iter().flatten().filter(|group| !known(group)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_behind_the_one_that_failed_are_unknown() {
        let states = |failed: Option<NotReady>| checks(failed.as_ref(), true).map(|check| check.health);
        assert_eq!(states(None), [Health::Good; 4]);
        let (good, bad) = (Health::Good, Health::Bad);
        assert_eq!(states(Some(NotReady::Job("clean-up"))), [good, good, good, bad]);
        let volatile = NotReady::Volatile(crate::volatile::VolatileError::Full);
        assert_eq!(states(Some(volatile)), [good, bad, Health::Unknown, Health::Unknown]);
        let place = |is_shared| checks(None, is_shared)[1].part;
        assert_eq!([place(true), place(false)], [ProcessPart::Redis, ProcessPart::Memory]);
    }
}
