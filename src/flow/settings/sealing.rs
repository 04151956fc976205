//! Secrets of settings under this installation's keys: passwords that we must send are sealed for their directory,
//! secrets that we only compare are keyed digests, each bound to its client.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::stored::SettingsError;
use crate::domain::entry::DirectoryId;
use crate::domain::secret::{Plain, Sealed};
use crate::domain::settings::Directory;
use crate::keys::Sealer;

/// How a sealed password begins in the stored document and in an export; base64url follows.
pub const SEALED: &str = "sealed:v1:";
/// How a digest of a client's secret begins; hexadecimal follows.
pub const HASHED: &str = "hmac-sha256:";

const SERVICE_PASSWORD: &str = "service_account_password";
const CLIENT_SECRET: &str = "client_secret";

/// The password of a directory's service account, for the connection that sends it.
pub fn service_password(directory: &Directory, sealer: &Sealer) -> Result<Plain, SettingsError> {
    let sealed = directory.service_account_password.as_ref();
    sealed
        .and_then(|sealed| open_service_password(sealer, &directory.id, &sealed.0))
        .ok_or_else(|| SettingsError::Sealed(directory.id.clone()))
}

/// True when this is the secret of the client whose stored digest is given. Compared in constant time.
#[must_use]
pub fn is_client_secret(sealer: &Sealer, client_id: &str, secret: &str, stored: &str) -> bool {
    let digest = hash_client_secret(sealer, client_id, secret);
    verify_slices_are_equal(digest.as_bytes(), stored.as_bytes()).is_ok()
}

pub(super) fn seal_service_password(sealer: &Sealer, id: &DirectoryId, plain: &Plain) -> String {
    let Sealed(bytes) = sealer.seal(SERVICE_PASSWORD, &id.0, plain.expose().as_bytes());
    format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// `None` for what this installation did not seal for this directory.
pub(super) fn open_service_password(sealer: &Sealer, id: &DirectoryId, sealed: &str) -> Option<Plain> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(SEALED)?).ok()?;
    let opened = sealer.open(SERVICE_PASSWORD, &id.0, &Sealed(bytes)).ok()?;
    String::from_utf8(opened).ok().map(Plain::new)
}

/// A client id holds no NUL, so id and secret can't be split otherwise.
pub(super) fn hash_client_secret(sealer: &Sealer, client_id: &str, secret: &str) -> String {
    let data = zeroize::Zeroizing::new([client_id.as_bytes(), b"\0", secret.as_bytes()].concat());
    format!("{HASHED}{}", hex::encode(sealer.hmac(CLIENT_SECRET, &data).0))
}
