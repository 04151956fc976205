//! `cloudsync-idp audit list`: show the audit log.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::table::Table;
use super::{output, person};
use crate::domain::account::AccountId;
use crate::domain::timestamp;
use crate::flow::installation::context::LoginParts;
use crate::flow::support::explain::attempt_id;
use crate::store::{AuditFilter, AuditRow};

/// Commands for the audit log.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List decisions, newest first
    List(Arguments),
}

/// Which decisions.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this person: login name, email address or account id (also of an erased account)
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only this attempt: the id that the page showed
    #[arg(long, value_name = "ID", conflicts_with = "person")]
    attempt: Option<String>,
    /// Only this kind of decision, such as sign_in_refused
    #[arg(long, value_name = "WORD")]
    decision: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only older decisions: the number at the end of the previous page
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
}

/// A decision as JSON.
#[derive(Serialize)]
struct DecisionShape<'a> {
    id: i64,
    at: String,
    decision: &'a str,
    cause: Option<&'a str>,
    attempt: Option<&'a str>,
    account: Option<&'a str>,
    directory: Option<&'a str>,
    client: Option<&'a str>,
    address: Option<&'a str>,
    times: i64,
    actor: Option<&'a str>,
    role: Option<&'a str>,
    detail: Option<Value>,
}

impl<'a> From<&'a AuditRow> for DecisionShape<'a> {
    fn from(row: &'a AuditRow) -> Self {
        Self {
            id: row.id,
            at: timestamp(row.at),
            decision: &row.decision,
            cause: row.cause.as_deref(),
            attempt: row.attempt_id.as_deref(),
            account: row.account_id.as_deref(),
            directory: row.directory.as_deref(),
            client: row.client_id.as_deref(),
            address: row.address.as_deref(),
            times: row.times,
            actor: row.actor.as_deref(),
            role: row.role.as_deref(),
            detail: row.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()),
        }
    }
}

/// A page of the audit log as JSON.
#[derive(Serialize)]
struct PageShape<'a> {
    decisions: Vec<DecisionShape<'a>>,
    next_before: Option<i64>,
}

/// Lists the audit log.
pub async fn run(parts: &LoginParts, command: Command, json: bool) -> Result<u8> {
    let Command::List(arguments) = command;
    let rows = read(parts, &arguments).await?;
    let full = rows.len() == arguments.limit as usize;
    let next_before = rows.last().map(|row| row.id).filter(|_| full);
    if json {
        output::json(&PageShape { decisions: rows.iter().map(DecisionShape::from).collect(), next_before })?;
        return Ok(0);
    }
    let headers = &[
        "at",
        "decision",
        "cause",
        "account",
        "directory",
        "client",
        "address",
        "times",
        "attempt",
        "actor",
    ];
    let mut table = Table::new(headers);
    for row in &rows {
        let text = |text: &'_ Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.row([
            &timestamp(row.at),
            &row.decision,
            &text(&row.cause),
            &text(&row.account_id),
            &text(&row.directory),
            &text(&row.client_id),
            &text(&row.address),
            &row.times.to_string(),
            &text(&row.attempt_id),
            &text(&row.actor),
        ]);
    }
    table.finish();
    if let Some(before) = next_before {
        errln!("there may be more; continue with: --before {before}");
    }
    Ok(0)
}

async fn read(parts: &LoginParts, arguments: &Arguments) -> Result<Vec<AuditRow>> {
    let filter = filter(parts, arguments).await?;
    let (mut found, mut before) = (Vec::new(), arguments.before);
    let limit = arguments.limit as usize;
    while found.len() < limit {
        let page = parts.store.login().audit_page(before, arguments.limit, &filter).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        found.extend(
            page.into_iter()
                .filter(|row| arguments.decision.as_ref().is_none_or(|word| row.decision == *word)),
        );
    }
    found.truncate(limit);
    Ok(found)
}

async fn filter(parts: &LoginParts, arguments: &Arguments) -> Result<AuditFilter> {
    if let Some(id) = &arguments.attempt {
        return Ok(AuditFilter::Attempt(attempt_id(id)));
    }
    let Some(name) = &arguments.person else { return Ok(AuditFilter::All) };
    // Of an erased account only the id is kept.
    let id = AccountId(name.clone());
    let known = parts.store.login().audit_page(None, 1, &AuditFilter::Account(id.clone())).await?;
    if !known.is_empty() {
        return Ok(AuditFilter::Account(id));
    }
    Ok(AuditFilter::Account(person::named(parts, name).await?.id))
}
