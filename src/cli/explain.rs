//! `cloudsync-idp explain`: why a person can or can't sign in now, or why an attempt was refused.

use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use super::{explain_shares, explain_tries, printable, sites};
use crate::domain::advice::Cause;
use crate::domain::audit::{Detail, GateRecord};
use crate::domain::gates::{Judgement, Verdict};
use crate::domain::name::TypedName;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::support::explain::{self, ExplainedDecision, UsedAttempts};

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
pub async fn run(parts: &LoginParts, arguments: Arguments, json: bool) -> Result<u8> {
    match &arguments.attempt {
        Some(id) => attempt(parts, id, json).await,
        None if arguments.shares => shares(parts, &arguments, json).await,
        None => name(parts, &arguments, json).await,
    }
}

async fn name(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut status = 0;
    let name = arguments.name.as_deref().unwrap_or_default();
    let sites = directories_for(parts, name, arguments.directory.as_deref())?;
    if arguments.directory.is_none() && sites.len() > 1 {
        let ids: Vec<&str> = sites.iter().map(|site| site.id().0.as_str()).collect();
        errln!(
            "{} could be in several directories, and the sign-in page asks for the domain; to explain one, add --directory {}",
            printable(name),
            ids.join(" or --directory "),
        );
    }
    for site in sites {
        match explained(parts, &site, name).await {
            Ok((judgement, tries)) if json => {
                outln!("{}", of_judgement(name, &site.id().0, (&judgement, &tries)));
                status = status.max(u8::from(is_refused(&judgement, &tries)));
            }
            Ok((judgement, tries)) => {
                print_judgement(name, &site.settings.name, (&judgement, &tries));
                if parts.store.sync().completed_at(site.id()).await?.is_none() {
                    outln!(
                        "this directory was never synchronized, so its groups are not known; run: cloudsync-idp sync"
                    );
                }
                status = status.max(u8::from(is_refused(&judgement, &tries)));
            }
            Err(error) => {
                errln!("{}: {}", site.id(), printable(&Causes(&error).to_string()));
                status = 2;
            }
        }
    }
    Ok(status)
}

async fn explained(parts: &LoginParts, site: &Site, name: &str) -> Result<(Judgement, UsedAttempts), Fault> {
    let judgement = explain::explain(parts, site, name).await?;
    Ok((judgement, explain::tries(parts, site, name).await?))
}

/// True if a sign-in is refused in every browser, whatever the password.
fn is_refused(judgement: &Judgement, tries: &UsedAttempts) -> bool {
    judgement.refusal().is_some() || tries.stops_known().is_some()
}

async fn shares(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut status = 0;
    let name = arguments.name.as_deref().unwrap_or_default();
    for site in directories_for(parts, name, arguments.directory.as_deref())? {
        status = status.max(explain_shares::run(parts, &site, name, json).await?);
    }
    Ok(status)
}

/// The directories in which the sign-in page would look for this name. If there is none, the first, which
/// reports it.
fn directories_for(parts: &LoginParts, name: &str, directory: Option<&str>) -> Result<Vec<Arc<Site>>> {
    let all = sites(&parts.current(), directory)?;
    if directory.is_some() {
        return Ok(all);
    }
    let current = parts.current();
    let candidates = TypedName::parse(name).map(|name| current.candidates(&name)).unwrap_or_default();
    let matching: Vec<Arc<Site>> = candidates.into_iter().cloned().collect();
    Ok(if matching.is_empty() { all.into_iter().take(1).collect() } else { matching })
}

fn detail_and_cause(judgement: &Judgement) -> (Detail, Cause) {
    let detail = Detail::default().judged(judgement);
    let cause = Cause::of(judgement.refusal().map(|gate| gate.as_str()), true, &detail);
    (detail, cause)
}

fn of_judgement(
    name: &str,
    directory: &str,
    (judgement, tries): (&Judgement, &UsedAttempts),
) -> serde_json::Value {
    let (detail, cause) = detail_and_cause(judgement);
    json!({
        "name": name, "directory": directory, "cause": judgement.refusal(), "reason": cause.word(),
        "what": cause.what(), "advice": cause.advice(), "judgement": detail.judgement, "tries": tries,
    })
}

fn print_judgement(name: &str, directory: &str, (judgement, tries): (&Judgement, &UsedAttempts)) {
    outln!("{} in {directory}", printable(name));
    let (detail, cause) = detail_and_cause(judgement);
    print_gates(&detail.judgement);
    explain_tries::print(tries);
    match judgement.refusal() {
        Some(gate) => {
            outln!("would be refused by: {}", gate.as_str());
            outln!("what to do: {}", cause.advice());
        }
        None => outln!("{}", explain_tries::sign_in_text(tries)),
    }
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
