//! `cloudsync-idp audit verify`: check that no event of the audit log was changed or removed.

use anyhow::{Result, anyhow};
use serde::Serialize;

use super::output;
use crate::domain::audit_chain::ChainPlace;
use crate::flow::installation::context::LoginParts;
use crate::flow::support::audit_chain::{AuditChain, NOT_NOTED};

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only print the newest place of the chain, to be kept on another system
    #[arg(long, conflicts_with = "expect")]
    head: bool,
    /// The chain must contain this place, which --head has printed before
    #[arg(long, value_name = "HEAD", value_parser = place)]
    expect: Option<ChainPlace>,
}

fn place(text: &str) -> Result<ChainPlace, String> {
    ChainPlace::parse(text).ok_or_else(|| "write it as --head printed it: NUMBER:DIGITS".to_owned())
}

#[derive(Serialize)]
struct Verified {
    unchanged: bool,
    events: u64,
    expired: u64,
    waiting: u64,
    /// That the chain has begun is noted beside the keys.
    beginning_noted: bool,
    head: Option<String>,
    problem: Option<String>,
}

/// Checks everything, or prints the head.
pub async fn run(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    let chain = AuditChain { store: &parts.store, keys: &parts.keys, now: parts.now() };
    if arguments.head {
        let head =
            chain.head().await?.ok_or_else(|| anyhow!("no event is linked yet; a running server does it"))?;
        match json {
            true => output::json(&serde_json::json!({ "head": head.to_string() }))?,
            false => outln!("{head}"),
        }
        return Ok(0);
    }
    let report = chain.check(arguments.expect).await?;
    let checked = report.result.ok();
    let verified = Verified {
        unchanged: checked.is_some(),
        events: checked.map_or(0, |checked| checked.events),
        expired: checked.map_or(0, |checked| checked.expired),
        waiting: report.waiting,
        beginning_noted: report.is_noted,
        head: checked.map(|checked| checked.place.to_string()),
        problem: report.result.err().map(|broken| broken.to_string()),
    };
    match json {
        true => output::json(&verified)?,
        false => print(&verified),
    }
    Ok(u8::from(!verified.unchanged))
}

fn print(verified: &Verified) {
    let Verified { events, expired, waiting, .. } = verified;
    if let Some(problem) = &verified.problem {
        outln!("CHANGED: {problem}");
        errln!("somebody has written to the database; see docs/admin/audit.md");
    } else {
        outln!("{events} events are unchanged; {expired} others have ended and were removed");
        outln!("head {}", verified.head.as_deref().unwrap_or("-"));
    }
    if !verified.beginning_noted {
        errln!("note: {NOT_NOTED}");
    }
    if *waiting > 0 {
        outln!("{waiting} events are not linked yet; a running server links them within seconds");
    }
}
