//! Check a directory: every server is reached step by step and asked once as the service account; the first
//! that accepts it is asked about the domain and its people. Nothing is changed.
//!
//! A password that was refused is never sent again: neither to the next server, nor for another directory
//! with the same service account.

mod census;

use std::collections::HashSet;

use crate::directory::probe::{Probe, ProbeSession, announced};
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::{Reach, Selected, ServiceBind};
use crate::domain::doctor::{self, Finding, Severity};
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::schema::Schema;
use crate::domain::scope::Scope;
use crate::domain::selection::mismatch;
use crate::domain::settings::{self, Settings};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::flow::settings::{load, service_password};
use crate::store::StoreError;

/// One directory with its findings, the worst last.
#[derive(Debug)]
pub struct DirectoryFindings {
    pub id: DirectoryId,
    pub name: String,
    pub findings: Vec<Finding>,
}

/// The scope, with groups and the places of selected objects from the mirror.
struct MirroredScope {
    scope: Scope,
    graph: GroupGraph,
    /// Whether to count everybody.
    counts: bool,
}

/// The settings as they are stored now: a rotation of the sealing key seals the passwords in them again, and
/// a running process does not read them anew. Those in force if the stored ones can't be read.
pub(super) async fn stored_settings(parts: &OperationParts) -> Settings {
    let stored = load(&parts.store, &parts.keys.sealer).await;
    stored.map_or_else(|_| parts.current().settings.clone(), |stored| stored.settings)
}

/// Checks all directories of the settings or the named one. An unknown name gives nothing.
pub async fn examine(
    parts: &OperationParts,
    named: Option<&str>,
) -> Result<Vec<DirectoryFindings>, StoreError> {
    look(parts, named, true).await
}

/// Checks one directory without counting its people, which takes a moment, however large it is.
pub async fn glance(parts: &OperationParts, named: &str) -> Result<Vec<DirectoryFindings>, StoreError> {
    look(parts, Some(named), false).await
}

async fn look(
    parts: &OperationParts,
    named: Option<&str>,
    counts: bool,
) -> Result<Vec<DirectoryFindings>, StoreError> {
    let mut refused = HashSet::new();
    let mut examined = Vec::new();
    for directory in &stored_settings(parts).await.directories {
        if named.is_none_or(|named| directory.id.0 == named) {
            let pins = parts.store.sync().pins(&directory.id).await?;
            let graph = GroupGraph::new(parts.store.sync().groups(&directory.id).await?);
            let mut findings = match Scope::new(&directory.scope, &pins) {
                Ok(scope) => {
                    one(parts, directory, &MirroredScope { scope, graph, counts }, &mut refused).await
                }
                Err(error) => vec![unusable(format!("scope: {error}"))],
            };
            doctor::sort(&mut findings);
            examined.push(DirectoryFindings {
                id: directory.id.clone(),
                name: directory.name.clone(),
                findings,
            });
        }
    }
    Ok(examined)
}

async fn one(
    parts: &OperationParts,
    settings: &settings::Directory,
    known: &MirroredScope,
    refused: &mut HashSet<String>,
) -> Vec<Finding> {
    let probe = match opened(parts, settings) {
        Ok(probe) => probe,
        Err(finding) => return vec![finding],
    };
    let account = settings.service_account.to_lowercase();
    if refused.contains(&account) {
        probe.withhold();
    }
    let now = parts.now();
    let mut findings: Vec<Finding> =
        probe.authorities().iter().map(|certificate| doctor::authority(certificate, now)).collect();
    findings.extend(srv(&probe).await);
    let mut asked_domain = false;
    for (at, reach) in reached(&probe).await.into_iter().enumerate() {
        let (found, session) = server(parts, &probe, at, reach).await;
        findings.extend(found);
        if let Some(session) = session.filter(|_| !asked_domain) {
            findings.extend(domain(parts, session, known).await);
            asked_domain = true;
        }
    }
    if probe.is_refused() {
        refused.insert(account);
    }
    findings
}

fn unusable(why: String) -> Finding {
    Finding::new("settings", Severity::Error, "the settings of this directory can't be used")
        .seen(why)
        .fix("Fix and apply them: cloudsync-idp settings export, then settings apply FILE.")
}

fn opened(parts: &OperationParts, settings: &settings::Directory) -> Result<Probe, Finding> {
    let password = service_password(settings, &parts.keys.sealer)
        .map_err(|error| unusable(Causes(&error).to_string()))?;
    Probe::new(settings, password).map_err(|error| unusable(error.to_string()))
}

/// Checks what DNS announces, if there is a domain to ask about.
async fn srv(probe: &Probe) -> Option<Finding> {
    let domain = probe.domain().filter(|_| probe.settings().schema == Schema::ActiveDirectory)?;
    Some(doctor::srv(domain, &announced(domain).await, &probe.names()))
}

/// All at once, so that a server that does not respond delays no other.
async fn reached(probe: &Probe) -> Vec<Reach> {
    let all = (0..probe.servers()).map(|at| probe.reach(at));
    futures_util::future::join_all(all).await.into_iter().flatten().collect()
}

