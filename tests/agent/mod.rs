//! A directory that is reached through agents: real agent processes, and an agent that lies.

mod faults;
mod hostile;
mod journey;
mod process;

use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::flow::agents::{self, InvitedAgent};

use crate::support::browser::{Browser, Page};
use crate::support::desk;
use crate::support::lab::LdapLab;
use crate::support::provider::{Provider, Setup, ldap_settings};

/// The same settings, but each server is reached through an agent.
fn by_agent(settings: &str) -> String {
    settings.replace("\" }]", "\", via = \"agent\" }]").replace("\" },", "\", via = \"agent\" },")
}

/// A provider that reaches an OpenLDAP through agents only, before the first sync.
async fn behind_agents(lab: &LdapLab) -> Provider {
    Provider::start(Setup::new(&by_agent(&ldap_settings(&[lab])))).await
}

/// The server of an OpenLDAP on an agent's list.
fn listed(lab: &LdapLab) -> String {
    format!("{}:{}", lab.addr, lab.tls_port)
}

async fn invited(provider: &Provider, name: &str) -> InvitedAgent {
    let directory = DirectoryId("corp".to_owned());
    agents::invite(&provider.parts.operation(), name, &directory, &desk()).await.expect("an invitation")
}

/// The names of the agents that are connected to this provider.
fn connected(provider: &Provider) -> Vec<String> {
    provider.parts.installation.tunnels().all().iter().map(|tunnel| tunnel.who().name.clone()).collect()
}

async fn signs_in(provider: &Provider, name: &str, password: &str) -> Page {
    Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, password).await
}

/// How often this was decided, as the audit log has it.
async fn decided(provider: &Provider, decision: &str) -> usize {
    let trail = provider.parts.store.login();
    let page =
        trail.audit_page(None, 1_000, &cloudsync_idp::store::AuditFilter::All).await.expect("the audit log");
    page.iter().filter(|row| row.decision == decision).count()
}
