//! Test the connection to a directory with settings that need not be stored: what the doctor checks, handed over
//! as it is found. A test stores nothing, connects only where the rules allow, and sends a password only if that
//! can't lock the service account.

use super::{MirroredScope, PeopleCheck, examine_into, stored_settings};
use crate::directory::DirectoryConfigError;
use crate::directory::probe::Probe;
use crate::domain::doctor::{self, Finding, FindingSink, Severity, Stage};
use crate::domain::group::GroupGraph;
use crate::domain::scope::Scope;
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, Encryption, Settings};
use crate::flow::installation::context::OperationParts;
use crate::flow::limits::outbound;
use crate::flow::limits::service_bind::{ServiceBindLimit, ServiceBindPermit};
use crate::flow::settings::service_password;
use crate::flow::support::setup::{self, Identity};
use crate::volatile::{Volatile, VolatileError};

/// At most this much of the evidence is handed over, since servers write parts of it.
const LONGEST_EVIDENCE: usize = 400;
/// At most this many servers are tested at once for a page.
const MOST_SERVERS: usize = 16;

/// What to test.
pub struct ConnectionTest<'a> {
    /// The settings, as typed or as stored. Their scope is not looked at.
    pub directory: &'a Directory,
    /// The service account's password as typed; `None`: the stored one of this directory.
    pub password: Option<Plain>,
    /// A user of the server may connect anywhere; a page may not.
    pub by_command: bool,
}

/// Why a test was not made, or not to the end.
#[derive(Debug, thiserror::Error)]
pub enum TestNotMade {
    #[error(transparent)]
    Settings(#[from] DirectoryConfigError),
    /// The stored password was given for other servers or another CA, or there is none.
    #[error(
        "type the password of the service account: none is stored that may be sent to these servers with this CA"
    )]
    PasswordNeeded,
    /// Unencrypted connections can't be set up by a test.
    #[error("choose LDAPS or StartTLS: a password is never sent unencrypted")]
    Unencrypted,
    #[error("at most {} servers can be tested at once", MOST_SERVERS)]
    TooManyServers,
    #[error("the test took too long; what was found so far is shown")]
    TooLong,
    #[error(transparent)]
    Volatile(#[from] VolatileError),
}

/// Tests the connection. The caller has counted the test ([`outbound::admit`]).
pub async fn test_connection(
    parts: &OperationParts,
    volatile: &Volatile,
    test: &ConnectionTest<'_>,
    sink: &mut (impl FindingSink + Send),
) -> Result<(), TestNotMade> {
    let limited = LimitedProbe::new(parts, volatile, test).await?;
    let mut sink = Shortened(sink);
    if let Some(finding) = withheld(&limited.permit) {
        sink.found(Stage::Bind, finding);
    }
    let examined = outbound::run(examine_into(parts, &limited.probe, &no_scope(), &mut sink)).await;
    limited.end(examined.is_some()).await?;
    examined.map(|_| ()).ok_or(TestNotMade::TooLong)
}

/// Binds as the service account and asks what the directory is, or says how the bind failed. The caller has
/// counted it.
pub async fn identify(
    parts: &OperationParts,
    volatile: &Volatile,
    test: &ConnectionTest<'_>,
) -> Result<Result<Identity, Vec<Finding>>, TestNotMade> {
    let limited = LimitedProbe::new(parts, volatile, test).await?;
    let refused = withheld(&limited.permit);
    let identified = outbound::look(setup::identified(&limited.probe)).await;
    limited.end(identified.is_some()).await?;
    let failed = |why: String| vec![Finding::new("bind", Severity::Error, why)];
    Ok(match (refused, identified.ok_or(TestNotMade::TooLong)?) {
        (Some(finding), _) => Err(vec![finding]),
        (None, Ok(Ok(identity))) => Ok(identity),
        (None, Ok(Err(bind))) => {
            let server = limited.probe.names().into_iter().next().unwrap_or_default();
            let Directory { service_account, encryption, .. } = test.directory;
            Err(doctor::bind(&server, service_account, &bind, *encryption))
        }
        (None, Err(why)) => Err(failed(shortened(why))),
    })
}

/// A probe that connects only where the rules allow, and that sends a password only if that can't lock the
/// service account.
struct LimitedProbe<'a> {
    probe: Probe,
    limit: ServiceBindLimit<'a>,
    permit: ServiceBindPermit,
}

