//! `cloudsync-idp audit list`: the trail of decisions.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::table::Table;
use super::{admin, output};
use crate::domain::account::AccountId;
use crate::domain::timestamp;
use crate::flow::context::Parts;
use crate::flow::explain::attempt_id;
use crate::store::{AuditFilter, AuditRow};

/// What to do with the trail.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List decisions, the newest first
    List(Arguments),
}

/// Which decisions.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only of this person: a login name, a mail or an account id, also of an account that was erased
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only of this attempt, by the id that the page showed
    #[arg(long, value_name = "ID", conflicts_with = "person")]
    attempt: Option<String>,
    /// Only this kind of decision, such as sign_in_refused
    #[arg(long, value_name = "WORD")]
    decision: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only what is older: the number that the last page ended with
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
}

/// A decision as JSON.
#[derive(Serialize)]
struct Shape<'a> {
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
    detail: Option<Value>,
}

impl<'a> From<&'a AuditRow> for Shape<'a> {
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
            detail: row.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()),
        }
    }
}

/// A page of the trail as JSON.
#[derive(Serialize)]
struct PageShape<'a> {
    decisions: Vec<Shape<'a>>,
    next_before: Option<i64>,
}

/// Lists the trail.
pub async fn run(parts: &Parts, command: Command, json: bool) -> Result<u8> {
    let Command::List(arguments) = command;
    let rows = read(parts, &arguments).await?;
    let full = rows.len() == arguments.limit as usize;
    let next_before = rows.last().map(|row| row.id).filter(|_| full);
    if json {
        output::json(&PageShape { decisions: rows.iter().map(Shape::from).collect(), next_before })?;
        return Ok(0);
    }
    let headers =
        &["at", "decision", "cause", "account", "directory", "client", "address", "times", "attempt"];
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
        ]);
    }
    table.finish();
    if let Some(before) = next_before {
        errln!("there may be more; go on with: --before {before}");
    }
    Ok(0)
}

async fn read(parts: &Parts, asked: &Arguments) -> Result<Vec<AuditRow>> {
    let filter = filter(parts, asked).await?;
    let (mut found, mut before) = (Vec::new(), asked.before);
    let limit = asked.limit as usize;
    while found.len() < limit {
        let page = parts.store.audit_page(before, asked.limit, &filter).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        found.extend(
            page.into_iter().filter(|row| asked.decision.as_ref().is_none_or(|word| row.decision == *word)),
        );
    }
    found.truncate(limit);
    Ok(found)
}

async fn filter(parts: &Parts, asked: &Arguments) -> Result<AuditFilter> {
    if let Some(id) = &asked.attempt {
        return Ok(AuditFilter::Attempt(attempt_id(id)));
    }
    let Some(name) = &asked.person else { return Ok(AuditFilter::All) };
    // An account that was erased is known by its id alone.
    let id = AccountId(name.clone());
    let known = parts.store.audit_page(None, 1, &AuditFilter::Account(id.clone())).await?;
    if !known.is_empty() {
        return Ok(AuditFilter::Account(id));
    }
    Ok(AuditFilter::Account(admin::named(parts, name).await?.id))
}
