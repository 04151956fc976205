//! Explain an attempt by the id that the person was shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail};
use crate::domain::timestamp;
use crate::flow::installation::fault::Fault;
use crate::store::{AuditFilter, AuditRow, Store};

/// Nothing writes as many events under one id.
const MOST_EVENTS: u32 = 100;

/// The decisions that refuse a person.
const NOT_LET_IN: [Decision; 9] = [
    Decision::SignInRefused,
    Decision::SignInUndecided,
    Decision::SignInThrottled,
    Decision::FactorRefused,
    Decision::PasswordChangeRefused,
    Decision::SessionRefused,
    Decision::RefreshRefused,
    Decision::RefreshReplayed,
    Decision::CodeReplayed,
];

const REPLAYS: [Decision; 2] = [Decision::RefreshReplayed, Decision::CodeReplayed];

/// One decision of an attempt, with its evidence and what to do about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExplainedDecision {
    pub at: String,
    pub decision: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The number of such attempts within the hour from the same address; the evidence is the latest's.
    pub times: i64,
    /// When the latest of several was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<String>,
    /// True if the person was refused.
    pub refused: bool,
    /// The first gate that was shut, or another cause, as in the audit trail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The cause, finer than the gate.
    pub reason: &'static str,
    /// The reason in words.
    pub what: &'static str,
    pub advice: &'static str,
    /// Server, entry, sub-code, gates and the rest.
    #[serde(flatten)]
    pub detail: Detail,
}

/// Every decision under this id, the oldest first; empty if there is no such id.
pub async fn attempt(store: &Store, id: &str) -> Result<Vec<ExplainedDecision>, Fault> {
    let filter = AuditFilter::Attempt(attempt_id(id));
    let rows = store.login().audit_page(None, MOST_EVENTS, &filter).await?;
    Ok(rows.into_iter().rev().map(ExplainedDecision::from).collect())
}

/// Normalises an id as a person read it out: in lowercase, without its hyphen, with letters for digits.
#[must_use]
pub fn attempt_id(said: &str) -> String {
    let heard = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let letters: String = said.chars().filter(char::is_ascii_alphanumeric).map(heard).collect();
    match letters.split_at_checked(5) {
        Some((first, second)) if second.len() == 5 => format!("{first}-{second}"),
        _ => said.trim().to_owned(),
    }
}

impl From<AuditRow> for ExplainedDecision {
    fn from(row: AuditRow) -> Self {
        let detail = row.detail.as_deref().and_then(Detail::read).unwrap_or_default();
        let refused = NOT_LET_IN.iter().any(|decision| decision.as_str() == row.decision);
        // Only a typed name can contain an unknown domain; a session's owner is found by the account.
        let known_domain = row.directory.is_some() || row.decision != Decision::SignInRefused.as_str();
        let replayed = REPLAYS.iter().any(|decision| decision.as_str() == row.decision);
        let word = if replayed { Some(Cause::Replayed.word()) } else { row.cause.as_deref() };
        let cause = Cause::of(word.filter(|_| refused), known_domain, &detail);
        Self {
            refused,
            at: timestamp(row.at),
            times: row.times,
            last_at: row.last_at.map(timestamp),
            decision: row.decision,
            address: row.address,
            client: row.client_id,
            directory: row.directory,
            account: row.account_id,
            cause: row.cause,
            reason: cause.word(),
            what: cause.what(),
            advice: cause.advice(),
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_understood_as_a_person_reads_it_out() {
        for said in ["7K3PW-01X9M", "7k3pw-01x9m", "7K3PW 01X9M", " 7k3pwoix9m ", "7k3pw-oLx9m"] {
            assert_eq!(attempt_id(said), "7K3PW-01X9M", "{said}");
        }
        for other in ["", "alice", "7K3PW-0QX9", "Zoë"] {
            assert_eq!(attempt_id(other), other);
        }
    }
}
