//! `cloudsync-idp agent`: run the agent, on a machine behind the firewall.

use std::path::Path;

use anyhow::{Context, Result, anyhow};

use crate::agent::{self, AgentConfig};
use crate::clock::Clock;
use crate::domain::agent::EnrolmentCode;

/// How the agent starts.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The code of `cloudsync-idp agents invite`; needed once, and ignored by an agent that is enrolled
    #[arg(long, value_name = "CODE", env = "CLOUDSYNC_IDP_AGENT_CODE", hide_env_values = true)]
    code: Option<String>,
    /// Only enrol, for a service that is started afterwards
    #[arg(long, requires = "code")]
    enrol_only: bool,
}

/// Enrols if there is a code and no key, then serves until SIGTERM or Ctrl-C.
pub async fn run(config: Option<&Path>, arguments: Arguments) -> Result<u8> {
    let path = config.ok_or_else(|| anyhow!("name the configuration of the agent: --config agent.toml"))?;
    let config = AgentConfig::load(path).with_context(|| format!("{} can't be used", path.display()))?;
    let clock = Clock::System;
    let code = match &arguments.code {
        Some(_) if agent::is_enrolled(&config)? => {
            tracing::info!("this agent is enrolled already; the code is not used");
            None
        }
        Some(code) => Some(EnrolmentCode::parse(code).ok_or_else(|| {
            anyhow!("that is no code of an agent; get one: cloudsync-idp agents invite NAME --directory ID")
        })?),
        None => None,
    };
    if arguments.enrol_only {
        if let Some(code) = &code {
            let name = agent::enrol(&config, code, &clock).await.context("this agent is not enrolled")?;
            tracing::info!(name, provider = config.provider, "enrolled");
        }
        return Ok(0);
    }
    tokio::select! {
        ended = agent::run(&config, code.as_ref(), &clock) => ended?,
        stopped = stop() => stopped?,
    }
    Ok(0)
}

#[cfg(unix)]
async fn stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
