//! `cloudsync-idp explain`: why a person can or can't sign in now, or why an attempt was refused.

use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;

use super::{explain_services, explain_shares, explain_tries, output, printable, sites};
use crate::app::App;
use crate::domain::audit::GateRecord;
use crate::domain::gates::Verdict;
use crate::flow::delivery::known::KnownAtView;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Site;
use crate::flow::support::explain::{self, ExplainedDecision, ExplainedPerson};

/// A person with the services that know them, as JSON.
#[derive(Serialize)]
struct ExplainedShape<'a> {
    #[serde(flatten)]
    person: &'a ExplainedPerson,
    services: &'a [KnownAtView],
}

/// The person or the attempt to explain.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// User name as the person would type it: alice, CORP\alice, alice@example.com
    #[arg(required_unless_present = "attempt", conflicts_with = "attempt")]
    name: Option<String>,
    /// The attempt with this id, which the page showed
    #[arg(long, value_name = "ID")]
    attempt: Option<String>,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID", conflicts_with = "attempt")]
    directory: Option<String>,
    /// Explain the person's Team Shares: the groups that lead to each of them
    #[arg(long, conflicts_with = "attempt")]
    shares: bool,
}

/// Prints all gates. Status 0 if all of them pass, 1 if one fails, 2 if that is not known: the directory does
/// not answer, or there is no such attempt.
pub async fn run(app: &App, arguments: Arguments, json: bool) -> Result<u8> {
    let parts = &app.login();
    match &arguments.attempt {
        Some(id) => attempt(parts, id, json).await,
        None if arguments.shares => shares(parts, &arguments, json).await,
        None => name(app, &arguments, json).await,
    }
}

async fn name(app: &App, arguments: &Arguments, json: bool) -> Result<u8> {
    let (parts, operation) = (&app.login(), &app.operation());
    let mut status = 0;
    let name = arguments.name.as_deref().unwrap_or_default();
    let sites = directories(parts, arguments)?;
    if arguments.directory.is_none() && sites.len() > 1 {
        let ids: Vec<&str> = sites.iter().map(|site| site.id().0.as_str()).collect();
        errln!(
            "{} could be in several directories, and the sign-in page asks for the domain; to explain one, add --directory {}",
            printable(name),
            ids.join(" or --directory "),
        );
    }
    for site in sites {
        match explain::explain_person(parts, &site, name).await {
            Ok(explained) => {
                let services = explain_services::of(parts, operation, &explained).await?;
                match json {
                    true => output::json(&ExplainedShape { person: &explained, services: &services })?,
                    false => {
                        print_person(parts, &site, &explained).await?;
                        explain_services::print(&services);
                    }
                }
                status = status.max(u8::from(explained.is_refused()));
            }
            Err(error) => {
                errln!("{}: {}", site.id(), printable(&Causes(&error).to_string()));
                status = 2;
            }
        }
    }
    Ok(status)
}

async fn shares(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut status = 0;
    let name = arguments.name.as_deref().unwrap_or_default();
    for site in directories(parts, arguments)? {
        status = status.max(explain_shares::run(parts, &site, name, json).await?);
    }
    Ok(status)
}

/// The named directory, or those in which the sign-in page would look.
fn directories(parts: &LoginParts, arguments: &Arguments) -> Result<Vec<Arc<Site>>> {
    let current = parts.current();
    let all = sites(&current, arguments.directory.as_deref())?;
    Ok(match (&arguments.directory, &arguments.name) {
        (None, Some(name)) => explain::directories_for(&current, name),
        _ => all,
    })
}

async fn print_person(parts: &LoginParts, site: &Site, explained: &ExplainedPerson) -> Result<()> {
    outln!("{} in {}", printable(&explained.name), site.settings.name);
    print_gates(&explained.judgement);
    explain_tries::print(&explained.tries);
    match explained.cause {
        Some(gate) => {
            outln!("would be refused by: {}", gate.as_str());
            outln!("what to do: {}", explained.advice);
        }
        None => outln!("{}", explain_tries::sign_in_text(&explained.tries)),
    }
    if parts.store.sync().completed_at(site.id()).await?.is_none() {
        outln!("this directory was never synchronized, so its groups are not known; run: cloudsync-idp sync");
    }
    Ok(())
}

fn print_gates(gates: &[GateRecord]) {
    for gate in gates {
        let mark = match gate.verdict {
            Verdict::Passed => "pass",
            Verdict::Failed => "FAIL",
            Verdict::NotTried => "-",
        };
        outln!("  {:<16} {mark:<5} {}", printable(&gate.gate), printable(&gate.evidence));
    }
}

async fn attempt(parts: &LoginParts, id: &str, json: bool) -> Result<u8> {
    let decisions = explain::attempt(&parts.store, id).await?;
    if json {
        outln!("{}", serde_json::to_string(&decisions)?);
    } else {
        for decision in &decisions {
            print_attempt(decision);
        }
    }
    if decisions.is_empty() {
        errln!(
            "the audit log has no attempt {}. It may be too old (refusals before a right password are kept for 30 days, \
             at most 500,000), or the request ended before a decision, for example because the person had to wait: \
             search the server log for the id",
            printable(&explain::attempt_id(id))
        );
        return Ok(2);
    }
    Ok(u8::from(decisions.iter().any(|decision| decision.refused)))
}

fn print_attempt(decision: &ExplainedDecision) {
    outln!("{} {}", decision.at, printable(&decision.decision));
    let detail = &decision.detail;
    let budget = detail.budget.as_ref().map(|budget| {
        let browser = if budget.known_browser { "a known browser" } else { "an unknown browser" };
        format!("{} of {} wrong passwords spent, {browser}", budget.spent, budget.threshold)
    });
    let alike = decision.last_at.as_ref().map(|last| {
        format!("{} attempts within the hour; the following shows the latest, at {last}", decision.times)
    });
    let lines = [
        ("alike", &alike),
        ("from", &decision.address),
        ("client", &decision.client),
        ("directory", &decision.directory),
        ("server", &detail.server),
        ("entry", &detail.entry),
        ("account", &decision.account),
        ("bind", &detail.bind),
        ("budget", &budget),
        ("factor", &detail.factor),
        ("error", &detail.error),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            outln!("  {name:<16} {}", printable(value));
        }
    }
    print_gates(&detail.judgement);
    if decision.refused {
        let cause = decision.cause.as_deref().unwrap_or(&decision.decision);
        outln!("refused by: {}. {}", printable(cause), decision.what);
        outln!("what to do: {}", decision.advice);
    }
}
