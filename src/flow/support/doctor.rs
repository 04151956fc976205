//! Check a directory: every server is reached step by step and asked once as the service account; the first
//! that accepts it is asked about the domain and its people. Nothing is changed.
//!
//! A password that was refused is never sent again: neither to the next server, nor for another directory
//! with the same service account.

mod census;
mod live;

use std::collections::HashSet;

use crate::directory::probe::{Probe, ProbeSession, announced};
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::{Certificate, Reach, Selected, ServiceBind};
use crate::domain::doctor::{self, Finding, FindingSink, Severity, Stage};
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::schema::Schema;
use crate::domain::scope::Scope;
use crate::domain::selection::mismatch;
use crate::domain::settings::{self, Settings};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::flow::settings::{load, service_password};
use crate::flow::support::certificates;
use crate::store::StoreError;
pub use live::{ConnectionTest, TestNotMade, identify, test_connection};

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
    people: PeopleCheck,
}

/// Which people are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PeopleCheck {
    Nobody,
    /// Some, wherever they are.
    Sample,
    /// Everybody in scope.
    Everybody,
}

/// The settings as they are stored now: a rotation of the sealing key seals the passwords in them again, and
/// a running process does not read them anew. Those in force if the stored ones can't be read.
pub(in crate::flow) async fn stored_settings(parts: &OperationParts) -> Settings {
    let stored = load(&parts.store, &parts.keys.sealer).await;
    stored.map_or_else(|_| parts.current().settings.clone(), |stored| stored.settings)
}

/// Checks all directories of the settings or the named one. An unknown name gives nothing.
pub async fn examine(
    parts: &OperationParts,
    named: Option<&str>,
) -> Result<Vec<DirectoryFindings>, StoreError> {
    look(parts, named, PeopleCheck::Everybody).await
}

/// Checks one directory without counting its people, which takes a moment, however large it is.
pub async fn glance(parts: &OperationParts, named: &str) -> Result<Vec<DirectoryFindings>, StoreError> {
    look(parts, Some(named), PeopleCheck::Nobody).await
}