async fn server<'a>(
    parts: &OperationParts,
    probe: &'a Probe,
    at: usize,
    reach: Reach,
) -> (Vec<Finding>, Option<ProbeSession<'a>>) {
    let mut findings = vec![doctor::name(&reach)];
    findings.extend(doctor::port(&reach));
    if probe.settings().schema == Schema::ActiveDirectory {
        findings.extend(doctor::global_catalog(&reach));
    }
    findings.extend(doctor::start_tls(&reach));
    findings.extend(doctor::handshake(&reach));
    findings.extend(doctor::suites(&reach));
    findings.extend(doctor::certificates(&reach, parts.now()));
    if !is_open(&reach) {
        return (findings, None);
    }
    let (bind, session) = probe.bind(at).await;
    let settings = probe.settings();
    findings.extend(doctor::bind(&reach.server, &settings.service_account, &bind, settings.encryption));
    let Some(mut session) = session.filter(|_| bind == ServiceBind::Bound) else { return (findings, None) };
    findings.extend(of_server(parts, &mut session).await);
    (findings, Some(session))
}

/// Nothing that was found so far prevents a connection.
fn is_open(reach: &Reach) -> bool {
    let failed = |step: &Option<Result<(), String>>| matches!(step, Some(Err(_)));
    matches!(reach.connected, Some(Ok(())))
        && !failed(&reach.start_tls)
        && reach.tls.as_ref().is_none_or(|shake| shake.problem.is_none())
}

async fn of_server(parts: &OperationParts, session: &mut ProbeSession<'_>) -> Vec<Finding> {
    let server = session.server().to_owned();
    let dse = session.root_dse().await.unwrap_or_default();
    let now = parts.now();
    let base = session.base().to_string();
    let found = session.is_there(&base).await;
    let refused = session.sync_refused().await;
    vec![
        doctor::clock(&server, &dse, now),
        doctor::paging(&server, &dse),
        doctor::sync_feed(&server, &dse, session.is_windows(), refused.as_deref()),
        doctor::base(&server, &base, &found),
    ]
}

/// Checks what is the same on every server.
async fn domain(
    parts: &OperationParts,
    mut session: ProbeSession<'_>,
    known: &MirroredScope,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if session.is_windows() {
        findings.push(doctor::deleted_objects(&session.deleted_objects().await));
        findings.push(doctor::dir_sync(&session.dir_sync().await));
        findings.push(doctor::limits(&session.limits().await));
    }
    findings.push(doctor::indexes(&session.indexes().await));
    let lockout = session.lockout().await;
    findings.push(doctor::lockout(&lockout));
    findings.extend(doctor::fine_grained(&lockout));
    let named = named(&mut session, &known.scope).await;
    findings.extend(doctor::scope(&named));
    if known.counts && !known.scope.is_empty() {
        let gone =
            |dn: &Dn| named.iter().any(|(name, found)| *found != Selected::Fine && name == dn.as_str());
        findings.extend(people(parts, &mut session, known, gone).await);
    }
    findings
}

/// Looks up the objects that select or exclude people.
async fn named(session: &mut ProbeSession<'_>, scope: &Scope) -> Vec<(String, Selected)> {
    let units = scope.organizational_units.iter().map(|unit| &unit.dn).chain(&scope.excluded_units);
    let groups = scope.groups.iter().chain(&scope.excluded_groups).map(|group| &group.dn);
    let all: Vec<(&Dn, bool)> = units.map(|dn| (dn, false)).chain(groups.map(|dn| (dn, true))).collect();
    let mut found = Vec::new();
    for (dn, wants_group) in all {
        let selected = match session.classes(dn.as_str()).await {
            Err(why) => Selected::Unknown(why),
            Ok(classes) if classes.is_empty() => Selected::NotShown,
            Ok(classes) => {
                mismatch(session.schema(), wants_group, &classes).map_or(Selected::Fine, Selected::WrongClass)
            }
        };
        found.push((dn.to_string(), selected));
    }
    found
}

async fn people(
    parts: &OperationParts,
    session: &mut ProbeSession<'_>,
    known: &MirroredScope,
    gone: impl Fn(&Dn) -> bool,
) -> Vec<Finding> {
    let (people, sample) = census::take(&parts.store, session, &known.scope, &known.graph, gone).await;
    let mut findings = doctor::unread(&people);
    findings.extend(doctor::attributes(&people));
    findings.extend(doctor::mail_missing(&people));
    findings.extend(doctor::mail_duplicate(&people));
    if session.is_windows() {
        findings.extend(doctor::smart_cards(&people));
        if let Some(somebody) = sample.first() {
            findings.push(doctor::token_groups(&session.token_groups(somebody).await));
        }
    }
    findings.push(doctor::mail_writers(&session.mail_writers(&sample).await));
    if !session.is_windows() {
        findings.extend(doctor::unknown_class(&census::other_classes(session, &known.scope).await));
    }
    findings
}
