//! What an admin looks up before anything is saved: servers by DNS, the certificates that a server sends, what a
//! directory reports of itself. Each look-up counts like a connection test, and is limited in time and address.

use serde_json::json;

use crate::domain::audit::{Decision, Event};
use crate::domain::doctor::{self, Finding, Severity};
use crate::domain::settings::Directory;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::outbound;
use crate::flow::support::doctor::{ConnectionTest, TestNotMade, identify};
use crate::flow::support::setup::{self, Anchor, Identity, NextStep, SentCertificate};

/// Why a look-up has no result.
#[derive(Debug)]
pub enum LookFailure {
    Fault(Fault),
    /// In English.
    Found(Vec<Finding>),
}

impl From<Fault> for LookFailure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The servers that DNS lists for a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundServers {
    pub servers: Vec<String>,
    /// Servers of other domains, which are not proposed: DNS answers can be forged.
    pub foreign: Vec<String>,
}

/// The certificates that a server has sent.
#[derive(Clone, Debug)]
pub struct ServerChain {
    /// `host:port`.
    pub server: String,
    pub certificates: Vec<SentCertificate>,
    pub next: NextStep,
    /// What was wrong on the way.
    pub findings: Vec<Finding>,
}

/// Asks DNS for the servers of a domain.
pub async fn servers(
    parts: &PanelParts,
    admin: &CheckedAdmin,
    domain: &str,
) -> Result<FoundServers, LookFailure> {
    admit(parts, admin, json!({ "look_up": "servers", "domain": domain })).await?;
    match outbound::look(setup::servers(domain)).await {
        Some(Ok(found)) => {
            let (servers, foreign) = setup::proposed(domain, found);
            Ok(FoundServers { servers, foreign })
        }
        Some(Err(why)) => Err(failed("srv", &why)),
        None => Err(failed("srv", "DNS did not answer in time")),
    }
}

/// Has this server send its certificates. No password is sent.
pub async fn chain(
    parts: &PanelParts,
    admin: &CheckedAdmin,
    directory: &Directory,
    at: usize,
) -> Result<ServerChain, LookFailure> {
    let server = directory.servers.get(at).map(|server| &server.host);
    admit(parts, admin, json!({ "look_up": "certificates", "servers": [server] })).await?;
    let stored = super::settings::stored(parts).await?;
    let rule = outbound::address_rule(&stored.settings, directory);
    let reached =
        outbound::look(setup::reach_at(directory, at, rule, parts.operation.installation.tunnels())).await;
    let reach = match reached {
        Some(Ok(reach)) => reach,
        Some(Err(why)) => return Err(failed("server", &why)),
        None => return Err(failed("server", "the server did not answer in time")),
    };
    let handshake = reach.tls.clone().unwrap_or_default();
    let mut findings: Vec<Finding> = doctor::agent(&reach).into_iter().chain(doctor::name(&reach)).collect();
    findings.extend(doctor::port(&reach));
    findings.extend(doctor::start_tls(&reach));
    findings.retain(|finding| finding.verdict == Severity::Error);
    // A CA of the form that has not issued them may have to be replaced.
    let replaceable = Directory { ca_pem: None, ..directory.clone() };
    let next = setup::next_step(&replaceable, &reach);
    Ok(ServerChain { server: reach.server, certificates: setup::sent(&handshake), next, findings })
}

/// Asks the server again, and returns the CA with this fingerprint; `None` if it now sends another one.
pub async fn trust(
    parts: &PanelParts,
    admin: &CheckedAdmin,
    directory: &Directory,
    at: usize,
    fingerprint: &str,
) -> Result<Option<Anchor>, LookFailure> {
    let NextStep::TrustCa(anchor) = chain(parts, admin, directory, at).await?.next else { return Ok(None) };
    Ok(anchor.filter(|anchor| setup::is_fingerprint(&anchor.fingerprint, fingerprint)))
}

/// Binds as the service account, and asks the directory for its base DNs and its kind.
pub async fn identity(
    parts: &PanelParts,
    admin: &CheckedAdmin,
    test: &ConnectionTest<'_>,
) -> Result<Identity, LookFailure> {
    let servers: Vec<&str> = test.directory.servers.iter().map(|server| server.host.as_str()).collect();
    let asked =
        json!({ "look_up": "base_dn", "servers": servers, "account": test.directory.service_account });
    admit(parts, admin, asked).await?;
    let asked = identify(&parts.operation, &parts.login.volatile, test).await;
    match asked {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(findings)) => Err(LookFailure::Found(findings)),
        Err(TestNotMade::Volatile(error)) => Err(Fault::from(error).into()),
        Err(error) => Err(failed("bind", &error.to_string())),
    }
}

/// Counts a look-up, and records it.
async fn admit(parts: &PanelParts, admin: &CheckedAdmin, what: serde_json::Value) -> Result<(), Fault> {
    let (login, now) = (&parts.login, parts.login.now());
    outbound::admit(&login.volatile, &admin.actor.to_string(), now).await?;
    let event = Event::new(now, Decision::ConnectionTested).by(&admin.actor);
    let event = Event { detail: Some(what.to_string()), ..event };
    Ok(login.store.login().append(&event).await?)
}

fn failed(check: &'static str, why: &str) -> LookFailure {
    LookFailure::Found(vec![Finding::new(check, Severity::Error, why)])
}
