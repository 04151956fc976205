//! The command line: one file a command.

#[macro_use]
mod output;

mod accounts;
mod actor;
mod admin;
mod admin_approvals;
mod admin_link;
mod agent;
mod agents;
mod audit;
mod audit_verify;
mod clients;
mod delivery;
mod delivery_compare;
mod delivery_log;
mod delivery_test;
mod doctor;
mod explain;
mod explain_services;
mod explain_shares;
mod explain_tries;
mod init;
mod keys;
mod lock_down;
mod person;
mod prompt;
mod purge;
mod serve;
mod sessions;
mod settings;
mod shell;
mod support;
mod sync;
mod table;
mod terminal;
mod tls;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use clap::{Parser, Subcommand};

use output::printable;

use crate::app::{self, App};
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::current::{Current, Site};

/// An OpenID Connect provider for the people in Active Directory or another LDAP directory.
#[derive(Debug, Parser)]
#[command(name = "cloudsync-idp", version, propagate_version = true)]
pub struct Arguments {
    /// Configuration file of the process (docs/configuration.md)
    #[arg(long, short, value_name = "FILE", global = true, env = "CLOUDSYNC_IDP_CONFIG")]
    config: Option<PathBuf>,
    /// Print JSON, for scripts (docs/command-line.md)
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up a new installation: connect a directory, choose who may sign in
    Init(Box<init::Arguments>),
    /// Run the server: sign-in pages and OpenID Connect endpoints
    Serve,
    /// Synchronize accounts
    Sync(sync::Arguments),
    /// Explain why a person can or can't sign in, without their password
    Explain(explain::Arguments),
    /// Check the directories: servers, TLS, permissions, policies, people
    Doctor(doctor::Arguments),
    /// Create a support bundle: one file, without secrets
    SupportBundle(support::Arguments),
    /// Lock down a person: suspended here, signed out everywhere, inactive at every service
    LockDown(lock_down::Arguments),
    /// List, show, import and hand over accounts
    #[command(subcommand)]
    Accounts(accounts::Command),
    /// Second factors, sessions and erasing accounts, for the help desk; a link into the admin panel
    #[command(subcommand)]
    Admin(admin::Command),
    /// Show the audit log, and check that it was not changed
    #[command(subcommand)]
    Audit(audit::Command),
    /// Export, check and apply settings
    #[command(subcommand)]
    Settings(settings::Command),
    /// Change the secrets of clients
    #[command(subcommand)]
    Clients(clients::Command),
    /// Show what is delivered to other services, test them, compare them with what is here, and try again
    #[command(subcommand)]
    Delivery(delivery::Command),
    /// Run an agent: carry the connections of a provider to directory servers behind a firewall
    Agent(agent::Arguments),
    /// Invite, list and revoke agents behind firewalls
    #[command(subcommand)]
    Agents(agents::Command),
    /// List, rotate and revoke signing keys; rotate the sealing key
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print completions for a shell
    Completions(shell::Completions),
    /// Write the man pages to a folder
    Man(shell::Man),
}

