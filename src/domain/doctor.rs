//! What the doctor says of a directory. Facts come in as they were seen ([`facts`]), findings in words go out: what is so,
//! by what one can tell, and how to mend it. Pure: it asks nobody, and a fact that is missing is "can't tell" and never
//! "well".

mod account;
pub mod facts;
mod limits;
mod lockout;
mod network;
mod people;
mod rights;
mod tls;

use serde::Serialize;

pub use account::{bind, clock};
pub use limits::{base, indexes, limits, paging};
pub use lockout::lockout;
pub use network::{global_catalog, name, port, srv};
pub use people::{
    attributes, mail_duplicate, mail_missing, mail_writers, scope, smart_cards, unknown_class, unread,
};
pub use rights::{deleted_objects, dir_sync, fine_grained, sync_feed, token_groups};
pub use tls::{authority, certificates, handshake, start_tls, suites};

/// How bad it is, the better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Verdict {
    /// As it should be.
    #[serde(rename = "ok")]
    Ok,
    /// Good to know.
    #[serde(rename = "info")]
    Info,
    /// What would tell is not shown to us.
    #[serde(rename = "can't tell")]
    CantTell,
    /// It works, and will not always, or not for everybody.
    #[serde(rename = "warning")]
    Warning,
    /// It does not work.
    #[serde(rename = "error")]
    Error,
}

impl Verdict {
    /// The word for people and scripts.
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

    /// The exit status: 0 nothing to mend, 1 a warning, 2 an error. What can't be told alarms nobody at night.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Ok | Self::Info | Self::CantTell => 0,
            Self::Warning => 1,
            Self::Error => 2,
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which check it belongs to: a stable word for scripts.
    pub check: &'static str,
    /// `host:port`, where it speaks of one server.
    pub server: Option<String>,
    /// How bad it is.
    pub verdict: Verdict,
    /// What is so.
    pub what: String,
    /// By what one can tell.
    pub evidence: Option<String>,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Finding {
    /// A finding without evidence and mend.
    pub fn new(check: &'static str, verdict: Verdict, what: impl Into<String>) -> Self {
        Self { check, server: None, verdict, what: what.into(), evidence: None, mend: None }
    }

    /// Says which server it speaks of.
    #[must_use]
    pub fn at(self, server: &str) -> Self {
        Self { server: Some(server.to_owned()), ..self }
    }

    /// Says by what one can tell.
    #[must_use]
    pub fn seen(self, evidence: impl Into<String>) -> Self {
        Self { evidence: Some(evidence.into()).filter(|evidence| !evidence.is_empty()), ..self }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn mend(self, mend: impl Into<String>) -> Self {
        Self { mend: Some(mend.into()), ..self }
    }
}

/// The worst of all; well, where there is none.
#[must_use]
pub fn worst<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Verdict {
    findings.into_iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok)
}

/// The best first: the worst stands at the end, where a terminal shows it. The order is otherwise kept.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| finding.verdict);
}

/// The first of a list, and how many more there are.
fn some(names: &[String], all: usize) -> String {
    let more = all.saturating_sub(names.len());
    let tail = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{tail}", names.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_decides_and_stands_last() {
        let finding = |verdict| Finding::new("x", verdict, "y");
        let mut all =
            [Verdict::Error, Verdict::Ok, Verdict::CantTell, Verdict::Warning, Verdict::Info].map(finding);
        assert_eq!(worst(&all), Verdict::Error);
        sort(&mut all);
        let words: Vec<_> = all.iter().map(|finding| finding.verdict.word()).collect();
        assert_eq!(words, ["ok", "info", "can't tell", "warning", "error"]);
        let statuses: Vec<_> = all.iter().map(|finding| finding.verdict.status()).collect();
        assert_eq!(statuses, [0, 0, 0, 1, 2]);
        assert_eq!(worst(&[]), Verdict::Ok);
    }

    #[test]
    fn a_word_is_the_same_for_people_and_scripts() {
        for verdict in [Verdict::Ok, Verdict::Info, Verdict::CantTell, Verdict::Warning, Verdict::Error] {
            let written = serde_json::to_string(&verdict).expect("a word");
            assert_eq!(written, format!("{:?}", verdict.word()));
        }
    }
}
