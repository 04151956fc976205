//! `cloudsync-idp explain NAME` and `cloudsync-idp explain --attempt ID`.

use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use super::{explain_shares, explain_tries, printable, sites};
use crate::domain::advice::Cause;
use crate::domain::audit::{Detail, GateTold};
use crate::domain::gates::{Judgement, Verdict};
use crate::domain::name::TypedName;
use crate::flow::causes::Causes;
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::flow::explain::{self, Attempt, Tries};
use crate::flow::fault::Fault;

/// Whom or what to explain.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A name as it would be typed: alice, CORP\alice, alice@example.com
    #[arg(required_unless_present = "attempt", conflicts_with = "attempt")]
    name: Option<String>,
    /// An attempt, by the id that the page showed
    #[arg(long, value_name = "ID")]
    attempt: Option<String>,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID", conflicts_with = "attempt")]
    directory: Option<String>,
    /// Say why they have their Team Shares: the groups from the person to each mapped group
    #[arg(long, conflicts_with = "attempt")]
    shares: bool,
}

/// Prints all gates. Status 0 when every gate is or was open, 1 when one is or was shut, 2 when that can't be told: the
/// directory does not answer, or nobody knows the attempt.
pub async fn run(parts: &Parts, arguments: Arguments, json: bool) -> Result<u8> {
    match &arguments.attempt {
        Some(id) => attempt(parts, id, json).await,
        None if arguments.shares => shares(parts, &arguments, json).await,
        None => name(parts, &arguments, json).await,
    }
}

async fn name(parts: &Parts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut status = 0;
    let name = arguments.name.as_deref().unwrap_or_default();
    let sites = asked(parts, name, arguments.directory.as_deref())?;
    if arguments.directory.is_none() && sites.len() > 1 {
        let ids: Vec<&str> = sites.iter().map(|site| site.id().0.as_str()).collect();
        errln!(
            "{} could be in several directories, and the sign-in page asks in which; for one alone add --directory {}",
            printable(name),
            ids.join(" or --directory "),
        );
    }
    for site in sites {
        match explained(parts, &site, name).await {
            Ok((judgement, tries)) if json => {
                outln!("{}", of_judgement(name, &site.id().0, (&judgement, &tries)));
                status = status.max(u8::from(is_shut(&judgement, &tries)));
            }
            Ok((judgement, tries)) => {
                print_judgement(name, &site.settings.name, (&judgement, &tries));
                if parts.store.imported_at(site.id()).await?.is_none() {
                    outln!("never imported, so groups are not known yet; run: cloudsync-idp sync");
                }
                status = status.max(u8::from(is_shut(&judgement, &tries)));
            }
            Err(error) => {
                errln!("{}: {}", site.id(), printable(&Causes(&error).to_string()));
                status = 2;
            }
        }
    }
    Ok(status)
}

async fn explained(parts: &Parts, site: &Site, name: &str) -> Result<(Judgement, Tries), Fault> {
    let judgement = explain::explain(parts, site, name).await?;
    Ok((judgement, explain::tries(parts, site, name).await?))
}

/// True where no browser gets in, whatever is typed.
fn is_shut(judgement: &Judgement, tries: &Tries) -> bool {
    judgement.refusal().is_some() || tries.stops_known().is_some()
}

async fn shares(parts: &Parts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut status = 0;
    let name = arguments.name.as_deref().unwrap_or_default();
    for site in asked(parts, name, arguments.directory.as_deref())? {
        status = status.max(explain_shares::run(parts, &site, name, json).await?);
    }
    Ok(status)
}

/// The directories that the sign-in page would take for this name. Where it would take none, the first says so.
fn asked(parts: &Parts, name: &str, directory: Option<&str>) -> Result<Vec<Arc<Site>>> {
    let all = sites(parts, directory)?;
    if directory.is_some() {
        return Ok(all);
    }
    let current = parts.current();
    let candidates = TypedName::parse(name).map(|name| current.candidates(&name)).unwrap_or_default();
    let meant: Vec<Arc<Site>> = candidates.into_iter().cloned().collect();
    Ok(if meant.is_empty() { all.into_iter().take(1).collect() } else { meant })
}

fn told(judgement: &Judgement) -> (Detail, Cause) {
    let detail = Detail::default().judged(judgement);
    let cause = Cause::of(judgement.refusal().map(|gate| gate.as_str()), true, &detail);
    (detail, cause)
}

fn of_judgement(name: &str, directory: &str, (judgement, tries): (&Judgement, &Tries)) -> serde_json::Value {
    let (detail, cause) = told(judgement);
    json!({
        "name": name, "directory": directory, "cause": judgement.refusal(), "reason": cause.word(),
        "what": cause.what(), "advice": cause.advice(), "judgement": detail.judgement, "tries": tries,
    })
}

fn print_judgement(name: &str, directory: &str, (judgement, tries): (&Judgement, &Tries)) {
    outln!("{} in {directory}", printable(name));
    let (detail, cause) = told(judgement);
    print_gates(&detail.judgement);
    explain_tries::print(tries);
    match judgement.refusal() {
        Some(gate) => {
            outln!("would be refused by: {}", gate.as_str());
            outln!("what to do: {}", cause.advice());
        }
        None => outln!("{}", explain_tries::let_in(tries)),
    }
}

fn print_gates(gates: &[GateTold]) {
    for told in gates {
        let mark = match told.verdict {
            Verdict::Passed => "open",
            Verdict::Failed => "SHUT",
            Verdict::NotTried => "-",
        };
        outln!("  {:<16} {mark:<5} {}", printable(&told.gate), printable(&told.evidence));
    }
}

async fn attempt(parts: &Parts, id: &str, json: bool) -> Result<u8> {
    let decisions = explain::attempt(parts, id).await?;
    if json {
        outln!("{}", serde_json::to_string(&decisions)?);
    } else {
        for decision in &decisions {
            print_attempt(decision);
        }
    }
    if decisions.is_empty() {
        errln!(
            "no attempt {} is known here; it may be older than the trail, or be a request that decided nothing: look \
             for the id in the log",
            printable(&explain::attempt_id(id))
        );
        return Ok(2);
    }
    Ok(u8::from(decisions.iter().any(|decision| decision.refused)))
}

fn print_attempt(decision: &Attempt) {
    outln!("{} {}", decision.at, printable(&decision.decision));
    let detail = &decision.detail;
    let budget = detail.budget.as_ref().map(|budget| {
        let browser = if budget.known_browser { "a known browser" } else { "an unknown browser" };
        format!("{} of {} wrong passwords spent, {browser}", budget.spent, budget.threshold)
    });
    let alike = decision.last_at.as_ref().map(|last| {
        format!(
            "{} attempts within the hour, the latest at {last}; what follows is of that one",
            decision.times
        )
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
