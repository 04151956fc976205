//! `cloudsync-idp admin approvals`: what admins of the panel have asked a second owner for.

use anyhow::Result;
use serde::Serialize;

use super::output;
use super::table::Table;
use crate::domain::admin::TaskKind;
use crate::domain::timestamp;
use crate::flow::admin::four_eyes::{ApprovalLine, lines};
use crate::flow::installation::context::LoginParts;

/// A request as JSON.
#[derive(Serialize)]
struct RequestShape<'a> {
    id: &'a str,
    what: &'static str,
    state: &'static str,
    asked_by: &'a str,
    why: &'a str,
    asked_at: String,
    expires_at: String,
    decided_by: Option<&'a str>,
    decided_at: Option<String>,
    reason: Option<&'a str>,
}

impl<'a> From<&'a ApprovalLine> for RequestShape<'a> {
    fn from(line: &'a ApprovalLine) -> Self {
        Self {
            id: &line.id,
            what: line.kind.map_or("settings", TaskKind::as_str),
            state: line.state.as_str(),
            asked_by: &line.asked_by,
            why: &line.why,
            asked_at: timestamp(line.made_at),
            expires_at: timestamp(line.expires_at),
            decided_by: line.decided_by.as_deref(),
            decided_at: line.decided_at.map(timestamp),
            reason: line.reason.as_deref(),
        }
    }
}

/// Lists the requests of the last 30 days, the newest first. Only an owner in the panel decides about them.
pub async fn run(parts: &LoginParts, json: bool) -> Result<u8> {
    let lines = lines(parts).await?;
    let requests: Vec<RequestShape<'_>> = lines.iter().map(RequestShape::from).collect();
    if json {
        output::json(&requests)?;
        return Ok(0);
    }
    if requests.is_empty() {
        outln!("nobody has asked for anything");
        return Ok(0);
    }
    let mut table = Table::new(&["asked", "what", "state", "asked by", "why", "decided by"]);
    for one in &requests {
        let decided_by = one.decided_by.unwrap_or_default();
        table.row([one.asked_at.as_str(), one.what, one.state, one.asked_by, one.why, decided_by]);
    }
    table.finish();
    Ok(0)
}
