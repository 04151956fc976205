//! Check a directory's configuration: turn what a probe saw ([`facts`]) into findings, each with evidence and
//! a fix. It does no I/O. A missing fact leads to "can't tell", never to "ok".

mod account;
pub mod facts;
mod limits;
mod lockout;
mod network;
mod people;
mod rights;
mod stage;
mod tls;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use account::{bind, clock};
pub use limits::{base, indexes, limits, paging};
pub use lockout::lockout;
pub use network::{NOT_ALLOWED, agent, global_catalog, name, port, srv};
pub use people::{
    attributes, mail_duplicate, mail_missing, mail_writers, sampled, scope, smart_cards, unknown_class,
    unread,
};
pub use rights::{deleted_objects, dir_sync, fine_grained, sync_feed, token_groups};
pub use stage::{FindingSink, Stage, StageState, StagedFinding, failed};
pub use tls::{authority, certificates, handshake, start_tls, suites};

/// How serious a finding is, the least serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Severity {
    #[serde(rename = "ok")]
    Ok,
    #[serde(rename = "info")]
    Info,
    /// The fact that would decide is not visible to us.
    #[serde(rename = "can't tell")]
    CantTell,
    /// It works, but not always or not for every person.
    #[serde(rename = "warning")]
    Warning,
    #[serde(rename = "error")]
    Error,
}

impl Severity {
    /// The word for display and scripts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::CantTell => "can't tell",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The exit status: 0 nothing to fix, 1 a warning, 2 an error. "Can't tell" is 0, so that it wakes nobody
    /// at night.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Ok | Self::Info | Self::CantTell => 0,
            Self::Warning => 1,
            Self::Error => 2,
        }
    }
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of the check: a stable word for scripts.
    pub check: &'static str,
    /// `host:port`, if the finding is about one server.
    pub server: Option<String>,
    pub verdict: Severity,
    pub what: String,
    pub evidence: Option<String>,
    pub fix: Option<String>,
}

impl Finding {
    /// A finding without evidence and fix.
    pub fn new(check: &'static str, verdict: Severity, what: impl Into<String>) -> Self {
        Self { check, server: None, verdict, what: what.into(), evidence: None, fix: None }
    }

    /// Sets the server.
    #[must_use]
    pub fn at(self, server: &str) -> Self {
        Self { server: Some(server.to_owned()), ..self }
    }

    /// Sets the evidence.
    #[must_use]
    pub fn seen(self, evidence: impl Into<String>) -> Self {
        Self { evidence: Some(evidence.into()).filter(|evidence| !evidence.is_empty()), ..self }
    }

    /// Sets the fix.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

/// The most serious verdict; ok if there are no findings.
#[must_use]
pub fn worst<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Severity {
    findings.into_iter().map(|finding| finding.verdict).max().unwrap_or(Severity::Ok)
}

/// Sorts the least serious first, so that the worst is at the end, where a terminal shows it. The sort is
/// stable.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| finding.verdict);
}

/// Joins the names, and adds how many more there are.
fn some(names: &[String], all: usize) -> String {
    let more = all.saturating_sub(names.len());
    let tail = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{tail}", names.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides_and_is_sorted_last() {
        let finding = |verdict| Finding::new("x", verdict, "y");
        let mut all = [Severity::Error, Severity::Ok, Severity::CantTell, Severity::Warning, Severity::Info]
            .map(finding);
        assert_eq!(worst(&all), Severity::Error);
        sort(&mut all);
        let words: Vec<_> = all.iter().map(|finding| finding.verdict.word()).collect();
        assert_eq!(words, ["ok", "info", "can't tell", "warning", "error"]);
        let statuses: Vec<_> = all.iter().map(|finding| finding.verdict.status()).collect();
        assert_eq!(statuses, [0, 0, 0, 1, 2]);
        assert_eq!(worst(&[]), Severity::Ok);
    }

    #[test]
    fn people_and_scripts_get_the_same_word() {
        for verdict in [Severity::Ok, Severity::Info, Severity::CantTell, Severity::Warning, Severity::Error]
        {
            let written = serde_json::to_string(&verdict).expect("a word");
            assert_eq!(written, format!("{:?}", verdict.word()));
        }
    }
}
