//! `cloudsync-idp agents`: invite, list and revoke the agents behind firewalls.

use anyhow::Result;
use serde::Serialize;

use super::actor::actor;
use super::output::{self, printable};
use super::table::Table;
use crate::domain::entry::DirectoryId;
use crate::domain::timestamp;
use crate::flow::agents::{self, AgentState, AgentView};
use crate::flow::installation::context::OperationParts;

/// Commands for agents.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create a code with which an agent enrols: once, within an hour
    Invite {
        /// The agent's name, such as the site of its machine
        name: String,
        /// The directory that it is for
        #[arg(long, value_name = "ID")]
        directory: String,
    },
    /// List the agents, and which are connected
    List,
    /// Revoke an agent: its connections end within two seconds
    Revoke {
        /// Its name or id
        agent: String,
    },
}

/// An invitation as JSON.
#[derive(Serialize)]
struct InvitationShape<'a> {
    id: &'a str,
    name: &'a str,
    directory: &'a str,
    code: &'a str,
    expires_at: String,
}

/// Runs the command.
pub async fn run(parts: &OperationParts, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::Invite { name, directory } => invite(parts, &name, &directory, json).await,
        Command::List => list(parts, json).await,
        Command::Revoke { agent } => revoke(parts, &agent, json).await,
    }
}

async fn invite(parts: &OperationParts, name: &str, directory: &str, json: bool) -> Result<u8> {
    let invited = agents::invite(parts, name, &DirectoryId(directory.to_owned()), &actor()).await?;
    let (code, expires_at) = (invited.code.expose(), timestamp(invited.expires_at));
    if json {
        output::json(&InvitationShape { id: &invited.id, name: name.trim(), directory, code, expires_at })?;
        return Ok(0);
    }
    outln!("On the agent's machine, until {expires_at}, once:");
    outln!("cloudsync-idp agent --config agent.toml --code {code}");
    outln!("Its agent.toml says which provider it dials and what it may reach (docs/agent.md):");
    outln!("provider = \"{}\"", parts.installation.issuer());
    outln!("servers = [\"dc1.corp.example.com:636\"]");
    Ok(0)
}

async fn list(parts: &OperationParts, json: bool) -> Result<u8> {
    let agents = agents::list(parts).await?;
    if json {
        output::json(&agents)?;
        return Ok(0);
    }
    let mut table =
        Table::new(&["name", "directory", "state", "version", "from", "since", "streams", "rtt", "reaches"]);
    for agent in agents.iter().filter(|agent| agent.state != AgentState::Revoked) {
        row(&mut table, agent);
    }
    table.finish();
    Ok(0)
}

fn row(table: &mut Table, agent: &AgentView) {
    let state = match (&agent.state, &agent.last_gone_because) {
        (AgentState::Away, Some(why)) => format!("{}: {why}", agent.state.word()),
        (state, _) => state.word().to_owned(),
    };
    let targets = agent.targets.join(", ");
    if agent.connections.is_empty() {
        let since = agent.last_gone_at.as_deref().unwrap_or_default();
        table.row([&agent.name, &agent.directory, &state, "", "", since, "", "", &targets]);
    }
    for connection in &agent.connections {
        let version = match connection.other_version {
            true => format!("{} (this provider: {})", connection.version, env!("CARGO_PKG_VERSION")),
            false => connection.version.clone(),
        };
        let from = format!("{} at {}", connection.address, connection.node);
        let (streams, rtt) = (connection.streams.to_string(), format!("{} ms", connection.rtt_ms));
        let first = [&agent.name, &agent.directory, &state].map(String::as_str);
        let [name, directory, state] = first;
        table.row([name, directory, state, &version, &from, &connection.since, &streams, &rtt, &targets]);
    }
}

async fn revoke(parts: &OperationParts, named: &str, json: bool) -> Result<u8> {
    let agent = agents::revoke(parts, named, &actor()).await?;
    match json {
        true => output::json(&serde_json::json!({ "id": agent.id, "name": agent.name, "revoked": true }))?,
        false => outln!("{} is revoked; its connections end within two seconds", printable(&agent.name)),
    }
    Ok(0)
}
