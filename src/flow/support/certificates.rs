//! Look at the certificates of the directory servers every day, and warn before they expire: a sign-in needs
//! them, and nobody else looks.

use crate::directory::probe::Probe;
use crate::domain::doctor::facts::Certificate;
use crate::domain::entry::DirectoryId;
use crate::domain::expiry::{SeenCertificate, new_warning, warning};
use crate::domain::settings::Directory;
use crate::domain::{DAY, Millis};
use crate::flow::installation::context::OperationParts;
use crate::keys::random_id;
use crate::store::{CertificateRow, StoreError};

/// In place of a server: the CA certificates of the settings.
const AUTHORITIES: &str = "ca_pem";

/// A certificate that expires soon, or has expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiringCertificate {
    pub directory: DirectoryId,
    /// `host:port`, or `ca_pem` for a CA certificate of the settings.
    pub server: String,
    pub subject: String,
    pub not_after: Millis,
    /// Negative if it has expired.
    pub days_left: i64,
}

/// Looks at the directories that no process has looked at for a day. No password is sent.
pub async fn look(parts: &OperationParts) -> Result<(), StoreError> {
    for directory in &parts.current().settings.directories {
        let (name, now) = (format!("certificates of {}", directory.id), parts.now());
        // Nobody releases the lease, and each look has another holder: so there is one a day.
        if parts.store.settings().acquire_lease(&name, &random_id(), now + DAY, now).await? {
            look_at(parts, directory).await?;
        }
    }
    Ok(())
}

async fn look_at(parts: &OperationParts, directory: &Directory) -> Result<(), StoreError> {
    // Settings that can't be used are reported by what uses them.
    let probe = Probe::without_account(directory);
    let probe = probe.and_then(|probe| probe.through(parts.installation.tunnels()));
    let Ok(probe) = probe else { return Ok(()) };
    let mut chains = Vec::new();
    for at in 0..probe.servers() {
        chains.extend(probe.chain(at).await);
    }
    record(parts, directory, probe.authorities(), chains).await
}

/// Records the chains that the servers of a directory have sent, by their names: all of its servers, with an
/// empty chain for one that did not answer.
pub(super) async fn record(
    parts: &OperationParts,
    directory: &Directory,
    authorities: &[Certificate],
    mut chains: Vec<(String, Vec<Certificate>)>,
) -> Result<(), StoreError> {
    let (store, now) = (parts.store.settings(), parts.now());
    let before = store.certificates(&directory.id).await?;
    chains.push((AUTHORITIES.to_owned(), authorities.to_vec()));
    let is_gone = |row: &&CertificateRow| chains.iter().all(|(server, _)| *server != row.server);
    for row in before.iter().filter(is_gone) {
        store.certificates_seen(&directory.id, &row.server, &[], now).await?;
    }
    for (server, chain) in &chains {
        let seen: Vec<SeenCertificate> = chain.iter().map(seen).collect();
        seen.iter().for_each(|one| warn(directory, server, one, &before, now));
        // A server that does not answer today keeps what it sent before; a CA that was removed is gone.
        if !seen.is_empty() || server == AUTHORITIES {
            store.certificates_seen(&directory.id, server, &seen, now).await?;
        }
    }
    Ok(())
}

fn seen(certificate: &Certificate) -> SeenCertificate {
    let subject = certificate.names.first().unwrap_or(&certificate.subject).clone();
    SeenCertificate { subject, not_after: certificate.not_after }
}

/// Logs each warning once.
fn warn(
    directory: &Directory,
    server: &str,
    certificate: &SeenCertificate,
    before: &[CertificateRow],
    now: Millis,
) {
    let known = before.iter().find(|row| row.server == server && row.certificate == *certificate);
    if new_warning(certificate.not_after, known.map(|row| row.seen_at), now).is_some() {
        let days_left = days_left(certificate.not_after, now);
        let (directory, certificate) = (&directory.id, &certificate.subject);
        tracing::warn!(
            %directory, server, certificate, days_left,
            "a certificate expires: from that day on nobody can sign in by this server"
        );
    }
}

/// The certificates about which a warning is due, the first to expire first.
pub async fn expiring(parts: &OperationParts) -> Result<Vec<ExpiringCertificate>, StoreError> {
    let now = parts.now();
    let mut found = Vec::new();
    for directory in &parts.current().settings.directories {
        for row in parts.store.settings().certificates(&directory.id).await? {
            let SeenCertificate { subject, not_after } = row.certificate;
            if warning(not_after, now).is_some() {
                found.push(ExpiringCertificate {
                    directory: directory.id.clone(),
                    server: row.server,
                    subject,
                    not_after,
                    days_left: days_left(not_after, now),
                });
            }
        }
    }
    found.sort_by_key(|one| one.not_after);
    Ok(found)
}

fn days_left(not_after: Millis, now: Millis) -> i64 {
    not_after.saturating_sub(now).div_euclid(DAY)
}