impl<'a> LimitedProbe<'a> {
    async fn new(
        parts: &'a OperationParts,
        volatile: &'a Volatile,
        test: &ConnectionTest<'_>,
    ) -> Result<Self, TestNotMade> {
        let stored = stored_settings(parts).await;
        let password = password(parts, &stored, test)?;
        let probe = Probe::new(test.directory, password.clone())?.through(parts.installation.tunnels())?;
        let rule = outbound::address_rule(&stored, test.directory).filter(|_| !test.by_command);
        if rule.is_some() && test.directory.servers.len() > MOST_SERVERS {
            return Err(TestNotMade::TooManyServers);
        }
        let probe = match rule {
            Some(rule) => probe.guarded(rule),
            None => probe,
        };
        let limit = ServiceBindLimit { volatile, sealer: &parts.keys.sealer, now: parts.now() };
        let permit = limit.reserve(&test.directory.service_account, &password).await?;
        if !matches!(permit, ServiceBindPermit::Granted(_)) {
            probe.withhold();
        }
        Ok(Self { probe, limit, permit })
    }

    /// Records how the bind ended.
    async fn end(&self, is_complete: bool) -> Result<(), VolatileError> {
        match &self.permit {
            // Nobody knows whether a bind was under way, so it stays counted.
            ServiceBindPermit::Granted(_) if !is_complete && !self.probe.is_wrong() => Ok(()),
            ServiceBindPermit::Granted(keys) => self.limit.finish(keys, self.probe.is_wrong()).await,
            ServiceBindPermit::PasswordRefused | ServiceBindPermit::AccountRefused => Ok(()),
        }
    }
}

/// The password to send: the stored one only to servers for which it was given.
fn password(
    parts: &OperationParts,
    stored: &Settings,
    test: &ConnectionTest<'_>,
) -> Result<Plain, TestNotMade> {
    let known = stored.directory(&test.directory.id);
    let is_stored = known.is_some_and(|known| known.encryption == test.directory.encryption);
    let is_allowed = is_stored || test.by_command;
    if test.directory.encryption == Encryption::UnencryptedLoopbackOnly && !is_allowed {
        return Err(TestNotMade::Unencrypted);
    }
    if let Some(typed) = &test.password {
        return Ok(typed.clone());
    }
    let sealed = known.and_then(|known| known.service_account_password.clone());
    let directory = Directory { service_account_password: sealed, ..test.directory.clone() };
    service_password(&directory, &parts.keys.sealer).map_err(|_| TestNotMade::PasswordNeeded)
}

/// Some people are looked at, wherever they are: a scope is chosen after the connection works.
fn no_scope() -> MirroredScope {
    MirroredScope { scope: Scope::default(), graph: GroupGraph::default(), people: PeopleCheck::Sample }
}

fn withheld(permit: &ServiceBindPermit) -> Option<Finding> {
    let (what, fix) = match permit {
        ServiceBindPermit::Granted(_) => return None,
        ServiceBindPermit::PasswordRefused => (
            "this password was refused a short time ago, and is not sent again",
            "Type another password, or correct the service account. The same one can be tested again after 30 minutes.",
        ),
        ServiceBindPermit::AccountRefused => (
            "two passwords of this account were refused within an hour; a third is not sent",
            "Set a new password for the service account in the directory, and test it an hour after the first attempt: \
             a third wrong one could lock the account.",
        ),
    };
    Some(Finding::new("bind", Severity::Error, what).fix(fix))
}

/// Shortens the evidence.
struct Shortened<'a, S>(&'a mut S);

impl<S: FindingSink> FindingSink for Shortened<'_, S> {
    fn found(&mut self, stage: Stage, finding: Finding) {
        let evidence = finding.evidence.map(shortened);
        self.0.found(stage, Finding { evidence, ..finding });
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST_EVIDENCE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_of_a_server_is_shortened_between_characters() {
        let mut findings: Vec<Finding> = Vec::new();
        for text in ["short".to_owned(), "ü".repeat(LONGEST_EVIDENCE), "ü".repeat(LONGEST_EVIDENCE + 1)] {
            let finding = Finding::new("bind", Severity::Error, "refused").seen(text);
            Shortened(&mut findings).found(Stage::Bind, finding);
        }
        let lengths: Vec<usize> =
            findings.iter().flat_map(|one| &one.evidence).map(|text| text.chars().count()).collect();
        assert_eq!(lengths, [5, LONGEST_EVIDENCE, LONGEST_EVIDENCE + 1]);
        assert!(findings[2].evidence.as_ref().is_some_and(|text| text.ends_with("ü…")));
    }
}