/// Runs a command and reports its error. Exit status: 0 success, 1 something was not done or is refused, 2
/// the command could not run; `doctor`: 1 for a warning, 2 for an error; `sync`: 3 if the guard holds people;
/// `lock-down`: 3 if something still waits.
pub async fn run(arguments: Arguments) -> ExitCode {
    let ended = carry_out(arguments).await;
    let written = output::finish().context("the output could not be written");
    match ended.and_then(|status| written.map(|()| status)) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            errln!("cloudsync-idp: {}", Causes(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

async fn carry_out(arguments: Arguments) -> Result<u8> {
    match arguments.command {
        Command::Completions(shell) => return Ok(shell::completions(&shell)),
        Command::Man(man) => return shell::man(&man),
        Command::Init(init) => return init::run(*init, arguments.json).await,
        // It has a configuration of its own, and none of the provider's parts.
        Command::Agent(agent) => {
            log(LogFormat::Human);
            return agent::run(arguments.config.as_deref(), agent).await;
        }
        _ => {}
    }
    let environment = |name: &str| std::env::var(name).ok();
    let config = Config::load(arguments.config.as_deref(), &environment)
        .map_err(|error| anyhow!("the configuration can't be used:\n{error}"))?;
    log(config.log_format);
    let parts = parts(&config, &arguments.command).await?;
    let json = arguments.json;
    match arguments.command {
        Command::Serve => serve::run(&config, &parts).await,
        Command::Sync(arguments) => sync::run(&parts.sync(), arguments, json).await,
        Command::Explain(arguments) => explain::run(&parts, arguments, json).await,
        Command::Doctor(arguments) => doctor::run(&parts.operation(), &parts.volatile, arguments, json).await,
        Command::SupportBundle(arguments) => support::run(&parts.operation(), arguments, json).await,
        Command::LockDown(arguments) => lock_down::run(&parts.login(), arguments, json).await,
        Command::Accounts(command) => accounts::run(&parts, command, json).await,
        Command::Admin(command) => admin::run(&parts.login(), command, json).await,
        Command::Settings(command) => settings::run(&parts.operation(), command, json).await,
        Command::Clients(command) => clients::run(&parts.operation(), command, json).await,
        Command::Delivery(command) => {
            let both = (&parts.operation(), &parts.login());
            delivery::run(both, &parts.volatile, command, json).await
        }
        Command::Agents(command) => agents::run(&parts.operation(), command, json).await,
        Command::Audit(command) => audit::run(&parts.login(), command, json).await,
        Command::Keys(command) => keys::run(&parts.operation(), &config.keys_dir, command, json).await,
        Command::Completions(_) | Command::Man(_) | Command::Init(_) | Command::Agent(_) => Ok(0),
    }
}

/// Opens only what the command needs: stored settings that can't be used must not block the commands that fix
/// them.
async fn parts(config: &Config, command: &Command) -> Result<App> {
    match command {
        Command::Accounts(
            accounts::Command::Show { .. }
            | accounts::Command::Import { .. }
            | accounts::Command::Suspend(_)
            | accounts::Command::Reactivate { .. },
        ) => app::parts_without_directories(config, Clock::System).await,
        Command::Accounts(accounts::Command::HandOver(_)) => app::parts(config, Clock::System).await,
        Command::Settings(_) | Command::Clients(_) | Command::Accounts(_) => {
            app::bare_parts(config, Clock::System).await
        }
        Command::Keys(_) => app::parts_for_keys(config, Clock::System).await,
        Command::Admin(_)
        | Command::Agents(_)
        | Command::Audit(_)
        | Command::Delivery(_)
        | Command::Doctor(_)
        | Command::LockDown(_)
        | Command::SupportBundle(_) => app::parts_without_directories(config, Clock::System).await,
        _ => app::parts(config, Clock::System).await,
    }
}

fn log(format: LogFormat) {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("CLOUDSYNC_IDP_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Reporting an internal error would panic once the reader of standard error is gone.
    let subscriber = subscriber.log_internal_errors(false);
    match format {
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
        LogFormat::Human => subscriber.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
    }
}

/// The named directory, or all.
fn sites(current: &Current, named: Option<&str>) -> Result<Vec<Arc<Site>>> {
    let all = current.sites();
    let Some(named) = named else {
        anyhow::ensure!(
            !all.is_empty(),
            "no directory is configured; write [[directories]] into a file and run: cloudsync-idp settings apply FILE"
        );
        return Ok(all.to_vec());
    };
    let ids = || all.iter().map(|site| site.id().to_string()).collect::<Vec<_>>().join(", ");
    let found = all.iter().find(|site| site.id().0 == named).cloned();
    Ok(vec![found.ok_or_else(|| anyhow!("there is no directory {named:?}; there are: {}", ids()))?])
}
