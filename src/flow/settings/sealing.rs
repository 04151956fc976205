//! Protect the secrets of settings with this installation's keys. Passwords that we must send are sealed for
//! their directory and the servers that may receive them; secrets that we only compare are stored as keyed
//! digests, each bound to its client.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::SettingsError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::entry::DirectoryId;
use crate::domain::secret::{Plain, Sealed};
use crate::domain::settings::{Directory, Encryption, Server};
use crate::keys::{Label, Sealer};

/// The prefix of a sealed password in the stored document and in an export; base64url follows.
pub const SEALED: &str = "sealed:v2:";
/// The prefix of the digest of a client's secret; hexadecimal follows.
pub const HASHED: &str = "hmac-sha256:";

/// The prefix of a given secret that is not bound to its recipients yet; it is never stored.
const GIVEN: &str = "given:";

pub(super) const SERVICE_PASSWORD: &str = "service_account_password";
const GIVEN_PASSWORD: &str = "given_password";

/// The password of a directory's service account, for the connection that sends it.
pub fn service_password(directory: &Directory, sealer: &Sealer) -> Result<Plain, SettingsError> {
    let sealed = directory.service_account_password.as_ref();
    sealed
        .and_then(|sealed| open_service_password(sealer, &directory.id, &sealed.0))
        .filter(|held| held.recipients.cover(&Recipients::of(directory)))
        .map(|held| held.password)
        .ok_or_else(|| SettingsError::Sealed(directory.id.clone()))
}

/// The servers that may receive a password. A person who can change the settings without knowing the password
/// can't have it sent to a server of their own.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recipients {
    servers: Vec<String>,
    ca: Option<String>,
}

impl Recipients {
    pub fn of(directory: &Directory) -> Self {
        let server = |server: &Server| {
            let (scheme, port) = match directory.encryption {
                Encryption::Ldaps => ("tls", 636),
                Encryption::StartTls => ("tls", 389),
                Encryption::UnencryptedLoopbackOnly => ("plain", 389),
            };
            let name = server.tls_name.as_ref().unwrap_or(&server.host);
            let port = server.port.unwrap_or(port);
            format!("{scheme}://{}:{port} {}", server.host, name).to_lowercase()
        };
        Self { servers: directory.servers.iter().map(server).collect(), ca: directory.ca_pem.clone() }
    }

    /// True if each of the others is one of these, and is trusted for the same reason.
    pub fn cover(&self, others: &Self) -> bool {
        self.ca == others.ca && others.servers.iter().all(|server| self.servers.contains(server))
    }
}

/// A password and the servers that may receive it.
pub(super) struct BoundPassword {
    pub password: Plain,
    pub recipients: Recipients,
}

/// True if this is the secret of the client whose stored digest is given. Compared in constant time.
#[must_use]
pub fn is_client_secret(sealer: &Sealer, client_id: &str, secret: &str, stored: &str) -> bool {
    let digest = hash_client_secret(sealer, client_id, secret);
    verify_slices_are_equal(digest.as_bytes(), stored.as_bytes()).is_ok()
}

/// A password as it was given: it is sealed for its servers once these are known.
pub(super) fn hold_given(sealer: &Sealer, id: &DirectoryId, plain: &Plain) -> String {
    hold(sealer, GIVEN_PASSWORD, &id.0, plain)
}

/// `None` if this is no such password.
pub(super) fn open_given(sealer: &Sealer, id: &DirectoryId, held: &str) -> Option<Plain> {
    open_held(sealer, GIVEN_PASSWORD, &id.0, held)
}

/// Seals a password for the servers of its directory.
pub(super) fn seal_service_password(sealer: &Sealer, directory: &Directory, plain: &Plain) -> String {
    seal_bound(sealer, (SERVICE_PASSWORD, &directory.id.0), &Recipients::of(directory), plain)
}

/// `None` if this installation did not seal it for this directory.
pub(super) fn open_service_password(
    sealer: &Sealer,
    id: &DirectoryId,
    sealed: &str,
) -> Option<BoundPassword> {
    let (password, recipients) = open_bound(sealer, (SERVICE_PASSWORD, &id.0), sealed)?;
    Some(BoundPassword { password, recipients })
}

/// A secret as it was given, until it is known who may receive it. It is never stored.
pub(super) fn hold(sealer: &Sealer, kind: &str, id: &str, plain: &Plain) -> String {
    let Sealed(bytes) = sealer.seal(kind, id, plain.expose().as_bytes());
    format!("{GIVEN}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// `None` if this is no such secret.
pub(super) fn open_held(sealer: &Sealer, kind: &str, id: &str, held: &str) -> Option<Plain> {
    let bytes = URL_SAFE_NO_PAD.decode(held.strip_prefix(GIVEN)?).ok()?;
    let opened = sealer.open(kind, id, &Sealed(bytes)).ok()?;
    String::from_utf8(opened).ok().map(Plain::new)
}

/// Seals a secret together with who may receive it. The recipients come first and contain no zero byte, so the
/// secret is what follows it.
pub(super) fn seal_bound(
    sealer: &Sealer,
    (kind, id): (&str, &str),
    recipients: &impl Serialize,
    plain: &Plain,
) -> String {
    // A list of texts can always be written as JSON.
    let recipients = serde_json::to_vec(recipients).unwrap_or_default();
    let content = zeroize::Zeroizing::new([&recipients, &b"\0"[..], plain.expose().as_bytes()].concat());
    let Sealed(bytes) = sealer.seal(kind, id, &content);
    format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The secret and its recipients; `None` if this installation did not seal it as this.
pub(super) fn open_bound<R: DeserializeOwned>(
    sealer: &Sealer,
    (kind, id): (&str, &str),
    sealed: &str,
) -> Option<(Plain, R)> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(SEALED)?).ok()?;
    let opened = zeroize::Zeroizing::new(sealer.open(kind, id, &Sealed(bytes)).ok()?);
    let end = opened.iter().position(|byte| *byte == 0)?;
    let recipients = serde_json::from_slice(&opened[..end]).ok()?;
    let secret = std::str::from_utf8(&opened[end + 1..]).ok()?;
    Some((Plain::new(secret), recipients))
}

/// A client id contains no NUL, so id and secret can't be split otherwise.
pub(in crate::flow) fn hash_client_secret(sealer: &Sealer, client_id: &str, secret: &str) -> String {
    let data = zeroize::Zeroizing::new([client_id.as_bytes(), b"\0", secret.as_bytes()].concat());
    format!("{HASHED}{}", hex::encode(sealer.hmac(Label::ClientSecret, &data).0))
}