async fn look(
    parts: &OperationParts,
    named: Option<&str>,
    people: PeopleCheck,
) -> Result<Vec<DirectoryFindings>, StoreError> {
    let mut refused = HashSet::new();
    let mut examined = Vec::new();
    for directory in &stored_settings(parts).await.directories {
        if named.is_none_or(|named| directory.id.0 == named) {
            let pins = parts.store.sync().pins(&directory.id).await?;
            let graph = GroupGraph::new(parts.store.sync().groups(&directory.id).await?);
            let mut findings = match Scope::new(&directory.scope, &pins) {
                Ok(scope) => {
                    one(parts, directory, &MirroredScope { scope, graph, people }, &mut refused).await
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
    let mut findings = Vec::new();
    let chains = examine_into(parts, &probe, known, &mut findings).await;
    // In a box, since the compiler limits how deep futures are nested in each other.
    let recorded = Box::pin(certificates::record(parts, settings, probe.authorities(), chains)).await;
    if let Err(error) = recorded {
        tracing::warn!(error = %Causes(&error), "the certificates that were seen can't be recorded");
    }
    if probe.is_refused() {
        refused.insert(account);
    }
    findings
}

/// Examines the servers of a probe, and hands over each finding as it is made. Returns the chain of each server.
async fn examine_into(
    parts: &OperationParts,
    probe: &Probe,
    known: &MirroredScope,
    sink: &mut impl FindingSink,
) -> Vec<(String, Vec<Certificate>)> {
    let now = parts.now();
    sink.all(Stage::Tls, probe.authorities().iter().map(|certificate| doctor::authority(certificate, now)));
    sink.all(Stage::Dns, srv(probe).await);
    let mut asked_domain = false;
    let reached = reached(probe).await;
    let sent = |reach: &Reach| reach.tls.as_ref().map(|shake| shake.chain.clone()).unwrap_or_default();
    let chains = reached.iter().map(|reach| (reach.server.clone(), sent(reach))).collect();
    for (at, reach) in reached.into_iter().enumerate() {
        let session = server(parts, probe, at, reach, sink).await;
        if let Some(session) = session.filter(|_| !asked_domain) {
            domain(parts, session, known, sink).await;
            asked_domain = true;
        }
    }
    chains
}

fn unusable(why: String) -> Finding {
    Finding::new("settings", Severity::Error, "the settings of this directory can't be used")
        .seen(why)
        .fix("Fix and apply them: cloudsync-idp settings export, then settings apply FILE.")
}

fn opened(parts: &OperationParts, settings: &settings::Directory) -> Result<Probe, Finding> {
    let password = service_password(settings, &parts.keys.sealer)
        .map_err(|error| unusable(Causes(&error).to_string()))?;
    let probe = Probe::new(settings, password);
    let probe = probe.and_then(|probe| probe.through(parts.installation.tunnels()));
    probe.map_err(|error| unusable(error.to_string()))
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
    sink: &mut impl FindingSink,
) -> Option<ProbeSession<'a>> {
    let settings = probe.settings();
    sink.all(Stage::Dns, doctor::agent(&reach));
    sink.all(Stage::Dns, doctor::name(&reach));
    sink.all(Stage::Tcp, doctor::port(&reach));
    if settings.schema == Schema::ActiveDirectory {
        sink.all(Stage::Tcp, doctor::global_catalog(&reach));
    }
    sink.all(Stage::Tls, doctor::start_tls(&reach));
    sink.all(Stage::Tls, doctor::handshake(&reach));
    sink.all(Stage::Tls, doctor::suites(&reach));
    sink.all(Stage::Tls, doctor::certificates(&reach, parts.now()));
    if !is_open(&reach) {
        return None;
    }
    let (bind, session) = probe.bind(at).await;
    let found = doctor::bind(&reach.server, &settings.service_account, &bind, settings.encryption);
    sink.all(Stage::Bind, found);
    let mut session = session.filter(|_| bind == ServiceBind::Bound)?;
    of_server(parts, &mut session, sink).await;
    Some(session)
}

/// Nothing that was found so far prevents a connection.
fn is_open(reach: &Reach) -> bool {
    let failed = |step: &Option<Result<(), String>>| matches!(step, Some(Err(_)));
    matches!(reach.connected, Some(Ok(())))
        && !failed(&reach.start_tls)
        && reach.tls.as_ref().is_none_or(|shake| shake.problem.is_none())
}

async fn of_server(parts: &OperationParts, session: &mut ProbeSession<'_>, sink: &mut impl FindingSink) {
    let server = session.server().to_owned();
    let dse = session.root_dse().await.unwrap_or_default();
    sink.found(Stage::Bind, doctor::clock(&server, &dse, parts.now()));
    sink.found(Stage::ChangeFeed, doctor::paging(&server, &dse));
    let base = session.base().to_string();
    let found = session.is_there(&base).await;
    let refused = session.sync_refused().await;
    let feed = doctor::sync_feed(&server, &dse, session.is_windows(), refused.as_deref());
    sink.found(Stage::ChangeFeed, feed);
    sink.found(Stage::BaseDn, doctor::base(&server, &base, &found));
}

/// Checks what is the same on every server.
async fn domain(
    parts: &OperationParts,
    mut session: ProbeSession<'_>,
    known: &MirroredScope,
    sink: &mut impl FindingSink,
) {
    if session.is_windows() {
        sink.found(Stage::ChangeFeed, doctor::deleted_objects(&session.deleted_objects().await));
        sink.found(Stage::ChangeFeed, doctor::dir_sync(&session.dir_sync().await));
        sink.found(Stage::ChangeFeed, doctor::limits(&session.limits().await));
    }
    sink.found(Stage::ChangeFeed, doctor::indexes(&session.indexes().await));
    let lockout = session.lockout().await;
    sink.found(Stage::Rights, doctor::lockout(&lockout));
    sink.all(Stage::Rights, doctor::fine_grained(&lockout));
    if known.people == PeopleCheck::Sample {
        let people = census::sample(&mut session).await;
        sink.found(Stage::Attributes, doctor::sampled(&people));
        return sink.all(Stage::Attributes, doctor::attributes(&people));
    }
    let named = named(&mut session, &known.scope).await;
    sink.all(Stage::Rights, doctor::scope(&named));
    if known.people == PeopleCheck::Everybody && !known.scope.is_empty() {
        let gone =
            |dn: &Dn| named.iter().any(|(name, found)| *found != Selected::Fine && name == dn.as_str());
        people(parts, &mut session, known, gone, sink).await;
    }
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
    sink: &mut impl FindingSink,
) {
    let (people, sample) = census::take(&parts.store, session, &known.scope, &known.graph, gone).await;
    sink.all(Stage::Attributes, doctor::unread(&people));
    sink.all(Stage::Attributes, doctor::attributes(&people));
    sink.all(Stage::Attributes, doctor::mail_missing(&people));
    sink.all(Stage::Attributes, doctor::mail_duplicate(&people));
    if session.is_windows() {
        sink.all(Stage::Attributes, doctor::smart_cards(&people));
        if let Some(somebody) = sample.first() {
            sink.found(Stage::Rights, doctor::token_groups(&session.token_groups(somebody).await));
        }
    }
    sink.found(Stage::Attributes, doctor::mail_writers(&session.mail_writers(&sample).await));
    if !session.is_windows() {
        let others = census::other_classes(session, &known.scope).await;
        sink.all(Stage::Attributes, doctor::unknown_class(&others));
    }
}
